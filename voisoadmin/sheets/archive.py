"""Workbooks are untrusted ZIP archives: sizes are checked before anything is inflated, and again while inflating."""

from __future__ import annotations

import struct
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType
from typing import BinaryIO, Self

from voisoadmin.sheets.facts import MIB, Unreadable

MAX_ENTRIES = 2_000
MAX_DIRECTORY_BYTES = 1 * MIB
MAX_NAME_CHARS = 255  # of a part; every relation of a workbook is written with its folder's name before it
END64 = struct.Struct("<4s20xQQQ")  # after 20 bytes entries on this disk, all entries, the directory's length
BEFORE_END = 56 + 20  # bytes of the end record of ZIP64 and of the record that points to it
DIRECTORY_END_BYTES = BEFORE_END + 22 + 65_535  # with the longest comment
MAX_TOTAL_BYTES = 1536 * MIB
MAX_STRINGS_BYTES = 256 * MIB
MAX_RATIO = 200
RATIO_COUNTS_ABOVE = 10 * MIB
SMALL_PART_BYTES = 16 * MIB
READ_BYTES = 1 * MIB
LOCAL_HEADER = struct.Struct("<4s22xHH")

CUT_OFF = "The workbook is damaged or incomplete, perhaps after an interrupted download. Save it again and re-upload it."
TOO_LARGE = "The workbook unpacks to far more data than its size, so it was not opened. Save it as CSV and upload that."
LONG_NAME = "The workbook contains a part with a name that is too long, so it was not opened. Save it as CSV and upload that."
DOCTYPE = "The workbook contains a document type declaration, which no spreadsheet program writes, so it was not opened."
ENCRYPTED = "The workbook is password-protected. Save it without a password and upload it again."


class Archive:
    """The parts of a workbook, each inflated within its budget."""

    def __init__(self, path: Path) -> None:
        self._file: BinaryIO = path.open("rb")
        try:
            self._parts = self._directory()
        except BaseException:
            self._file.close()
            raise

    def _directory(self) -> dict[str, zipfile.ZipInfo]:
        self._refuse_long_directory()
        try:
            with zipfile.ZipFile(self._file) as archive:
                entries = archive.infolist()
        except (zipfile.BadZipFile, struct.error, EOFError, ValueError, NotImplementedError, OSError, UnicodeDecodeError):
            raise Unreadable(CUT_OFF) from None
        _weigh(entries)
        return {entry.filename: entry for entry in entries}

    def _refuse_long_directory(self) -> None:
        """Refuse a directory with too many entries: merely listing 100,000 takes seconds. The archive's last record gives
        its length."""
        size = self._file.seek(0, 2)
        self._file.seek(max(size - DIRECTORY_END_BYTES, 0))
        tail = self._file.read()
        at = tail.rfind(b"PK\x05\x06")
        if at < 0 or len(tail) < at + 22:
            raise Unreadable(CUT_OFF)
        entries, length = struct.unpack_from("<HI", tail, at + 10)
        if at >= BEFORE_END and tail.startswith(b"PK\x06\x07", at - 20):
            # The end record of ZIP64 counts instead.
            mark, _, entries64, length64 = END64.unpack_from(tail, at - BEFORE_END)
            if mark == b"PK\x06\x06":
                entries, length = max(entries, entries64), max(length, length64)
        if entries > MAX_ENTRIES or length > MAX_DIRECTORY_BYTES:
            raise Unreadable(TOO_LARGE)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, problem: BaseException | None, trace: TracebackType | None) -> None:
        self._file.close()

    def namelist(self) -> list[str]:
        return list(self._parts)

    def named(self, name: str) -> str:
        """The part with this name, in whatever letters and slashes it is written; the same name if there is none."""
        return next((part for part in self._parts if flat(part) == flat(name)), name)

    def size(self, name: str) -> int:
        return self._parts[name].file_size

    def inflate(self, name: str) -> Iterator[bytes]:
        """A part's bytes. Counted while inflating, because a directory can lie about sizes."""
        entry = self._parts[name]
        left = entry.compress_size
        self._file.seek(entry.header_offset)
        header = self._file.read(30)
        if len(header) < 30 or not header.startswith(b"PK\x03\x04"):
            raise Unreadable(CUT_OFF)
        _, name_length, extra_length = LOCAL_HEADER.unpack(header)
        at = entry.header_offset + 30 + name_length + extra_length
        inflater = zlib.decompressobj(-15) if entry.compress_type == zipfile.ZIP_DEFLATED else None
        total = 0
        while left > 0:
            self._file.seek(at)
            data = self._file.read(min(READ_BYTES // 8, left))
            if not data:
                raise Unreadable(CUT_OFF)
            at, left = at + len(data), left - len(data)
            for piece in _pieces(inflater, data):
                total += len(piece)
                if total > entry.file_size:
                    raise Unreadable(TOO_LARGE)
                yield piece
        if total != entry.file_size:
            raise Unreadable(CUT_OFF)

    def read_small(self, name: str) -> bytes:
        """A whole part that should be small; empty if it is missing."""
        if name not in self._parts:
            return b""
        if self.size(name) > SMALL_PART_BYTES:
            raise Unreadable(TOO_LARGE)
        return b"".join(self.inflate(name))


def flat(name: str) -> str:
    """A part's name for comparisons: some exporters write backslashes, or other capitals than in the reference."""
    return name.replace("\\", "/").lstrip("/").lower()


def open_archive(path: Path) -> Archive:
    """Check an archive by its directory, then open it. Raises Unreadable before anything is inflated."""
    return Archive(path)


def _pieces(inflater: zlib._Decompress | None, data: bytes) -> Iterator[bytes]:
    if inflater is None:
        yield data
        return
    try:
        while data:
            yield inflater.decompress(data, READ_BYTES)
            data = inflater.unconsumed_tail
    except zlib.error:
        raise Unreadable(CUT_OFF) from None


def _weigh(entries: list[zipfile.ZipInfo]) -> None:
    if len(entries) > MAX_ENTRIES or len({entry.filename for entry in entries}) < len(entries):
        raise Unreadable(TOO_LARGE if len(entries) > MAX_ENTRIES else CUT_OFF)
    if any(entry.flag_bits & 1 for entry in entries):
        raise Unreadable(ENCRYPTED)
    if any(entry.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED) for entry in entries):
        raise Unreadable(CUT_OFF)
    if any(len(entry.filename) > MAX_NAME_CHARS for entry in entries):
        raise Unreadable(LONG_NAME)
    total = sum(entry.file_size for entry in entries)
    # Together, too: a hundred parts that each stay just below the limit are a gigabyte.
    if total > MAX_TOTAL_BYTES or _is_bomb(total, sum(entry.compress_size for entry in entries)):
        raise Unreadable(TOO_LARGE)
    end = 0
    for entry in sorted(entries, key=lambda entry: entry.header_offset):
        # Entries that share their bytes inflate the same data over and over.
        if entry.header_offset < end:
            raise Unreadable(CUT_OFF)
        end = entry.header_offset + 30 + entry.compress_size
        if _is_bomb(entry.file_size, entry.compress_size):
            raise Unreadable(TOO_LARGE)
        if entry.filename.lower().endswith("sharedstrings.xml") and entry.file_size > MAX_STRINGS_BYTES:
            raise Unreadable(TOO_LARGE)


def _is_bomb(size: int, packed: int) -> bool:
    return size > RATIO_COUNTS_ABOVE and size > MAX_RATIO * packed
