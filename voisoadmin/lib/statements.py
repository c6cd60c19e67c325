"""Statements that are written as text: where Django takes many times as long to write one as a database to run it."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from enum import Enum
from typing import Any

import orjson
from django.db import connection
from django.db.backends.utils import CursorWrapper
from django.db.models import IntegerField
from django.db.models.expressions import RawSQL

_AMONG = {"sqlite": "IN (SELECT value FROM json_each(%s))", "postgresql": "= ANY(%s)"}


class Statement:
    """Its text has `%s` for each value, and `{among}` for a comparison with a list of whole numbers, which is one value.

    `locks`: the alias of the table whose rows are locked, in a transaction.
    """

    def __init__(self, text: str, *, locks: str = "", **names: str) -> None:
        self._texts: Mapping[str, str] = {
            vendor: text.format(among=among, **names) + (f" FOR UPDATE OF {locks}" if locks and vendor == "postgresql" else "")
            for vendor, among in _AMONG.items()
        }

    @property
    def text(self) -> str:
        return self._texts[connection.vendor]

    def rows(self, *values: Any) -> list[tuple[Any, ...]]:
        """As the database gives them: times and JSON may be texts."""
        return run_in_turn((self, values))[0]

    def run(self, *values: Any) -> None:
        run_in_turn((self, values))

    def as_number(self, *values: Any) -> RawSQL:
        """Its one row with one whole number, as part of a query of Django's."""
        return RawSQL(self.text, [_sent(value) for value in values], IntegerField())


def as_texts(values: Iterable[Enum]) -> str:
    """For `IN (...)`: fixed values of the program, never of a user."""
    return ", ".join(f"'{value.value}'" for value in values)


Asked = tuple[Statement, Sequence[Any]]


def run_in_turn(*asked: Asked) -> list[list[tuple[Any, ...]]]:
    """The rows of each, none of a change. PostgreSQL gets all of them at once, as a journey there takes as long as a statement;
    not where DATABASE_URL chooses the protocol that has only one."""
    options = connection.settings_dict["OPTIONS"]
    found = []
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql" and not options.get("server_side_binding"):
            together = ";".join(statement.text for statement, _ in asked)
            cursor.execute(together, [_sent(value) for _, values in asked for value in values])
            found.append(_rows(cursor))
            while cursor.nextset():
                found.append(_rows(cursor))
        else:
            for statement, values in asked:
                cursor.execute(statement.text, [_sent(value) for value in values])
                found.append(_rows(cursor))
    return found


def _rows(cursor: CursorWrapper) -> list[tuple[Any, ...]]:
    return cursor.fetchall() if cursor.description else []


def _sent(value: Any) -> Any:
    if isinstance(value, datetime):
        return connection.ops.adapt_datetimefield_value(value)
    if isinstance(value, date):
        return connection.ops.adapt_datefield_value(value)
    if isinstance(value, list) and connection.vendor == "sqlite":
        return orjson.dumps(value).decode()
    return value
