"""The interpreter's cycle collector while rows pass by the million."""

import gc
from collections.abc import Iterator
from contextlib import contextmanager

OBJECTS_BETWEEN_COLLECTIONS = 100_000


@contextmanager
def rare_collections() -> Iterator[None]:
    """Rows come and go by the million, and none of them refers to itself: looking for cycles among them is wasted."""
    before = gc.get_threshold()
    gc.set_threshold(OBJECTS_BETWEEN_COLLECTIONS)
    try:
        yield
    finally:
        gc.set_threshold(*before)
