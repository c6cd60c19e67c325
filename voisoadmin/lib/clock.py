"""Time. Safety waits use the monotonic clock; the wall clock is for display (docs/sending.md, I9)."""

import time

from django.conf import settings

monotonic = time.monotonic


def scaled(seconds: float) -> float:
    """A pace, a quiet time or a back-off, multiplied by VOISOADMIN_TIME_SCALE. Not for deadlines."""
    return seconds * settings.TIME_SCALE


def deadline(seconds: float, *, at_least: float = 3.0) -> float:
    """A deadline under the same scale, but never below `at_least` seconds: a scaled clock doesn't make a network faster."""
    return max(at_least, seconds * settings.TIME_SCALE)
