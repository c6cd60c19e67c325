"""Time. Safety waits use the monotonic clock; the wall clock is for display (docs/sending.md, I9)."""

import time
from datetime import datetime

from django.conf import settings

monotonic = time.monotonic


def scaled(seconds: float) -> float:
    """A pace, a quiet time or a back-off, multiplied by VOISOADMIN_TIME_SCALE. Not for deadlines."""
    return seconds * settings.TIME_SCALE


def deadline(seconds: float, *, at_least: float = 3.0) -> float:
    """A deadline under the same scale, but never below `at_least` seconds: a scaled clock doesn't make a network faster."""
    return max(at_least, seconds * settings.TIME_SCALE)


def seconds_until(moment: datetime | None, at: datetime, *, longest: float) -> float:
    """Seconds until a stored moment; 0 if there is none, it has passed, or it is void.

    The wall clock may be set back. A stored moment that is further ahead than the longest time it was ever set for is
    void: it was written before that.
    """
    left = 0.0 if moment is None else (moment - at).total_seconds()
    return left if 0 < left <= longest else 0.0
