"""Several counts or lists in one statement."""

from typing import Any

from django.db.models import IntegerField, JSONField, QuerySet, Subquery


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


class ListOf(Subquery):
    """The rows of a query as one list, each as the `JSONObject` that the query selects as `row`."""

    output_field = JSONField()

    def as_sqlite(self, compiler: Any, connection: Any) -> Any:
        template = "(SELECT json_group_array(json(row)) FROM (%(subquery)s) listed)"
        return self.as_sql(compiler, connection, template=template)

    def as_postgresql(self, compiler: Any, connection: Any) -> Any:
        template = "(SELECT COALESCE(jsonb_agg(row), '[]') FROM (%(subquery)s) listed)"
        return self.as_sql(compiler, connection, template=template)
