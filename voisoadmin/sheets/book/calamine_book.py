"""What calamine reads, as text; whatever it does to a damaged workbook, one sentence for a person."""

from __future__ import annotations

from collections.abc import Iterator
from typing import BinaryIO

import python_calamine as calamine

from voisoadmin.sheets import archive as archives
from voisoadmin.sheets.book.cells import text_of
from voisoadmin.sheets.book.sheetxml import MAX_BEGINNING, impossible_rows
from voisoadmin.sheets.facts import Unreadable
from voisoadmin.sheets.protocol import FIRST_ROWS

DAMAGED = "The workbook is damaged. Open it in a spreadsheet program, save it again and upload that."

NumberedRow = tuple[int, list[str]]


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


def first_rows(book: calamine.CalamineWorkbook, name: str) -> list[NumberedRow]:
    """The first rows that aren't blank, with their numbers, wherever the table begins."""
    rows: list[NumberedRow] = []
    chars = 0
    for number, row in enumerate(text_rows(book, name), start=1):
        chars += sum(map(len, row))
        if chars > MAX_BEGINNING:
            raise Unreadable(impossible_rows(name))
        if rows or "".join(row).strip():
            rows.append((number, row))
        if len(rows) == FIRST_ROWS:
            break
    return [(number, row) for number, row in rows if "".join(row).strip()]


def count_rows(book: calamine.CalamineWorkbook, name: str) -> int:
    """The rows of the sheet that aren't blank."""
    return sum(bool("".join(row).strip()) for row in text_rows(book, name))
