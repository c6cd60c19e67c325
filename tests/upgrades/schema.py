"""The tables and indexes of an installation, as its database describes them."""

import sqlite3

import psycopg

from tests.support.installation import Installation

ON_POSTGRES = """
    SELECT 'column', table_name || '.' || column_name, data_type || ' ' || is_nullable FROM information_schema.columns
    WHERE table_schema = 'public'
    UNION ALL SELECT 'index', indexname, indexdef FROM pg_indexes WHERE schemaname = 'public'
    UNION ALL SELECT 'constraint', conname, pg_get_constraintdef(oid) FROM pg_constraint
    WHERE connamespace = 'public'::regnamespace
"""


def schema_of(installation: Installation) -> dict[tuple[str, str], str]:
    """By kind and name. Of a SQLite table that was made in another order of columns, the order does not count."""
    if "DATABASE_URL" in installation.env:
        with psycopg.connect(installation.env["DATABASE_URL"]) as database:
            return {(kind, name): text for kind, name, text in database.execute(ON_POSTGRES)}
    with sqlite3.connect(installation.folder / "voisoadmin.sqlite3") as database:
        rows = database.execute("SELECT type, name, sql FROM sqlite_master WHERE sql IS NOT NULL").fetchall()
    return {(kind, name): sql for kind, name, sql in rows}
