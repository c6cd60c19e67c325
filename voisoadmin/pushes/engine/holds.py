"""How long a hold still lasts. Its end is stored in wall-clock time, which may jump; waiting uses the monotonic clock."""

from datetime import datetime

from voisoadmin.connections.models import hold_left
from voisoadmin.lib.clock import monotonic


class HoldWatch:
    """Remembers, by the monotonic clock, when each hold seen by this process will end."""

    def __init__(self) -> None:
        self._ends: dict[datetime, float] = {}

    def left(self, reason: str, until: datetime | None, at: datetime) -> float | None:
        """Seconds until the hold ends, 0 without one; None if it ends only when a person acts."""
        left = hold_left(reason, until, at)
        if not reason or until is None or left is None:
            return left
        now = monotonic()
        return max(0.0, self._ends.setdefault(until, now + left) - now)

    def prolong(self, until: datetime, seconds: float) -> None:
        """Make an expired hold last for this long from now."""
        self._ends[until] = monotonic() + seconds
