"""One request, one reply, under one deadline. The only module that uses httpx; its exceptions don't leave it."""

import base64
import html
import json
import zlib
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from urllib.parse import quote, urlencode

import httpx

from voisoadmin.lib.clock import deadline, monotonic
from voisoadmin.voiso.errors import NoReply, NotConnected, NotSent, VoisoError
from voisoadmin.voiso.transport import TOTAL_SECONDS

MAX_ANSWER_BYTES = 2 * 1024 * 1024
# Errors that httpx raises before any byte of the request is sent.
NOT_SENT = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout)
KEY_HERE = "{key}"  # in a path: the key is put in when the request is made, so that none of our paths contains it


class Key:
    """An API key that no repr, log or traceback shows by accident, not even one with the values of variables."""

    def __init__(self, text: str) -> None:
        self._text = text

    def reveal(self) -> str:
        return self._text

    def in_path(self) -> str:
        return quote(self._text, safe="")

    def spellings(self) -> tuple[str, ...]:
        """Its forms in an answer that repeats our request."""
        raw = self._text.encode()
        return (
            self._text,
            self.in_path(),
            quote(self._text),
            html.escape(self._text),
            self._text.replace("/", "\\/"),
            json.dumps(self._text)[1:-1],
            base64.b64encode(raw).decode().rstrip("="),
            base64.urlsafe_b64encode(raw).decode().rstrip("="),
        )

    def __repr__(self) -> str:
        return "[key]"


Query = dict[str, str | int | Key]


class _Request(httpx.Request):
    def __repr__(self) -> str:
        return f"<{self.method} to {self.url.host}>"  # httpx's own repr shows the whole address


@dataclass(frozen=True, slots=True)
class Reply:
    """A complete answer, not judged yet."""

    status: int
    body: bytes
    retry_after: str = ""
    date: str = ""


class Wire:
    """Sends requests to one contact centre. No redirects, no retries, no proxies, no cookies.

    It drives the transport directly: httpx.Client adds nothing needed here, and it logs whole addresses, which contain
    the key in the legacy API.
    """

    def __init__(self, transport: httpx.BaseTransport, base_url: str, *, total: float = TOTAL_SECONDS) -> None:
        self._transport = transport
        self._base_url = base_url
        self._total = total
        self._ends_at: float | None = None

    def send(
        self, method: str, path: str, *, key: Key, bearer: bool = True, query: Query | None = None, body: object = None
    ) -> Reply:
        """Send one request and read its whole answer. The key replaces KEY_HERE in the path, and goes into the header.

        Raises NotConnected or UntrustedAddress if nothing was sent, NoReply if no complete answer came in time.
        """
        ends_at = self._ends_at or monotonic() + deadline(self._total)
        problem: VoisoError
        try:
            return self._exchange(self._request(method, path, key, bearer, query, body, ends_at), ends_at)
        except VoisoError as known:
            problem = known
        except NOT_SENT:
            problem = NotConnected("Couldn't connect to Voiso. Nothing was sent.")
        except (httpx.HTTPError, httpx.InvalidURL) as failed:
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
        self._transport.close()

    def _request(
        self, method: str, path: str, key: Key, bearer: bool, query: Query | None, body: object, ends_at: float
    ) -> httpx.Request:
        headers = {
            "Accept": "application/json",
            "Accept-Encoding": "identity",
            "Connection": "close",
            "User-Agent": "VoisoAdmin",
        }
        if bearer:
            headers["Authorization"] = f"Bearer {key.reveal()}"
        if bearer or body is not None:
            # The v4 documentation asks for it beside the key, even for a request without a body.
            headers["Content-Type"] = "application/json"
        content = None
        if body is not None:
            content = json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "replace")
        address = self._base_url + path.replace(KEY_HERE, key.in_path())
        if query:
            shown = {name: value.reveal() if isinstance(value, Key) else value for name, value in query.items()}
            address += f"?{urlencode(shown)}"
        try:
            return _Request(method, address, headers=headers, content=content, extensions={"ends_at": ends_at})
        except (httpx.InvalidURL, UnicodeError, ValueError):
            pass
        raise NotSent("The key or address contains invalid characters. Enter it again.")

    def _exchange(self, request: httpx.Request, ends_at: float) -> Reply:
        response = self._transport.handle_request(request)
        try:
            body = bytearray()
            # An in-process transport may have read it all already.
            parts = [response.content] if response.is_stream_consumed else response.iter_raw()
            for part in _unpacked(parts, response):
                body += part
                if len(body) > MAX_ANSWER_BYTES:
                    raise _too_long(response)
                if monotonic() > ends_at:
                    raise _too_slow()
        finally:
            response.close()
        return Reply(
            response.status_code,
            bytes(body),
            retry_after=response.headers.get("retry-after", ""),
            date=response.headers.get("date", ""),
        )


def _unpacked(parts: Iterable[bytes], response: httpx.Response) -> Iterator[bytes]:
    """The decompressed content. We don't ask for compression, but some proxies apply it anyway.

    No piece is longer than an answer may be, however far it would inflate.
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
            yield inflater.decompress(part, MAX_ANSWER_BYTES + 1)
            if inflater.unconsumed_tail:
                raise _too_long(response)
    except zlib.error:
        raise problem from None
    if not inflater.eof or inflater.unused_data:
        raise problem


def _too_long(response: httpx.Response) -> NoReply:
    return NoReply("Voiso's answer was too long to use.", http_status=response.status_code)


def _too_slow() -> NoReply:
    return NoReply("Voiso didn't answer in time.")
