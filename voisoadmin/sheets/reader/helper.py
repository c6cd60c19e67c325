"""A helper process that uses frames. It ends with us, has none of our settings, and we never wait for it blindly."""

import io
import os
import select
import sys
from collections.abc import Callable
from subprocess import PIPE
from typing import IO, Any

from voisoadmin.lib.lifeline import TiedProcess
from voisoadmin.lib.places import IMPORTED_FROM
from voisoadmin.sheets.reader.frames import Frame, receive, send

LOOK_EVERY = 0.25  # seconds between two calls of `meanwhile`

Meanwhile = Callable[[], object]


def nothing() -> None:
    """The default for `meanwhile`."""


class Helper:
    """A running helper. `meanwhile` is called repeatedly while waiting for it, and may raise to stop waiting."""

    def __init__(self, module: str, *, meanwhile: Meanwhile = nothing, stderr: IO[bytes] | None = None) -> None:
        self._process = TiedProcess(
            [sys.executable, "-m", module],
            stdin=PIPE,
            stdout=PIPE,
            stderr=stderr,
            cwd=IMPORTED_FROM,
            process_group=0,  # so that Ctrl-C in a terminal reaches only us; our session, so that its priority is ours
            # No settings at all: the process that reads an untrusted file must not have a key.
            env={"PATH": os.defpath, "PYTHONUTF8": "1", "PYTHONNOUSERSITE": "1"},
        )
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._pipes = self._process.stdin, self._process.stdout
        self._requests = _PatientWriter(self._process.stdin.fileno(), meanwhile)
        self._answers = io.BufferedReader(_PatientReader(self._process.stdout.fileno(), meanwhile), 1 << 16)

    @property
    def pid(self) -> int:
        return self._process.pid

    def send(self, kind: Frame, payload: Any) -> None:
        """Raises BrokenPipeError if the helper has ended, and what `meanwhile` raises."""
        send(self._requests, kind, payload)

    def receive(self) -> tuple[Frame, Any]:
        """Raises BrokenStream if the helper has ended, and what `meanwhile` raises."""
        return receive(self._answers)

    def wait(self) -> int:
        """Wait for its own end; return its exit code, which is negative after a signal."""
        return self._process.wait()

    def close(self) -> None:
        """End the helper, whatever it does, and wait for it. Safe to repeat."""
        if self._process.poll() is None:
            self._process.kill()
        self._process.wait()
        self._process.release()
        for pipe in self._pipes:
            pipe.close()


class _PatientReader(io.RawIOBase):
    """The reading end of a pipe. Calls `meanwhile` while no data arrives."""

    def __init__(self, descriptor: int, meanwhile: Meanwhile) -> None:
        self._descriptor, self._meanwhile = descriptor, meanwhile
        self._arrivals = select.poll()
        self._arrivals.register(descriptor, select.POLLIN)

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        while not self._arrivals.poll(LOOK_EVERY * 1000):
            self._meanwhile()
        return os.readv(self._descriptor, [buffer])


class _PatientWriter(io.RawIOBase):
    """The writing end of a pipe. Writes everything, and calls `meanwhile` while a full pipe isn't read."""

    def __init__(self, descriptor: int, meanwhile: Meanwhile) -> None:
        self._descriptor, self._meanwhile = descriptor, meanwhile
        os.set_blocking(descriptor, False)
        self._room = select.poll()
        self._room.register(descriptor, select.POLLOUT)

    def writable(self) -> bool:
        return True

    def write(self, data: Any) -> int:
        rest = memoryview(data)
        while rest:
            while not self._room.poll(LOOK_EVERY * 1000):
                self._meanwhile()
            rest = rest[os.write(self._descriptor, rest) :]
        return len(data)
