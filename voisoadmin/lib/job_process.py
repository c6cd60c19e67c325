"""Long work of a job in a separate process, at low priority and with a limit on memory.

The process is forked from the worker of the queue, which waits for it: so it costs no start, and it ends with its worker
(`runtime/children.py`). A niceness can't be taken back, so the worker itself never has one. The first moment is at the priority
of the worker: someone waits for a small file, which harms no one.
"""

import contextlib
import logging
import multiprocessing
import os
import resource
import signal
from collections.abc import Callable, Iterator
from typing import NoReturn

from django.db import connections
from django.dispatch import receiver
from django_q.signals import pre_execute

from voisoadmin.lib.low_priority import give_way

AT_ONCE_SECONDS = 1.0
TRY_AGAIN_SECONDS = 0.2

logger = logging.getLogger(__name__)
_worker = 0  # this process, if it is one of the queue's


class EndedEarly(Exception):
    """The process that did the work has died."""


@receiver(pre_execute)
def _note_worker(**_: object) -> None:
    global _worker
    if multiprocessing.parent_process() is not None:  # not a program that does the work of the queue itself
        _worker = os.getpid()


def run_apart(work: Callable[[], object], *, memory_bytes: int) -> None:
    """Do the work to its end. In a command, for which someone waits, it is done in the process of the command.

    Raises EndedEarly.
    """
    if _worker != os.getpid():
        work()
        return
    connections.close_all()  # a connection belongs to one process
    child = os.fork()
    if not child:
        _be(work, memory_bytes)
    with _killed_with_us(child):
        _, status = os.waitpid(child, 0)
    if code := os.waitstatus_to_exitcode(status):
        raise EndedEarly(f"Process {child} ended with {code}.")


@contextlib.contextmanager
def _killed_with_us(child: int) -> Iterator[None]:
    try:
        yield
    except BaseException:  # the job has run out of time
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
        raise


def _be(work: Callable[[], object], memory_bytes: int) -> NoReturn:
    code = 1
    try:
        os.setsid()  # whose priority it can lower without that of the worker
        _give_way_in(AT_ONCE_SECONDS)
        _limit_memory(memory_bytes)
        work()
        connections.close_all()
        code = 0
    except BaseException:
        logger.exception("Process %s failed.", os.getpid())
    finally:
        os._exit(code)  # what the worker registered for its own end isn't for us to do


def _give_way_in(seconds: float) -> None:
    def act(*_: object) -> None:
        if not give_way():
            _give_way_in(TRY_AGAIN_SECONDS)

    signal.signal(signal.SIGALRM, act)
    signal.setitimer(signal.ITIMER_REAL, seconds)


def _limit_memory(memory_bytes: int) -> None:
    # The soft limit only: helper processes set other limits, which may be higher.
    _, hard = resource.getrlimit(resource.RLIMIT_AS)
    resource.setrlimit(resource.RLIMIT_AS, (memory_bytes if hard == resource.RLIM_INFINITY else min(memory_bytes, hard), hard))
