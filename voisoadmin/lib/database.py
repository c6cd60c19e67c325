"""Checks whether the database can be used, in sentences."""

from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor

from voisoadmin.lib.places import PROGRAM


def missing_migrations() -> int:
    executor = MigrationExecutor(connection)
    return len(executor.migration_plan(executor.loader.graph.leaf_nodes()))


def why_no_database() -> str:
    """Why nothing can be read or written; empty if it can."""
    try:
        missing = missing_migrations()
    except DatabaseError as problem:
        return f"Can't use the database: {problem}"
    return out_of_date(missing) if missing else ""


def out_of_date(missing: int) -> str:
    return f"The database is out of date ({missing} migrations missing). Run: {PROGRAM} migrate"
