"""What the records of an old Excel workbook (.xls) say that calamine doesn't: a password, a wrong code page, formats of cells,
hidden and struck out rows."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from itertools import groupby, islice
from operator import itemgetter
from pathlib import Path
from typing import NamedTuple

import olefile

from voisoadmin.sheets.book.ranges import Range, Ranges

STREAMS = ("workbook", "book")  # the newer one first
EOF, BOF, FILEPASS, CODEPAGE, BOUNDSHEET, COLINFO, ROW = 0x000A, 0x0809, 0x002F, 0x0042, 0x0085, 0x007D, 0x0208
EXCEL_97 = 0x0600
FONT, FORMAT, XF = 0x0031, 0x041E, 0x00E0
FORMULA, NUMBER, RK, MULRK, LABEL, LABELSST = 0x0006, 0x0203, 0x027E, 0x00BD, 0x0204, 0x00FD
NUMBERS, TEXTS = frozenset({FORMULA, NUMBER, RK, MULRK}), frozenset({LABEL, LABELSST})
NO_FONT = 4  # fonts are counted without this one
UTF16 = 1200  # the code page of all texts since Excel 97, whatever the record says
HEADER = struct.Struct("<HH")
MOST_GLOBALS = 200_000  # records before the sheets
MOST_STEPS = 10_000  # sectors before a record that is to be replaced


class Record(NamedTuple):
    kind: int
    at: int  # of its content in the stream
    length: int


class XlsRows(NamedTuple):
    hidden: list[Range]
    struck: list[Range]
    hidden_columns: list[int]  # from 1


class XlsCell(NamedTuple):
    row: int  # from 1
    column: int  # from 0
    style: int
    is_number: bool


class XlsBook:
    """The records of a workbook. Raises OSError if the file isn't a compound file with a workbook."""

    def __init__(self, path: Path) -> None:
        with olefile.OleFileIO(path) as ole:
            name = next((name for name in STREAMS if ole.exists(name)), "")
            if not name:
                raise OSError("no workbook")
            self._data: bytes = ole.openstream(name).read()
            self._sectors = list(_sectors(ole, name))
            self._sector_size: int = ole.sectorsize
        self._globals = list(islice(self._until_end(0), MOST_GLOBALS))

    def has_password(self) -> bool:
        return any(record.kind == FILEPASS for record in self._globals)

    def with_code_page(self, path: Path) -> bytes | None:
        """The file with the code page that its texts have; None if it says so itself."""
        if not self._globals or self._word(self._globals[0].at) != EXCEL_97:
            return None
        for record in self._globals:
            if record.kind == CODEPAGE and record.length == 2 and self._word(record.at) != UTF16:
                sector, beyond = divmod(record.at, self._sector_size)
                if sector >= len(self._sectors) or beyond + 2 > self._sector_size:
                    return None
                content = bytearray(path.read_bytes())
                struct.pack_into("<H", content, (self._sectors[sector] + 1) * self._sector_size + beyond, UTF16)
                return bytes(content)
        return None

    def rows_of(self, sheet: str) -> XlsRows:
        """What is hidden in the sheet with this name, or struck out."""
        start = self._start(sheet)
        hidden, columns = Ranges(), list[int]()
        if start is not None:
            for kind, at, length in self._until_end(start):
                if kind == ROW and length >= 14 and self._word(at + 12) & 0x20:
                    row = self._word(at) + 1
                    hidden.add(row, row)
                elif kind == COLINFO and length >= 10 and self._word(at + 8) & 1:
                    columns += range(self._word(at) + 1, min(self._word(at + 2), 255) + 2)
        return XlsRows(hidden.sorted(), self._struck(sheet), columns)

    def formats(self) -> dict[int, str]:
        """The formats of numbers, by the style of their cells."""
        codes: dict[int, str] = {}
        is_new = self._is_new
        for kind, at, length in self._globals:
            if kind == FORMAT and length > 3 + 2 * is_new:
                wide = is_new and self._data[at + 4] & 1
                text = self._data[at + (5 if is_new else 3) : at + length]
                codes[self._word(at)] = text.decode("utf-16-le" if wide else "latin-1", "replace")
        return {style: codes[number] for style, (_, number) in enumerate(self._styles()) if number in codes}

    def cells(self, sheet: str) -> Iterator[XlsCell]:
        """The cells of this sheet that aren't blank, with their styles."""
        start = self._start(sheet)
        for kind, at, length in self._until_end(start) if start is not None else ():
            if (kind in NUMBERS or kind in TEXTS) and length >= 6:
                row, column = self._word(at) + 1, self._word(at + 2)
                if kind != MULRK:
                    yield XlsCell(row, column, self._word(at + 4), kind in NUMBERS)
                    continue
                for number in range((length - 6) // 6):
                    yield XlsCell(row, column + number, self._word(at + 4 + 6 * number), True)

    def _struck(self, sheet: str) -> list[Range]:
        """The rows whose cells are all struck out."""
        fonts = [bool(self._word(at + 2) & 8) for kind, at, _ in self._globals if kind == FONT]
        fonts[NO_FONT:NO_FONT] = [False]
        struck = {style for style, (font, _) in enumerate(self._styles()) if font < len(fonts) and fonts[font]}
        found = Ranges()
        if struck:
            cells = sorted((cell.row, cell.style not in struck) for cell in self.cells(sheet))
            for row, of_row in groupby(cells, key=itemgetter(0)):
                if not any(is_plain for _, is_plain in of_row):
                    found.add(row, row)
        return found.sorted()

    def _styles(self) -> list[tuple[int, int]]:
        """The numbers of the font and the format of each style."""
        return [(self._word(at), self._word(at + 2)) for kind, at, length in self._globals if kind == XF and length >= 4]

    @property
    def _is_new(self) -> bool:
        return bool(self._globals) and self._word(self._globals[0].at) == EXCEL_97

    def _start(self, sheet: str) -> int | None:
        return next((at for name, at in self._sheets() if name == sheet), None)

    def _sheets(self) -> Iterator[tuple[str, int]]:
        """Names, and where their records begin."""
        is_new = self._is_new
        for kind, at, length in self._globals:
            if kind == BOUNDSHEET and length > 7:
                wide = is_new and self._data[at + 7] & 1
                name = self._data[at + 7 + is_new : at + length]
                yield name.decode("utf-16-le" if wide else "latin-1", "replace"), self._long(at)

    def _until_end(self, at: int) -> Iterator[Record]:
        """The records of a part, without those of charts inside it."""
        depth, data, end = 0, self._data, len(self._data)
        while at + HEADER.size <= end:
            kind, length = HEADER.unpack_from(data, at)
            at += HEADER.size
            depth += (kind == BOF) - (kind == EOF)
            if at + length > end or (kind == EOF and depth < 1):
                return
            if depth == 1:
                yield Record(kind, at, length)
            at += length

    def _word(self, at: int) -> int:
        return int.from_bytes(self._data[at : at + 2], "little")

    def _long(self, at: int) -> int:
        return int.from_bytes(self._data[at : at + 4], "little")


def _sectors(ole: olefile.OleFileIO, name: str) -> Iterator[int]:
    """The first sectors of a stream, in order. None of a short one: it is in other streams' sectors."""
    entry = ole.direntries[ole._find(name)]
    sector = entry.isectStart
    if entry.size < ole.minisectorcutoff:
        return
    for _ in range(MOST_STEPS):
        if not 0 <= sector < len(ole.fat):
            return
        yield sector
        sector = ole.fat[sector]
