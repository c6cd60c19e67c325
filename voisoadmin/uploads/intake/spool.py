"""Incoming files: whole, hashed and on disk before any row names them.

A file is written below `UPLOAD_ROOT/incoming`, synced, then renamed into `UPLOAD_ROOT` under a random name. On any error
the partial file is removed. A killed process leaves it without its lock, which the sweep notices; a whole file that no
row names is removed after a day.
"""

import contextlib
import fcntl
import hashlib
import logging
import os
import secrets
import unicodedata
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import BinaryIO, Self

from django.conf import settings

from voisoadmin.lib import disk, filelocks
from voisoadmin.lib.secrets import private_folder

log = logging.getLogger(__name__)

MIB = 1024 * 1024
ORPHAN_AGE = timedelta(days=1)
PART_AGE = timedelta(minutes=1)  # a younger one may not have its lock yet
NAME_LENGTH = 200
LONGEST_NAME = 1000  # characters examined; no file system has longer names
ZIP_MAGIC = b"PK"
OLE_MAGIC = b"\xd0\xcf\x11\xe0"
HIDDEN_CATEGORIES = {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}  # control, bidi, surrogates, line separators


class FileRefused(Exception):
    """The file was refused; the message is for a supervisor."""

    status = 422


class NotStored(FileRefused):
    """The file can't be stored here, usually because the disk is nearly full."""

    status = 507


NO_ROOM = "There isn't enough disk space on the server for this file. Ask an administrator to free some, then upload it again."
BROKEN = "The server couldn't store the file. It was logged; ask an administrator."


@dataclass(frozen=True, slots=True)
class SpooledFile:
    """A whole file in the incoming folder, closed and synced."""

    path: Path
    size: int  # bytes
    sha256: str


class Spool:
    """Writes one incoming file. A context manager: an unfinished file is removed.

    `expected`: the announced size of the file. `free_up` is called once if there is no room. Raises FileRefused.
    """

    def __init__(self, *, expected: int = 0, free_up: Callable[[], object] | None = None) -> None:
        self._expected, self._free_up = expected, free_up
        self._hash = hashlib.sha256()
        self._limit = settings.MAX_CSV_MIB
        self.size = 0
        with _stored():
            self.path = folder("incoming") / f"{secrets.token_hex(16)}.part"
            if expected > max(settings.MAX_CSV_MIB, settings.MAX_WORKBOOK_MIB) * MIB:
                raise FileRefused(too_large())
            self._must_have_room(expected)
            self._file: BinaryIO = os.fdopen(os.open(self.path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "wb")
        # Held until this process ends, in whatever way: a partial file without its lock belongs to a dead process.
        fcntl.flock(self._file, fcntl.LOCK_EX)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if not self._file.closed:
            self.discard()

    def write(self, chunk: bytes) -> None:
        """Add a chunk. Raises FileRefused once the file is too large, or the disk is nearly full."""
        if self.size == 0 and chunk.startswith((ZIP_MAGIC, OLE_MAGIC)):
            self._limit = settings.MAX_WORKBOOK_MIB
        self.size += len(chunk)
        try:
            if max(self.size, self._expected) > self._limit * MIB:
                raise FileRefused(too_large())
            self._must_have_room(len(chunk))
            self._hash.update(chunk)
            with _stored():
                self._file.write(chunk)
        except BaseException:
            self.discard()
            raise

    def finish(self) -> SpooledFile:
        """Raises FileRefused if the disk is full."""
        try:
            with _stored():
                self._file.flush()
                os.fsync(self._file.fileno())
                whole = self.path.with_suffix(".whole")
                self.path.rename(whole)
                self._file.close()
        except BaseException:
            self.discard()
            raise
        return SpooledFile(whole, self.size, self._hash.hexdigest())

    def discard(self) -> None:
        """Safe to repeat."""
        # On a full disk the last bytes can't be written; remove the file anyway.
        with contextlib.suppress(OSError):
            self._file.close()
        self.path.unlink(missing_ok=True)

    def _must_have_room(self, size: int) -> None:
        if disk.has_room(size, self.path.parent):
            return
        if self._free_up is not None:
            free_up, self._free_up = self._free_up, None
            free_up()
        if not disk.has_room(size, self.path.parent):
            log.warning("No room for a file of %d MB: VOISOADMIN_DISK_RESERVE_MIB must stay free.", size // MIB)
            raise NotStored(NO_ROOM)


@contextlib.contextmanager
def _stored() -> Iterator[None]:
    """Turns errors of the block into a message for a supervisor. Raises NotStored."""
    try:
        yield
    except OSError as problem:
        if not disk.is_full(problem):
            log.exception("A file couldn't be stored.")
        raise NotStored(NO_ROOM if disk.is_full(problem) else BROKEN) from None


def folder(name: str = "") -> Path:
    root = private_folder(settings.UPLOAD_ROOT)
    return private_folder(root / name) if name else root


def stored_path(stored_name: str) -> Path:
    return folder() / stored_name


def keep(file: SpooledFile) -> str:
    """Move the file to its final place; return its random name there. Raises NotStored."""
    name = secrets.token_hex(16)
    try:
        with _stored():
            file.path.rename(stored_path(name))
            for directory in (folder(), folder("incoming")):
                # The rename must survive a power loss before a row says that the file exists.
                descriptor = os.open(directory, os.O_RDONLY | os.O_DIRECTORY)
                try:
                    os.fsync(descriptor)
                finally:
                    os.close(descriptor)
    except NotStored:
        file.path.unlink(missing_ok=True)
        drop(name)
        raise
    return name


def numbers_path(stored_name: str) -> Path:
    """Of the array of numbers and rows that the check writes beside the file."""
    return folder("numbers") / stored_name


def drop(stored_name: str) -> None:
    stored_path(stored_name).unlink(missing_ok=True)
    numbers_path(stored_name).unlink(missing_ok=True)


def spool_path(path: Path, *, free_up: Callable[[], object] | None = None) -> SpooledFile:
    """Copy a file of this machine. Raises FileRefused."""
    try:
        with path.open("rb") as source, Spool(expected=path.stat().st_size, free_up=free_up) as spool:
            while chunk := source.read(MIB):
                spool.write(chunk)
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
    if len(name) > LONGEST_NAME:
        name = name[: LONGEST_NAME // 2] + name[-LONGEST_NAME // 2 :]
    name = unicodedata.normalize("NFC", name)
    name = "".join(c if unicodedata.category(c) not in HIDDEN_CATEGORIES else " " for c in name)
    name = " ".join(name.split()).strip(". ") or "upload"
    if len(name) > NAME_LENGTH:
        stem, dot, ending = name.rpartition(".")
        ending = (dot + ending)[:12] if dot else ""
        name = (stem or name)[: NAME_LENGTH - 1 - len(ending)] + "…" + ending
    return name


def remove_dead_parts(*, at: datetime) -> int:
    """Remove partial files of killed processes; return how many."""
    dead = [path for path in folder("incoming").glob("*.part") if _age(path, at) > PART_AGE and not filelocks.is_taken(path)]
    for path in dead:
        path.unlink(missing_ok=True)
    return len(dead)


def remove_orphans(folders: Iterable[Path], *, known: set[str], at: datetime) -> int:
    """Remove files older than a day that no upload names; return how many. `known`: the stored names of all uploads."""
    removed = 0
    for directory in folders:
        for path in directory.iterdir():
            if path.is_file() and path.name not in known and _age(path, at) > ORPHAN_AGE:
                path.unlink(missing_ok=True)
                removed += 1
    return removed


def _age(path: Path, at: datetime) -> timedelta:
    try:
        return timedelta(seconds=at.timestamp() - path.stat().st_mtime)
    except FileNotFoundError:  # renamed or removed since it was listed
        return timedelta(0)
