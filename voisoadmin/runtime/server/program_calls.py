"""Requests of programs: small bodies that arrive soon, and never more threads than a share of all.

Pages keep the other threads, however many programs call. What is refused here has cost no thread.
"""

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import NamedTuple

from voisoadmin.lib import clock
from voisoadmin.runtime.server.asgi import Scope

PREFIX = "/api/"
MOST_BYTES = 1024 * 1024  # of a body, whether its length is declared or not
BODY_SECONDS = 10.0  # until it has arrived
SHARE = 4  # one thread of four
SLOT_SECONDS = 5.0  # the longest wait of a request for a thread of the share
MOST_WAITING = 200  # requests
RETRY_SECONDS = 2


class PlainAnswer(NamedTuple):
    status: int
    code: str
    message: str

    @property
    def body(self) -> bytes:
        return json.dumps({"code": self.code, "message": self.message}).encode()

    @property
    def headers(self) -> list[tuple[bytes, bytes]]:
        found = [
            (b"content-type", b"application/json"),
            (b"content-length", str(len(self.body)).encode()),
            (b"cache-control", b"no-store"),
        ]
        return [*found, (b"retry-after", str(RETRY_SECONDS).encode())] if self.status == 429 else found


TOO_LARGE = PlainAnswer(413, "too_large", "The body is larger than 1 MB. Send fewer leads at once.")
TOO_SLOW = PlainAnswer(408, "too_slow", "The body took too long. Send the request again, with the same key.")
NO_ROOM = PlainAnswer(507, "no_room", "VoisoAdmin has no room for this. Send the request again later, with the same key.")
TOO_MANY = PlainAnswer(429, "busy", "Too many requests at once. Send this one again, with the same key.")


class Busy(Exception):
    """Every thread of the share works, and enough requests wait for one."""


def is_of_program(scope: Scope) -> bool:
    return str(scope["path"]).startswith(PREFIX)


def declares_too_much(scope: Scope) -> bool:
    length = dict(scope["headers"]).get(b"content-length", b"0")
    return int(length) > MOST_BYTES


def body_seconds() -> float:
    return clock.deadline(BODY_SECONDS, at_least=1.0)


class ThreadShare:
    def __init__(self, threads: int) -> None:
        self._free = asyncio.Semaphore(max(1, threads // SHARE))
        self._waiting = 0

    @asynccontextmanager
    async def slot(self) -> AsyncIterator[Callable[[], None]]:
        """Gives what the thread calls when it has ended; it may be called from any thread. Raises Busy."""
        if self._waiting >= MOST_WAITING:
            raise Busy
        self._waiting += 1
        try:
            async with asyncio.timeout(clock.deadline(SLOT_SECONDS, at_least=1.0)):
                await self._free.acquire()
        except TimeoutError:
            raise Busy from None
        finally:
            self._waiting -= 1
        loop = asyncio.get_running_loop()

        def release() -> None:
            loop.call_soon_threadsafe(self._free.release)

        yield release
