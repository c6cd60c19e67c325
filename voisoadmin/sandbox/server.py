"""The sandbox over loopback HTTP, with what only a real socket can do: reset, hang up, stay silent, drip."""

import contextlib
import select
import socket
import struct
import time
from collections.abc import Iterable
from socketserver import ThreadingMixIn
from typing import Any
from wsgiref.simple_server import ServerHandler, WSGIRequestHandler, WSGIServer

from voisoadmin.sandbox.app import Sandbox
from voisoadmin.sandbox.control import Controlled
from voisoadmin.sandbox.exchange import Environ
from voisoadmin.sandbox.faults import ConnectionCut, Drip

SILENCE_SECONDS = 300  # a client that waits longer for an answer is disconnected
RESET_ON_CLOSE = struct.pack("ii", 1, 0)


class _Handler(ServerHandler):
    """Lets ConnectionCut through; the original would answer 500."""

    environ: Environ
    result: Iterable[bytes]

    def run(self, application: Any) -> None:
        try:
            self.setup_environ()
            self.result = application(self.environ, self.start_response)
            self.finish_response()
        except (BrokenPipeError, ConnectionResetError):
            self.close()  # the client didn't wait


class _RequestHandler(WSGIRequestHandler):
    server: "LoopbackServer"
    connection: socket.socket

    def handle(self) -> None:
        self.raw_requestline = self.rfile.readline(65537)
        if not self.raw_requestline or not self.parse_request():
            return
        handler = _Handler(self.rfile, self.wfile, self.get_stderr(), self.get_environ(), multithread=True)  # type: ignore[arg-type]
        handler.request_handler = self  # type: ignore[attr-defined]
        try:
            handler.run(self.server.application)
        except Drip as drip:
            self._drip(drip)
        except ConnectionCut as cut:
            self._cut(cut)

    def _cut(self, cut: ConnectionCut) -> None:
        if cut.how == "timeout":
            # Silence until the client hangs up: it has sent its request, so a readable socket means its end.
            with contextlib.suppress(OSError):
                select.select([self.connection], [], [], SILENCE_SECONDS)
        elif cut.how in {"reset", "unreachable"}:
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET_ON_CLOSE)
            self.server.aborted.add(self.connection)

    def _drip(self, drip: Drip) -> None:
        dripped = drip.body if drip.where == "body" else drip.head + drip.body
        with contextlib.suppress(OSError):
            if drip.where == "body":
                self.connection.sendall(drip.head)
            for byte in dripped:
                self.connection.sendall(bytes([byte]))
                time.sleep(drip.pause)

    def address_string(self) -> str:
        return str(self.client_address[0])  # no name lookup

    def log_message(self, format: str, *args: Any) -> None:
        """Logs nothing: the path of a legacy request contains the key."""


class LoopbackServer(ThreadingMixIn, WSGIServer):
    """`with LoopbackServer(sandbox) as server: server.serve_forever()`; port 0 picks a free one."""

    daemon_threads = True
    allow_reuse_address = True
    request_queue_size = 128

    def __init__(self, sandbox: Sandbox, *, port: int = 0) -> None:
        self.sandbox = sandbox
        self.aborted: set[socket.socket] = set()
        super().__init__(("127.0.0.1", port), _RequestHandler)
        self.set_app(Controlled(sandbox))

    def server_bind(self) -> None:
        # HTTPServer's own version looks up the host's full name, which takes seconds without a name server.
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self.socket.bind(self.server_address)
        self.server_address = self.socket.getsockname()
        self.server_name, self.server_port = str(self.server_address[0]), int(self.server_address[1])
        self.setup_environ()

    def shutdown_request(self, request: Any) -> None:
        # shutdown() before close() would turn the reset into an orderly end.
        if request in self.aborted:
            self.aborted.discard(request)
            self.close_request(request)
        else:
            super().shutdown_request(request)
