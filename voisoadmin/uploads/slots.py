"""At most two checks at a time on one host: each holds a lock file that the kernel frees when its process dies."""

import fcntl
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from django.conf import settings

SLOTS = 2
WAIT_SECONDS = 0.2


@contextmanager
def slot(*, wait: bool = False) -> Iterator[bool]:
    """Hold a slot while the block runs; yields False when none is free. With `wait`, waits for one."""
    descriptor = _take()
    while descriptor is None and wait:
        time.sleep(WAIT_SECONDS)
        descriptor = _take()
    try:
        yield descriptor is not None
    finally:
        if descriptor is not None:
            os.close(descriptor)


def _take() -> int | None:
    directory: Path = settings.DATA_DIR / "locks"
    directory.mkdir(parents=True, exist_ok=True)
    for number in range(SLOTS):
        # Not inherited by the reader's child process, which must not keep the slot of a killed parent.
        descriptor = os.open(directory / f"check-{number}", os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(descriptor)
        else:
            return descriptor
    return None
