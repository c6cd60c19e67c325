"""A WSGI call in a separate thread, whose answer the loop sends at the reader's pace."""

import asyncio
import contextlib
import logging
import sys
import threading
from collections import defaultdict
from collections.abc import AsyncIterator, Callable, Iterable
from typing import IO, Any
from urllib.parse import unquote_to_bytes

from voisoadmin.runtime.server.asgi import Scope
from voisoadmin.runtime.server.bodies import temporary_file

logger = logging.getLogger(__name__)

IN_MEMORY = 256 * 1024  # bytes of an answer kept in memory; unread data beyond that goes to the disk
PART = 64 * 1024

Environ = dict[str, Any]
Headers = list[tuple[str, str]]
Application = Callable[..., Iterable[bytes]]


class Abandoned(Exception):
    """The answer no longer has a reader."""


class StreamedAnswer:
    """Written by the application's thread, which never waits for a reader; read by the loop."""

    def __init__(self) -> None:
        self.status = 0
        self.headers: Headers = []
        self.is_broken = False  # the application failed after it began to answer
        self._loop = asyncio.get_running_loop()
        self._changed = asyncio.Event()
        self._file = temporary_file(IN_MEMORY)
        self._lock = threading.Lock()
        self._written = self._read = 0
        self._has_ended = self._is_abandoned = False

    # ---- the application's thread ----

    def write(self, part: bytes) -> None:
        with self._lock:
            if self._is_abandoned:
                raise Abandoned
            self._file.seek(self._written)
            self._file.write(part)
            self._written += len(part)
        self._notify()

    def fill(self, application: Application, environ: Environ) -> None:
        """Call the application and write down its whole answer."""
        try:
            parts = application(environ, self._start)
            try:
                for part in parts:
                    self.write(part)
            finally:
                # In this thread, because it closes the thread's database connection.
                if close := getattr(parts, "close", None):
                    close()
        except Abandoned:
            pass
        except Exception:
            logger.exception("An answer broke off: %s %s", environ["REQUEST_METHOD"], environ["PATH_INFO"])
            self.is_broken = True
        finally:
            self._has_ended = True
            self._notify()

    def _start(self, status: str, headers: Headers, exc_info: object = None) -> Callable[[bytes], None]:
        self.status, self.headers = int(status.split(" ", 1)[0]), headers
        return self.write

    def _notify(self) -> None:
        with contextlib.suppress(RuntimeError):  # the loop has ended, and with it every reader
            self._loop.call_soon_threadsafe(self._changed.set)

    # ---- the loop ----

    async def begun(self) -> None:
        """Wait until the status is known, or the application has failed."""
        while not (self._written or self._has_ended):
            await self._change()

    async def parts(self) -> AsyncIterator[bytes]:
        """The parts of the answer as they are written, to the end."""
        while True:
            has_ended = self._has_ended
            self._changed.clear()
            if part := await self._take():
                yield part
            elif has_ended:
                return
            else:
                await self._change()

    def close(self) -> None:
        """The application's thread ends at its next part."""
        with self._lock:
            self._is_abandoned = True
            self._file.close()

    async def _change(self) -> None:
        await self._changed.wait()
        self._changed.clear()

    async def _take(self) -> bytes:
        return await asyncio.to_thread(self._next_part) if self._written > IN_MEMORY else self._next_part()

    def _next_part(self) -> bytes:
        with self._lock:
            self._file.seek(self._read)
            part = self._file.read(PART)
            self._read += len(part)
            return part


def environ_of(scope: Scope, body: IO[bytes]) -> Environ:
    """The request as PEP 3333 defines it."""
    (host, port), client = scope["server"], scope["client"]
    headers: dict[str, list[str]] = defaultdict(list)
    for name, value in scope["headers"]:
        if b"_" not in name:  # it could be taken for the same header with hyphens, which a proxy may have set
            headers[name.decode("latin-1").upper().replace("-", "_")].append(value.decode("latin-1"))
    environ: Environ = {
        "REQUEST_METHOD": scope["method"],
        "SCRIPT_NAME": "",
        "PATH_INFO": unquote_to_bytes(scope["raw_path"]).decode("latin-1"),
        "QUERY_STRING": scope["query_string"].decode("latin-1"),
        "SERVER_PROTOCOL": f"HTTP/{scope['http_version']}",
        "SERVER_NAME": host,
        "SERVER_PORT": str(port),
        "REMOTE_ADDR": client[0] if client else "",
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": scope["scheme"],
        "wsgi.input": body,
        "wsgi.errors": sys.stderr,
        "wsgi.multithread": True,
        "wsgi.multiprocess": False,
        "wsgi.run_once": False,
    }
    for name, values in headers.items():
        key = name if name in {"CONTENT_LENGTH", "CONTENT_TYPE"} else f"HTTP_{name}"
        environ[key] = ("; " if name == "COOKIE" else ",").join(values)
    return environ
