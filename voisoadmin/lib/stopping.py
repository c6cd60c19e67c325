"""The stop mark: an orderly end asks all processes of one `manage.py work` to claim nothing new.

A signal reaches one process, a mark reaches them all: `work` names a file in VOISOADMIN_STOP_FILE before it starts the
cluster, every child inherits the name, and whoever finds the file there stops at its next step. Without that variable
(a command run by hand, a test) the mark is this process's own.
"""

import os
import threading
from pathlib import Path

VARIABLE = "VOISOADMIN_STOP_FILE"

_mark = threading.Event()


def _file() -> Path | None:
    name = os.environ.get(VARIABLE, "")
    return Path(name) if name else None


def stop_requested() -> bool:
    """Whether to claim nothing new. Cheap (one `stat`); read at each step."""
    file = _file()
    return _mark.is_set() or (file is not None and file.exists())


def request_stop() -> None:
    """Set the mark, here and for every process that shares the file. Safe to call from a signal handler."""
    _mark.set()
    file = _file()
    if file is not None:
        file.parent.mkdir(parents=True, exist_ok=True)
        file.touch()


def clear() -> None:
    """Take the mark away. For the process that named the file, before it starts children, and for tests."""
    _mark.clear()
    file = _file()
    if file is not None:
        file.unlink(missing_ok=True)
