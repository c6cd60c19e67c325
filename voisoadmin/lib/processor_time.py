"""Processor time of a block, for work on untrusted text in a process that continues afterwards.

The timers use signals, whose handlers run even within a regular expression. They work only in the main thread, where jobs
and commands run; elsewhere they do nothing.
"""

import resource
import signal
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from types import FrameType
from typing import TYPE_CHECKING

from voisoadmin.lib.later import Later

if TYPE_CHECKING:
    import psutil
else:  # only a check of a file looks at its processes
    psutil = Later("psutil")

LOOK_EVERY = 0.5  # seconds between two looks at all processes, which read a list of the system


@contextmanager
def at_most(seconds: float, reached: Exception) -> Iterator[Callable[[], None]]:
    """Raise `reached` in the block once it has used this much processor time.

    It yields a function for the block to call now and then: it raises `reached` once this process and those that it started
    have used as much together.
    """
    began, looked_at = _used_together(), 0.0

    def look() -> None:
        nonlocal looked_at
        if time.monotonic() - looked_at >= LOOK_EVERY:
            if _used_together() - began > seconds:
                raise reached
            looked_at = time.monotonic()

    def end() -> None:
        raise reached

    with _timer(signal.ITIMER_PROF, signal.SIGPROF, seconds, 0, end):
        yield look


@contextmanager
def every(seconds: float, do: Callable[[], None]) -> Iterator[None]:
    """Call `do` in the block after so much processor time, again and again. What it raises ends the block."""
    with _timer(signal.ITIMER_VIRTUAL, signal.SIGVTALRM, seconds, seconds, do):
        yield


@contextmanager
def _timer(timer: int, number: signal.Signals, first: float, then: float, do: Callable[[], None]) -> Iterator[None]:
    if threading.current_thread() is not threading.main_thread():
        yield
        return

    def handle(number: int, frame: FrameType | None) -> None:
        do()

    before = signal.signal(number, handle)
    signal.setitimer(timer, first, then)
    try:
        yield
    finally:
        signal.setitimer(timer, 0)
        signal.signal(number, before)


def _used_together() -> float:
    ended = resource.getrusage(resource.RUSAGE_CHILDREN)
    used = time.process_time() + ended.ru_utime + ended.ru_stime
    for child in psutil.Process().children():
        with suppress(psutil.NoSuchProcess):
            taken = child.cpu_times()
            used += taken.user + taken.system
    return used
