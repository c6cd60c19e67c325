from dataclasses import dataclass


@dataclass(slots=True)
class OwnedLane:
    """A lane we own. Times are monotonic."""

    lane_id: int
    epoch: int
    since: float  # when its last answer was fully read, or when we took it
    owed: float  # seconds it must rest from then on, for safety
    due: float
    after_small: bool = False
    in_flight: bool = False

    @property
    def rested(self) -> float:
        """The moment from which it owes no rest."""
        return self.since + self.owed

    def put_off(self, due: float) -> None:
        """To a moment, but never before it has rested: a call that is found held was prepared a little before that."""
        self.due = max(due, self.rested)
