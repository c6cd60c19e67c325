"""Evaluates all rules every 15 s, in one process of all: the one with the lock. As a lane's, it ends with its owner."""

import logging
import threading

from django.db import Error as DatabaseProblem
from django.db import close_old_connections

from voisoadmin.lib.clock import scaled
from voisoadmin.pushes.engine.locks import LaneLocks, Lost, open_locks
from voisoadmin.rules.evaluating import Evaluator

logger = logging.getLogger(__name__)

EVERY_SECONDS = 15.0
LOCK = -1  # no lane has this ID


class EvaluationLoop:
    """Runs until `stop` is set."""

    def __init__(self, stop: threading.Event) -> None:
        self.stop = stop
        self.evaluator = Evaluator()
        self._locks: LaneLocks | None = None

    def run(self) -> None:
        try:
            while not self.stop.is_set():
                self._turn()
                self.stop.wait(scaled(EVERY_SECONDS))
        finally:
            self._let_go()

    def _turn(self) -> None:
        try:
            if self._is_ours():
                self.evaluator.evaluate()
        except (DatabaseProblem, Lost) as problem:
            # The database may be down for a while. Then another process may have evaluated: nothing is remembered.
            logger.warning("Couldn't evaluate the rules: %s", problem)
            self._let_go()
            close_old_connections()

    def _is_ours(self) -> bool:
        """Whether this process is the one that evaluates."""
        if self._locks is not None:
            self._locks.check()
            return True
        locks = open_locks()
        if not locks.take(LOCK):
            locks.close()
            return False
        self._locks, self.evaluator = locks, Evaluator()
        return True

    def _let_go(self) -> None:
        if self._locks is not None:
            self._locks.close()
            self._locks = None
