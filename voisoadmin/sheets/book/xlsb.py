"""What the records of a binary workbook (.xlsb) say that calamine doesn't: formats of cells, hidden rows and columns."""

from __future__ import annotations

from collections.abc import Iterator

from voisoadmin.sheets.archive import SMALL_PART_BYTES, Archive, flat
from voisoadmin.sheets.book.ranges import Ranges
from voisoadmin.sheets.book.sheetxml import relations_of
from voisoadmin.sheets.facts import MIB

BOOK, RELATIONS = "xl/workbook.bin", "xl/_rels/workbook.bin.rels"
STYLES = "xl/styles.bin"
ROW, COLUMNS, CELLS_END, SHEET = 0, 60, 146, 156  # kinds of records
RK, REAL, FORMULA = 2, 5, 9
FILLED = range(2, 12)  # kinds of cells with anything in them
FONT, FORMAT, STYLE, STYLES_BEGIN, STYLES_END = 43, 44, 47, 617, 618
STRUCK = 0x08
LAST_COLUMN = 16_383
MOST_RECORDS = 3_000_000  # of a sheet; what is hidden below them isn't known
MOST_BYTES = 128 * MIB  # of a sheet; nothing is looked for in longer ones


def sheet_parts(archive: Archive) -> dict[str, str]:
    """Sheet name -> part."""
    names = {flat(name): name for name in archive.namelist()}
    relations = relations_of(archive, names, RELATIONS, "xl")
    parts = {}
    for kind, data in _records(archive.read_small(names.get(BOOK, ""))):
        if kind == SHEET:
            relation, at = _text(data, 8)
            name, _ = _text(data, at)
            part = names.get(relations.get(relation, ("", ""))[1])
            if part:
                parts[name] = part
    return parts


def hidden_in(archive: Archive, part: str) -> tuple[Ranges, set[int]]:
    """Rows and columns, from 1."""
    rows, columns = Ranges(), set[int]()
    if archive.size(part) > MOST_BYTES:
        return rows, columns
    for number, (kind, data) in enumerate(_records(b"".join(archive.inflate(part)))):
        if number > MOST_RECORDS:
            break
        if kind == ROW and len(data) >= 12 and data[11] & 0x10:
            row = int.from_bytes(data[:4], "little") + 1
            rows.add(row, row)
        elif kind == COLUMNS and len(data) >= 18 and data[16] & 1:
            first, last = (min(int.from_bytes(data[at : at + 4], "little"), LAST_COLUMN) for at in (0, 4))
            columns.update(range(first + 1, last + 2))
    return rows, columns


def struck_in(archive: Archive, part: str) -> Ranges:
    """Rows whose cells are all struck out, from 1."""
    rows, styles = Ranges(), _struck_styles(archive)
    if not styles or archive.size(part) > MOST_BYTES:
        return rows
    row = cells = struck = 0
    for kind, data in _records(b"".join(archive.inflate(part))):
        if kind in FILLED and len(data) >= 8:
            cells += 1
            struck += int.from_bytes(data[4:7], "little") in styles
        elif kind in {ROW, CELLS_END}:
            if cells and cells == struck:
                rows.add(row, row)
            cells = struck = 0
            row = int.from_bytes(data[:4], "little") + 1 if kind == ROW else row
    return rows


def _struck_styles(archive: Archive) -> frozenset[int]:
    fonts, styles, is_of_cells = list[bool](), list[int](), False
    for kind, data in _styles(archive):
        is_of_cells = kind == STYLES_BEGIN or (is_of_cells and kind != STYLES_END)
        if kind == FONT and len(data) > 4:
            fonts.append(bool(data[2] & STRUCK))
        elif kind == STYLE and is_of_cells and len(data) > 6:
            styles.append(int.from_bytes(data[4:6], "little"))
    return frozenset(style for style, font in enumerate(styles) if font < len(fonts) and fonts[font])


def _styles(archive: Archive) -> Iterator[tuple[int, bytes]]:
    names = {flat(name): name for name in archive.namelist()}
    part = names.get(STYLES, "")
    if part and archive.size(part) <= SMALL_PART_BYTES:
        yield from _records(archive.read_small(part))


def number_formats(archive: Archive) -> dict[int, str]:
    """The formats of numbers, by the style of their cells."""
    codes, styles, is_of_cells = dict[int, str](), list[int](), False
    for kind, data in _styles(archive):
        is_of_cells = kind == STYLES_BEGIN or (is_of_cells and kind != STYLES_END)
        if kind == FORMAT and len(data) > 6:
            codes[int.from_bytes(data[:2], "little")] = _text(data, 2)[0]
        elif kind == STYLE and is_of_cells:
            styles.append(int.from_bytes(data[2:4], "little"))
    return {style: codes[number] for style, number in enumerate(styles) if number in codes}


def numbers_in(archive: Archive, part: str) -> Iterator[tuple[int, int, int]]:
    """Row from 1, column from 0 and style of each cell with a number."""
    if archive.size(part) > MOST_BYTES:
        return
    row = 0
    for kind, data in _records(b"".join(archive.inflate(part))):
        if kind == ROW:
            row = int.from_bytes(data[:4], "little") + 1
        elif kind in {RK, REAL, FORMULA} and len(data) >= 8:
            yield row, min(int.from_bytes(data[:4], "little"), LAST_COLUMN), int.from_bytes(data[4:7], "little")


def _records(data: bytes) -> Iterator[tuple[int, bytes]]:
    at, end = 0, len(data)
    while at < end:
        kind, at = _number(data, at, 2)
        length, at = _number(data, at, 4)
        yield kind, data[at : at + length]
        at += length


def _number(data: bytes, at: int, longest: int) -> tuple[int, int]:
    """A number in up to `longest` bytes of seven bits, and where it ends."""
    number = 0
    for step in range(longest):
        byte = data[at] if at < len(data) else 0
        at += 1
        number |= (byte & 0x7F) << (7 * step)
        if byte < 0x80:
            break
    return number, at


def _text(data: bytes, at: int) -> tuple[str, int]:
    length = int.from_bytes(data[at : at + 4], "little")
    end = at + 4 + 2 * min(length, len(data))
    return data[at + 4 : end].decode("utf-16-le", "replace"), end
