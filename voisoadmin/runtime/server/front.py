"""The layer between the sockets and Django: only a complete request gets a thread, never a waiting one.

The event loop receives bodies and sends answers at each client's pace. The application sees complete bodies and writes
its answer without waiting for the reader, so slow clients, however many, take no thread from the others. Before the first
byte of a large body is read, the application is asked whether it wants the body.
"""

import asyncio
import io
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import IO, Any

from voisoadmin.runtime.server.asgi import Receive, Scope, Send
from voisoadmin.runtime.server.bodies import (
    ADMITTED,
    ASKED,
    REFUSED,
    SMALL,
    BodyRefusal,
    ClientGone,
    TooSlow,
    discard,
    receive_body,
    window,
)
from voisoadmin.runtime.server.lines import Lines
from voisoadmin.runtime.server.wsgi_calls import Application, StreamedAnswer, environ_of

LINGER = 2.0  # seconds
NO_BODY = {204, 304}


class Front:
    """The ASGI application that the server runs."""

    def __init__(self, application: Application, *, threads: int, lines: Lines) -> None:
        self.application = application
        self.lines = lines
        self.threads = ThreadPoolExecutor(threads, thread_name_prefix="request")

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        with self.lines.serving(scope["client"]):
            if is_large(scope) and not await self._is_wanted(scope, receive, send):
                return
            try:
                body = await receive_body(receive)
            except TooSlow:
                await self._refuse(BodyRefusal.TOO_SLOW, scope, receive, send)
            except OSError:
                await self._refuse(BodyRefusal.NO_ROOM, scope, receive, send)
            except ClientGone:
                return
            else:
                with body:
                    await self._serve(scope, body, send)

    async def _is_wanted(self, scope: Scope, receive: Receive, send: Send) -> bool:
        """Ask the application; a refusal is the answer."""
        environ = {**environ_of(scope, io.BytesIO()), ASKED: True}
        answer = self._call(environ)
        try:
            await answer.begun()
            if environ.get(ADMITTED):
                return True
            await self._send(answer, scope, send, before_close=receive)
            return False
        finally:
            answer.close()

    async def _refuse(self, refusal: BodyRefusal, scope: Scope, receive: Receive, send: Send) -> None:
        await self._serve(scope, io.BytesIO(), send, {REFUSED: refusal}, before_close=receive)

    async def _serve(
        self, scope: Scope, body: IO[bytes], send: Send, extra: Mapping[str, Any] = {}, *, before_close: Receive | None = None
    ) -> None:
        answer = self._call({**environ_of(scope, body), **extra})
        try:
            await answer.begun()
            await self._send(answer, scope, send, before_close=before_close)
        finally:
            answer.close()

    def _call(self, environ: dict[str, Any]) -> StreamedAnswer:
        answer = StreamedAnswer()
        self.threads.submit(answer.fill, self.application, environ)
        return answer

    async def _send(self, answer: StreamedAnswer, scope: Scope, send: Send, *, before_close: Receive | None) -> None:
        """Send it, as long as the reader accepts data at the minimum rate. `before_close`: the part that was not and will
        never be read."""
        headers = [(name.lower().encode("latin-1"), value.strip().encode("latin-1")) for name, value in answer.headers]
        if before_close is not None:
            headers.append((b"connection", b"close"))
        if not answer.status:
            raise RuntimeError("the application did not answer")
        try:
            await send({"type": "http.response.start", "status": answer.status, "headers": headers})
            async for part in answer.parts():
                if not self.lines.has(scope["client"]):
                    return
                if answer.status not in NO_BODY:
                    async with asyncio.timeout(window()):
                        await send({"type": "http.response.body", "body": part, "more_body": True})
            if before_close is not None:
                await discard(before_close, seconds=LINGER)
            if answer.is_broken:
                self.lines.abort(scope["client"])
            else:
                await send({"type": "http.response.body", "body": b"", "more_body": False})
        except TimeoutError:
            self.lines.abort(scope["client"])


def is_large(scope: Scope) -> bool:
    """Whether the body is larger than any client may send, or of unknown size."""
    headers = dict(scope["headers"])
    length = headers.get(b"content-length", b"0")
    return b"transfer-encoding" in headers or int(length) > SMALL
