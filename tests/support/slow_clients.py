"""Clients that are slow, silent or hostile, over real sockets."""

import contextlib
import http.client
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

HOST = "127.0.0.1"
HEAD = "{method} {path} HTTP/1.1\r\nHost: 127.0.0.1\r\n"
Feed = Callable[[list[socket.socket]], object]


def head(method: str, path: str, **headers: object) -> bytes:
    """The head of a request; an unfinished one is this without its last four bytes."""
    lines = [HEAD.format(method=method, path=path)]
    lines += [f"{name.replace('_', '-')}: {value}\r\n" for name, value in headers.items()]
    return ("".join(lines) + "\r\n").encode()


class Client:
    """One connection that sends what a test gives it, and receives the answer."""

    def __init__(self, port: int, *, receive_buffer: int = 0) -> None:
        self.socket = socket.socket()
        if receive_buffer:
            self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
        self.socket.settimeout(60)
        self.socket.connect((HOST, port))

    def __enter__(self) -> "Client":
        return self

    def __exit__(self, *_: object) -> None:
        self.socket.close()

    def say(self, data: bytes) -> bool:
        """Whether the other side is still reading."""
        try:
            self.socket.sendall(data)
        except OSError:
            return False
        return True

    def hear(self) -> bytes:
        """Everything that arrives until the other side closes."""
        heard = b""
        with contextlib.suppress(ConnectionResetError):
            while part := self.socket.recv(65536):
                heard += part
        return heard

    def hear_status(self) -> int:
        """The status of the next answer; 0 if the connection was closed without one."""
        heard = b""
        with contextlib.suppress(ConnectionResetError):
            while b"\r\n" not in heard and (part := self.socket.recv(65536)):
                heard += part
        return int(heard.split(b" ", 2)[1]) if heard else 0


@contextmanager
def crowd(port: int, number: int, opening: bytes, *, drop: bytes = b"", receive_buffer: int = 0) -> Iterator[list[Client]]:
    """Clients that have sent the opening, then send another byte every half second."""
    with contextlib.ExitStack() as stack:
        clients = [stack.enter_context(Client(port, receive_buffer=receive_buffer)) for _ in range(number)]
        for client in clients:
            client.say(opening)
        stop = threading.Event()

        def drip() -> None:
            while not stop.wait(0.5):
                for client in clients:
                    client.say(drop)

        thread = threading.Thread(target=drip)
        if drop:
            thread.start()
        try:
            yield clients
        finally:
            stop.set()
            if drop:
                thread.join()


def times_of(port: int, path: str, *, cookie: str = "", number: int = 10, timeout: float = 10) -> list[float]:
    """The duration of each answer, requested one after the other over new connections; a timeout counts in full."""
    times = []
    for _ in range(number):
        began = time.monotonic()
        connection = http.client.HTTPConnection(HOST, port, timeout=timeout)
        try:
            connection.request("GET", path, headers={"Cookie": cookie} if cookie else {})
            answer = connection.getresponse()
            answer.read()
            if answer.status != 200:
                raise AssertionError(f"{path} answered {answer.status}")
        except TimeoutError:
            pass
        finally:
            connection.close()
        times.append(time.monotonic() - began)
    return times
