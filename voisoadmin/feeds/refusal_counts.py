"""Counts the posts that were refused, in memory first: a storm of them must not become a storm of writing.

The server that reads the bodies counts here, too; it has no database.
"""

import re
import threading
from collections.abc import Mapping
from datetime import datetime
from typing import NamedTuple

from voisoadmin.lib.clock import monotonic

ADDRESS = re.compile(r"/api/v1/feeds/([0-9a-f]{1,40})/leads")
MOST = 1000  # different ones in memory
SECONDS = 1.0  # at least, from one writing to the next


class Refused(NamedTuple):
    public_id: str  # of the feed
    status: int
    code: str


class Count(NamedTuple):
    times: int
    last_at: datetime


class RefusalCounts:
    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._counts: dict[Refused, Count] = {}
        self._taken = float("-inf")

    def note(self, refused: Refused, *, at: datetime) -> bool:
        """Whether it's time to write."""
        self._add(refused, Count(1, at))
        return monotonic() - self._taken >= SECONDS

    def note_unread(self, path: str, status: int, code: str, *, at: datetime) -> None:
        """Of a request that no one read, so its token isn't known to be valid."""
        if found := ADDRESS.fullmatch(path):
            self._add(Refused(found[1], status, code), Count(1, at))

    def take(self) -> Mapping[Refused, Count]:
        """What wasn't written yet. It is the caller's now."""
        with self._lock:
            taken, self._counts, self._taken = self._counts, {}, monotonic()
        return taken

    def give_back(self, taken: Mapping[Refused, Count]) -> None:
        for refused, count in taken.items():
            self._add(refused, count)

    def _add(self, refused: Refused, more: Count) -> None:
        with self._lock:
            known = self._counts.get(refused)
            if known is not None:
                self._counts[refused] = Count(known.times + more.times, max(known.last_at, more.last_at))
            elif len(self._counts) < MOST:
                self._counts[refused] = more


counts = RefusalCounts()
