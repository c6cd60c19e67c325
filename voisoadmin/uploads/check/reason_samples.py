"""Some phone cells of the rows to fix, by reason: what a repair would make of them is counted before a person is asked."""

from voisoadmin.contacts.verdicts import Invalid

MOST = 5_000  # cells of one reason

Key = tuple[str, str]
"""Field and reason."""


class ReasonSamples:
    def __init__(self) -> None:
        self.rows: dict[Key, int] = {}  # rows to fix whose first problem this is
        self.alone: dict[Key, int] = {}  # those that have no other problem
        self.cells: dict[Key, list[str]] = {}  # of the first of these

    def add(self, row: Invalid) -> None:
        first = row.problems[0]
        key = first.field, first.code
        self.rows[key] = self.rows.get(key, 0) + 1
        if len(row.problems) > 1:
            return
        self.alone[key] = self.alone.get(key, 0) + 1
        kept = self.cells.setdefault(key, [])
        if len(kept) < MOST:
            kept.append(row.phone)

    def is_whole(self, key: Key) -> bool:
        """Whether every row that a repair could make ready is among the kept ones."""
        return self.alone.get(key, 0) <= MOST
