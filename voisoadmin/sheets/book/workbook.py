"""Workbooks, read by calamine. An XLSX is scanned first, so that it can't make calamine use up the memory."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

import python_calamine as calamine

from voisoadmin.sheets import archive as archives
from voisoadmin.sheets.archive import Archive, open_archive
from voisoadmin.sheets.book.cells import text_of
from voisoadmin.sheets.book.sheetxml import (
    MAX_BEGINNING,
    SheetScan,
    first_rows_of,
    impossible_rows,
    may_hold_values,
    scan_part,
    scan_sheet,
    sheet_parts,
    without_odd_dimension,
)
from voisoadmin.sheets.facts import MIB, Limits, ReadChoices, SheetFacts, SheetName, Unreadable, display_names
from voisoadmin.sheets.header import find_header
from voisoadmin.sheets.kind import FileKind
from voisoadmin.sheets.protocol import (
    BLOCK_CHARS,
    FIRST_ROWS,
    LONGEST_LINE,
    ROWS_PER_FRAME,
    Notes,
    NumberedRows,
    without_blank,
)

DAMAGED = "The workbook is damaged. Open it in a spreadsheet program, save it again and upload that."
SHEET_COLUMNS = 16_384
MAX_SHEETS = 1_000
GROUP_BYTES = 32 * MIB  # of sheets that are looked at together
SHEETS_NAMED = 20


class WorkbookReading:
    def __init__(self, path: Path, kind: FileKind, choices: ReadChoices, limits: Limits) -> None:
        self._path, self._kind, self._choices, self._limits = path, kind, choices, limits
        self._notes = Notes()
        self._sheets: list[SheetName] = []
        self._sheet = ""
        self._part = ""
        self._odd: set[str] = set()  # parts whose dimension names no cells
        self._odd_dimension = False
        self._head: list[list[str]] = []
        self._open()
        numbered = [(number, row) for number, row in enumerate(self._head, start=1) if "".join(row).strip()]
        self._header = find_header(numbered, choices, limits, self._notes, whole=len(self._head) < FIRST_ROWS)
        self.first_rows = [(number, row) for number, row in numbered if number >= self._header.first_row]

    def facts(self) -> SheetFacts:
        return SheetFacts(
            format=self._kind.value,
            encoding=None,
            delimiter=None,
            sheet=self._sheet,
            sheets=tuple(self._sheets),
            header_row=self._header.row,
            columns=display_names(self._header.names, self._header.width),
            raw_columns=tuple(self._header.names),
            notes=self._notes.sentences(),
        )

    def frames(self) -> Iterator[NumberedRows]:
        if self._part:
            with open_archive(self._path) as archive:
                self._note(scan_sheet(archive, self._part, self._limits, self._sheet))
        with self._source() as file, load(file) as book:
            yield from self._rows_of(book)

    def _source(self) -> BinaryIO:
        if not self._odd_dimension:
            return self._path.open("rb")
        with open_archive(self._path) as archive:
            return mended_copy(archive, self._part)

    def _rows_of(self, book: calamine.CalamineWorkbook) -> Iterator[NumberedRows]:
        rows: list[list[str]] = []
        first = 1
        chars = 0
        for row in text_rows(book, self._sheet):
            rows.append(row)
            length = sum(map(len, row))
            if length > LONGEST_LINE:
                raise Unreadable(impossible_rows(self._sheet))
            chars += length
            if len(rows) == ROWS_PER_FRAME or chars > BLOCK_CHARS:
                yield from self._frame(first, rows)
                first, rows, chars = first + len(rows), [], 0
        if rows:
            yield from self._frame(first, rows)

    def _frame(self, first: int, rows: list[list[str]]) -> Iterator[NumberedRows]:
        above = max(self._header.first_row - first, 0)
        numbers, kept = without_blank(first + above, rows[above:])
        if kept:
            yield numbers, kept

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

    def _open(self) -> None:
        """Find the sheet, and read only its beginning if possible."""
        if self._kind in (FileKind.XLSX, FileKind.XLSM):
            with open_archive(self._path) as archive:
                self._open_xlsx(archive)
            return
        with_parts = self._kind in (FileKind.XLSB, FileKind.ODS)
        if with_parts:
            with open_archive(self._path) as archive:
                for name in archive.namelist():
                    if name.lower().endswith((".xml", ".rels", ".bin")):
                        scan_part(archive, name)
        with self._path.open("rb") as file, load(file) as book:
            self._list_sheets(book)
            for name in self._candidates():
                self._sheet = name
                self._refuse_huge(sheet_of(book, name), name)
                self._head = first_rows(book, name)
                if self._head:
                    break

    def _open_xlsx(self, archive: Archive) -> None:
        parts = sheet_parts(archive)
        others = set(parts.values())
        for name in archive.namelist():
            if is_xml(name) and name not in others:
                scan_part(archive, name)
        begun: dict[str, bytes] = dict.fromkeys(parts.values(), b"")
        with load(begun_copy(archive, begun)) as book:
            self._list_sheets(book)
        for names in self._groups(archive, parts, begun):
            with load(begun_copy(archive, begun)) as book:
                for name in names:
                    self._head = first_rows(book, name)
                    if self._head:
                        self._sheet, self._part = name, parts[name]
                        self._odd_dimension = parts[name] in self._odd
                        return
        self._odd_dimension = self._part in self._odd
        if any(name not in parts for name in self._candidates()):
            raise Unreadable(archives.CUT_OFF)  # a sheet that isn't there isn't known to be blank

    def _groups(self, archive: Archive, parts: dict[str, str], begun: dict[str, bytes]) -> Iterator[list[str]]:
        """The sheets that may hold values, with their beginnings in `begun`: one first, then twice as many each time, because
        each group needs a copy of all other parts."""
        group: list[str] = []
        held, most = 0, 1
        read: set[str] = set()
        for name in self._candidates():
            self._sheet, self._part = name, parts.get(name, "")
            if not self._part or self._part in read:
                continue
            read.add(self._part)
            try:
                xml = first_rows_of(archive, self._part, FIRST_ROWS, self._limits, name)
            except Unreadable:
                if group:
                    yield group  # one of these may be the sheet to read
                raise
            beginning = without_odd_dimension(xml)
            if beginning != xml:
                self._odd.add(self._part)
            if not may_hold_values(beginning):
                continue
            begun[self._part] = beginning
            group.append(name)
            held += len(beginning)
            if len(group) >= most or held > GROUP_BYTES:
                yield group
                begun.update((parts[name], b"") for name in group)
                group, held, most = [], 0, most * 2
        if group:
            yield group

    def _list_sheets(self, book: calamine.CalamineWorkbook) -> None:
        for sheet in book.sheets_metadata:
            if sheet.typ == calamine.SheetTypeEnum.WorkSheet:
                self._sheets.append(SheetName(name=sheet.name, hidden=sheet.visible != calamine.SheetVisibleEnum.Visible))
        if not self._sheets:
            raise Unreadable("The workbook has no sheets with data.")
        if len(self._sheets) > MAX_SHEETS:
            raise Unreadable(
                f"The workbook has {len(self._sheets):,} sheets; the limit is {MAX_SHEETS:,}. "
                "Save the sheet with the contacts as its own file."
            )
        hidden = [sheet.name for sheet in self._sheets if sheet.hidden]
        if any(len(sheet.name) > archives.MAX_NAME_CHARS for sheet in self._sheets):
            raise Unreadable("The workbook has a sheet with a name that is too long. Rename it and re-upload it.")
        if hidden:
            self._notes.add(f"Hidden sheets: {_named(hidden)}.")

    def _candidates(self) -> list[str]:
        names = [sheet.name for sheet in self._sheets]
        if self._choices.sheet:
            if self._choices.sheet not in names:
                raise Unreadable(f"The workbook has no sheet “{self._choices.sheet}”. Sheets: {_named(names)}.")
            return [self._choices.sheet]
        # The first visible sheet with content; a hidden one only if there is no other.
        return [sheet.name for sheet in sorted(self._sheets, key=lambda sheet: sheet.hidden)]

    def _refuse_huge(self, sheet: calamine.CalamineSheet, name: str) -> None:
        if sheet.end and (sheet.end[0] + 1) * (sheet.end[1] + 1) > self._limits.max_cells:
            raise Unreadable(too_many_cells(name, self._limits))


def _named(sheets: list[str]) -> str:
    named = ", ".join(f"“{name}”" for name in sheets[:SHEETS_NAMED])
    return f"{named} and {len(sheets) - SHEETS_NAMED:,} more" if len(sheets) > SHEETS_NAMED else named


def _counted(cells: int, what: str) -> str:
    return f"{cells:,} cells hold {what} and are read as blank" if cells > 1 else f"1 cell holds {what} and is read as blank"


def too_many_cells(sheet: str, limits: Limits) -> str:
    return f"Sheet “{sheet}” spans more than {limits.max_cells:,} cells. Save it as CSV and upload that."


def read_workbook(path: Path, kind: FileKind, choices: ReadChoices, limits: Limits) -> WorkbookReading:
    return WorkbookReading(path, kind, choices, limits)


def load(source: BinaryIO) -> calamine.CalamineWorkbook:
    # Never by path: calamine would trust the file name's ending.
    try:
        return calamine.load_workbook(source)
    except calamine.PasswordError:
        raise Unreadable(archives.ENCRYPTED) from None
    except (calamine.CalamineError, OSError, ValueError):
        raise Unreadable(DAMAGED) from None
    except BaseException as problem:
        raise _panic(problem) from None


def sheet_of(book: calamine.CalamineWorkbook, name: str) -> calamine.CalamineSheet:
    try:
        return book.get_sheet_by_name(name)
    except (calamine.CalamineError, OSError, ValueError):
        raise Unreadable(DAMAGED) from None
    except BaseException as problem:
        raise _panic(problem) from None


def _panic(problem: BaseException) -> BaseException:
    # A panic of the Rust code isn't an Exception, and its class can't be imported.
    return Unreadable(DAMAGED) if type(problem).__name__ == "PanicException" else problem


def text_rows(book: calamine.CalamineWorkbook, name: str) -> Iterator[list[str]]:
    """All rows of the sheet from row 1, blank ones included, starting at column A."""
    sheet = sheet_of(book, name)
    if sheet.start is None:
        return
    left = [""] * sheet.start[1]
    for row in sheet.iter_rows():
        yield left + [cell if type(cell) is str else text_of(cell) for cell in row]


def first_rows(book: calamine.CalamineWorkbook, name: str) -> list[list[str]]:
    rows: list[list[str]] = []
    chars = 0
    for row in text_rows(book, name):
        rows.append(row)
        chars += sum(map(len, row))
        if chars > MAX_BEGINNING:
            raise Unreadable(impossible_rows(name))
        if len(rows) == FIRST_ROWS:
            break
    return rows


def begun_copy(archive: Archive, begun: dict[str, bytes]) -> io.BytesIO:
    """The workbook with only the beginning of some sheets: fast to read, however long the sheets are."""
    copy = io.BytesIO()
    with zipfile.ZipFile(copy, "w", zipfile.ZIP_STORED) as target:
        for name in archive.namelist():
            if name in begun:
                target.writestr(name, begun[name])
            elif is_xml(name):
                copy_part(archive, name, target)
    copy.seek(0)
    return copy


def mended_copy(archive: Archive, part: str) -> io.BytesIO:
    """The workbook with one whole sheet, its invalid dimension removed."""
    copy = io.BytesIO()
    with zipfile.ZipFile(copy, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as target:
        for name in filter(is_xml, archive.namelist()):
            copy_part(archive, name, target, mend=name == part)
    copy.seek(0)
    return copy


def copy_part(archive: Archive, name: str, target: zipfile.ZipFile, *, mend: bool = False) -> None:
    with target.open(name, "w") as part:
        for number, piece in enumerate(archive.inflate(name)):
            part.write(without_odd_dimension(piece) if mend and number == 0 else piece)


def is_xml(name: str) -> bool:
    return name.lower().endswith((".xml", ".rels"))
