"""Rows of an OpenDocument sheet whose cells are all struck out."""

from __future__ import annotations

import html
import re

from voisoadmin.sheets.archive import Archive
from voisoadmin.sheets.book.ods import CONTENT, LAST_ROW, attributes_of
from voisoadmin.sheets.book.ranges import Ranges
from voisoadmin.sheets.book.sheetxml import tag_pieces

STYLE = re.compile(
    rb"""<style:style\s([^<>]*)>|</style:style>|text-line-through-(?:style|type)=["'](?!none)|<table:table(?=[\s>])"""
)
NAME = re.compile(rb"""style:name=["']([^"']*)["']""")
TOKEN = re.compile(rb"<table:(table|table-row|table-cell)(?=[\s/>])([^<>]*)>|</table:(?:table|table-row)>")


def struck_styles(archive: Archive) -> frozenset[bytes]:
    """The names of the styles that strike out their cells."""
    found, name = set[bytes](), b""
    for piece in tag_pieces(archive, CONTENT):
        for tag in STYLE.finditer(piece):
            if tag[0].startswith(b"<table:table"):
                return frozenset(found)
            if tag[1] is not None:
                named = NAME.search(tag[1])
                name = named[1] if named and not tag[1].endswith(b"/") else b""
            elif tag[0].startswith(b"<"):
                name = b""
            elif name:
                found.add(name)
    return frozenset(found)


def struck_rows(archive: Archive, sheet: str, styles: frozenset[bytes]) -> Ranges:
    rows = Ranges()
    depth = row = repeated = cells = struck = 0
    is_in_sheet = False
    row_style = b""
    for piece in tag_pieces(archive, CONTENT):
        for tag in TOKEN.finditer(piece):
            if tag[1] == b"table":
                depth += 1
                name = html.unescape(attributes_of(tag[2]).get(b"name", b"").decode("utf-8", "replace"))
                is_in_sheet, row = (is_in_sheet, row) if depth > 1 else (name == sheet, 0)
            elif tag[0] == b"</table:table>":
                depth -= 1
            elif not is_in_sheet or depth != 1:
                continue
            elif tag[1] == b"table-row":
                found = attributes_of(tag[2])
                count = found.get(b"number-rows-repeated", b"1")
                repeated = min(int(count), LAST_ROW) if count.isdigit() and len(count) < 9 else 1
                row_style = found.get(b"default-cell-style-name", b"")
                cells = struck = 0
                row += repeated
            elif tag[1] == b"table-cell":
                if attributes_of(tag[2], b"office").get(b"value-type"):
                    cells += 1
                    struck += attributes_of(tag[2]).get(b"style-name", row_style) in styles
            elif cells and cells == struck:
                rows.add(row - repeated + 1, row)
    return rows
