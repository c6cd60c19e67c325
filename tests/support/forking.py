"""Processes that needn't import the libraries again: forked from one that has, in tests that aren't about starting.

The tests start hundreds of programs, and two thirds of each start would be the same imports. In every other respect a
forked process is separate: its session, environment, standard streams, death by any signal.
"""

import atexit
import contextlib
import importlib
import json
import os
import runpy
import select
import signal
import socket
import struct
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
LIBRARIES = (
    *("django.core.management", "django.core.serializers.json", "django.db.models", "django.db.migrations.executor"),
    *("django.forms", "django.http", "django.template", "django.test.client", "django.urls"),
    *("cryptography.fernet", "environs", "httpx", "openpyxl", "orjson", "phonenumbers", "psutil", "psycopg", "sqlparse"),
)
SIZE = struct.Struct("!I")
ENDED = struct.Struct("!Ii")  # process, status


class ForkServer:
    """The process with the imported libraries, and its reports about those it forked. Thread-safe."""

    def __init__(self) -> None:
        self._ours, theirs = socket.socketpair()
        told, tell = socket.socketpair()
        with theirs, tell:
            passed = [theirs.fileno(), tell.fileno()]
            command = [sys.executable, "-m", __name__, *map(str, passed)]
            process = subprocess.Popen(command, cwd=ROOT, pass_fds=passed, start_new_session=True)
        self._asking = threading.Lock()
        self._heard = threading.Condition()
        self._statuses: dict[int, int] = {}
        threading.Thread(target=self._hear, args=(told,), daemon=True).start()
        atexit.register(process.wait)
        atexit.register(self._ours.close)

    def _hear(self, told: socket.socket) -> None:
        while len(heard := told.recv(ENDED.size, socket.MSG_WAITALL)) == ENDED.size:
            pid, status = ENDED.unpack(heard)
            with self._heard:
                self._statuses[pid] = status
                self._heard.notify_all()

    def fork(self, request: dict[str, Any], streams: list[int]) -> int:
        body = json.dumps(request).encode()
        with self._asking:
            socket.send_fds(self._ours, [SIZE.pack(len(body))], streams)
            self._ours.sendall(body)
            (pid,) = SIZE.unpack(self._ours.recv(SIZE.size, socket.MSG_WAITALL))
        return int(pid)

    def status_of(self, pid: int, *, wait: bool) -> int | None:
        """How a process ended, as from `os.waitpid`."""
        with self._heard:
            if wait:
                self._heard.wait_for(lambda: pid in self._statuses)
            return self._statuses.get(pid)


class Forked(subprocess.Popen[str]):
    """`Popen` for a Python program: `-m` and a module, or a file, with arguments. It starts a new session."""

    server: ForkServer | None = None

    def _execute_child(self, args: Any, executable: Any, preexec_fn: Any, close_fds: Any, pass_fds: Any, *rest: Any) -> None:
        cwd, env, _startupinfo, _flags, _shell, *pipes = rest[:11]
        stdin, _, _, stdout, _, stderr = pipes
        Forked.server = Forked.server or ForkServer()
        self.pid = Forked.server.fork(
            {"args": [str(arg) for arg in args], "cwd": str(cwd), "env": env},
            [stdin if stdin >= 0 else 0, stdout if stdout >= 0 else 1, stderr if stderr >= 0 else 2],
        )
        self._child_created = True
        self._close_pipe_fds(*pipes)  # type: ignore[attr-defined]

    def _try_wait(self, wait_flags: int) -> tuple[int, int]:
        assert Forked.server is not None
        status = Forked.server.status_of(self.pid, wait=not wait_flags & os.WNOHANG)
        return (0, 0) if status is None else (self.pid, status)

    def _internal_poll(self, *_: Any, **__: Any) -> int | None:
        if self.returncode is None:
            pid, status = self._try_wait(os.WNOHANG)
            if pid:
                self._handle_exitstatus(status)  # type: ignore[attr-defined]
        return self.returncode


def serve(requests: socket.socket, tell: socket.socket) -> dict[str, Any]:
    """Fork for each request, report each end; return in the forked process, with what it has to run."""
    woken, wake = socket.socketpair()
    for end in (woken, wake):
        end.setblocking(False)
    signal.set_wakeup_fd(wake.fileno())
    signal.signal(signal.SIGCHLD, lambda *_: None)
    while True:
        ready, _, _ = select.select([requests, woken], [], [])
        if woken in ready:
            woken.recv(4096)
            with contextlib.suppress(ChildProcessError):
                while (ended := os.waitpid(-1, os.WNOHANG))[0]:
                    tell.sendall(ENDED.pack(*ended))
        if requests in ready:
            head, streams, _, _ = socket.recv_fds(requests, SIZE.size, 3)
            if not head:
                sys.exit()  # the tests have ended
            body = requests.recv(*SIZE.unpack(head), socket.MSG_WAITALL)
            pid = os.fork()
            if not pid:
                signal.set_wakeup_fd(-1)
                signal.signal(signal.SIGCHLD, signal.SIG_DFL)
                for place, stream in enumerate(streams):
                    os.dup2(stream, place)
                    os.close(stream)
                for mine in (requests, tell, woken, wake):
                    mine.close()
                wanted: dict[str, Any] = json.loads(body)
                return wanted
            requests.sendall(SIZE.pack(pid))
            for stream in streams:
                os.close(stream)


def run(args: list[str], cwd: str, env: dict[str, str]) -> None:
    """Become the program."""
    os.setsid()
    os.chdir(cwd)
    os.environ.clear()
    os.environ.update(env)
    signal.signal(signal.SIGINT, signal.default_int_handler)
    # The old streams remember whether they were a file, a pipe or a terminal.
    sys.stdin, sys.stdout = open(0, closefd=False), open(1, "w", closefd=False)  # noqa: SIM115
    sys.stderr = open(2, "w", buffering=1, errors="backslashreplace", closefd=False)  # noqa: SIM115
    sys.__stdin__, sys.__stdout__, sys.__stderr__ = sys.stdin, sys.stdout, sys.stderr
    _python, first, *others = args
    sys.path.insert(0, str(ROOT))
    if first == "-m":
        sys.argv = others
        runpy.run_module(others[0], run_name="__main__", alter_sys=True)
    else:
        sys.argv = [first, *others]
        runpy.run_path(first, run_name="__main__")


def main() -> None:
    for library in LIBRARIES:
        importlib.import_module(library)
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the tests, which then close the socket
    run(**serve(*(socket.socket(fileno=int(number)) for number in sys.argv[1:])))


if __name__ == "__main__":
    main()
