"""The layer between the sockets and Django: only a complete request gets a thread, never a waiting one.

The event loop receives bodies and sends answers at each client's pace. The application sees complete bodies and writes
its answer without waiting for the reader, so slow clients, however many, take no thread from the others. Before the first
byte of a large body is read, the application is asked whether it wants the body.
"""

import asyncio
import io
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import IO, Any

from django.utils import timezone

from voisoadmin.feeds.refusal_counts import counts as refused
from voisoadmin.runtime.server.asgi import Receive, Scope, Send
from voisoadmin.runtime.server.bodies import (
    ADMITTED,
    ASKED,
    REFUSED,
    SMALL,
    BodyRefusal,
    ClientGone,
    TooLarge,
    TooSlow,
    discard,
    receive_body,
    window,
)
from voisoadmin.runtime.server.lines import Lines
from voisoadmin.runtime.server.program_calls import (
    MOST_BYTES,
    NO_ROOM,
    TOO_LARGE,
    TOO_MANY,
    TOO_SLOW,
    Busy,
    PlainAnswer,
    ThreadShare,
    body_seconds,
    declares_too_much,
    is_of_program,
)
from voisoadmin.runtime.server.wsgi_calls import Application, StreamedAnswer, environ_of

LINGER = 2.0  # seconds
NO_BODY = {204, 304}


class Front:
    """The ASGI application that the server runs."""

    def __init__(self, application: Application, *, threads: int, lines: Lines) -> None:
        self.application = application
        self.lines = lines
        self.threads = ThreadPoolExecutor(threads, thread_name_prefix="request")
        self.of_programs = ThreadShare(threads)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        with self.lines.serving(scope["client"]):
            if is_of_program(scope):
                await self._serve_program(scope, receive, send)
                return
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

    async def _serve_program(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            if declares_too_much(scope):
                raise TooLarge
            async with asyncio.timeout(body_seconds()):
                body = await receive_body(receive, most=MOST_BYTES)
        except TooLarge:
            await self._turn_away(TOO_LARGE, scope, send, before_close=receive)
        except (TooSlow, TimeoutError):
            await self._turn_away(TOO_SLOW, scope, send, before_close=receive)
        except OSError:
            await self._turn_away(NO_ROOM, scope, send, before_close=receive)
        except ClientGone:
            return
        else:
            with body:
                try:
                    async with self.of_programs.slot() as release:
                        await self._serve(scope, body, send, length_of(body), when_done=release)
                except Busy:
                    await self._turn_away(TOO_MANY, scope, send)

    async def _turn_away(self, answer: PlainAnswer, scope: Scope, send: Send, *, before_close: Receive | None = None) -> None:
        """Answer a program without the application. `before_close`: the part that was not and will never be read."""
        refused.note_unread(scope["path"], answer.status, answer.code, at=timezone.now())
        close = [] if before_close is None else [(b"connection", b"close")]
        await send({"type": "http.response.start", "status": answer.status, "headers": [*answer.headers, *close]})
        await send({"type": "http.response.body", "body": answer.body, "more_body": before_close is not None})
        if before_close is not None:
            await discard(before_close, seconds=LINGER)
            await send({"type": "http.response.body", "body": b"", "more_body": False})

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
        self,
        scope: Scope,
        body: IO[bytes],
        send: Send,
        extra: Mapping[str, Any] = {},
        *,
        before_close: Receive | None = None,
        when_done: Callable[[], None] | None = None,
    ) -> None:
        answer = self._call({**environ_of(scope, body), **extra}, when_done=when_done)
        try:
            await answer.begun()
            await self._send(answer, scope, send, before_close=before_close)
        finally:
            answer.close()

    def _call(self, environ: dict[str, Any], *, when_done: Callable[[], None] | None = None) -> StreamedAnswer:
        """`when_done`: called when the thread has ended, however long the answer is then read."""
        try:
            answer = StreamedAnswer()
            call = self.threads.submit(answer.fill, self.application, environ)
        except BaseException:
            if when_done is not None:
                when_done()
            raise
        if when_done is not None:
            call.add_done_callback(lambda _: when_done())
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


def length_of(body: IO[bytes]) -> dict[str, str]:
    """What the application is to know of a whole body, however it was sent."""
    length = body.seek(0, io.SEEK_END)
    body.seek(0)
    return {"CONTENT_LENGTH": str(length), "HTTP_TRANSFER_ENCODING": ""}


def is_large(scope: Scope) -> bool:
    """Whether the body is larger than any client may send, or of unknown size."""
    headers = dict(scope["headers"])
    length = headers.get(b"content-length", b"0")
    return b"transfer-encoding" in headers or int(length) > SMALL
