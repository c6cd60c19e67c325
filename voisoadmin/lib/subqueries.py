"""Several counts in one statement."""

from typing import Any

from django.db.models import IntegerField, QuerySet, Subquery


class CountOf(Subquery):
    """How many rows a query has."""

    template = "(SELECT COUNT(*) FROM (%(subquery)s) counted)"
    output_field = IntegerField()

    def __init__(self, rows: QuerySet[Any]) -> None:
        super().__init__(rows.order_by().values("pk"))


class SumOf(Subquery):
    """The sum of a column `total`, which the query selects."""

    template = "(SELECT COALESCE(SUM(total), 0) FROM (%(subquery)s) summed)"
    output_field = IntegerField()
