"""Queries of Django's that are written once: to write a large one takes several times as long as to answer it."""

from collections.abc import Callable, Hashable
from copy import copy
from typing import Any, TypeVar

from django.core.exceptions import EmptyResultSet
from django.db import connections
from django.db.models import QuerySet

MOST = 100  # a large one takes 100 KB
Row = TypeVar("Row")


class KeptQueries:
    """The rows of a query are read each time; only its text is kept, by a key of everything that the query follows from."""

    def __init__(self, most: int = MOST) -> None:
        self.most = most
        self._reads: dict[Hashable, Callable[[], list[Any]]] = {}

    def rows(self, key: Hashable, build: "Callable[[], QuerySet[Any, Row]]") -> list[Row]:
        read = self._reads.get(key)
        if read is None:
            if len(self._reads) >= self.most:
                self._reads.clear()
            read = self._reads[key] = _written(build())
        return read()


def _written(found: "QuerySet[Any, Row]") -> Callable[[], list[Row]]:
    compiler = found.query.get_compiler(using=found.db)
    try:
        written = compiler.as_sql()
    except EmptyResultSet:
        return list

    def read() -> list[Row]:
        own = copy(compiler)
        own.connection = connections[found.db]  # each thread has its own
        own.as_sql = lambda *_args, **_options: written
        again = found.all()
        again.query.get_compiler = lambda *_args, **_options: own  # type: ignore[method-assign]
        return list(again)

    return read
