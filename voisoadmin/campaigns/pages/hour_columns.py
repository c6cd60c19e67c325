"""Contacts an hour as columns, drawn without a script, with a table of the same figures."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from voisoadmin.campaigns.counted import Hour, Sums

HEIGHT, STEP, GAP = 132.0, 10.0, 1.1
PARTS = (("accepted", "b-added"), ("duplicate", "b-duplicate"), ("rejected", "b-rejected"))


@dataclass(frozen=True, slots=True)
class Box:
    """A rectangle, in numbers as text: with a decimal point in any language."""

    css: str
    x: str
    y: str
    height: str


@dataclass(frozen=True, kw_only=True, slots=True)
class HourColumns:
    hours: Sequence[Hour]  # those shown
    sums: Sums

    @property
    def width(self) -> str:
        return f"{STEP * len(self.hours):.0f}"

    @property
    def box_width(self) -> str:
        return f"{STEP - 2 * GAP:.1f}"

    @property
    def boxes(self) -> list[Box]:
        most = max((hour.sums.answered for hour in self.hours), default=0)
        boxes = []
        for number, hour in enumerate(self.hours):
            x, top = f"{number * STEP + GAP:.1f}", HEIGHT
            if not hour.sums.answered:
                boxes.append(Box("b-pending", x, f"{HEIGHT - 1:.1f}", "1"))
            for name, css in PARTS:
                if rows := getattr(hour.sums, name):
                    height = max(1.0, (HEIGHT - 2) * rows / most)
                    top -= height
                    boxes.append(Box(css, x, f"{top:.1f}", f"{height:.1f}"))
        return boxes

    @property
    def peak(self) -> str:
        """`most at 10:00, 2,684`; empty if nothing was sent."""
        best = max(self.hours, key=lambda hour: hour.sums.answered, default=None)
        return f"most at {best.begins:%H:%M}, {best.sums.answered:,}" if best and best.sums.answered else ""

    @property
    def in_words(self) -> str:
        sums = self.sums
        return f"{sums.accepted:,} added, {sums.duplicate:,} already there, {sums.rejected:,} rejected"

    @property
    def marks(self) -> list[str]:
        """The hours below: the first, the middle one and the last."""
        shown = sorted({0, len(self.hours) // 2, len(self.hours) - 1})
        return [f"{self.hours[number].begins:%H:%M}" for number in shown]

    @property
    def lines(self) -> list[dict[str, object]]:
        """Of the hours in which contacts were sent."""
        return [{"hour": f"{hour.begins:%H:%M}", "sums": hour.sums} for hour in self.hours if hour.sums.answered]


def columns_of(hours: Sequence[Hour], begins: datetime, ends: datetime) -> HourColumns:
    """The hours of a day that overlap these moments."""
    shown = [hour for hour in hours if hour.begins < ends and hour.begins + timedelta(hours=1) > begins]
    return HourColumns(hours=shown, sums=sum((hour.sums for hour in hours), Sums()))
