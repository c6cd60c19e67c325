"""Where the tests write: in memory if there is plenty, because SQLite waits for the disk at each of their commits."""

import atexit
import contextlib
import fcntl
import shutil
import tempfile
from pathlib import Path
from typing import TextIO

MEMORY, PLENTY = Path("/dev/shm"), 4 * 1024**3  # bytes; the tests need a tenth of it
PREFIX, LOCK = "voisoadmin-tests-", "in use"

_locks: list[TextIO] = []


def own_folder() -> Path:
    """A new folder of this process, removed when it ends. What a killed process has left is removed now."""
    parent = _place()
    for left in parent.glob(f"{PREFIX}*"):
        with contextlib.suppress(OSError), (left / LOCK).open() as lock:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            shutil.rmtree(left, ignore_errors=True)
    folder = Path(tempfile.mkdtemp(prefix=PREFIX, dir=parent))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    _locks.append((folder / "new").open("w"))
    fcntl.flock(_locks[-1], fcntl.LOCK_EX)
    (folder / "new").rename(folder / LOCK)  # only now can others see it
    return folder


def _place() -> Path:
    with contextlib.suppress(OSError):
        if shutil.disk_usage(MEMORY).free > PLENTY:
            return MEMORY
    return Path(tempfile.gettempdir())
