"""Free space for our files, and how to recognise a full disk."""

import errno
import os
from pathlib import Path

from django.conf import settings
from django.db import DatabaseError

MIB = 1024 * 1024
FULL = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}  # the disk, a quota, a limit of the process
DATABASE_FULL = {"SQLITE_FULL", "53100"}


def has_room(size: int, folder: Path) -> bool:
    """Whether this many more bytes leave the reserve free, there and on the disk of an embedded installation's database."""
    reserve = settings.DISK_RESERVE_MIB * MIB
    return _free(folder) - size >= reserve and (not settings.EMBEDDED or _free(settings.DATA_DIR) >= reserve)


def is_full(problem: BaseException) -> bool:
    """Whether an error of a file or of the database means that a disk is full."""
    if isinstance(problem, DatabaseError):
        cause = problem.__cause__
        return {getattr(cause, "sqlite_errorname", ""), getattr(cause, "sqlstate", "")} & DATABASE_FULL != set()
    return isinstance(problem, OSError) and problem.errno in FULL


def _free(folder: Path) -> int:
    while not folder.exists():  # not created yet
        folder = folder.parent
    found = os.statvfs(folder)
    return found.f_bavail * found.f_frsize
