"""An XLSX as a source of sheets: scanned first, so that it can't make calamine use up the memory."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import BinaryIO

from voisoadmin.sheets import archive as archives
from voisoadmin.sheets.archive import Archive, open_archive
from voisoadmin.sheets.book.calamine_book import first_rows, load
from voisoadmin.sheets.book.choice import SheetHead
from voisoadmin.sheets.book.copies import begun_copy, parts_that_are_read, repaired_copy
from voisoadmin.sheets.book.number_formats import ShownNumbers, shown_numbers
from voisoadmin.sheets.book.sheetxml import (
    SheetScan,
    count_filled_rows,
    first_rows_of,
    may_hold_values,
    read_book,
    scan_part,
    scan_sheet,
    without_odd_dimension,
)
from voisoadmin.sheets.book.sources import ALREADY_LOOKED_AT, BookSource, Marks, list_sheets, looking_order
from voisoadmin.sheets.facts import MIB, Limits, RowMarks, SheetName, Unreadable
from voisoadmin.sheets.protocol import FIRST_ROWS, Notes

ONLY_FORMULAS = (
    "The workbook holds formulas without their results. Open it in a spreadsheet program, save it there and upload it again."
)
GROUP_BYTES = 32 * MIB  # of sheets that are looked at together
COUNTED_BYTES = 64 * MIB  # of sheets whose rows are only counted


class XlsxSource(BookSource):
    def __init__(self, path: Path, limits: Limits, notes: Notes, chosen: str) -> None:
        self._path, self._limits, self._notes = path, limits, notes
        self._odd: set[str] = set()  # parts whose dimension names no cells
        self.sheets: list[SheetName] = []
        self.heads: list[SheetHead] = []
        with open_archive(path) as archive:
            self._book = read_book(archive)
            sheets = set(self._book.sheets.values())
            for name in parts_that_are_read(archive, self._book):
                if name not in sheets:
                    scan_part(archive, name)
            self._look(archive, chosen)

    def open(self, sheet: str) -> BinaryIO:
        part = self._book.sheets.get(sheet, "")
        if part not in self._odd and not self._book.replaced:
            return self._path.open("rb")
        with open_archive(self._path) as archive:
            return repaired_copy(archive, self._book, part)

    def marks(self, sheet: str) -> Marks:
        with open_archive(self._path) as archive:
            scan = scan_sheet(archive, self._book.sheets[sheet], self._limits, sheet)
        self._note(scan)
        return Marks(RowMarks(scan.hidden.sorted(), scan.struck.sorted()), sorted(scan.hidden_columns))

    def shown_numbers(self, sheet: str) -> ShownNumbers:
        with open_archive(self._path) as archive:
            return shown_numbers(archive, self._book.sheets[sheet])

    def counts(self, sheets: Sequence[str]) -> dict[str, int]:
        found: dict[str, int] = {}
        left = COUNTED_BYTES
        with open_archive(self._path) as archive:
            for sheet in sheets:
                part = self._book.sheets[sheet]
                left -= archive.size(part)
                if left < 0:
                    break
                found[sheet] = count_filled_rows(archive, part)
        return found

    def why_blank(self) -> str:
        """The reason if every cell is read as blank, or nothing."""
        errors = formulas = 0
        with open_archive(self._path) as archive:
            for name, part in self._book.sheets.items():
                scan = scan_sheet(archive, part, self._limits, name)
                errors, formulas = errors + scan.errors, formulas + scan.formulas_without_value
        if formulas:
            return ONLY_FORMULAS
        return (
            "Every cell that isn't blank holds an error (such as #REF!). Correct it in a spreadsheet program." if errors else ""
        )

    def _note(self, scan: SheetScan) -> None:
        if scan.errors:
            self._notes.add(_counted(scan.errors, "an error (such as #N/A)") + ".")
        if scan.formulas_without_value:
            self._notes.add(
                _counted(scan.formulas_without_value, "a formula without its result")
                + ": open the workbook in a spreadsheet program and save it there."
            )
        if scan.merged:
            self._notes.add("In merged cells, only the top left cell has a value; the others are blank.")

    def _look(self, archive: Archive, chosen: str) -> None:
        begun: dict[str, bytes] = dict.fromkeys(self._book.sheets.values(), b"")
        with load(begun_copy(archive, self._book, begun)) as book:
            self.sheets = list_sheets(book, self._notes)
        order = looking_order(self.sheets, chosen)
        looked = 0
        for sheets in self._groups(archive, begun, order):
            with load(begun_copy(archive, self._book, begun)) as book:
                self.heads += [SheetHead(sheet, first_rows(book, sheet.name)) for sheet in sheets]
            looked += sum(len(begun[self._book.sheets[sheet.name]]) for sheet in sheets)
            if looked > ALREADY_LOOKED_AT and any(head.rows for head in self.heads):
                return
        if not any(head.rows for head in self.heads) and any(sheet.name not in self._book.sheets for sheet in order):
            raise Unreadable(archives.CUT_OFF)  # a sheet that isn't there isn't known to be blank

    def _groups(self, archive: Archive, begun: dict[str, bytes], order: list[SheetName]) -> Iterator[list[SheetName]]:
        """The sheets that may hold values, with their beginnings in `begun`: one first, then twice as many each time, because
        each group needs a copy of all other parts."""
        group: list[SheetName] = []
        held, most = 0, 1
        read: set[str] = set()
        for sheet in order:
            part = self._book.sheets.get(sheet.name, "")
            if not part or part in read:
                continue
            read.add(part)
            try:
                xml = first_rows_of(archive, part, FIRST_ROWS, self._limits, sheet.name)
            except Unreadable:
                if group:
                    yield group  # one of these may be the sheet to read
                if any(head.rows for head in self.heads):
                    return
                raise
            beginning = without_odd_dimension(xml)
            if beginning != xml:
                self._odd.add(part)
            if not may_hold_values(beginning):
                continue
            begun[part] = beginning
            group.append(sheet)
            held += len(beginning)
            if len(group) >= most or held > GROUP_BYTES:
                yield group
                begun.update((self._book.sheets[sheet.name], b"") for sheet in group)
                group, held, most = [], 0, most * 2
        if group:
            yield group


def _counted(cells: int, what: str) -> str:
    return f"{cells:,} cells hold {what} and are read as blank" if cells > 1 else f"1 cell holds {what} and is read as blank"
