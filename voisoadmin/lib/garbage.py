"""The interpreter's cycle collector, which looks too often for what we do."""

import gc
from collections.abc import Iterator
from contextlib import contextmanager

OBJECTS_BETWEEN_COLLECTIONS = 100_000
IN_A_PROGRAM = 50_000


def collect_less_often() -> None:
    """At the start of a program: 100,000 objects of its modules stay, and to look through them every 700 new ones takes a
    tenth of the start."""
    gc.set_threshold(IN_A_PROGRAM)


@contextmanager
def rare_collections() -> Iterator[None]:
    """Collect rarely: millions of rows come and go and none refers to itself, so looking for cycles is wasted time."""
    before = gc.get_threshold()
    gc.set_threshold(OBJECTS_BETWEEN_COLLECTIONS)
    try:
        yield
    finally:
        gc.set_threshold(*before)
