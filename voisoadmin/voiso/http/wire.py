"""One request, one reply, under one deadline. httpx's exceptions don't leave this module."""

import json
import logging
import time
import zlib
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from http.cookiejar import CookieJar, DefaultCookiePolicy
from math import inf
from typing import Protocol

import httpx

from voisoadmin.lib.clock import deadline, monotonic
from voisoadmin.voiso.client import TOTAL_SECONDS
from voisoadmin.voiso.errors import NoReply, NotConnected, NotSent, VoisoError
from voisoadmin.voiso.http.redaction import KeyFilter

MIB = 1024 * 1024
MAX_ANSWER_BYTES = 2 * MIB
MAX_LIST_BYTES = 128 * MIB  # a hundred thousand campaigns of the size shown in the documentation
PIECE = 64 * 1024  # how much is unpacked at once
EXCERPT_BYTES = 2048  # kept of an answer that a reader takes piece by piece
# Errors that httpx raises before any byte of the request is sent.
NOT_SENT = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout)

# httpx logs whole addresses at INFO, and in the legacy API the key is part of the address.
logging.getLogger("httpx").addFilter(KeyFilter())

Query = dict[str, str | int]


class BodyReader(Protocol):
    """Takes the content of a 2xx piece by piece, as it arrives."""

    def feed(self, piece: bytes) -> None:
        """Raises NoReply if the content can't be the requested one."""


@dataclass(frozen=True, slots=True)
class Reply:
    """A complete answer, not judged yet."""

    status: int
    body: bytes  # of an answer taken by a BodyReader: its beginning
    retry_after: str = ""
    date: str = ""
    total: str = ""  # how many items the whole list has, from a header
    link: str = ""


class Wire:
    """Sends requests to one contact centre: an `httpx.Client` over our transport. No redirects, retries, proxies or cookies."""

    def __init__(self, transport: httpx.BaseTransport, base_url: str, *, total: float = TOTAL_SECONDS) -> None:
        try:
            address = httpx.URL(base_url)
        except httpx.InvalidURL:
            address = httpx.URL()  # the transport refuses it, with the message for a forbidden address
        self._client = httpx.Client(
            transport=transport,
            base_url=address,
            headers={
                "Accept": "application/json",
                "Accept-Encoding": "identity",
                "Connection": "close",
                "User-Agent": "VoisoAdmin",
            },
            cookies=CookieJar(DefaultCookiePolicy(allowed_domains=())),
            timeout=None,  # httpx would time each read separately; the transport ends the whole request in time
            follow_redirects=False,
            trust_env=False,
            event_hooks={"response": [_forget_location]},
        )
        self._total = total
        self._ends_at: float | None = None
        self.clock_ahead: float | None = None  # seconds, of our clock, by the date of the last answer that had one

    def send(
        self,
        method: str,
        path: str,
        *,
        auth: httpx.Auth,
        query: Query | None = None,
        body: object = None,
        reader: BodyReader | None = None,
        answers_within: float | None = None,
    ) -> Reply:
        """Send one request and read its whole answer; the content of a 2xx goes to the `reader`, if there is one.

        `answers_within`: seconds until the answer begins, and between its parts, where a person waits to learn that there is
        none.
        Raises NotConnected or UntrustedAddress if nothing was sent, NoReply if no complete answer came in time.
        """
        ends_at = self._ends_at or monotonic() + deadline(self._total)
        problem: VoisoError
        try:
            silence = deadline(answers_within) if answers_within else inf
            limits = {"ends_at": ends_at, "begins_by": min(ends_at, monotonic() + silence), "silence": silence}
            return self._exchange(self._request(method, path, query, body, limits), auth, reader, ends_at)
        except VoisoError as known:
            problem = known
        except NOT_SENT:
            problem = NotConnected("Couldn't connect to Voiso. Nothing was sent.")
        except (httpx.InvalidURL, UnicodeError):
            problem = NotSent("The key or address contains invalid characters. Enter it again.")
        except httpx.HTTPError as failed:
            timed_out = isinstance(failed, httpx.TimeoutException)
            problem = _too_slow() if timed_out else NoReply("The connection was lost before Voiso answered.")
        # Raised here, so that the exception doesn't even carry the one that holds the address.
        raise problem

    @contextmanager
    def one_deadline(self) -> Iterator[None]:
        """One shared deadline for all requests of the block: for an action that needs two."""
        self._ends_at = monotonic() + deadline(self._total)
        try:
            yield
        finally:
            self._ends_at = None

    def close(self) -> None:
        self._client.close()

    def _request(self, method: str, path: str, query: Query | None, body: object, limits: dict[str, float]) -> httpx.Request:
        content = None
        headers = {}
        if body is not None:
            # Not httpx's own encoder: it fails on a lone surrogate, which a spreadsheet may contain.
            content = json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "replace")
            headers["Content-Type"] = "application/json"
        return self._client.build_request(
            method, path, params=query or None, content=content, headers=headers, extensions=limits
        )

    def _exchange(self, request: httpx.Request, auth: httpx.Auth, reader: BodyReader | None, ends_at: float) -> Reply:
        response = self._client.send(request, auth=auth, stream=True)
        try:
            # Only a success is taken piece by piece; the reason of a refusal is short.
            body = _content(response, reader if response.is_success else None, ends_at)
        finally:
            response.close()
        headers = response.headers
        self._compare_clocks(headers.get("date", ""))
        return Reply(
            response.status_code,
            body,
            retry_after=headers.get("retry-after", ""),
            date=headers.get("date", ""),
            total=headers.get("x-total", "") or headers.get("x-total-count", ""),
            link=headers.get("link", ""),
        )

    def _compare_clocks(self, date: str) -> None:
        try:
            theirs = parsedate_to_datetime(date).timestamp()
        except (ValueError, TypeError, OverflowError):
            return
        self.clock_ahead = time.time() - theirs


def _forget_location(response: httpx.Response) -> None:
    # A redirect is never followed, so an address in it that httpx can't parse must not look like a lost answer.
    response.headers.pop("location", None)


def _content(response: httpx.Response, reader: BodyReader | None, ends_at: float) -> bytes:
    """The whole content, or only its beginning if a reader takes it."""
    most = MAX_LIST_BYTES if reader else MAX_ANSWER_BYTES
    # An in-process transport may have read it all already.
    parts = [response.content] if response.is_stream_consumed else response.iter_raw()
    body = bytearray()
    size = 0
    for piece in _unpacked(parts, response):
        size += len(piece)
        if size > most:
            raise NoReply("Voiso's answer was too long to use.", http_status=response.status_code)
        if reader:
            reader.feed(piece)
            piece = piece[: max(0, EXCERPT_BYTES - len(body))]
        body += piece
        if monotonic() > ends_at:
            raise _too_slow()
    return bytes(body)


def _unpacked(parts: Iterable[bytes], response: httpx.Response) -> Iterator[bytes]:
    """The decompressed content. We don't ask for compression, but some proxies apply it anyway.

    Not by httpx, which inflates each part at once, however large it becomes.
    """
    named = [name.strip().lower() for name in response.headers.get("content-encoding", "").split(",")]
    codings = [name for name in named if name not in ("", "identity")]
    if not codings or response.is_stream_consumed:
        yield from parts
        return
    problem = NoReply("Couldn't unpack Voiso's answer.", http_status=response.status_code)
    if len(codings) > 1 or codings[0] not in ("gzip", "x-gzip", "deflate"):
        raise problem
    inflater = zlib.decompressobj(wbits=32 + zlib.MAX_WBITS)  # detects gzip and zlib
    try:
        for part in parts:
            while part:
                yield inflater.decompress(part, PIECE)
                part = inflater.unconsumed_tail
    except zlib.error:
        raise problem from None
    if not inflater.eof or inflater.unused_data:
        raise problem


def _too_slow() -> NoReply:
    return NoReply("Voiso didn't answer in time.")
