"""Turns of the writers of an SQLite file.

SQLite lets a writer who finds the file locked sleep and look again, up to a tenth of a second later. One who writes often takes
the lock again in that time, so that all others could wait for seconds. Therefore each takes its turn before it tries: one
waits for the lock, and a process that has just released it is behind those who wait for their turn.

Only the order depends on this. What is true is decided by the lock of SQLite.
"""

import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from voisoadmin.lib import filelocks

LOOK_SECONDS = 0.004
MOST_LOOKS = 250  # about a second, should a process stop in the middle of its turn


@contextmanager
def turn(path: Path) -> Iterator[None]:
    """Run the block as the next writer. `path`: the lock file of the turns."""
    descriptor = _take(path)
    try:
        yield
    finally:
        if descriptor is not None:
            os.close(descriptor)


def _take(path: Path) -> int | None:
    for _ in range(MOST_LOOKS):
        try:
            descriptor = filelocks.take(path)
        except OSError:
            return None  # no file can be opened: then there is no order
        if descriptor is not None:
            return descriptor
        time.sleep(LOOK_SECONDS)
    return None
