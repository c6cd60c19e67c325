"""Low priority, for work that must not slow down what someone is waiting for."""

import os
import time
from pathlib import Path

NICENESS = 5  # beside one busy process it still has a quarter of a processor: someone waits for a small file, too
OF_SESSION = Path("/proc/self/autogroup")
TRIES, PAUSE = 5, 0.1  # the kernel accepts one such change in a tenth of a second


def give_way() -> None:
    """Let other processes go first. What this one starts later, in its session, does so too."""
    if os.getpriority(os.PRIO_PROCESS, 0) < NICENESS:
        os.setpriority(os.PRIO_PROCESS, 0, NICENESS)
    if os.getsid(0) == os.getpid():  # never for someone's terminal
        _lower_session()


def _lower_session() -> None:
    """Linux may first share the processors between sessions (`kernel.sched_autogroup_enabled`). Then the niceness of a process
    counts only within its session, and the session has one as well."""
    for _ in range(TRIES):
        try:
            OF_SESSION.write_text(str(NICENESS))
        except BlockingIOError:
            time.sleep(PAUSE)
        except OSError:
            return  # this system has nothing of the kind
        else:
            return
