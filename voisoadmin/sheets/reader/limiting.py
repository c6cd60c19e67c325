"""Limits for a process that reads untrusted bytes. It sets them itself, before it reads the first byte."""

import resource

from voisoadmin.lib.low_priority import give_way
from voisoadmin.sheets.facts import MIB

LEFT_BEHIND_BYTES = 1 * MIB  # of standard error, the only regular file such a process may write to
AFTER_SIGNAL_SECONDS = 5


def limit_myself(*, memory_bytes: int, cpu_seconds: int) -> None:
    """Bound address space, processor time and written files, and give way to other processes."""
    limit_memory(memory_bytes)
    limit_time(cpu_seconds)
    resource.setrlimit(resource.RLIMIT_FSIZE, (LEFT_BEHIND_BYTES, LEFT_BEHIND_BYTES))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    give_way()


def limit_memory(memory_bytes: int) -> None:
    """May be called again with fewer bytes."""
    resource.setrlimit(resource.RLIMIT_AS, (memory_bytes, memory_bytes))


def limit_time(cpu_seconds: int) -> None:
    """May be called again with fewer seconds."""
    # The soft limit sends SIGXCPU, so the parent can distinguish it from a lack of memory; the hard limit kills.
    resource.setrlimit(resource.RLIMIT_CPU, (cpu_seconds, cpu_seconds + AFTER_SIGNAL_SECONDS))
