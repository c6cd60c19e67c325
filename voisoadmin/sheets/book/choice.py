"""Which sheet of a workbook holds the contacts: not its cover, nor a summary; and which others look the same."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from voisoadmin.sheets.book.sheetxml import SHEET_COLUMNS
from voisoadmin.sheets.facts import Limits, ReadChoices, SheetName, Unreadable
from voisoadmin.sheets.header import PHONE_WORDS, Header, find_header, is_long_number
from voisoadmin.sheets.protocol import FIRST_ROWS, Notes

ANY_WIDTH = Limits(max_columns=SHEET_COLUMNS)  # the sheet that is too wide may be the one to name
SHARE = 0.6  # of the filled cells of a column that holds phone numbers
NAMING = PHONE_WORDS - {"number"}  # also “Number of calls”

NumberedRow = tuple[int, list[str]]


@dataclass(slots=True)
class SheetHead:
    """The first filled rows of a sheet."""

    sheet: SheetName
    rows: list[NumberedRow]

    @property
    def is_whole(self) -> bool:
        return len(self.rows) < FIRST_ROWS

    @property
    def rank(self) -> float:
        """How likely this is the sheet with the contacts; a hidden one only if no other holds phone numbers."""
        header = self._header()
        if header is None:
            return -1
        holds_phones = self._holds_phones(header)
        rank = 2 * holds_phones + any(map(_names_a_phone, header.names))
        return rank if not self.sheet.hidden else rank - 1.5 if holds_phones else rank - 10

    def shape(self) -> tuple[str, ...]:
        """What its columns are called; nothing if there is no header."""
        header = self._header()
        names = [name.strip().casefold() for name in header.names] if header else []
        while names and not names[-1]:
            names.pop()
        return tuple(names)

    def contacts(self) -> int:
        """The rows below its header, among the first ones."""
        header = self._header()
        return sum(number >= header.first_row for number, _ in self.rows) if header else 0

    def _header(self) -> Header | None:
        try:
            return find_header(self.rows, ReadChoices(), ANY_WIDTH, Notes(), whole=self.is_whole)
        except Unreadable:
            return None

    def _holds_phones(self, header: Header) -> bool:
        below = [row for number, row in self.rows if number >= header.first_row]
        for at in range(min(header.width, Limits().max_columns)):
            filled = [cell for row in below if at < len(row) and (cell := row[at]).strip()]
            if filled and sum(map(is_long_number, filled)) >= SHARE * len(filled):
                return True
        return False


def _names_a_phone(name: str) -> bool:
    words = name.strip().casefold()
    return words in PHONE_WORDS or not NAMING.isdisjoint(words.split())


def best_of(heads: Sequence[SheetHead], chosen: str) -> SheetHead | None:
    """The chosen sheet; else the first of those that most likely hold the contacts. None if all are blank."""
    filled = [head for head in heads if head.rows and chosen in {"", head.sheet.name}]
    return max(filled, key=lambda head: head.rank, default=None)
