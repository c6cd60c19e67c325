"""Programs that needn't import the libraries again: forked from a process that has, in tests that aren't about starting.

The tests start hundreds of programs, and two thirds of each start would be the same imports. In every other respect a
forked program is separate: its session, environment, standard streams, death by any signal.
"""

import atexit
import multiprocessing
import os
import runpy
import signal
import subprocess
import sys
import threading
from collections.abc import Mapping, Sequence
from contextlib import suppress
from multiprocessing.connection import Connection, wait
from pathlib import Path
from typing import Any, Literal, TextIO

ROOT = Path(__file__).resolve().parents[2]
LIBRARIES = [
    *("django.core.management", "django.core.serializers.json", "django.db.models", "django.db.migrations.executor"),
    *("django.forms", "django.http", "django.template", "django.test.client", "django.urls"),
    *("cryptography.fernet", "environs", "httpx", "openpyxl", "orjson", "phonenumbers", "psutil", "psycopg", "sqlparse"),
]
SERVER = multiprocessing.get_context("forkserver")
SERVER.set_forkserver_preload(LIBRARIES)

# One thread at a time may start a process or ask for the end of one: starting asks about all others.
_asking = threading.Lock()
_started: list["Forked"] = []


class Forked:
    """`subprocess.Popen` for a Python program: `-m` and a module, or a file, with arguments. Streams carry text."""

    def __init__(
        self,
        args: Sequence[str | Path],
        *,
        cwd: str | Path,
        env: Mapping[str, str],
        stdin: Any = None,
        stdout: Any = None,
        stderr: Any = None,
        text: Literal[True] = True,
        start_new_session: Literal[True] = True,
    ) -> None:
        self.returncode: int | None = None
        self.stdin: TextIO | None = None
        self.stdout: TextIO | None = None
        self.stderr: TextIO | None = None
        _program, *words = map(str, args)
        streams = [self._stream(name, given) for name, given in (("stdin", stdin), ("stdout", stdout), ("stderr", stderr))]
        streams[2] = streams[2] or Connection(os.dup(streams[1].fileno()))
        self._process = SERVER.Process(target=run, args=(words, str(cwd), dict(env), streams))
        with _asking:
            self._process.start()
        for stream in streams:
            stream.close()
        self.pid = int(self._process.pid or 0)
        _started.append(self)

    def _stream(self, name: str, given: Any) -> Connection | None:
        """The program's end of a stream; None for errors that go where the output goes."""
        if given == subprocess.STDOUT:
            return None
        if given == subprocess.PIPE:
            read, write = os.pipe()
            ours, theirs, mode = (write, read, "w") if name == "stdin" else (read, write, "r")
            setattr(self, name, os.fdopen(ours, mode))
            return Connection(theirs)
        if given == subprocess.DEVNULL:
            return Connection(os.open(os.devnull, os.O_RDWR))
        if given is None:
            given = ("stdin", "stdout", "stderr").index(name)
        return Connection(os.dup(given if isinstance(given, int) else given.fileno()))

    def __enter__(self) -> "Forked":
        return self

    def __exit__(self, *_: object) -> None:
        self._close()
        self.wait()

    def _close(self) -> None:
        for stream in (self.stdin, self.stdout, self.stderr):
            if stream is not None:
                with suppress(BrokenPipeError):
                    stream.close()

    def poll(self) -> int | None:
        with _asking:
            if self.returncode is None:
                self.returncode = self._process.exitcode
        return self.returncode

    def wait(self, timeout: float | None = None) -> int:
        if self.returncode is None and not wait([self._process.sentinel], timeout):
            raise subprocess.TimeoutExpired(self._process.name, timeout or 0)
        code = self.poll()
        assert code is not None
        return code

    def communicate(self, input: str | None = None, timeout: float | None = None) -> tuple[str, str]:
        """Write the input, read to the end, wait. A program that takes too long is killed."""
        texts = {}

        def read(name: str, stream: TextIO) -> None:
            texts[name] = stream.read()

        readers = [
            threading.Thread(target=read, args=(name, stream), daemon=True)
            for name, stream in (("out", self.stdout), ("err", self.stderr))
            if stream is not None
        ]
        for reader in readers:
            reader.start()
        if self.stdin is not None:
            with suppress(BrokenPipeError), self.stdin:
                self.stdin.write(input or "")
        try:
            self.wait(timeout)
        except subprocess.TimeoutExpired:
            self.kill()
            raise
        for reader in readers:
            reader.join(timeout)
        self._close()
        return texts.get("out", ""), texts.get("err", "")

    def send_signal(self, number: int) -> None:
        if self.poll() is None:
            os.kill(self.pid, number)

    def terminate(self) -> None:
        self.send_signal(signal.SIGTERM)

    def kill(self) -> None:
        self.send_signal(signal.SIGKILL)


@atexit.register  # after multiprocessing's own, so before it: it would wait for them
def _end_what_was_left() -> None:
    for process in _started:
        process.kill()


def run(words: list[str], cwd: str, env: dict[str, str], streams: list[Connection]) -> None:
    """Become the program."""
    os.setsid()
    for place, stream in enumerate(streams):
        os.dup2(stream.fileno(), place)
    for stream in streams:
        stream.close()
    os.chdir(cwd)
    os.environ.clear()
    os.environ.update(env)
    signal.signal(signal.SIGINT, signal.default_int_handler)
    # The old streams remember whether they were a file, a pipe or a terminal.
    sys.stdin, sys.stdout = open(0, closefd=False), open(1, "w", closefd=False)  # noqa: SIM115
    sys.stderr = open(2, "w", buffering=1, errors="backslashreplace", closefd=False)  # noqa: SIM115
    sys.__stdin__, sys.__stdout__, sys.__stderr__ = sys.stdin, sys.stdout, sys.stderr
    sys.path.insert(0, str(ROOT))
    first, *others = words
    if first == "-m":
        sys.argv = others
        runpy.run_module(others[0], run_name="__main__", alter_sys=True)
    else:
        sys.argv = words
        runpy.run_path(first, run_name="__main__")
