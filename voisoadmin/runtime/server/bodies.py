"""Incoming bodies of requests: limited only by a minimum rate, kept in unnamed files in the data directory."""

import asyncio
import errno
import math
import os
from enum import IntEnum
from tempfile import SpooledTemporaryFile
from typing import IO

from django.conf import settings

from voisoadmin.lib import clock, disk
from voisoadmin.lib.secrets import private_folder
from voisoadmin.runtime.server.asgi import Receive

SMALL = 64 * 1024  # bytes: the limit for any client, and the part kept in memory
WINDOW = 60.0  # seconds
LEAST_RATE = 1000  # bytes a second over a window; a mobile phone on a bad day reaches ten times as much

# What the server reports about a request whose body it hasn't read. Not HTTP_...: no client can set them.
ASKED = "voisoadmin.asked"  # should it be read?
ADMITTED = "voisoadmin.admitted"  # it should
REFUSED = "voisoadmin.refused"  # why it wasn't


class BodyRefusal(IntEnum):
    """Why a body was refused, by its status."""

    TOO_SLOW = 408
    NO_LENGTH = 411
    TOO_LARGE = 413
    NO_ROOM = 507


class TooSlow(Exception):
    """Over a whole window, data arrived more slowly than the minimum rate."""


class TooLarge(Exception):
    """More data arrived than the limit."""


class ClientGone(Exception):
    """The connection ended before the body did."""


def window() -> float:
    return clock.deadline(WINDOW, at_least=1.0)


def temporary_file(in_memory: int) -> SpooledTemporaryFile[bytes]:
    """A file that vanishes with its process. On disk, in the folder whose free space is monitored."""
    return SpooledTemporaryFile(max_size=in_memory, dir=str(private_folder(settings.TEMP_ROOT)))


async def receive_body(receive: Receive, *, most: float = math.inf) -> SpooledTemporaryFile[bytes]:
    """The whole body, to be closed by the caller. `most`: bytes.

    Raises TooSlow, TooLarge, ClientGone, and OSError if the disk is full.
    """
    body = temporary_file(SMALL)
    try:
        now, seconds = asyncio.get_running_loop().time, window()
        size = in_window = 0
        ends = now() + seconds
        more = True
        while more:
            chunk, more = await _next(receive, ends)
            size += len(chunk)
            in_window += len(chunk)
            if size > most:
                raise TooLarge
            if size > SMALL:
                await asyncio.to_thread(_write, body, chunk)  # a disk may be slow, and the loop serves all clients
            else:
                body.write(chunk)
            if in_window >= LEAST_RATE * seconds:
                in_window, ends = 0, now() + seconds
        body.seek(0)
    except BaseException:
        body.close()
        raise
    return body


def _write(body: IO[bytes], chunk: bytes) -> None:
    """Raises OSError if the disk is full, or only the reserve is left."""
    if not disk.has_room(len(chunk), settings.TEMP_ROOT):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
    body.write(chunk)


async def _next(receive: Receive, ends: float) -> tuple[bytes, bool]:
    try:
        async with asyncio.timeout_at(ends):
            message = await receive()
    except TimeoutError:
        raise TooSlow from None
    if message["type"] != "http.request":
        raise ClientGone
    return message.get("body", b""), message.get("more_body", False)


async def discard(receive: Receive, *, seconds: float) -> None:
    """Read a little longer: closing a connection with unread bytes resets it, and the answer would be lost."""
    try:
        async with asyncio.timeout(seconds):
            while (message := await receive())["type"] == "http.request" and message.get("more_body"):
                pass
    except TimeoutError:
        return
