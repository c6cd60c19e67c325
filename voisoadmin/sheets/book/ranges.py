"""Row numbers as ranges: a million hidden rows are one pair of numbers."""

from dataclasses import dataclass, field

Range = tuple[int, int]
"""The first and the last row."""


@dataclass(slots=True)
class Ranges:
    """Grows by rows that mostly follow each other."""

    found: list[Range] = field(default_factory=list)

    def add(self, first: int, last: int) -> None:
        if self.found and self.found[-1][0] <= first <= self.found[-1][1] + 1:
            self.found[-1] = self.found[-1][0], max(last, self.found[-1][1])
        else:
            self.found.append((first, last))

    def sorted(self) -> list[Range]:
        """In order and without overlaps, whatever the order in the file."""
        merged = Ranges()
        for first, last in sorted(self.found):
            merged.add(first, last)
        return merged.found
