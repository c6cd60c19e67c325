"""One password at a time: hashing one takes a core for a fifth of a second, by design, and pages need that core too."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

WAITING = 8
LONGEST_WAIT = 20.0  # seconds; no one waits longer for an answer


class NoPlace(Exception):
    """The line is full, or a known browser took the place."""


class _Ticket:
    __slots__ = ("called", "is_known", "sent_away")

    def __init__(self, *, is_known: bool) -> None:
        self.is_known = is_known
        self.called = threading.Event()
        self.sent_away = False


class Gate:
    """One per process. Known browsers go before all others, and take the last one's place when the line is full."""

    def __init__(self, room: int = WAITING) -> None:
        self._lock = threading.Lock()
        self._line: list[_Ticket] = []
        self._room = room
        self._taken = False
        self._took = 0.2

    @property
    def seconds(self) -> float:
        """About how long the line takes now."""
        return self._took * (len(self._line) + 1)

    @contextmanager
    def turn(self, *, is_known: bool) -> Iterator[None]:
        """Raises NoPlace: at once if there is no room."""
        self._enter(is_known=is_known)
        began = time.monotonic()
        try:
            yield
        finally:
            self._took = time.monotonic() - began
            self._leave()

    def _enter(self, *, is_known: bool) -> None:
        with self._lock:
            if not self._taken:
                self._taken = True
                return
            ticket = _Ticket(is_known=is_known)
            if len(self._line) >= self._room:
                if not is_known or self._line[-1].is_known:
                    raise NoPlace
                last = self._line.pop()
                last.sent_away = True
                last.called.set()
            known = sum(waiting.is_known for waiting in self._line)
            self._line.insert(known if is_known else len(self._line), ticket)
        if not ticket.called.wait(LONGEST_WAIT):
            with self._lock:
                if ticket in self._line:
                    self._line.remove(ticket)
                    raise NoPlace
        if ticket.sent_away:
            raise NoPlace

    def _leave(self) -> None:
        with self._lock:
            if self._line:
                self._line.pop(0).called.set()  # the turn is passed on
            else:
                self._taken = False
