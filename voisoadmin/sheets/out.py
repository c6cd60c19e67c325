"""Spreadsheets out: no cell is ever taken for a formula, and reading an export back gives what was exported."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from pathlib import Path
from typing import IO, Any, TextIO
from zipfile import ZIP_DEFLATED, ZipFile

from openpyxl import Workbook
from openpyxl.writer.excel import ExcelWriter

from voisoadmin.sheets.formula_guard import guarded, guarded_in_csv

# XML has no control characters and turns CR into LF; a workbook writes them, and text that looks like the escape, as
# _x000D_.
UNWRITABLE = re.compile(r"[\x00-\x08\x0b-\x1f\ufffe\uffff]|_(?=x[0-9A-Fa-f]{4}_)")
MAX_CELL_CHARS = 32_767  # of a workbook; longer text would make Excel call the file damaged
SHEET_ROWS = 1_048_576


def write_csv(stream: TextIO, header: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    """Write a table as RFC 4180 says. The stream must be opened with `newline=""`."""
    writer = csv.writer(stream, lineterminator="\r\n")
    writer.writerow(map(guarded_in_csv, header))
    writer.writerows(map(guarded_in_csv, row) for row in rows)


def csv_blocks(header: Sequence[str], rows: Iterable[Sequence[str]], *, rows_a_block: int = 500) -> Iterator[str]:
    """The same text in blocks, for a streamed response."""
    block = _Block()
    writer = csv.writer(block, lineterminator="\r\n")
    writer.writerow(map(guarded_in_csv, header))
    for number, row in enumerate(rows, start=1):
        writer.writerow(map(guarded_in_csv, row))
        if number % rows_a_block == 0:
            yield block.take()
    yield block.take()


def write_xlsx(target: Path | str | IO[bytes], header: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    """Write a table as a workbook of text cells, row by row, in constant memory.

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


def _write_sheets(book: Workbook, header: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    sheet: Any = None
    for number, row in enumerate(rows):
        if number % (SHEET_ROWS - 1) == 0:
            sheet = book.create_sheet(f"Rows {number // (SHEET_ROWS - 1) + 1}" if number else "Rows")
            sheet.append([_cell_text(cell) for cell in header])
        sheet.append([_cell_text(cell) for cell in row])
    if sheet is None:
        book.create_sheet("Rows").append([_cell_text(cell) for cell in header])


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
    text = guarded(text[:MAX_CELL_CHARS])
    if UNWRITABLE.search(text):
        text = UNWRITABLE.sub(lambda match: f"_x{ord(match[0]):04X}_", text)
    if text.isspace():
        # XML keeps blank-only text between two tags only if one of the blanks is escaped.
        text = f"_x{ord(text[0]):04X}_{text[1:]}"
    return text[:MAX_CELL_CHARS]


class _Block:
    def __init__(self) -> None:
        self._pieces: list[str] = []

    def write(self, piece: str) -> None:
        self._pieces.append(piece)

    def take(self) -> str:
        text = "".join(self._pieces)
        self._pieces.clear()
        return text
