"""Parts of a page that fail apart: what can't be computed from what is stored takes no other part with it."""

import logging
from collections.abc import Callable
from typing import TypeVar

from voisoadmin.lib.clock import monotonic

logger = logging.getLogger(__name__)

T = TypeVar("T")
REPEAT = 60.0  # seconds until the same part is logged again: dozens of open pages ask for it every few seconds
_logged: dict[str, float] = {}


def apart(part: str, compute: Callable[[], T], otherwise: T) -> T:
    """What is computed; `otherwise` if that fails, for whatever reason."""
    try:
        return compute()
    except Exception:
        now = monotonic()
        if now - _logged.get(part, now - REPEAT) >= REPEAT:
            _logged[part] = now
            logger.exception("A part of the board can't be shown: %s; the others are.", part)
        return otherwise
