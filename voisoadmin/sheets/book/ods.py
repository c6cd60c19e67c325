"""What the XML of an OpenDocument sheet says that calamine doesn't, and blanks in it that calamine fails on."""

from __future__ import annotations

import html
import re
from dataclasses import dataclass, field

from voisoadmin.sheets.archive import Archive
from voisoadmin.sheets.book.ranges import Ranges
from voisoadmin.sheets.book.sheetxml import tag_pieces

CONTENT = "content.xml"
# Blanks before a tag of a table, or of the paragraph that a cell begins with, are never text of a cell.
BETWEEN_TAGS = re.compile(rb"(?<=>)\s+(?=</?table:)|(?<=>)\s+(?=<text:p\b)|(?<=</text:p>)\s+(?=<)")
TAG = re.compile(rb"<table:(table|table-row|table-column)(?:\s([^<>]*))?>|</table:table>")
ATTRIBUTE = re.compile(rb"""(table|office):([\w-]+)=(?:"([^"]*)"|'([^']*)')""")
SHOWS_MORE = re.compile(rb"""office:value-type=["']float["'][^<>]*>\s*<text:p(?:\s[^<>]*)?>[\s(]*(?:\+|0)\(?\d""")
OUT_OF_SIGHT = frozenset({b"collapse", b"filter"})
LAST_ROW = 1 << 24


@dataclass(slots=True)
class OdsSheet:
    hidden: Ranges = field(default_factory=Ranges)
    hidden_columns: set[int] = field(default_factory=set)  # from 1
    rows: int = 0
    columns: int = 0


@dataclass(slots=True)
class OdsContent:
    sheets: dict[str, OdsSheet] = field(default_factory=dict)
    has_blanks: bool = False  # between tags
    shows_more: bool = False  # than the number of a cell: a calling code, or a leading zero


def read_content(archive: Archive) -> OdsContent:
    """Raises Unreadable if a part that is read declares a document type."""
    content = OdsContent()
    sheet: OdsSheet | None = None
    depth = 0
    for piece in tag_pieces(archive, CONTENT):
        content.has_blanks = content.has_blanks or BETWEEN_TAGS.search(piece) is not None
        content.shows_more = content.shows_more or SHOWS_MORE.search(piece) is not None
        for tag in TAG.finditer(piece):
            if tag[1] == b"table":
                depth += 1
                if depth == 1:
                    name = html.unescape(attributes_of(tag[2]).get(b"name", b"").decode("utf-8", "replace"))
                    sheet = content.sheets.setdefault(name, OdsSheet())
            elif tag[1] is None:
                depth -= 1
            elif sheet is not None and depth == 1:
                _note(sheet, tag[1], attributes_of(tag[2]))
    return content


def _note(sheet: OdsSheet, kind: bytes, attributes: dict[bytes, bytes]) -> None:
    is_row = kind == b"table-row"
    repeated = attributes.get(b"number-rows-repeated" if is_row else b"number-columns-repeated", b"1")
    count = min(int(repeated), LAST_ROW) if repeated.isdigit() and len(repeated) < 9 else 1
    is_hidden = attributes.get(b"visibility") in OUT_OF_SIGHT
    if is_row:
        if is_hidden:
            sheet.hidden.add(sheet.rows + 1, sheet.rows + count)
        sheet.rows += count
    else:
        if is_hidden:
            sheet.hidden_columns.update(range(sheet.columns + 1, min(sheet.columns + count, 16_384) + 1))
        sheet.columns += count


def attributes_of(text: bytes | None, space: bytes = b"table") -> dict[bytes, bytes]:
    return {name: double or single for found, name, double, single in ATTRIBUTE.findall(text or b"") if found == space}


def without_blanks(xml: bytes) -> bytes:
    """A piece of the content without blanks between tags."""
    return BETWEEN_TAGS.sub(b"", xml)
