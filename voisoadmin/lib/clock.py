"""Time. Safety waits use the monotonic clock; the wall clock is for display (docs/sending.md, I9).

The wall clock may be set back. One rule covers what was stored before: a moment that is further ahead than the longest time
it was ever set for is void.
"""

import time
from datetime import datetime, timedelta

from django.conf import settings
from django.db.models import Q

monotonic = time.monotonic


def scaled(seconds: float) -> float:
    """A pace, a quiet time or a back-off, multiplied by VOISOADMIN_TIME_SCALE. Not for deadlines."""
    return seconds * settings.TIME_SCALE


def deadline(seconds: float, *, at_least: float = 3.0) -> float:
    """A deadline under the same scale, but never below `at_least` seconds: a scaled clock doesn't make a network faster."""
    return max(at_least, seconds * settings.TIME_SCALE)


def seconds_until(moment: datetime | None, at: datetime, *, longest: float) -> float:
    """Seconds until a stored moment; 0 if there is none, it has passed, or it is void: more than `longest` seconds ahead."""
    left = 0.0 if moment is None else (moment - at).total_seconds()
    return left if 0 < left <= longest else 0.0


def begun(since: datetime | None, at: datetime) -> datetime:
    """Since when something lasts: from now if it hasn't begun, or its stored beginning is void, because it is ahead."""
    return since if since is not None and since <= at else at


def lately(at: datetime, span: timedelta) -> tuple[datetime, datetime]:
    """The range of stored moments of the last `span`. Another host's clock may be ahead; what is further ahead is void."""
    return at - span, at + span


def is_due(field: str, at: datetime, *, farthest: timedelta) -> Q:
    """Rows whose moment for the next try has come, isn't set, or is void: more than `farthest` ahead."""
    return Q(**{field: None}) | Q(**{f"{field}__lte": at}) | Q(**{f"{field}__gt": at + farthest})
