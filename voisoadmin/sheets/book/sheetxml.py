"""Scans the XML of an XLSX without building a tree: which part is which sheet, how far a sheet reaches, what will be read
as blank. calamine builds a full rectangle for a sheet, so a single cell far out costs gigabytes."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from xml.etree.ElementTree import Element, ParseError

from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import fromstring

from voisoadmin.sheets.archive import CUT_OFF, DOCTYPE, TOO_LARGE, Archive, flat
from voisoadmin.sheets.book.ranges import Ranges
from voisoadmin.sheets.book.struck import StruckRows
from voisoadmin.sheets.facts import Limits, Unreadable

SHEET_COLUMNS, SHEET_ROWS = 16_384, 1_048_576
SHEET_OPEN = re.compile(rb"<((?:\w+:)?)worksheet\b")
DIMENSION = re.compile(rb"<(?:\w+:)?dimension\b([^<>]*?)(?:/>|>\s*</(?:\w+:)?dimension>)")
SHEET_TAG = re.compile(rb"<(?:\w+:)?sheet\s[^<>]*?(?:/>|>\s*</(?:\w+:)?sheet>)")
RELATION_ID = re.compile(rb"""\s\w+:id=(?:"([^"]*)"|'([^']*)')""")
HIDDEN = re.compile(rb"""(?:^|\s)(?:hidden=["'](?:1|true)|ht=["']0(?:\.0+)?)["']""")
ROW_NUMBER = re.compile(rb"""(?:^|\s)r=["'](\d{1,7})["']""")
COLUMN_LIMITS = re.compile(rb"""(?:^|\s)(?:min|max)=["'](\d{1,5})["']""")
SHEET_KINDS = frozenset({"worksheet", "chartsheet", "dialogsheet"})
SOUND_DIMENSION = re.compile(rb"""\s*ref=["'][A-Za-z]{1,3}[1-9]\d{0,6}(?::[A-Za-z]{1,3}[1-9]\d{0,6})?["']\s*""")
NEAR_COLUMNS = 100  # up to CV: cells further out are checked one by one
MAX_TAGS = 200_000  # of a part that is parsed into a tree, which takes hundreds of bytes for each
MAX_HELD = 4_000_000  # bytes without the end of a tag
OVERLAP = len(b"<!DOCTYPE")
MAX_BEGINNING = 64_000_000  # bytes of the first rows, and characters of their cells


@dataclass(slots=True)
class XlsxBook:
    own_parts: set[str]  # that calamine reads, besides the sheets
    sheets: dict[str, str] = field(default_factory=dict)  # name -> part, in the workbook's order
    replaced: dict[str, bytes] = field(default_factory=dict)  # parts that calamine would fail on -> what it reads instead


@dataclass(slots=True)
class SheetScan:
    last_row: int = 0
    last_column: int = 0
    cells: int = 0
    errors: int = 0
    formulas_without_value: int = 0
    merged: bool = False
    rows: int = 0  # tags of rows so far
    hidden: Ranges = field(default_factory=Ranges)
    hidden_columns: set[int] = field(default_factory=set)  # from 1
    struck: Ranges = field(default_factory=Ranges)  # rows


class Tags:
    """Patterns for the tags of one sheet, whose namespace may have a prefix. Their literal beginnings make them fast, and none
    reads past the next "<": else a run of unfinished tags would be read to its end from each of them."""

    def __init__(self, begin: bytes) -> None:
        opening = SHEET_OPEN.search(begin)
        self.prefix = opening.group(1) if opening else b""
        p = re.escape(self.prefix)
        self.cell = b"<" + self.prefix + b"c "
        self.cell_without_place = b"<" + self.prefix + b"c>"
        self.row = re.compile(b"<" + p + rb'row [^<>]*?\br="(\d+)"')
        self.row_open = b"<" + self.prefix + b"row"
        self.any_row = re.compile(b"<" + p + rb"row(?:\s([^<>]*))?>")
        self.column = re.compile(b"<" + p + rb"col\s([^<>]*)>")
        self.filled_cell = re.compile(b"<" + p + rb"c\s([^<>]*)(?<!/)>")
        self.row_end = re.compile(b"</" + p + b"row>|<" + p + b"row [^<>]*/>")
        self.near = re.compile(rb' r="([A-Z]{1,2})\d+"')
        # Beyond column CV, or without a position. An empty cell with only a format ends in "/>" and doesn't count.
        self.may_be_far = re.compile(rb' r="(?:[A-Z]{3}|[D-Z][A-Z]|C[W-Z])')
        self.far = re.compile(rb' r="([A-Z]{3,}|[D-Z][A-Z]|C[W-Z])(\d+)"')
        self.formula = b"<" + self.prefix + b"f"
        self.values = (b"<" + self.prefix + b"v>", b"<" + self.prefix + b"v ", b"<" + self.prefix + b"is>")
        self.no_value = re.compile(
            b"(?:</" + p + b"f>|<" + p + rb"f\b[^<>]*/>)(?:<" + p + rb"v\s*/>|<" + p + b"v></" + p + b"v>)?</" + p + b"c>"
        )


def read_book(archive: Archive) -> XlsxBook:
    names = {flat(name): name for name in archive.namelist()}
    place = _target_of(archive, names, "_rels/.rels", "officeDocument") or "xl/workbook.xml"
    folder, _, file = place.rpartition("/")
    rels = f"{folder}/_rels/{file}.rels"
    relations = relations_of(archive, names, rels, folder)
    shared = [target for kind, target in relations.values() if kind in {"sharedStrings", "styles"}]
    book = XlsxBook({names[name] for name in ("[content_types].xml", "_rels/.rels", place, rels, *shared) if name in names})
    others = False
    for sheet in _xml(archive, names, place).iter():
        if sheet.tag.rpartition("}")[2] == "sheet":
            relation = next((value for key, value in sheet.items() if key.endswith("}id")), "")
            part = names.get(relations.get(relation, ("", ""))[1])
            others = others or not _is_sheet(*relations.get(relation, ("", "")))
            if part:
                book.sheets[sheet.get("name", "")] = part
    if others:
        xml = archive.read_small(names[place])
        book.replaced[names[place]] = SHEET_TAG.sub(lambda tag: tag[0] if _leads_to_sheet(tag[0], relations) else b"", xml)
    return book


def _leads_to_sheet(tag: bytes, relations: dict[str, tuple[str, str]]) -> bool:
    found = RELATION_ID.search(tag)
    relation = (found[1] or found[2] or b"").decode("utf-8", "replace") if found else ""
    return _is_sheet(*relations.get(relation, ("", "")))


def _is_sheet(kind: str, target: str) -> bool:
    """False for a sheet of macros, and for a module of code, which leads to nothing."""
    return bool(target) and (kind in SHEET_KINDS or "worksheets/" in target)


def _target_of(archive: Archive, names: dict[str, str], rels: str, kind: str) -> str:
    return next((target for of, target in relations_of(archive, names, rels, "").values() if of == kind), "")


def relations_of(archive: Archive, names: dict[str, str], rels: str, folder: str) -> dict[str, tuple[str, str]]:
    """Id -> kind and part."""
    found: dict[str, tuple[str, str]] = {}
    for relation in _xml(archive, names, rels):
        target = relation.get("Target", "").replace("\\", "/")
        part = target if target.startswith("/") else posixpath.join(folder, target)
        found[relation.get("Id", "")] = (relation.get("Type", "").rpartition("/")[2], flat(posixpath.normpath(part)))
    return found


def _xml(archive: Archive, names: dict[str, str], name: str) -> Element:
    content = archive.read_small(names.get(flat(name), ""))
    if not content:
        raise Unreadable(CUT_OFF)
    if content.count(b"<") > MAX_TAGS:
        raise Unreadable(TOO_LARGE)
    try:
        root: Element = fromstring(content, forbid_dtd=True)
    except DefusedXmlException:
        raise Unreadable(DOCTYPE) from None
    except (ParseError, ValueError, LookupError):
        raise Unreadable(CUT_OFF) from None
    return root


def scan_part(archive: Archive, name: str) -> None:
    """Inflate a whole part within its budget, and refuse it if it declares a document type."""
    for _ in tag_pieces(archive, name):
        pass


def tag_pieces(archive: Archive, name: str) -> Iterator[bytes]:
    """Pieces that end with a whole cell or row, so that no pattern sees half of one."""
    held = bytearray()
    for number, piece in enumerate(archive.inflate(name)):
        if number == 0 and b"\0" in piece[:256] and name.lower().endswith((".xml", ".rels")):
            raise Unreadable(CUT_OFF)  # UTF-16, which no program writes and which would hide a declaration
        new = max(len(held) - OVERLAP, 0)  # everything before it has already been searched
        held += piece
        if held.find(b"<!", new) >= 0 and (held.find(b"<!DOCTYPE", new) >= 0 or held.find(b"<!ENTITY", new) >= 0):
            raise Unreadable(DOCTYPE)
        cut = max(held.rfind(b"</", new), held.rfind(b"/>", new))
        cut = held.find(b">", cut) + 1 if cut >= 0 else 0
        if not cut and len(held) > MAX_HELD:
            cut = len(held) - 32
        if cut:
            yield bytes(held[:cut])
            del held[:cut]
    yield bytes(held)


def scan_sheet(archive: Archive, part: str, limits: Limits, sheet: str) -> SheetScan:
    """How far a sheet reaches, and what will be read as blank or is hidden. Raises Unreadable if it is too large."""
    scan = SheetScan()
    struck = StruckRows(archive)
    tags: Tags | None = None
    for piece in tag_pieces(archive, part):
        tags = tags or Tags(piece)
        struck.look(piece, tags)
        scan.cells += piece.count(tags.cell) + piece.count(tags.cell_without_place)
        _measure(piece, tags, scan, sheet)
        scan.errors += piece.count(b' t="e"')
        if tags.formula in piece:
            scan.formulas_without_value += sum(1 for _ in tags.no_value.finditer(piece))
        scan.merged = scan.merged or b"mergeCell " in piece
        _note_hidden(piece, tags, scan)
        if max(scan.cells, scan.last_row * scan.last_column) > limits.max_cells:
            raise Unreadable(_too_much(scan, limits, sheet))
    struck.close()
    scan.struck = struck.found
    return scan


def count_filled_rows(archive: Archive, part: str) -> int:
    """The rows of a sheet with any value."""
    count = 0
    tags: Tags | None = None
    is_filled = False
    for piece in tag_pieces(archive, part):
        tags = tags or Tags(piece)
        *rows, rest = piece.split(b"</" + tags.prefix + b"row>")
        for row in rows:
            count += is_filled or any(value in row for value in tags.values)
            is_filled = False
        is_filled = is_filled or any(value in rest for value in tags.values)
    return count


def _note_hidden(piece: bytes, tags: Tags, scan: SheetScan) -> None:
    if b"hidden=" in piece or b'ht="0' in piece:
        for at, row in enumerate(tags.any_row.finditer(piece), start=1):
            attributes = row[1] or b""
            if HIDDEN.search(attributes):
                number = ROW_NUMBER.search(attributes)
                place = int(number[1]) if number else scan.rows + at
                scan.hidden.add(place, place)
        for column in tags.column.finditer(piece):
            limits = COLUMN_LIMITS.findall(column[1])
            if HIDDEN.search(column[1]) and len(limits) == 2:
                first, last = sorted(min(int(limit), SHEET_COLUMNS) for limit in limits)
                scan.hidden_columns.update(range(first, last + 1))
    scan.rows += piece.count(tags.row_open)


def _too_much(scan: SheetScan, limits: Limits, sheet: str) -> str:
    if scan.cells > limits.max_cells:
        return f"Sheet “{sheet}” has more than {limits.max_cells:,} cells. Save it as CSV and upload that."
    return (
        f"Sheet “{sheet}” reaches to column {column_name(scan.last_column)} and row {scan.last_row:,}, more than "
        f"{limits.max_cells:,} cells. Delete the stray cells at the edges, or save it as CSV and upload that."
    )


def _measure(piece: bytes, tags: Tags, scan: SheetScan, sheet: str) -> None:
    if scan.last_row < 1000 and scan.last_column < NEAR_COLUMNS:
        # Enough of ordinary columns: the first rows, and after those only cells far out.
        near = {column_number(name) for name in set(tags.near.findall(piece))}
        scan.last_column = max(scan.last_column, min(max(near, default=0), NEAR_COLUMNS))
    # Formatted rows without a value don't count, however far down they are: the sheet ends with its last value.
    last_value = max(piece.rfind(value) for value in tags.values)
    rows = tags.row.findall(piece, 0, last_value) if last_value > 0 else []
    scan.last_row = max(scan.last_row, max((int(row) if len(row) < 10 else SHEET_ROWS + 1 for row in rows), default=0))
    if scan.last_row > SHEET_ROWS:
        raise Unreadable(f"Sheet “{sheet}” has a row below {SHEET_ROWS:,}, the last that a spreadsheet has. Save it again.")
    if not tags.may_be_far.search(piece):
        return
    for name, row in _far_cells(piece, tags):
        column = column_number(name) if len(name) <= 3 else SHEET_COLUMNS + 1
        if column > SHEET_COLUMNS or len(row) > 7 or int(row) > SHEET_ROWS:
            place = f"{name.decode()}{row.decode()}"[:12]
            raise Unreadable(f"Sheet “{sheet}” has a cell at {place}, outside any spreadsheet. Save it again.")
        scan.last_column, scan.last_row = max(scan.last_column, column), max(scan.last_row, int(row))


def _far_cells(piece: bytes, tags: Tags) -> Iterator[tuple[bytes, bytes]]:
    """Column and row of cells far out that are not empty: their tags do not end in "/>"."""
    end = 0
    for place in tags.far.finditer(piece):
        if end < place.end():  # else it is the same end: it is looked for once
            end = piece.find(b">", place.end())
        if end < 0:
            return
        if piece[end - 1 : end] != b"/":
            yield place[1], place[2]


def column_number(name: bytes) -> int:
    number = 0
    for letter in name:
        number = number * 26 + letter - 64
    return number


def column_name(number: int) -> str:
    name = ""
    while number > 0:
        number, letter = divmod(number - 1, 26)
        name = chr(65 + letter) + name
    return name


def without_odd_dimension(xml: bytes) -> bytes:
    """The beginning of a sheet without a dimension that names no cells: some exporters write one, and calamine fails on
    it."""
    found = DIMENSION.search(xml)
    if found is None or SOUND_DIMENSION.fullmatch(found[1]):
        return xml
    return xml[: found.start()] + xml[found.end() :]


def may_hold_values(xml: bytes) -> bool:
    """Whether any cell of a sheet may have a value; quick for the many empty sheets."""
    return any(tag in xml for tag in (b"v>", b"v ", b"v\n", b"v\r", b"v\t", b"is>", b"is "))


def first_rows_of(archive: Archive, part: str, rows: int, limits: Limits, sheet: str) -> bytes:
    """The sheet's XML as if it ended after some rows."""
    begun = bytearray()
    found = 0
    scan = SheetScan()
    tags: Tags | None = None
    has_values = False
    for piece in tag_pieces(archive, part):
        tags = tags or Tags(piece)
        # Formatted rows above the first value aren't the beginning of a table.
        first = 0 if has_values else min((at for value in tags.values if (at := piece.find(value)) >= 0), default=len(piece))
        has_values = first < len(piece)
        for end in tags.row_end.finditer(piece, first):
            found += 1
            if found == rows:
                begun += piece[: end.end()]
                _refuse_wide(piece[: end.end()], tags, scan, limits, sheet)
                return bytes(begun + b"</" + tags.prefix + b"sheetData></" + tags.prefix + b"worksheet>")
        _refuse_wide(piece, tags, scan, limits, sheet)
        begun += piece
        if len(begun) > MAX_BEGINNING:
            raise Unreadable(impossible_rows(sheet))
    return bytes(begun)


def impossible_rows(sheet: str) -> str:
    return f"Sheet “{sheet}” has rows of an impossible size. Save it as CSV and upload that."


def _refuse_wide(piece: bytes, tags: Tags, scan: SheetScan, limits: Limits, sheet: str) -> None:
    _measure(piece, tags, scan, sheet)
    if scan.last_row * scan.last_column > limits.max_cells:
        raise Unreadable(_too_much(scan, limits, sheet))
