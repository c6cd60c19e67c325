"""What the records of an old Excel workbook (.xls) say that calamine doesn't: a password, a wrong code page, hidden rows."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import NamedTuple

import olefile

from voisoadmin.sheets.book.ranges import Range, Ranges

STREAMS = ("workbook", "book")  # the newer one first
EOF, BOF, FILEPASS, CODEPAGE, BOUNDSHEET, COLINFO, ROW = 0x000A, 0x0809, 0x002F, 0x0042, 0x0085, 0x007D, 0x0208
EXCEL_97 = 0x0600
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
    hidden_columns: list[int]  # from 1


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
        """What is hidden in the sheet with this name."""
        start = next((at for name, at in self._sheets() if name == sheet), None)
        hidden, columns = Ranges(), list[int]()
        if start is not None:
            for kind, at, length in self._until_end(start):
                if kind == ROW and length >= 14 and self._word(at + 12) & 0x20:
                    row = self._word(at) + 1
                    hidden.add(row, row)
                elif kind == COLINFO and length >= 10 and self._word(at + 8) & 1:
                    columns += range(self._word(at) + 1, min(self._word(at + 2), 255) + 2)
        return XlsRows(hidden.sorted(), columns)

    def _sheets(self) -> Iterator[tuple[str, int]]:
        """Names, and where their records begin."""
        is_new = bool(self._globals) and self._word(self._globals[0].at) == EXCEL_97
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
