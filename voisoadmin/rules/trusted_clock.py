"""Whether this machine's clock can be trusted for a start. Pauses happen whatever it shows.

The wall clock is compared with the monotonic one between evaluations, and with the `Date` of Voiso's last answer.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from voisoadmin.connections.models import Connection

MOST_JUMP = 60.0  # seconds
MOST_AHEAD = 120.0
WRONG = "This machine's clock is wrong"


@dataclass(slots=True)
class TrustedClock:
    """The clock of one process."""

    _wall: datetime | None = None
    _monotonic: float = 0.0
    _drift: float = 0.0  # seconds that the wall clock jumped, since the two last agreed
    _jumped_at: datetime | None = None

    def note(self, wall: datetime, monotonic: float) -> bool:
        """Look at both clocks; return whether the wall clock has jumped since the last look."""
        before, began = self._wall, self._monotonic
        self._wall, self._monotonic = wall, monotonic
        if before is None:
            return False
        jump = (wall - before).total_seconds() - (monotonic - began)
        if abs(jump) <= MOST_JUMP:
            return False
        self._drift += jump
        self._jumped_at = wall if abs(self._drift) > MOST_JUMP else None
        if self._jumped_at is None:
            self._drift = 0.0
        return True

    def problem(self, connections: Iterable[Connection]) -> str:
        """Why no start is decided; empty if the clock is right, as far as is known."""
        readings = [row for row in connections if row.clock_ahead is not None and row.clock_read_at is not None]
        for row in readings:
            if abs(row.clock_ahead or 0.0) > MOST_AHEAD and self._is_of_now(row.clock_read_at):
                return f"{WRONG}: it differs from Voiso's by {_minutes(row.clock_ahead or 0.0)}."
        if self._jumped_at is None:
            return ""
        jumped_at = self._jumped_at
        if any(row.clock_read_at and row.clock_read_at > jumped_at and self._is_of_now(row.clock_read_at) for row in readings):
            self._jumped_at, self._drift = None, 0.0
            return ""
        return f"{WRONG}: it jumped by {_minutes(self._drift)}. Starts wait until Voiso's answers confirm it."

    def _is_of_now(self, read_at: datetime | None) -> bool:
        """Whether the reading was made by the clock as it is: not before it was set back."""
        return read_at is not None and self._wall is not None and read_at <= self._wall + timedelta(seconds=1)


def _minutes(seconds: float) -> str:
    return f"{round(abs(seconds) / 60):,} min"
