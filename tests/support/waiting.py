"""Waits for other processes, with limits that allow for a slow machine."""

import time
from collections.abc import Callable
from typing import TypeVar

import psutil

T = TypeVar("T")


def until(true: Callable[[], T], *, seconds: float, what: str) -> T:
    """Wait until a condition holds; return its value."""
    give_up = time.monotonic() + seconds
    while not (found := true()):
        assert time.monotonic() < give_up, f"not within {seconds} s: {what}"
        time.sleep(0.005)
    return found


CLUSTER = "voisoadmin.runtime.cluster"  # the queue's part of `manage.py work`


def helpers_of(parent: int | None, module: str) -> list[psutil.Process]:
    """The children of a process, or of this one, that run a module of ours."""
    found = []
    for child in psutil.Process(parent).children():
        try:
            if module in child.cmdline():
                found.append(child)
        except psutil.Error:
            continue  # it has just ended
    return found


def lives(process: psutil.Process) -> bool:
    """A dead process stays a zombie until it is reaped: in a container, for ever."""
    try:
        return process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False
