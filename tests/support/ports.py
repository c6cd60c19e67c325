"""Ports for servers of tests: below those of outgoing connections, so that none of these takes one of ours first."""

import itertools
import os
import socket
from collections.abc import Iterator

HOST = "127.0.0.1"
FIRST, SEGMENT, SEGMENTS = 10_000, 100, 220  # up to 32,000: Linux gives outgoing connections 32,768 and above


def _mine() -> Iterator[int]:
    """The ports of this process, again and again: processes that run side by side have different ones."""
    first = FIRST + os.getpid() % SEGMENTS * SEGMENT
    return itertools.cycle(range(first, first + SEGMENT))


_ports = _mine()


def free_port() -> int:
    """A port that nothing listens on."""
    return next(port for port in _ports if _is_free(port))


def free_pair() -> int:
    """The first of two free ports in a row."""
    return next(port for port in _ports if _is_free(port) and _is_free(port + 1))


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        try:
            probe.bind((HOST, port))
        except OSError:
            return False
    return True
