"""Copies of workbooks for calamine: with the beginnings of sheets only, without parts that no one reads, repaired."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable, Mapping

from voisoadmin.sheets.archive import Archive, flat
from voisoadmin.sheets.book.sheetxml import XlsxBook, tag_pieces, without_odd_dimension

READ_BY_NAME = ("xl/sharedstrings.xml", "xl/styles.xml")
Change = Callable[[bytes], bytes]


def parts_that_are_read(archive: Archive, book: XlsxBook) -> list[str]:
    """Whatever is wrong with the other parts, such as those of Power Query, doesn't matter."""
    sheets = set(book.sheets.values())
    return [name for name in archive.namelist() if name in sheets or name in book.own_parts or flat(name) in READ_BY_NAME]


def begun_copy(archive: Archive, book: XlsxBook, begun: Mapping[str, bytes]) -> io.BytesIO:
    """The workbook with only the beginning of its sheets: fast to read, however long they are."""
    copy = io.BytesIO()
    with zipfile.ZipFile(copy, "w", zipfile.ZIP_STORED) as target:
        for name in parts_that_are_read(archive, book):
            if name in begun:
                target.writestr(name, begun[name])
            else:
                _copy_part(archive, name, target, book.replaced)
    copy.seek(0)
    return copy


def repaired_copy(archive: Archive, book: XlsxBook, part: str) -> io.BytesIO:
    """The workbook with one whole sheet, its invalid dimension removed, and blanks instead of the others."""
    copy = io.BytesIO()
    others = set(book.sheets.values()) - {part}
    with zipfile.ZipFile(copy, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as target:
        for name in parts_that_are_read(archive, book):
            if name in others:
                target.writestr(name, b"")
            else:
                _copy_part(archive, name, target, book.replaced, without_odd_dimension if name == part else None)
    copy.seek(0)
    return copy


def with_changed_part(archive: Archive, part: str, change: Change) -> io.BytesIO:
    """The archive with one part changed piece by piece."""
    copy = io.BytesIO()
    with zipfile.ZipFile(copy, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as target:
        for name in archive.namelist():
            with target.open(name, "w") as written:
                for piece in tag_pieces(archive, name) if name == part else archive.inflate(name):
                    written.write(change(piece) if name == part else piece)
    copy.seek(0)
    return copy


def _copy_part(
    archive: Archive, name: str, target: zipfile.ZipFile, replaced: Mapping[str, bytes], change: Change | None = None
) -> None:
    if name in replaced:
        target.writestr(name, replaced[name])
        return
    with target.open(name, "w") as part:
        for number, piece in enumerate(archive.inflate(name)):
            part.write(change(piece) if change and number == 0 else piece)
