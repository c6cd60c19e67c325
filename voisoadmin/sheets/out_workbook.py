"""Workbooks out, as `out` says."""

from __future__ import annotations

import itertools
import re
from collections.abc import Collection, Iterable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import IO, Any
from zipfile import ZIP_DEFLATED, ZipFile

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.styles import Font, PatternFill
from openpyxl.utils import get_column_letter
from openpyxl.writer.excel import ExcelWriter

from voisoadmin.sheets.formula_guard import guarded_in_workbook
from voisoadmin.sheets.out import MarkedRow

# XML has no control characters and turns CR into LF; a workbook writes them, and text that looks like the escape, as
# _x000D_.
UNWRITABLE = re.compile(r"[\x00-\x08\x0b-\x1f\ufffe\uffff]|_(?=x[0-9A-Fa-f]{4}_)")
MAX_CELL_CHARS = 32_767  # of a workbook; longer text would make Excel call the file damaged
SHEET_ROWS = 1_048_576
COLOURED_ROWS = 50_000  # of a download: cells with a problem are coloured in these
SAMPLED_ROWS = 200  # decide about the width of columns
NARROW, WIDE = 6, 60  # of a column, in characters
AS_TEXT = "@"  # the format of a cell in which a typed number stays text: its leading zero is kept
LOOKS_LIKE_A_NUMBER = frozenset("0123456789+-.,#")


def write_xlsx(target: Path | str | IO[bytes], header: Sequence[str], rows: Iterable[MarkedRow]) -> None:
    """Write a table as a workbook of text cells, row by row, in constant memory: with a bold header that stays in sight,
    columns as wide as their first rows, and the cells that have a problem coloured in the first 50,000 rows.

    Format limits: text beyond 32,767 characters is cut, and rows beyond a sheet's last one continue on another sheet.
    """
    book = Workbook(write_only=True)
    archive = ZipFile(target, "w", ZIP_DEFLATED)
    try:
        _write_sheets(book, header, rows)
        ExcelWriter(book, archive).save()
    except BaseException:
        with suppress(OSError):  # its last bytes have no room either
            archive.close()
        _remove_parts(book)
        raise


def _write_sheets(book: Workbook, header: Sequence[str], rows: Iterable[MarkedRow]) -> None:
    all_rows = iter(rows)
    first = list(itertools.islice(all_rows, SAMPLED_ROWS))
    widths = [_width(texts) for texts in itertools.zip_longest(header, *(row.cells for row in first), fillvalue="")]
    sheet = _Sheet(book, "Rows", header, widths)
    for number, row in enumerate(itertools.chain(first, all_rows)):
        if number and number % (SHEET_ROWS - 1) == 0:
            sheet = _Sheet(book, f"Rows {number // (SHEET_ROWS - 1) + 1}", header, widths)
        sheet.append(row.cells, row.problems if number < COLOURED_ROWS else ())


def _width(texts: Iterable[str]) -> int:
    return min(WIDE, max(NARROW, *(max(map(len, text[: 4 * WIDE].splitlines()), default=0) for text in texts)) + 2)


class _Sheet:
    """One sheet of a workbook that is written row by row."""

    def __init__(self, book: Workbook, title: str, header: Sequence[str], widths: Sequence[int]) -> None:
        self._sheet: Any = book.create_sheet(title)
        self._sheet.freeze_panes = "A2"
        for at, width in enumerate(widths, start=1):
            column = self._sheet.column_dimensions[get_column_letter(at)]
            column.width, column.number_format = width, AS_TEXT
        # A cell is written before the next one is asked for, so one of each style is enough.
        self._bold, self._number, self._problem = (self._cell() for _ in range(3))
        self._bold.font = Font(bold=True)
        self._problem.fill = PatternFill("solid", fgColor="FFF2CC")
        self._sheet.append(self._filled(self._bold, text) for text in map(_cell_text, header))

    def append(self, cells: Sequence[str], problems: Collection[int]) -> None:
        self._sheet.append(self._styled(_cell_text(text), at in problems) for at, text in enumerate(cells))

    def _cell(self) -> Any:
        cell = WriteOnlyCell(self._sheet)
        cell.number_format = AS_TEXT
        return cell

    def _styled(self, text: str, has_problem: bool) -> Any:
        """A cell that isn't styled has the format of its column only while it is blank."""
        if has_problem:
            return self._filled(self._problem, text)
        if not text:
            return None
        return self._filled(self._number, text) if text[0] in LOOKS_LIKE_A_NUMBER else text

    def _filled(self, cell: Any, text: str) -> Any:
        cell.value = text
        cell.data_type = "s"  # whatever it looks like
        return cell


def _remove_parts(book: Workbook) -> None:
    """Remove the temporary files of an unfinished workbook: openpyxl keeps them until its process ends, and on a full disk
    they are what fills it."""
    for sheet in book.worksheets:
        writer = sheet._writer
        if writer is None or not Path(writer.out).exists():
            continue
        for stream in (sheet._rows, writer):
            with suppress(OSError):  # what is left to write has no room either
                if stream is not None:
                    stream.close()
        writer.cleanup()


def _cell_text(text: str) -> str:
    text = guarded_in_workbook(text[:MAX_CELL_CHARS])
    if UNWRITABLE.search(text):
        text = UNWRITABLE.sub(lambda match: f"_x{ord(match[0]):04X}_", text)
    if text.isspace():
        # XML keeps blank-only text between two tags only if one of the blanks is escaped.
        text = f"_x{ord(text[0]):04X}_{text[1:]}"
    return text[:MAX_CELL_CHARS]
