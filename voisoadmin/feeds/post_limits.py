"""How many requests and leads one token may post in a minute. Each web server counts for itself."""

import math
import threading
from collections import deque
from collections.abc import Hashable
from dataclasses import dataclass, field

from django.conf import settings

from voisoadmin.lib.clock import monotonic

WINDOW = 60.0  # seconds
MOST_TOKENS = 10_000  # remembered


@dataclass(slots=True)
class _Window:
    """What one token posted in the last minute."""

    posts: deque[tuple[float, int]] = field(default_factory=deque)
    total: int = 0

    def wait(self, count: int, most: int, now: float) -> float:
        """Seconds until `count` more are within the limit; 0 if they are, and then they are counted."""
        while self.posts and self.posts[0][0] <= now - WINDOW:
            self.total -= self.posts.popleft()[1]
        if self.total + count <= most or not self.posts:
            self.posts.append((now, count))
            self.total += count
            return 0.0
        left = self.total
        for at, posted in self.posts:
            left -= posted
            if left + count <= most:
                return at + WINDOW - now
        return WINDOW


class PostLimits:
    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._windows: dict[Hashable, _Window] = {}

    def wait_for_request(self, token: int) -> int:
        """Seconds until the token may post again; 0: this request is counted."""
        return self._wait((token, "requests"), 1, settings.FEED_REQUESTS)

    def wait_for_leads(self, token: int, count: int) -> int:
        return self._wait((token, "leads"), count, settings.FEED_LEADS)

    def _wait(self, key: Hashable, count: int, most: int) -> int:
        with self._lock:
            if len(self._windows) >= MOST_TOKENS:
                self._windows.clear()
            window = self._windows.setdefault(key, _Window())
            return math.ceil(window.wait(count, most, monotonic()))

    def forget(self) -> None:
        with self._lock:
            self._windows.clear()


limits = PostLimits()
