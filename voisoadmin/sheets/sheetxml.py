"""The XML of an XLSX, looked through without building anything from it: which part is which sheet, how far a sheet
reaches, what in it will be read as blank. calamine makes a full rectangle of a sheet: a lone cell far out costs gigabytes.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator
from dataclasses import dataclass
from xml.etree.ElementTree import Element, ParseError

from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import fromstring

from voisoadmin.sheets.archive import CUT_OFF, DOCTYPE, Archive
from voisoadmin.sheets.facts import Limits, Unreadable

SHEET_COLUMNS, SHEET_ROWS = 16_384, 1_048_576
ROW = re.compile(rb'<(?:\w+:)?row\b[^>]*?\sr="(\d+)"')
# A cell beyond column CV, or at a place no sheet has; an empty one (only formatted) ends in "/>" and does not count.
FAR_CELL = re.compile(rb'\sr="([A-Z]{3,}|[D-Z][A-Z]|C[W-Z])(\d+)"[^>]*(?<!/)>')
NEAR_CELL = re.compile(rb'\sr="([A-Z]{1,2})\d+"')
CELL_ERROR = re.compile(rb'\st="e"')
FORMULA_WITHOUT_VALUE = re.compile(
    rb"(?:</(?:\w+:)?f>|<(?:\w+:)?f\b[^>]*/>)(?:<(?:\w+:)?v\s*/>|<(?:\w+:)?v></(?:\w+:)?v>)?</(?:\w+:)?c>"
)
ROW_END = re.compile(rb"</(?:\w+:)?row>|<(?:\w+:)?row\b[^>]*/>")
SHEET_OPEN = re.compile(rb"<((?:\w+:)?)worksheet\b")
FAR = 100  # columns up to CV


@dataclass(slots=True)
class SheetScan:
    rows: int = 0
    last_row: int = 0
    last_column: int = 0
    cells: int = 0
    errors: int = 0
    formulas_without_value: int = 0
    merged: bool = False


def sheet_parts(archive: Archive) -> dict[str, str]:
    """Sheet name -> part of the archive, in the workbook's order."""
    book = _xml(archive, "xl/workbook.xml")
    targets = {
        relation.get("Id", ""): _inside(relation.get("Target", "")) for relation in _xml(archive, "xl/_rels/workbook.xml.rels")
    }
    names = {name.lower(): name for name in archive.namelist()}
    parts: dict[str, str] = {}
    for sheet in book.iter():
        if sheet.tag.rpartition("}")[2] == "sheet":
            relation = next((value for key, value in sheet.items() if key.endswith("}id")), "")
            part = names.get(targets.get(relation, "").lower())
            if part:
                parts[sheet.get("name", "")] = part
    return parts


def _inside(target: str) -> str:
    return posixpath.normpath(target.lstrip("/") if target.startswith("/") else posixpath.join("xl", target))


def _xml(archive: Archive, name: str) -> Element:
    content = archive.read_small(name)
    if not content:
        raise Unreadable(CUT_OFF)
    try:
        root: Element = fromstring(content, forbid_dtd=True)
    except DefusedXmlException:
        raise Unreadable(DOCTYPE) from None
    except (ParseError, ValueError):
        raise Unreadable(CUT_OFF) from None
    return root


def scan_part(archive: Archive, name: str) -> None:
    """Inflate a part to its end within its budget, and refuse it if it declares a document type."""
    for _ in _pieces(archive, name):
        pass


def _pieces(archive: Archive, name: str) -> Iterator[bytes]:
    """Pieces that end with a tag's end, so that a pattern never meets half a tag (a cell may still be cut)."""
    left = b""
    for piece in archive.inflate(name):
        piece = left + piece
        # UTF-16 as well: no program writes it, but a parser would follow it.
        if b"<!DOCTYPE" in piece or b"<!ENTITY" in piece or b"<\0!\0D\0" in piece or b"\0<\0!\0D" in piece:
            raise Unreadable(DOCTYPE)
        cut = max(piece.rfind(b"</c>"), piece.rfind(b"/>"), piece.rfind(b":c>"))
        cut = piece.find(b">", cut) + 1 if cut >= 0 else 0
        if not cut and len(piece) > 4_000_000:
            cut = len(piece) - 32
        left, piece = piece[cut:], piece[:cut]
        yield piece
    yield left


def scan_sheet(archive: Archive, part: str, limits: Limits, sheet: str) -> SheetScan:
    """How far a sheet reaches, and what will be read as blank. Raises Unreadable if it is too much."""
    scan = SheetScan()
    for piece in _pieces(archive, part):
        scan.cells += piece.count(b"<c ") + piece.count(b"<c>") + piece.count(b":c ")
        _measure(piece, scan, sheet)
        scan.errors += sum(1 for _ in CELL_ERROR.finditer(piece)) if b't="e"' in piece else 0
        if b"<f" in piece or b":f" in piece:
            scan.formulas_without_value += sum(1 for _ in FORMULA_WITHOUT_VALUE.finditer(piece))
        scan.merged = scan.merged or b"mergeCell " in piece
        if max(scan.cells, scan.last_row * scan.last_column) > limits.max_cells:
            raise Unreadable(_too_much(scan, limits, sheet))
    return scan


def _too_much(scan: SheetScan, limits: Limits, sheet: str) -> str:
    if scan.cells > limits.max_cells:
        return f"Sheet “{sheet}” has more than {limits.max_cells:,} cells. Save it as CSV and upload that."
    return (
        f"Sheet “{sheet}” reaches to column {column_name(scan.last_column)} and row {scan.last_row:,}, more than "
        f"{limits.max_cells:,} cells. Delete the stray cells far out, or save it as CSV and upload that."
    )


def _measure(piece: bytes, scan: SheetScan, sheet: str) -> None:
    rows = ROW.findall(piece)
    if rows:
        scan.rows += len(rows)
        scan.last_row = max(scan.last_row, max(map(int, rows)))
    if scan.last_column < FAR:
        # Enough of a look at ordinary columns: the first megabyte, and then only what lies far out.
        if scan.rows - len(rows) < 1000:
            near = {match for match in NEAR_CELL.findall(piece)}
            scan.last_column = max(scan.last_column, *(min(column_number(name), FAR) for name in near), 0)
    for name, row in FAR_CELL.findall(piece):
        column = column_number(name) if len(name) <= 3 else SHEET_COLUMNS + 1
        if column > SHEET_COLUMNS or len(row) > 7 or int(row) > SHEET_ROWS:
            raise Unreadable(
                f"Sheet “{sheet}” has a cell at {name.decode()}{row.decode()[:9]}, a place no spreadsheet has. Save it again."
            )
        scan.last_column, scan.last_row = max(scan.last_column, column), max(scan.last_row, int(row))


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


def first_rows_of(archive: Archive, part: str, rows: int, sheet: str) -> bytes:
    """The sheet's XML as if it ended after some rows."""
    begun = bytearray()
    found = 0
    for piece in _pieces(archive, part):
        _measure(piece, SheetScan(), sheet)
        for end in ROW_END.finditer(piece):
            found += 1
            if found == rows:
                begun += piece[: end.end()]
                prefix = opening.group(1) if (opening := SHEET_OPEN.search(begun)) else b""
                return bytes(begun + b"</" + prefix + b"sheetData></" + prefix + b"worksheet>")
        begun += piece
        if len(begun) > 64_000_000:
            raise Unreadable(f"Sheet “{sheet}” has rows of an impossible size. Save it as CSV and upload that.")
    return bytes(begun)
