"""Scans the XML of an XLSX without building a tree: which part is which sheet, how far a sheet reaches, what will be read
as blank. calamine builds a full rectangle for a sheet, so a single cell far out costs gigabytes."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator
from dataclasses import dataclass
from xml.etree.ElementTree import Element, ParseError

from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import fromstring

from voisoadmin.sheets.archive import CUT_OFF, DOCTYPE, TOO_LARGE, Archive
from voisoadmin.sheets.facts import Limits, Unreadable

SHEET_COLUMNS, SHEET_ROWS = 16_384, 1_048_576
SHEET_OPEN = re.compile(rb"<((?:\w+:)?)worksheet\b")
DIMENSION = re.compile(rb"<(?:\w+:)?dimension\b([^<>]*?)(?:/>|>\s*</(?:\w+:)?dimension>)")
SOUND_DIMENSION = re.compile(rb"""\s*ref=["'][A-Za-z]{1,3}[1-9]\d{0,6}(?::[A-Za-z]{1,3}[1-9]\d{0,6})?["']\s*""")
NEAR_COLUMNS = 100  # up to CV: cells further out are checked one by one
MAX_TAGS = 200_000  # of a part that is parsed into a tree, which takes hundreds of bytes for each
MAX_HELD = 4_000_000  # bytes without the end of a tag
OVERLAP = len(b"<!DOCTYPE")
MAX_BEGINNING = 64_000_000  # bytes of the first rows, and characters of their cells


@dataclass(slots=True)
class SheetScan:
    last_row: int = 0
    last_column: int = 0
    cells: int = 0
    errors: int = 0
    formulas_without_value: int = 0
    merged: bool = False


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


def sheet_parts(archive: Archive) -> dict[str, str]:
    """Sheet name -> part of the archive, in the workbook's order."""
    names = {_flat(name): name for name in archive.namelist()}
    book = _target_of(archive, names, "_rels/.rels", "officeDocument") or "xl/workbook.xml"
    folder, _, file = book.rpartition("/")
    relations = _relations(archive, names, f"{folder}/_rels/{file}.rels", folder)
    parts: dict[str, str] = {}
    for sheet in _xml(archive, names, book).iter():
        if sheet.tag.rpartition("}")[2] == "sheet":
            relation = next((value for key, value in sheet.items() if key.endswith("}id")), "")
            part = names.get(relations.get(relation, ("", ""))[1])
            if part:
                parts[sheet.get("name", "")] = part
    return parts


def _flat(name: str) -> str:
    # Some exporters write backslashes, or other capitals than in the reference.
    return name.replace("\\", "/").lstrip("/").lower()


def _target_of(archive: Archive, names: dict[str, str], rels: str, kind: str) -> str:
    return next((target for of, target in _relations(archive, names, rels, "").values() if of == kind), "")


def _relations(archive: Archive, names: dict[str, str], rels: str, folder: str) -> dict[str, tuple[str, str]]:
    """Id -> kind and part."""
    found: dict[str, tuple[str, str]] = {}
    for relation in _xml(archive, names, rels):
        target = relation.get("Target", "").replace("\\", "/")
        part = target if target.startswith("/") else posixpath.join(folder, target)
        found[relation.get("Id", "")] = (relation.get("Type", "").rpartition("/")[2], _flat(posixpath.normpath(part)))
    return found


def _xml(archive: Archive, names: dict[str, str], name: str) -> Element:
    content = archive.read_small(names.get(_flat(name), ""))
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
    for _ in _pieces(archive, name):
        pass


def _pieces(archive: Archive, name: str) -> Iterator[bytes]:
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
    """How far a sheet reaches, and what will be read as blank. Raises Unreadable if it is too large."""
    scan = SheetScan()
    tags: Tags | None = None
    for piece in _pieces(archive, part):
        tags = tags or Tags(piece)
        scan.cells += piece.count(tags.cell) + piece.count(tags.cell_without_place)
        _measure(piece, tags, scan, sheet)
        scan.errors += piece.count(b' t="e"')
        if tags.formula in piece:
            scan.formulas_without_value += sum(1 for _ in tags.no_value.finditer(piece))
        scan.merged = scan.merged or b"mergeCell " in piece
        if max(scan.cells, scan.last_row * scan.last_column) > limits.max_cells:
            raise Unreadable(_too_much(scan, limits, sheet))
    return scan


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
    for piece in _pieces(archive, part):
        tags = tags or Tags(piece)
        for end in tags.row_end.finditer(piece):
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
