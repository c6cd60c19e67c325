"""The stop mark: an orderly end asks all processes of one `manage.py work` to claim nothing new.

A signal reaches one process, a mark reaches them all: `work` names a file in VOISOADMIN_STOP_FILE before it starts the
cluster, every child inherits the name, and each process that finds the file stops at its next step. Without that variable
(a command run by hand, a test) the mark is local to this process.
"""

import os
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType

VARIABLE = "VOISOADMIN_STOP_FILE"

_mark = threading.Event()


def _file() -> Path | None:
    name = os.environ.get(VARIABLE, "")
    return Path(name) if name else None


def stop_requested() -> bool:
    """Whether to claim nothing new. Cheap (one `stat`); checked at each step."""
    file = _file()
    return _mark.is_set() or (file is not None and file.exists())


def request_stop() -> None:
    """Set the mark, here and for every process that shares the file. Safe to call from a signal handler."""
    _mark.set()
    file = _file()
    if file is not None:
        file.parent.mkdir(parents=True, exist_ok=True)
        file.touch()


@contextmanager
def stop_at_signals() -> Iterator[None]:
    """While the block runs, SIGTERM and Ctrl-C set the mark, so that open requests finish and none is left in doubt.

    A second signal of a kind has its usual effect.
    """
    before = {number: signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGINT)}

    def ask(number: int, frame: FrameType | None) -> None:
        signal.signal(number, before[signal.Signals(number)])
        request_stop()

    for number in before:
        signal.signal(number, ask)
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def clear() -> None:
    """Remove the mark. For the process that named the file, before it starts children, and for tests."""
    _mark.clear()
    file = _file()
    if file is not None:
        file.unlink(missing_ok=True)
