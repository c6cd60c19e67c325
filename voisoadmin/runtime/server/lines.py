"""The open connections: a silent one can't keep its place."""

import asyncio
import resource
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from uvicorn.protocols.http.h11_impl import H11Protocol

from voisoadmin.lib import clock

HEAD_SECONDS = 20.0  # for the head of a request, from the first byte that can belong to it
BACKLOG = 256  # connections accepted before the first of them is registered here
MOST = 2000
SPARE = 1500  # descriptors for connections accepted but not yet registered, databases, logs and libraries
DESCRIPTORS = 2 * MOST + SPARE  # a connection may have a file as well

Address = tuple[str, int]


class Lines:
    def __init__(self, most: int) -> None:
        self.most = most
        self._open: dict[Address, asyncio.BaseTransport] = {}
        self._waiting: dict[Address, asyncio.TimerHandle] = {}  # waiting for a request, the longest first

    def opened(self, transport: asyncio.BaseTransport) -> None:
        address = _address(transport)
        if len(self._open) >= self.most and self._waiting:
            # An honest client sends its request at once, so the silent ones must make room.
            self.abort(next(iter(self._waiting)))
        self._open[address] = transport
        self._wait(address)

    def closed(self, transport: asyncio.BaseTransport) -> None:
        address = _address(transport)
        self._open.pop(address, None)
        self._stop_waiting(address)

    def has(self, address: Address) -> bool:
        return address in self._open

    def abort(self, address: Address) -> None:
        """End a connection now, whatever is still unsent."""
        self._stop_waiting(address)
        transport = self._open.pop(address, None)
        if isinstance(transport, asyncio.WriteTransport):
            transport.abort()

    @contextmanager
    def serving(self, address: Address) -> Iterator[None]:
        """While a request of this connection is being served, other limits apply."""
        self._stop_waiting(address)
        try:
            yield
        finally:
            if address in self._open:
                self._wait(address)

    def _wait(self, address: Address) -> None:
        seconds = clock.deadline(HEAD_SECONDS)
        self._waiting[address] = asyncio.get_running_loop().call_later(seconds, self.abort, address)

    def _stop_waiting(self, address: Address) -> None:
        if timer := self._waiting.pop(address, None):
            timer.cancel()


def protocol(lines: Lines) -> type[asyncio.Protocol]:
    """uvicorn's own, reporting when a connection opens and closes."""

    class Line(H11Protocol):
        def connection_made(self, transport: Any) -> None:
            super().connection_made(transport)
            lines.opened(transport)

        def connection_lost(self, exc: Exception | None) -> None:
            lines.closed(self.transport)
            super().connection_lost(exc)

    return Line


def most_lines() -> int:
    """How many connections this process has descriptors for, after raising its limit as far as allowed."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = DESCRIPTORS if hard == resource.RLIM_INFINITY else min(DESCRIPTORS, hard)
    if soft != resource.RLIM_INFINITY and soft < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
        soft = wanted
    return MOST if soft == resource.RLIM_INFINITY else max(100, min(MOST, (soft - SPARE) // 2))


def _address(transport: asyncio.BaseTransport) -> Address:
    host, port = transport.get_extra_info("peername")[:2]
    return str(host), int(port)
