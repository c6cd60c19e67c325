"""The network transport to Voiso: one total deadline for each request, and connections only to addresses that were
checked.

httpx itself limits each read, so a server that sends one byte a second holds a request for hours.
"""

import functools
import socket
import ssl
import threading
from collections.abc import Callable, Iterable, Iterator
from math import inf
from typing import TypeVar

import httpcore
import httpx

from voisoadmin.lib.clock import deadline, monotonic
from voisoadmin.voiso.client import TOTAL_SECONDS
from voisoadmin.voiso.errors import UnknownName, UntrustedAddress
from voisoadmin.voiso.http.addresses import Origin, UnusableAddress, is_public, origin_of

CONNECT_SECONDS = 5.0

NOWHERE = Origin("", "", 0)


class Timer:
    """When the current request must be over. Shared by a transport and its sockets; one request at a time."""

    def __init__(self) -> None:
        self._ends_at = monotonic()
        self._silence = inf

    def start(self, ends_at: float, *, silence: float = inf) -> None:
        """`silence`: the longest wait for the next bytes, in seconds."""
        self._ends_at = ends_at
        self._silence = silence

    def left(self, problem: type[httpcore.TimeoutException]) -> float:
        seconds = self._ends_at - monotonic()
        if seconds <= 0:
            raise problem("The request timed out.")
        return min(seconds, self._silence)


class TimedStream(httpcore.NetworkStream):
    """A socket whose every wait ends at the same deadline."""

    def __init__(self, stream: httpcore.NetworkStream, timer: Timer) -> None:
        self._stream = stream
        self._timer = timer

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return self._stream.read(max_bytes, timeout=self._timer.left(httpcore.ReadTimeout))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        sock: socket.socket = self._stream.get_extra_info("socket")
        rest = memoryview(buffer)
        while rest:
            # Don't use httpcore's loop: it waits the full time again for each piece the other side takes.
            sock.settimeout(self._timer.left(httpcore.WriteTimeout))
            try:
                rest = rest[sock.send(rest) :]
            except TimeoutError as problem:
                raise httpcore.WriteTimeout(str(problem)) from None
            except OSError as problem:
                raise httpcore.WriteError(str(problem)) from None

    def close(self) -> None:
        self._stream.close()

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.NetworkStream:
        wait = min(self._timer.left(httpcore.ConnectTimeout), _connect_seconds())
        try:
            secured = self._stream.start_tls(ssl_context, server_hostname=server_hostname, timeout=wait)
        except httpcore.ConnectError as problem:
            why = problem.__cause__ or problem.__context__
            if isinstance(why, ssl.SSLCertVerificationError):
                raise UntrustedAddress(
                    "The address has an invalid certificate. Nothing was sent. "
                    "Someone may be intercepting the connection to Voiso: have your network checked."
                ) from None
            if isinstance(why, ssl.SSLError) and not isinstance(why, ssl.SSLEOFError):
                raise UntrustedAddress(
                    "Couldn't make a secure (TLS) connection. Nothing was sent. Check the address and your network."
                ) from None
            raise  # a server that hangs up in the middle is only restarting
        return TimedStream(secured, self._timer)

    def get_extra_info(self, info: str) -> object:
        return self._stream.get_extra_info(info)


class CheckedBackend(httpcore.NetworkBackend):
    """Connects to exactly the address it has checked, so that a name can't point elsewhere a moment later."""

    def __init__(self, origin: Origin, timer: Timer) -> None:
        self._origin = origin
        self._timer = timer
        self._plain = httpcore.SyncBackend()

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.NetworkStream:
        ends_at = monotonic() + min(self._timer.left(httpcore.ConnectTimeout), _connect_seconds())
        addresses = resolve(host.strip("[]"), port, ends_at)
        if not self._origin.is_listed() and not all(is_public(address) for address in addresses):
            raise UntrustedAddress(
                "The contact centre's host name doesn't point to a public internet address. "
                "Nothing was sent. Have your DNS server checked."
            )
        problem: Exception | None = None
        for tried, address in enumerate(addresses):
            # Each address gets a share of the time: one that never answers must not use up all of it.
            wait = (ends_at - monotonic()) / (len(addresses) - tried)
            if wait <= 0:
                break
            try:
                stream = self._plain.connect_tcp(address, port, timeout=wait, socket_options=socket_options)
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as failed:
                problem = failed
            else:
                return TimedStream(stream, self._timer)
        raise problem or httpcore.ConnectTimeout("No time left to connect.")


def resolve(host: str, port: int, ends_at: float) -> list[str]:
    """The addresses of a name, resolved in a thread: the system's own time limit for name servers can't be set."""
    found: list[str] = []
    failed: list[OSError | UnicodeError] = []

    def ask() -> None:
        try:
            answers = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        except (OSError, UnicodeError) as problem:
            failed.append(problem)
        else:
            found.extend(dict.fromkeys(str(address[0]) for *_, address in answers))

    thread = threading.Thread(target=ask, name="resolve", daemon=True)
    thread.start()
    thread.join(max(0.0, ends_at - monotonic()))
    if not (failed or found):
        raise httpcore.ConnectTimeout("DNS didn't answer.")
    if failed:
        raise UnknownName("The contact centre's host name was not found in DNS. Nothing was sent.")
    return list(found)


class NetworkTransport(httpx.BaseTransport):
    """One contact centre over the network, for one thread."""

    def __init__(self, base_url: str) -> None:
        try:
            self._origin = origin_of(base_url)
        except UnusableAddress:
            self._origin = NOWHERE  # raised by the first request, like every other error
        self._timer = Timer()
        self._pool = httpcore.ConnectionPool(
            ssl_context=_tls(),
            max_connections=1,
            # Each request opens a connection. If the server were just closing a kept one, a list would break and a request
            # with contacts would end uncertain, which costs far more than a handshake.
            max_keepalive_connections=0,
            retries=0,
            network_backend=CheckedBackend(self._origin, self._timer),
        )

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        if not (self._origin.is_voiso() or self._origin.is_listed()):
            raise UntrustedAddress(
                "This contact centre's address is no longer allowed. Enter its cluster ID again, "
                "or list its host in VOISOADMIN_EXTRA_HOSTS."
            )
        ends_at = request.extensions.get("ends_at", monotonic() + deadline(TOTAL_SECONDS))
        self._timer.start(request.extensions.get("begins_by", ends_at))
        sent = httpcore.Request(
            method=request.method,
            url=httpcore.URL(
                scheme=request.url.raw_scheme,
                host=request.url.raw_host,
                port=request.url.port,
                target=request.url.raw_path,
            ),
            headers=request.headers.raw,
            content=request.read(),
        )
        reply = _in_httpx_words(lambda: self._pool.handle_request(sent))
        self._timer.start(ends_at, silence=request.extensions.get("silence", inf))
        return httpx.Response(reply.status, headers=reply.headers, stream=_Body(reply))

    def close(self) -> None:
        self._pool.close()


class _Body(httpx.SyncByteStream):
    def __init__(self, reply: httpcore.Response) -> None:
        self._reply = reply

    def __iter__(self) -> Iterator[bytes]:
        parts = self._reply.iter_stream()
        while (part := _in_httpx_words(lambda: next(parts, None))) is not None:
            yield part

    def close(self) -> None:
        self._reply.close()


NOT_CONNECTED = (httpcore.ConnectError, httpcore.ConnectTimeout, httpcore.PoolTimeout)
T = TypeVar("T")


def _in_httpx_words(act: Callable[[], T]) -> T:
    try:
        return act()
    except NOT_CONNECTED as problem:
        raise httpx.ConnectError(type(problem).__name__) from None
    except httpcore.TimeoutException as problem:
        raise httpx.ReadTimeout(type(problem).__name__) from None
    except (httpcore.NetworkError, httpcore.ProtocolError) as problem:
        raise httpx.RemoteProtocolError(type(problem).__name__) from None


def network_transport(base_url: str) -> httpx.BaseTransport:
    """The transport of a real installation (settings.VOISO_TRANSPORT)."""
    return NetworkTransport(base_url)


@functools.cache
def _tls() -> ssl.SSLContext:
    return httpx.create_ssl_context(verify=True, trust_env=False)


def _connect_seconds() -> float:
    return deadline(CONNECT_SECONDS, at_least=1.0)
