"""Workbooks: the sheet with the contacts, its header and its rows, read by calamine."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import suppress
from pathlib import Path

import python_calamine as calamine

from voisoadmin.sheets.book.calamine_book import load, text_rows
from voisoadmin.sheets.book.choice import SheetHead, best_of
from voisoadmin.sheets.book.number_formats import ShownNumbers
from voisoadmin.sheets.book.other_books import OdsSource, XlsbSource, XlsSource
from voisoadmin.sheets.book.sheetxml import impossible_rows
from voisoadmin.sheets.book.sources import BookSource
from voisoadmin.sheets.book.xlsx import XlsxSource
from voisoadmin.sheets.facts import Limits, OtherSheet, ReadChoices, RowMarks, SheetFacts, Unreadable, display_names
from voisoadmin.sheets.header import find_header
from voisoadmin.sheets.kind import FileKind
from voisoadmin.sheets.protocol import BLOCK_CHARS, LONGEST_LINE, ROWS_PER_FRAME, Notes, NumberedRows, without_blank

SOURCES: dict[FileKind, type[XlsxSource | XlsSource | XlsbSource | OdsSource]] = {
    FileKind.XLSX: XlsxSource,
    FileKind.XLSM: XlsxSource,
    FileKind.XLS: XlsSource,
    FileKind.XLSB: XlsbSource,
    FileKind.ODS: OdsSource,
}
MOST_OTHERS = 20  # sheets that are counted


class WorkbookReading:
    def __init__(self, path: Path, kind: FileKind, choices: ReadChoices, limits: Limits) -> None:
        self._kind = kind
        self._notes = Notes()
        self._source: BookSource = SOURCES[kind](path, limits, self._notes, choices.sheet)
        head = best_of(self._source.heads, choices.sheet)
        if head is None and (reason := self._source.why_blank()):
            raise Unreadable(reason)
        self._sheet = head.sheet.name if head else self._source.sheets[0].name
        self._shown = self._source.shown_numbers(head.sheet.name) if head else ShownNumbers({})
        rows = [(number, self._shown.shown(number, row)) for number, row in head.rows] if head else []
        self._header = find_header(rows, choices, limits, self._notes, whole=head is None or head.is_whole)
        self.first_rows = [(number, row) for number, row in rows if number >= self._header.first_row]
        self.marks = RowMarks()
        self._hidden_columns: tuple[int, ...] = ()
        self._others = self._with_same_columns(head) if head else []
        self._other_sheets = tuple(OtherSheet(name=one.sheet.name, rows=_below_header(one, {})) for one in self._others)

    def facts(self) -> SheetFacts:
        return SheetFacts(
            format=self._kind.value,
            encoding=None,
            delimiter=None,
            sheet=self._sheet,
            sheets=tuple(self._source.sheets),
            header_row=self._header.row,
            columns=display_names(self._header.names, self._header.width),
            raw_columns=tuple(self._header.names),
            notes=self._notes.sentences(),
            other_sheets=self._other_sheets,
            hidden_columns=self._hidden_columns,
        )

    def look_closer(self) -> None:
        """Find what is hidden, and count other sheets: what takes as long as the whole file."""
        found = self._source.marks(self._sheet)
        self.marks = found.rows
        self._hidden_columns = tuple(at - 1 for at in found.hidden_columns if at <= self._header.width)
        long = [one.sheet.name for one in self._others if not one.is_whole]
        counts: dict[str, int] = {}
        with suppress(Unreadable):  # what is wrong with another sheet is no reason to refuse this one
            counts = self._source.counts(long) if long else {}
        self._other_sheets = tuple(OtherSheet(name=one.sheet.name, rows=_below_header(one, counts)) for one in self._others)

    def frames(self) -> Iterator[NumberedRows]:
        self._shown.forget()  # the first rows come again
        with self._source.open(self._sheet) as file, load(file) as book:
            yield from self._rows_of(book)

    def _rows_of(self, book: calamine.CalamineWorkbook) -> Iterator[NumberedRows]:
        rows: list[list[str]] = []
        first = 1
        chars = 0
        for number, row in enumerate(text_rows(book, self._sheet), start=1):
            rows.append(self._shown.shown(number, row))
            length = sum(map(len, row))
            if length > LONGEST_LINE:
                raise Unreadable(impossible_rows(self._sheet))
            chars += length
            if len(rows) == ROWS_PER_FRAME or chars > BLOCK_CHARS:
                yield from self._frame(first, rows)
                first, rows, chars = first + len(rows), [], 0
        for sentence in self._shown.sentences():
            self._notes.add(sentence)
        if rows:
            yield from self._frame(first, rows)

    def _frame(self, first: int, rows: list[list[str]]) -> Iterator[NumberedRows]:
        above = max(self._header.first_row - first, 0)
        numbers, kept = without_blank(first + above, rows[above:])
        if kept:
            yield numbers, kept

    def _with_same_columns(self, head: SheetHead) -> list[SheetHead]:
        shape = head.shape()
        others = [one for one in self._source.heads if one is not head and one.rows]
        return [one for one in others[:MOST_OTHERS] if shape and one.shape() == shape]


def _below_header(head: SheetHead, counts: Mapping[str, int]) -> int | None:
    """`counts`: the filled rows of sheets that are longer than their heads."""
    rows = len(head.rows) if head.is_whole else counts.get(head.sheet.name)
    return None if rows is None else rows - len(head.rows) + head.contacts()


def read_workbook(path: Path, kind: FileKind, choices: ReadChoices, limits: Limits) -> WorkbookReading:
    return WorkbookReading(path, kind, choices, limits)
