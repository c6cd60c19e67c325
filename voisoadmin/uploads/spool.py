"""Incoming files: whole, hashed and on disk before any row names them.

A file is written below `UPLOAD_ROOT/incoming`, synced, then renamed into `UPLOAD_ROOT` under a random name. A process
that dies in between leaves an orphan that no row names; the sweep removes it after a day.
"""

import hashlib
import os
import secrets
import unicodedata
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import BinaryIO, Self

from django.conf import settings

from voisoadmin.lib.secrets import private_folder

MIB = 1024 * 1024
ORPHAN_AGE = timedelta(days=1)
NAME_LENGTH = 200
ZIP_MAGIC = b"PK"
OLE_MAGIC = b"\xd0\xcf\x11\xe0"
HIDDEN_CATEGORIES = {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}  # control, bidi, surrogates, line separators


class FileRefused(Exception):
    """The file was refused; the message is for a supervisor."""


@dataclass(frozen=True, slots=True)
class SpooledFile:
    """A whole file in the incoming folder, closed and synced."""

    path: Path
    size: int  # bytes
    sha256: str


class Spool:
    """Writes one incoming file. A context manager: an unfinished file is removed."""

    def __init__(self) -> None:
        self.path = folder("incoming") / f"{secrets.token_hex(16)}.part"
        self._file: BinaryIO = os.fdopen(os.open(self.path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "wb")
        self._hash = hashlib.sha256()
        self._limit = settings.MAX_CSV_MIB
        self.size = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if not self._file.closed:
            self.discard()

    def write(self, chunk: bytes, *, expected: int = 0) -> None:
        """Add a chunk. `expected`: the announced size of the whole file. Raises FileRefused once it is too large."""
        if self.size == 0 and chunk.startswith((ZIP_MAGIC, OLE_MAGIC)):
            self._limit = settings.MAX_WORKBOOK_MIB
        self.size += len(chunk)
        if max(self.size, expected) > self._limit * MIB:
            self.discard()
            raise FileRefused(too_large())
        self._hash.update(chunk)
        self._file.write(chunk)

    def finish(self) -> SpooledFile:
        self._file.flush()
        os.fsync(self._file.fileno())
        self._file.close()
        return SpooledFile(self.path, self.size, self._hash.hexdigest())

    def discard(self) -> None:
        self._file.close()
        self.path.unlink(missing_ok=True)


def folder(name: str = "") -> Path:
    root = private_folder(settings.UPLOAD_ROOT)
    return private_folder(root / name) if name else root


def stored_path(stored_name: str) -> Path:
    return folder() / stored_name


def keep(file: SpooledFile) -> str:
    """Move the file to its final place; return its random name there."""
    name = secrets.token_hex(16)
    file.path.rename(stored_path(name))
    for directory in (folder(), folder("incoming")):
        # The rename must survive a power loss before a row says that the file exists.
        descriptor = os.open(directory, os.O_RDONLY | os.O_DIRECTORY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
    return name


def drop(stored_name: str) -> None:
    stored_path(stored_name).unlink(missing_ok=True)


def spool_path(path: Path) -> SpooledFile:
    """Copy a file of this machine. Raises FileRefused."""
    try:
        with path.open("rb") as source, Spool() as spool:
            size = path.stat().st_size
            while chunk := source.read(MIB):
                spool.write(chunk, expected=size)
            return spool.finish()
    except IsADirectoryError:
        raise FileRefused(f"{path.name} is a folder, not a file.") from None
    except FileNotFoundError:
        raise FileRefused(f"No such file: {path}.") from None
    except PermissionError:
        raise FileRefused(f"No permission to read {path}.") from None


def too_large() -> str:
    return (
        f"The file is too large. The limit is {settings.MAX_CSV_MIB} MB for CSV and {settings.MAX_WORKBOOK_MIB} MB for a "
        "workbook. Split it in two, or save the workbook as CSV."
    )


def clean_file_name(name: str) -> str:
    """The name as pages show it: no path, nothing invisible, at most 200 characters, extension kept."""
    name = name.replace("\\", "/").rsplit("/", 1)[-1]
    name = unicodedata.normalize("NFC", name)
    name = "".join(c if unicodedata.category(c) not in HIDDEN_CATEGORIES else " " for c in name)
    name = " ".join(name.split()).strip(". ") or "upload"
    if len(name) > NAME_LENGTH:
        stem, dot, ending = name.rpartition(".")
        ending = (dot + ending)[:12] if dot else ""
        name = (stem or name)[: NAME_LENGTH - 1 - len(ending)] + "…" + ending
    return name


def remove_orphans(*, known: set[str], at: datetime) -> int:
    """Remove files older than a day that no upload names; return how many. `known`: the stored names of all uploads."""
    removed = 0
    for directory in (folder(), folder("incoming")):
        for path in directory.iterdir():
            if not path.is_file() or path.name in known:
                continue
            try:
                age = at.timestamp() - path.stat().st_mtime
            except FileNotFoundError:  # renamed or removed since it was listed
                continue
            if age > ORPHAN_AGE.total_seconds():
                path.unlink(missing_ok=True)
                removed += 1
    return removed
