"""What both readers share: rows in, facts and frames out."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Protocol

from voisoadmin.sheets.facts import MIB, SheetFacts

FIRST_ROWS = 200
ROWS_PER_FRAME = 2000
LONGEST_LINE = 8 * MIB  # characters, of a row too
BLOCK_CHARS = 8 * MIB  # that are read at once, and sent to the parent in one frame
LINES_NAMED = 5

NumberedRows = tuple[int | list[int], list[list[str]]]
"""Rows that are not blank, with the number of the first (if they follow each other) or of each."""


class SheetReading(Protocol):
    """A file whose beginning has been read."""

    first_rows: list[tuple[int, list[str]]]

    def facts(self) -> SheetFacts: ...

    def frames(self) -> Iterator[NumberedRows]:
        """All rows below the header, from the first."""
        ...


def without_blank(first: int, rows: list[list[str]]) -> NumberedRows:
    """Number consecutive rows and leave out the blank ones."""
    kept = [row for row in rows if "".join(row).strip()]
    if len(kept) == len(rows):
        return first, rows
    return [number for number, row in enumerate(rows, start=first) if "".join(row).strip()], kept


@dataclass(slots=True)
class Notes:
    """Sentences for the person, each once, in the order they were added."""

    _sentences: dict[str, None] = field(default_factory=dict)
    _lines: dict[str, tuple[int, list[int]]] = field(default_factory=dict)

    def add(self, sentence: str) -> None:
        self._sentences[sentence] = None

    def add_line(self, line: int, what: str) -> None:
        """Lines with the same note share a sentence that names the first few."""
        count, first = self._lines.get(what, (0, []))
        self._lines[what] = count + 1, [*first, line] if len(first) < LINES_NAMED else first

    def sentences(self) -> tuple[str, ...]:
        return (*self._sentences, *(_of_lines(count, first, what) for what, (count, first) in self._lines.items()))


def _of_lines(count: int, first: list[int], what: str) -> str:
    named = ", ".join(f"{line:,}" for line in first)
    if count == 1:
        return f"Line {named} has {what}."
    return f"Lines {named}{f' and {count - len(first):,} more' if count > len(first) else ''} have {what}."
