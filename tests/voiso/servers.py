"""Servers on the loopback that answer byte by byte as a test wants."""

import contextlib
import socket
import threading
from collections.abc import Callable, Iterator

Behaviour = Callable[[socket.socket, bytes], None]


class Seen:
    """What a server received: how many connections, and every byte."""

    def __init__(self, port: int) -> None:
        self.host = f"127.0.0.1:{port}"
        self.url = f"http://{self.host}"
        self.connections = 0
        self.received = b""


@contextlib.contextmanager
def server(behave: Behaviour) -> Iterator[Seen]:
    """Listen on a free port; read each request's head, then `behave(connection, head)`."""
    listener = socket.create_server(("127.0.0.1", 0), backlog=64)
    seen = Seen(listener.getsockname()[1])
    lock = threading.Lock()
    open_now: list[socket.socket] = []

    def serve(connection: socket.socket) -> None:
        head = b""
        with contextlib.suppress(OSError), connection:
            while b"\r\n\r\n" not in head:
                part = connection.recv(65536)
                if not part:
                    break
                head += part
            with lock:
                seen.received += head
            behave(connection, head)

    def accept() -> None:
        while True:
            try:
                connection, _ = listener.accept()
            except OSError:
                return
            seen.connections += 1
            open_now.append(connection)
            threads.append(threading.Thread(target=serve, args=(connection,), daemon=True))
            threads[-1].start()

    threads = [threading.Thread(target=accept, daemon=True)]
    threads[0].start()
    try:
        yield seen
    finally:
        listener.shutdown(socket.SHUT_RDWR)
        listener.close()
        for connection in open_now:
            with contextlib.suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)
        for thread in threads:
            thread.join(60)


def answer(body: bytes, *, status: str = "200 OK", headers: str = "") -> Behaviour:
    """Answer with these bytes and hang up."""

    def behave(connection: socket.socket, _: bytes) -> None:
        head = f"HTTP/1.1 {status}\r\nContent-Length: {len(body)}\r\nConnection: close\r\n{headers}\r\n"
        connection.sendall(head.encode() + body)

    return behave
