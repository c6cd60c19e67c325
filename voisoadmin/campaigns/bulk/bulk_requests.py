"""The threads that send the requests of a bulk. They never touch the database: the job's thread records the answers."""

import logging
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from queue import Empty, SimpleQueue
from types import TracebackType
from typing import Self

from voisoadmin.voiso import NoReply, VoisoError

logger = logging.getLogger(__name__)
Key = tuple[int, int | str]  # the connection, and what of it is asked
MOST_AT_ONCE = 12
_FAULT_OF_OURS = "VoisoAdmin had an internal error with this request; see its log. Voiso may have processed it."


class Requests:
    """A context manager; leaving it waits for the open requests, which end within their deadline."""

    def __init__(self) -> None:
        self._pool = ThreadPoolExecutor(MOST_AT_ONCE, thread_name_prefix="bulk")
        self._answers: SimpleQueue[tuple[Key, object]] = SimpleQueue()
        self.open = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, frames: TracebackType | None) -> None:
        self._pool.shutdown(wait=True)

    @property
    def has_room(self) -> bool:
        """A request that waited for a thread would be sent later than its caller thinks."""
        return self.open < MOST_AT_ONCE

    def send(self, key: Key, ask: Callable[[], object]) -> None:
        self.open += 1
        self._pool.submit(self._send, key, ask)

    def next_answer(self, seconds: float) -> tuple[Key, object] | None:
        """The key and the answer, or the VoisoError, of a request that has ended; waits at most this long."""
        try:
            found = self._answers.get(timeout=seconds)
        except Empty:
            return None
        self.open -= 1
        if isinstance(found[1], BaseException) and not isinstance(found[1], VoisoError):
            raise found[1]  # the end of this process
        return found

    def _send(self, key: Key, ask: Callable[[], object]) -> None:
        self._answers.put((key, _found(ask)))


def _found(ask: Callable[[], object]) -> object:
    """The result of a request as a value: a thread has no caller to raise to."""
    try:
        return ask()
    except VoisoError as problem:
        return problem
    except Exception:
        logger.exception("Unexpected error in a request of a bulk")
        return NoReply(_FAULT_OF_OURS)
    except BaseException as end:
        return end
