"""At most CHECKS_AT_ONCE checks at a time on one host: each holds a lock file that the kernel frees when its process dies."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from django.conf import settings

from voisoadmin.lib import filelocks
from voisoadmin.lib.secrets import private_folder


@contextmanager
def slot() -> Iterator[bool]:
    """Hold a slot while the block runs; yields False when none is free."""
    # Not inherited by the reader's child process, which must not keep the slot of a killed parent.
    descriptors = (filelocks.take(lock_folder() / f"check-{number}") for number in range(settings.CHECKS_AT_ONCE))
    descriptor = next((taken for taken in descriptors if taken is not None), None)
    try:
        yield descriptor is not None
    finally:
        if descriptor is not None:
            os.close(descriptor)


def lock_folder() -> Path:
    return private_folder(settings.DATA_DIR / "locks")
