"""What both readers have in common: rows in, facts and frames out."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Protocol

from voisoadmin.sheets.facts import SheetFacts

FIRST_ROWS = 200
ROWS_PER_FRAME = 2000

NumberedRows = tuple[int | list[int], list[list[str]]]
"""Rows that are not blank, with the number of the first (if they follow each other) or of each."""


class Reading(Protocol):
    """A file of which the beginning was read."""

    first_rows: list[tuple[int, list[str]]]

    def facts(self) -> SheetFacts: ...

    def frames(self) -> Iterator[NumberedRows]:
        """All rows below the header, from the first one on."""
        ...


def without_blank(first: int, rows: list[list[str]]) -> NumberedRows:
    """Number rows that follow each other, and leave the blank ones out."""
    kept = [row for row in rows if "".join(row).strip()]
    if len(kept) == len(rows):
        return first, rows
    return [number for number, row in enumerate(rows, start=first) if "".join(row).strip()], kept


@dataclass(slots=True)
class Notes:
    """Sentences for the person, each once, in the order they came up."""

    sentences: list[str] = field(default_factory=list)

    def add(self, sentence: str) -> None:
        if sentence not in self.sentences:
            self.sentences.append(sentence)
