"""Child processes that never outlive us: each has its own session, so that its whole tree can be killed at once."""

import contextlib
import ctypes
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping, Sequence

import psutil

from voisoadmin.lib.places import IMPORTED_FROM

PARENT_VARIABLE = "VOISOADMIN_PARENT"
PR_SET_PDEATHSIG = 1


class Child:
    """One child and everything it starts."""

    def __init__(self, command: Sequence[str], *, env: Mapping[str, str] | None = None) -> None:
        # Our modules are found wherever we were started; the working directory stays, because paths may be relative to it.
        path = os.pathsep.join(filter(None, [str(IMPORTED_FROM), os.environ.get("PYTHONPATH", "")]))
        full = {**os.environ, **(env or {}), "PYTHONPATH": path, PARENT_VARIABLE: str(os.getpid())}
        # In a new session, so that Ctrl-C in the terminal reaches only us, and its group is its whole tree.
        self.process = subprocess.Popen(command, env=full, stdin=subprocess.DEVNULL, start_new_session=True)
        self.pid = self.process.pid
        self.started = time.monotonic()

    @property
    def code(self) -> int | None:
        """Its exit code; None while it runs."""
        return self.process.poll()

    def tree(self) -> list[psutil.Process]:
        """Itself and its descendants."""
        try:
            root = psutil.Process(self.pid)
            return [root, *root.children(recursive=True)]
        except psutil.NoSuchProcess:
            return []

    def ask(self) -> None:
        """Ask only the child itself to end in order."""
        with contextlib.suppress(ProcessLookupError):
            self.process.send_signal(signal.SIGTERM)

    def wait(self, seconds: float) -> bool:
        """Wait for its end; False if it is still running."""
        try:
            self.process.wait(max(0.0, seconds))
        except subprocess.TimeoutExpired:
            return False
        return True

    def kill(self) -> None:
        """Kill it with everything it started. Also call this after its own end: it may have left orphans."""
        descendants = self.tree()
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self.pid, signal.SIGKILL)
        for process in descendants:
            with contextlib.suppress(psutil.NoSuchProcess):
                process.kill()
        self.process.wait()
        give_up = time.monotonic() + 5
        while any(lives(process.pid) for process in descendants) and time.monotonic() < give_up:
            time.sleep(0.02)


def lives(pid: int) -> bool:
    """Whether that process is running. A dead one stays in the process list until it is reaped: in a container, for ever."""
    try:
        return bool(psutil.Process(pid).status() != psutil.STATUS_ZOMBIE)
    except psutil.NoSuchProcess:
        return False


def on_end(act: Callable[[], object]) -> None:
    """Call `act` when this program is asked to end: Ctrl-C, SIGTERM, a terminal that closes (unless under nohup)."""
    for name in ("SIGTERM", "SIGINT", "SIGHUP"):
        number = getattr(signal, name, None)
        if number is not None and not (name == "SIGHUP" and signal.getsignal(number) is signal.SIG_IGN):
            signal.signal(number, lambda *_: act())


def end_with_parent() -> None:
    """Call this first in a child: if its parent dies, even by `kill -9`, so does the child.

    On Linux the kernel kills this process and everything it forks. Elsewhere a thread checks every second, and
    ends the whole group.
    """
    parent = int(os.environ.pop(PARENT_VARIABLE, "0"))
    if not parent:
        return
    if sys.platform == "linux":
        libc = ctypes.CDLL(None, use_errno=True)

        def tie() -> None:
            nonlocal parent
            libc.prctl(PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
            if os.getppid() != parent:
                os.kill(os.getpid(), signal.SIGKILL)  # the parent died before the kernel was informed
            parent = os.getpid()  # of what is forked from here

        tie()
        os.register_at_fork(after_in_child=tie)
    else:
        threading.Thread(target=_watch_parent, args=(parent,), name="parent", daemon=True).start()


def _watch_parent(parent: int) -> None:
    while os.getppid() == parent:
        time.sleep(1)
    os.killpg(0, signal.SIGKILL)
