"""Transactions that don't wait long for the locks of others."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import OperationalError, connection, transaction

LOCK_NOT_AVAILABLE = "55P03"  # PostgreSQL's code for a lock_timeout


class LockedTooLong(Exception):
    """Another transaction kept its lock; nothing was changed."""


@contextmanager
def short_waits(seconds: float) -> Iterator[None]:
    """A transaction in which no lock is waited for longer. Raises LockedTooLong."""
    milliseconds = round(seconds * 1000)
    is_sqlite = connection.vendor == "sqlite"
    try:
        if is_sqlite:  # it has one lock for writing, which the transaction takes as it begins
            _run(f"PRAGMA busy_timeout = {milliseconds}")
        with transaction.atomic():
            if not is_sqlite:
                _run(f"SET LOCAL lock_timeout = {milliseconds}")
            yield
    except OperationalError as problem:
        if is_lock_problem(problem):
            raise LockedTooLong from None
        raise
    finally:
        if is_sqlite:
            _run(f"PRAGMA busy_timeout = {round(connection.settings_dict['OPTIONS']['timeout'] * 1000)}")


def is_lock_problem(problem: OperationalError) -> bool:
    if connection.vendor == "sqlite":
        return "locked" in str(problem)
    return getattr(problem.__cause__, "sqlstate", "") == LOCK_NOT_AVAILABLE


def _run(statement: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement)
