"""Workbooks as sources of sheets: their names, how they begin, what calamine opens, and what is hidden in them."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import BinaryIO, NamedTuple

import python_calamine as calamine

from voisoadmin.sheets import archive as archives
from voisoadmin.sheets.book.choice import SheetHead
from voisoadmin.sheets.book.number_formats import ShownNumbers
from voisoadmin.sheets.facts import MIB, RowMarks, SheetName, Unreadable
from voisoadmin.sheets.protocol import Notes

MAX_SHEETS = 1_000
SHEETS_NAMED = 20
ALREADY_LOOKED_AT = 16 * MIB  # of the beginnings of sheets: further ones aren't looked at if one of them holds a table


class Marks(NamedTuple):
    rows: RowMarks
    hidden_columns: Sequence[int]  # from 1


class BookSource(ABC):
    sheets: list[SheetName]
    heads: list[SheetHead]  # of the sheets that were looked at; the chosen one first, hidden ones last

    @abstractmethod
    def open(self, sheet: str) -> BinaryIO:
        """What calamine reads this sheet from."""

    @abstractmethod
    def marks(self, sheet: str) -> Marks:
        """What is hidden in the sheet."""

    @abstractmethod
    def counts(self, sheets: Sequence[str]) -> dict[str, int]:
        """The rows of sheets that aren't blank, as far as counting them doesn't take long."""

    def shown_numbers(self, sheet: str) -> ShownNumbers:
        """The cells that their format shows with a calling code, if that is known."""
        return ShownNumbers({})

    def why_blank(self) -> str:
        """Why every cell is read as blank, if anything is known about it."""
        return ""


def list_sheets(book: calamine.CalamineWorkbook, notes: Notes) -> list[SheetName]:
    """The worksheets, in the workbook's order. Raises Unreadable if there are none, or too many."""
    sheets = [
        SheetName(name=sheet.name, hidden=sheet.visible != calamine.SheetVisibleEnum.Visible)
        for sheet in book.sheets_metadata
        if sheet.typ == calamine.SheetTypeEnum.WorkSheet
    ]
    if not sheets:
        raise Unreadable("The workbook has no sheets with data.")
    if len(sheets) > MAX_SHEETS:
        raise Unreadable(
            f"The workbook has {len(sheets):,} sheets; the limit is {MAX_SHEETS:,}. "
            "Save the sheet with the contacts as its own file."
        )
    if any(len(sheet.name) > archives.MAX_NAME_CHARS for sheet in sheets):
        raise Unreadable("The workbook has a sheet with a name that is too long. Rename it and re-upload it.")
    hidden = [sheet.name for sheet in sheets if sheet.hidden]
    if hidden:
        notes.add(f"Hidden sheets: {named(hidden)}.")
    return sheets


def looking_order(sheets: Sequence[SheetName], chosen: str) -> list[SheetName]:
    """The chosen sheet first, hidden ones last. Raises Unreadable if there is no such sheet."""
    names = [sheet.name for sheet in sheets]
    if chosen and chosen not in names:
        raise Unreadable(f"The workbook has no sheet “{chosen}”. Sheets: {named(names)}.")
    return sorted(sheets, key=lambda sheet: (sheet.name != chosen, sheet.hidden))


def named(sheets: Sequence[str]) -> str:
    names = ", ".join(f"“{name}”" for name in sheets[:SHEETS_NAMED])
    return f"{names} and {len(sheets) - SHEETS_NAMED:,} more" if len(sheets) > SHEETS_NAMED else names
