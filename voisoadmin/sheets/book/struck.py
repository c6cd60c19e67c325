"""Rows of an XLSX whose cells are all struck out: someone crossed them off instead of deleting them."""

from __future__ import annotations

import re
from typing import Protocol

from voisoadmin.sheets.archive import SMALL_PART_BYTES, Archive
from voisoadmin.sheets.book.ranges import Ranges

STYLES = "xl/styles.xml"
FONTS = re.compile(rb"<(?:\w+:)?fonts\b.*?</(?:\w+:)?fonts>", re.DOTALL)
FONT = re.compile(rb"<(?:\w+:)?font(?:\s[^<>]*)?(?:/>|>(.*?)</(?:\w+:)?font>)", re.DOTALL)
STRIKE = re.compile(rb"""<(?:\w+:)?strike(?:\s+val=["'](?:1|true)["'])?\s*/?>""")
FORMATS = re.compile(rb"<(?:\w+:)?cellXfs\b.*?</(?:\w+:)?cellXfs>", re.DOTALL)
FORMAT = re.compile(rb"""<(?:\w+:)?xf\s([^<>]*)>""")
FONT_ID = re.compile(rb"""(?:^|\s)fontId=["'](\d{1,5})["']""")
ROW = re.compile(rb"""(?:^|\s)r=["'][A-Z]{1,3}(\d{1,7})["']""")
STYLE = re.compile(rb"""(?:^|\s)s=["'](\d{1,6})["']""")


class HasCells(Protocol):
    filled_cell: re.Pattern[bytes]


class StruckRows:
    def __init__(self, archive: Archive) -> None:
        self.found = Ranges()
        self._styles = _struck_styles(archive)
        self._row = self._cells = self._struck = 0

    def look(self, piece: bytes, tags: HasCells) -> None:
        """The next piece of a sheet, which ends with a whole cell."""
        if not self._styles:
            return
        for cell in tags.filled_cell.finditer(piece):
            place, style = ROW.search(cell[1]), STYLE.search(cell[1])
            if place and int(place[1]) != self._row:
                self.close()
                self._row = int(place[1])
            self._cells += 1
            self._struck += style is not None and style[1] in self._styles

    def close(self) -> None:
        """The row, or the sheet, has ended."""
        if self._cells and self._struck == self._cells:
            self.found.add(self._row, self._row)
        self._cells = self._struck = 0


def _struck_styles(archive: Archive) -> frozenset[bytes]:
    """The numbers of the formats of cells whose font is struck out."""
    name = archive.named(STYLES)
    if name not in archive.namelist() or archive.size(name) > SMALL_PART_BYTES:
        return frozenset()
    xml = archive.read_small(name)
    fonts = FONTS.search(xml) if b"strike" in xml else None
    formats = FORMATS.search(xml)
    if fonts is None or formats is None:
        return frozenset()
    struck = {at for at, font in enumerate(FONT.finditer(fonts[0])) if STRIKE.search(font[1] or b"")}
    ids = [FONT_ID.search(one[1]) for one in FORMAT.finditer(formats[0])]
    return frozenset(b"%d" % at for at, found in enumerate(ids) if found and int(found[1]) in struck)
