"""A child process that ends with its parent: from its first instant, and however the parent ends.

The parent keeps the writing end of a pipe that carries nothing. Once that end is closed, even by `kill -9` of the parent,
the kernel ends the child, even in the middle of a call into C. PR_SET_PDEATHSIG would act when the thread that started
the child ends, even if the parent lives on.
"""

import fcntl
import os
import select
import signal
import subprocess
import sys
from collections.abc import Mapping, Sequence
from typing import Any

VARIABLE = "LIFELINE"
PARENT_GONE = 4  # exit code


class TiedProcess(subprocess.Popen[bytes]):
    """A child that calls `end_with_parent` before anything else. `release` ends it as well."""

    def __init__(self, command: Sequence[str], *, env: Mapping[str, str], **options: Any) -> None:
        theirs, self._lifeline = os.pipe()
        try:
            super().__init__(command, env={**env, VARIABLE: str(theirs)}, pass_fds=[theirs], **options)
            # It may take a while until the child runs its first line.
            _tie(theirs, self.pid)
        except BaseException:
            self.release()
            raise
        finally:
            os.close(theirs)

    def release(self) -> None:
        """Close our end of the pipe. Safe to repeat."""
        ours, self._lifeline = self._lifeline, -1
        if ours >= 0:
            os.close(ours)


def end_with_parent() -> None:
    """In the child: end when the parent does. Without a lifeline (a module run by hand) does nothing."""
    name = os.environ.pop(VARIABLE, "")
    if not name:
        return
    lifeline = int(name)
    signal.signal(signal.SIGIO, signal.SIG_DFL)  # which ends the process
    # The parent may have died before this, and then no signal comes.
    _tie(lifeline, os.getpid())
    if select.select([lifeline], [], [], 0)[0]:
        os._exit(PARENT_GONE)


def _tie(lifeline: int, pid: int) -> None:
    """Make the kernel signal that process when the writing end is closed."""
    fcntl.fcntl(lifeline, fcntl.F_SETOWN, pid)
    if sys.platform == "linux":
        fcntl.fcntl(lifeline, fcntl.F_SETSIG, signal.SIGKILL)  # instead of SIGIO: it ends a stopped process, too
    fcntl.fcntl(lifeline, fcntl.F_SETFL, fcntl.fcntl(lifeline, fcntl.F_GETFL) | os.O_ASYNC)
