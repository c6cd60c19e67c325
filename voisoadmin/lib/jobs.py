"""Our use of the queue: jobs by dotted name, only IDs as arguments, queued in the transaction that changes the rows.

The queue only delivers; the database decides. A lost, repeated or reordered job changes nothing but latency. While a job
runs it touches a heartbeat file, which lets `manage.py work` distinguish a busy worker from a stuck one.
"""

import functools
import os
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import ParamSpec, TypeVar

from django.conf import settings
from django_q.tasks import async_task

from voisoadmin.lib.secrets import private_folder

HEARTBEAT_SECONDS = 5.0


def enqueue(job: str, *ids: int, timeout: int | None = None) -> None:
    """Put a job into the queue table, in the caller's transaction. `timeout` in seconds, if the default is too short."""
    options = {} if timeout is None else {"timeout": timeout}
    async_task(job, *ids, q_options=options)


def heartbeat_folder() -> Path:
    """The folder with the heartbeat files of this installation's jobs, one file for each process."""
    return private_folder(settings.DATA_DIR / "beats")


@contextmanager
def heartbeat() -> Iterator[None]:
    """Touch this process's heartbeat file every five seconds while the block runs."""
    path = heartbeat_folder() / str(os.getpid())
    done = threading.Event()

    def touch() -> None:
        while True:
            path.touch()
            if done.wait(HEARTBEAT_SECONDS):
                return

    thread = threading.Thread(target=touch, name="heartbeat", daemon=True)
    thread.start()
    try:
        yield
    finally:
        done.set()
        thread.join()
        path.unlink(missing_ok=True)


P = ParamSpec("P")
R = TypeVar("R")


def job(function: Callable[P, R]) -> Callable[P, R]:
    """Mark a function that the queue runs: it touches its heartbeat file while it runs."""

    @functools.wraps(function)
    def run(*args: P.args, **kwargs: P.kwargs) -> R:
        with heartbeat():
            return function(*args, **kwargs)

    return run
