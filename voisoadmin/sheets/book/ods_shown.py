"""What an OpenDocument sheet shows for its numbers: the text beside each value, with a calling code or a leading zero."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator

from voisoadmin.sheets.archive import Archive
from voisoadmin.sheets.book.number_formats import LONGEST_NUMBER, SHORTEST_NUMBER, ShownNumbers
from voisoadmin.sheets.book.ods import CONTENT, LAST_ROW, attributes_of
from voisoadmin.sheets.book.sheetxml import tag_pieces

TOKEN = re.compile(
    rb"<table:(table|table-row|table-cell|covered-table-cell)(?=[\s/>])([^<>]*)>|</table:table>|<text:p(?:\s[^<>]*)?>([^<>]*)"
)
WHOLE = re.compile(rb"(\d{1,17})(?:\.0+)?")
TEXT = re.compile(r"\+?[\d\s()/.-]+")
LAST_COLUMN = 16_383


def shown_by(archive: Archive, sheet: str) -> ShownNumbers:
    shown = ShownNumbers({})
    for row, column, code in _cells(archive, sheet):
        shown.mark_as(column, row, code)
    return shown


def format_of(value: str, text: str) -> str:
    """The format that shows this text for this number; "" if it adds neither a calling code nor a leading zero."""
    digits = "".join(char for char in text if char.isdecimal())
    if not TEXT.fullmatch(text) or not SHORTEST_NUMBER <= len(value) <= LONGEST_NUMBER or not digits.endswith(value):
        return ""
    added = digits[: -len(value)]
    if text.startswith("+"):
        return f'"+{added}"0'
    return "0" * len(digits) if added == "0" else f'"{added}"0' if added.startswith("00") else ""


def _cells(archive: Archive, sheet: str) -> Iterator[tuple[int, int, str]]:
    """Row from 1, column from 0 and format of each cell that shows more than its number."""
    depth = row = column = repeated = rows = 0
    value, is_in_sheet = "", False
    for piece in tag_pieces(archive, CONTENT):
        for tag in TOKEN.finditer(piece):
            kind = tag[1]
            if kind == b"table":
                depth += 1
                name = html.unescape(attributes_of(tag[2]).get(b"name", b"").decode("utf-8", "replace"))
                is_in_sheet = is_in_sheet if depth > 1 else name == sheet
                row = column = repeated = rows = 0
            elif tag[0] == b"</table:table>":
                depth -= 1
            elif not is_in_sheet or depth != 1:
                continue
            elif kind == b"table-row":
                row, column, repeated = row + (rows or 1), 0, 0
                rows = _count(attributes_of(tag[2]).get(b"number-rows-repeated", b"1"), LAST_ROW)
            elif kind is not None:
                column += repeated
                repeated = _count(attributes_of(tag[2]).get(b"number-columns-repeated", b"1"), LAST_COLUMN)
                value = _value(tag[2])
            elif value and row <= LAST_ROW and column <= LAST_COLUMN:
                code = format_of(value, html.unescape(tag[3].decode("utf-8", "replace")).strip())
                value = ""
                if code:
                    yield from ((row, column + at, code) for at in range(min(repeated, LAST_COLUMN - column)))


def _count(text: bytes, most: int) -> int:
    return min(int(text), most) if text.isdigit() and len(text) < 9 else 1


def _value(attributes: bytes) -> str:
    """The whole number that the cell holds; "" if it holds anything else."""
    found = attributes_of(attributes, b"office")
    whole = WHOLE.fullmatch(found.get(b"value", b"")) if found.get(b"value-type") == b"float" else None
    return whole[1].decode() if whole else ""
