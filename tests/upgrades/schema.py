"""The tables, indexes and triggers of an installation, as its database describes them, and how many rows it has."""

import sqlite3
from typing import Any

import psycopg

from tests.support.installation import Installation

ON_POSTGRES = """
    SELECT 'column', table_name || '.' || column_name, data_type || ' ' || is_nullable FROM information_schema.columns
    WHERE table_schema = 'public'
    UNION ALL SELECT 'index', CASE WHEN indexname ~ '_key$' THEN definition ELSE indexname END, definition
    FROM pg_indexes, LATERAL regexp_replace(indexdef, ' [a-z_]+_key ON ', ' ON ') definition WHERE schemaname = 'public'
    UNION ALL SELECT 'constraint',
        CASE WHEN conname ~ '_(key|check)$' THEN conrelid::regclass || ' ' || definition ELSE conname END, definition
    FROM pg_constraint, LATERAL pg_get_constraintdef(oid) definition WHERE connamespace = 'public'::regnamespace
    UNION ALL SELECT 'trigger', tgname, pg_get_triggerdef(oid) FROM pg_trigger WHERE NOT tgisinternal
"""
TABLES_ON_POSTGRES = "SELECT tablename FROM pg_tables WHERE schemaname = 'public'"


def schema_of(installation: Installation) -> dict[tuple[str, str], str | int]:
    """By kind and name. What earlier migrations leave doesn't count: the order of columns, which SQLite changes as it changes
    one, and the names that PostgreSQL gave to constraints of columns that were renamed since."""
    if "DATABASE_URL" in installation.env:
        with psycopg.connect(installation.env["DATABASE_URL"]) as database:
            found = {(kind, name): text for kind, name, text in database.execute(ON_POSTGRES)}
            tables = [name for (name,) in database.execute(TABLES_ON_POSTGRES)]
            return found | {("rows", name): _rows(database, name) for name in tables}
    with sqlite3.connect(installation.folder / "voisoadmin.sqlite3") as database:
        rows = database.execute("SELECT type, name, sql FROM sqlite_master WHERE sql IS NOT NULL").fetchall()
        tables = [name for kind, name, _ in rows if kind == "table" and not name.startswith("sqlite_")]
        found = {(kind, name): _any_order(sql) if kind == "table" else sql for kind, name, sql in rows}
        return found | {("rows", name): _rows(database, name) for name in tables}


def _rows(database: Any, table: str) -> int:
    return int(database.execute(f'SELECT COUNT(*) FROM "{table}"').fetchone()[0])


def _any_order(sql: str) -> str:
    """A CREATE TABLE with its columns and constraints sorted."""
    begin, _, parts = sql.partition(" (")
    found, depth = [""], 0
    for character in parts.removesuffix(")"):
        depth += (character == "(") - (character == ")")
        if character == "," and not depth:
            found.append("")
        else:
            found[-1] += character
    return f"{begin} ({', '.join(sorted(part.strip() for part in found))})"
