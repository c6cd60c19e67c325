"""How long a hold still lasts. Its end is stored in wall-clock time, which may jump; waiting uses the monotonic clock."""

from datetime import datetime

from voisoadmin.lib.clock import monotonic, scaled

LONGEST = 15 * 60.0  # no hold is longer
SLACK = 5.0


class HoldWatch:
    """Remembers, by the monotonic clock, when each hold seen by this process will end."""

    def __init__(self) -> None:
        self._ends: dict[datetime, float] = {}

    def left(self, reason: str, until: datetime | None, at: datetime) -> float | None:
        """Seconds until the hold ends, 0 without one; None if it ends only when a person acts."""
        if not reason:
            return 0.0
        if until is None:
            return None
        now = monotonic()
        end = self._ends.get(until)
        if end is None:
            left = (until - at).total_seconds()
            # Longer than any hold: the wall clock was set back since, so the value means nothing.
            end = self._ends[until] = now + (left if 0 < left <= scaled(LONGEST) + SLACK else 0.0)
        return max(0.0, end - now)

    def prolong(self, until: datetime, seconds: float) -> None:
        """Make an expired hold last for this long from now."""
        self._ends[until] = monotonic() + seconds
