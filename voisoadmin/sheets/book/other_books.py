"""Old Excel workbooks, binary ones and OpenDocument: sources of sheets that calamine opens as they are, or nearly so."""

from __future__ import annotations

import io
from collections.abc import Sequence
from pathlib import Path
from typing import BinaryIO

import python_calamine as calamine

from voisoadmin.sheets import archive as archives
from voisoadmin.sheets.archive import flat, open_archive
from voisoadmin.sheets.book.calamine_book import count_rows, first_rows, load, sheet_of
from voisoadmin.sheets.book.choice import SheetHead
from voisoadmin.sheets.book.copies import with_changed_part
from voisoadmin.sheets.book.number_formats import ShownNumbers, may_show_a_code
from voisoadmin.sheets.book.ods import CONTENT, OdsContent, OdsSheet, read_content, without_blanks
from voisoadmin.sheets.book.ods_shown import shown_by
from voisoadmin.sheets.book.ods_struck import struck_rows, struck_styles
from voisoadmin.sheets.book.sheetxml import scan_part
from voisoadmin.sheets.book.sources import BookSource, Marks, list_sheets, looking_order
from voisoadmin.sheets.book.xls import XlsBook
from voisoadmin.sheets.book.xlsb import hidden_in, number_formats, numbers_in, sheet_parts, struck_in
from voisoadmin.sheets.facts import Limits, RowMarks, SheetName, Unreadable
from voisoadmin.sheets.protocol import Notes

MOST_LOOKED_AT = 50  # sheets
COUNTED_CELLS = 1_000_000  # of sheets whose rows are only counted


class LoadedSource(BookSource):
    """calamine loads the whole file before it gives a sheet."""

    def __init__(self, path: Path, limits: Limits, notes: Notes, chosen: str) -> None:
        self._path, self._limits = path, limits
        self.heads: list[SheetHead] = []
        self.prepare()
        with self.open("") as file, load(file) as book:
            self.sheets = list_sheets(book, notes)
            for sheet in looking_order(self.sheets, chosen)[:MOST_LOOKED_AT]:
                if not self._look(book, sheet):
                    break

    def prepare(self) -> None:
        """Look at the file before calamine does. Raises Unreadable."""

    def open(self, sheet: str) -> BinaryIO:
        return self._path.open("rb")

    def marks(self, sheet: str) -> Marks:
        return Marks(RowMarks(), [])

    def counts(self, sheets: Sequence[str]) -> dict[str, int]:
        found: dict[str, int] = {}
        left = COUNTED_CELLS
        with self.open("") as file, load(file) as book:
            for sheet in sheets:
                end = sheet_of(book, sheet).end
                left -= (end[0] + 1) * (end[1] + 1) if end else 0
                if left < 0:
                    break
                found[sheet] = count_rows(book, sheet)
        return found

    def _look(self, book: calamine.CalamineWorkbook, sheet: SheetName) -> bool:
        """Look at one sheet more; False if it can't be read, but another one can."""
        try:
            found = sheet_of(book, sheet.name)
            if found.end and (found.end[0] + 1) * (found.end[1] + 1) > self._limits.max_cells:
                raise Unreadable(
                    f"Sheet “{sheet.name}” spans more than {self._limits.max_cells:,} cells. Save it as CSV and upload that."
                )
            self.heads.append(SheetHead(sheet, first_rows(book, sheet.name)))
        except Unreadable:
            if not any(head.rows for head in self.heads):
                raise
            return False
        return True


class XlsSource(LoadedSource):
    _book: XlsBook | None = None
    _content: bytes | None = None

    def prepare(self) -> None:
        try:
            self._book = XlsBook(self._path)
        except Exception:  # calamine will say that it is damaged
            return
        if self._book.has_password():
            raise Unreadable(archives.ENCRYPTED, "password")
        self._content = self._book.with_code_page(self._path)

    def open(self, sheet: str) -> BinaryIO:
        return self._path.open("rb") if self._content is None else io.BytesIO(self._content)

    def marks(self, sheet: str) -> Marks:
        if self._book is None:
            return super().marks(sheet)
        found = self._book.rows_of(sheet)
        return Marks(RowMarks(found.hidden, found.struck), found.hidden_columns)

    def shown_numbers(self, sheet: str) -> ShownNumbers:
        if self._book is None:
            return super().shown_numbers(sheet)
        shown = ShownNumbers({style: code for style, code in self._book.formats().items() if may_show_a_code(code)})
        for cell in self._book.cells(sheet) if shown else ():
            if cell.is_number:
                shown.mark(cell.column, cell.row, cell.style)
        return shown


class XlsbSource(LoadedSource):
    def prepare(self) -> None:
        with open_archive(self._path) as archive:
            for name in archive.namelist():
                if flat(name).startswith(("xl/", "_rels/")) and flat(name).endswith((".rels", ".bin")):
                    scan_part(archive, name)

    def marks(self, sheet: str) -> Marks:
        with open_archive(self._path) as archive:
            part = sheet_parts(archive).get(sheet)
            if part is None:
                return super().marks(sheet)
            rows, columns = hidden_in(archive, part)
            struck = struck_in(archive, part)
        return Marks(RowMarks(rows.sorted(), struck.sorted()), sorted(columns))

    def shown_numbers(self, sheet: str) -> ShownNumbers:
        with open_archive(self._path) as archive:
            part = sheet_parts(archive).get(sheet)
            codes = number_formats(archive) if part is not None else {}
            shown = ShownNumbers({style: code for style, code in codes.items() if may_show_a_code(code)})
            for row, column, style in numbers_in(archive, part) if shown and part is not None else ():
                shown.mark(column, row, style)
        return shown


class OdsSource(LoadedSource):
    _content = OdsContent()

    def prepare(self) -> None:
        with open_archive(self._path) as archive:
            if CONTENT not in archive.namelist():
                raise Unreadable(archives.CUT_OFF)
            scan_part(archive, "META-INF/manifest.xml")
            self._content = read_content(archive)
            self._repaired = with_changed_part(archive, CONTENT, without_blanks).getvalue() if self._content.has_blanks else b""

    def open(self, sheet: str) -> BinaryIO:
        return io.BytesIO(self._repaired) if self._repaired else self._path.open("rb")

    def marks(self, sheet: str) -> Marks:
        found = self._content.sheets.get(sheet, OdsSheet())
        with open_archive(self._path) as archive:
            styles = struck_styles(archive)
            struck = struck_rows(archive, sheet, styles).sorted() if styles else []
        return Marks(RowMarks(found.hidden.sorted(), struck), sorted(found.hidden_columns))

    def shown_numbers(self, sheet: str) -> ShownNumbers:
        if not self._content.shows_more:
            return super().shown_numbers(sheet)
        with open_archive(self._path) as archive:
            return shown_by(archive, sheet)
