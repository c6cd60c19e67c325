"""Low priority, for work that must not slow down what someone is waiting for."""

import os
from pathlib import Path

NICENESS = 5  # beside one busy process a quarter of a processor is left
OF_SESSION = Path("/proc/self/autogroup")


def give_way() -> bool:
    """Let other processes go first. What this one starts from now on does so too. False: try again in a moment."""
    if os.getpriority(os.PRIO_PROCESS, 0) < NICENESS:
        os.setpriority(os.PRIO_PROCESS, 0, NICENESS)
    return os.getsid(0) != os.getpid() or _lower_session()  # never for someone's terminal


def _lower_session() -> bool:
    """Linux may first share the processors between sessions (`kernel.sched_autogroup_enabled`). Then the niceness of a process
    counts only within its session, and the session has one as well."""
    try:
        OF_SESSION.write_text(str(NICENESS))
    except BlockingIOError:
        return False  # the kernel accepts one such change in a tenth of a second
    except OSError:
        return True  # this system has nothing of the kind
    return True
