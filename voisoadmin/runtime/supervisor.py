"""Runs several children as one program: started together, restarted when one fails, ended together."""

import http.client
import logging
import socket
import sys
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from voisoadmin.runtime.children import Child, on_end

logger = logging.getLogger(__name__)

COMMAND_LINE = [sys.executable, "-m", "voisoadmin"]
TURN = 0.2
EARLY = 10.0  # a child that ends sooner didn't come up
MAX_EARLY = 5


class CannotRun(Exception):
    """A child doesn't come up; the message is a sentence."""


@dataclass(slots=True)
class ProcessSpec:
    """One child of the program."""

    name: str
    command: Sequence[str]
    grace: float  # seconds it may take to end
    env: Mapping[str, str] = field(default_factory=dict)
    child: Child | None = None
    early_ends: int = 0
    next_start: float = 0.0


class Supervisor:
    """Runs its parts until SIGTERM or SIGINT. They are ended in reverse order, so list what others need first."""

    def __init__(self, parts: Sequence[ProcessSpec]) -> None:
        self.parts = parts
        self.stop = threading.Event()

    def run(self, *, is_up: Callable[[], bool], when_up: Callable[[], object]) -> None:
        """`when_up` is called once, as soon as `is_up`. Raises CannotRun."""
        on_end(self.stop.set)
        try:
            for part in self.parts:
                self._start(part)
            announced = False
            while not self.stop.wait(TURN):
                for part in self.parts:
                    self._look_after(part)
                if not announced and is_up():
                    announced = True
                    when_up()
        finally:
            self._end()

    def _start(self, part: ProcessSpec) -> None:
        part.child = Child(part.command, env=part.env)

    def _look_after(self, part: ProcessSpec) -> None:
        now = time.monotonic()
        if part.child is None:
            if now >= part.next_start:
                self._start(part)
            return
        if part.child.code is None:
            return
        code, lived = part.child.code, now - part.child.started
        part.child.kill()  # orphans it may have left
        part.child = None
        part.early_ends = part.early_ends + 1 if lived < EARLY else 0
        if part.early_ends >= MAX_EARLY:
            raise CannotRun(f"The {part.name} won't start (it ended with code {code}, {MAX_EARLY} times in a row).")
        logger.error("The %s ended with code %s after %.0f s; restarting it.", part.name, code, lived)
        part.next_start = now + part.early_ends

    def _end(self) -> None:
        for part in reversed(self.parts):
            if part.child is not None:
                part.child.ask()
        for part in reversed(self.parts):
            if part.child is not None:
                if not part.child.wait(part.grace):
                    logger.error("The %s didn't stop within %.0f s; killing it.", part.name, part.grace)
                part.child.kill()


def web(bind: str, *, threads: int, env: Mapping[str, str] | None = None) -> ProcessSpec:
    """The application server. One process of many threads: the polls of a thousand open pages are cheap."""
    command = [sys.executable, "-m", "voisoadmin.runtime.server.web", "--bind", bind, "--threads", str(threads)]
    return ProcessSpec("web server", command, grace=35.0, env=env or {})


def work(*, env: Mapping[str, str] | None = None) -> ProcessSpec:
    return ProcessSpec("worker", [*COMMAND_LINE, "work"], grace=90.0, env=env or {})


def answers(host: str, port: int) -> bool:
    """Whether the web server is alive."""
    asked = http.client.HTTPConnection(host if host not in {"", "0.0.0.0", "::"} else "localhost", port, timeout=2)
    try:
        asked.request("GET", "/health")
        return asked.getresponse().status == http.client.OK
    except (OSError, http.client.HTTPException):
        return False
    finally:
        asked.close()


def why_not_bindable(host: str, port: int) -> str:
    """Why the address can't be used for listening; empty if it can."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as problem:
            return problem.strerror or str(problem)
    return ""


def parse_bind(text: str) -> tuple[str, int]:
    """`127.0.0.1:8000`, `[::1]:8000`. Raises ValueError with a sentence."""
    host, _, port = text.rpartition(":")
    if not host or not port.isdecimal() or not 0 < int(port) < 65536:
        raise ValueError(f"--bind must be an address and a port, for example 127.0.0.1:8000, not {text!r}.")
    return host.strip("[]"), int(port)
