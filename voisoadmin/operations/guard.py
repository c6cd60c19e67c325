"""Triggers that keep an entry of the activity which has ended as it is, and let an open one only move forward.

They are in the database, so they also hold for a forgotten `update` and for a shell. They don't stop the owner of the schema
(docs/operations.md, "Activity").

Django rebuilds tables of SQLite when it changes them, which drops their triggers, and refuses to rename a table that a
trigger names. So the triggers are dropped before migrations and created after them, and always know all columns.
"""

from collections.abc import Iterable
from typing import Any

from django.db import connections, router
from django.db.models.signals import post_migrate, pre_migrate
from django.dispatch import receiver

from voisoadmin.operations.models import Door, Operation

TABLE, DOORS = Operation._meta.db_table, Door._meta.db_table
UNCHANGED = "An entry of the activity that has ended is never changed."
KEPT = "An entry of the activity is never deleted."
FORWARD = "An open entry of the activity only moves forward."
FIXED = ("id", "once_key", "kind", "subject_kind", "subject_id", "by_label")  # of an open entry
NAMES = ("activity_ended", "activity_forward", "activity_kept", "activity_not_replaced", "activity_not_emptied")

_ENDED = "OLD.status NOT IN ('queued', 'running')"
_BACK = "(OLD.status = 'running' AND NEW.status = 'queued') OR NEW.attempt < OLD.attempt"


def _open(why: str) -> str:
    return f"EXISTS (SELECT 1 FROM {DOORS} WHERE why = '{why}')"


def _differs(columns: Iterable[str], operator: str) -> str:
    return " OR ".join(f"NEW.{column} {operator} OLD.{column}" for column in columns)


def _others() -> list[str]:
    return [column for field in Operation._meta.concrete_fields if (column := field.column) and column != "by_id"]


def _for_sqlite() -> list[str]:
    def trigger(name: str, event: str, when: str, sentence: str) -> str:
        return f"CREATE TRIGGER {name} BEFORE {event} ON {TABLE} WHEN {when} BEGIN SELECT RAISE(ABORT, '{sentence}'); END"

    user_removed = f"{_open(Door.Why.REMOVED_USER)} AND NEW.by_id IS NULL AND NOT ({_differs(_others(), 'IS NOT')})"
    same = f"EXISTS (SELECT 1 FROM {TABLE} WHERE id = NEW.id OR once_key = NEW.once_key)"
    return [
        trigger("activity_ended", "UPDATE", f"{_ENDED} AND NOT ({user_removed})", UNCHANGED),
        trigger("activity_forward", "UPDATE", f"NOT ({_ENDED}) AND ({_BACK} OR {_differs(FIXED, 'IS NOT')})", FORWARD),
        trigger("activity_kept", "DELETE", f"NOT {_open(Door.Why.RETENTION)}", KEPT),
        # REPLACE deletes without a trigger for it.
        trigger("activity_not_replaced", "INSERT", same, UNCHANGED),
    ]


def _for_postgresql() -> list[str]:
    def stop(sentence: str) -> str:
        return f"RAISE EXCEPTION '{sentence}' USING ERRCODE = 'integrity_constraint_violation';"

    user_removed = f"{_open(Door.Why.REMOVED_USER)} AND NEW.by_id IS NULL AND NOT ({_differs(_others(), 'IS DISTINCT FROM')})"
    return [
        f"""CREATE OR REPLACE FUNCTION activity_guard() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
            IF TG_OP IN ('DELETE', 'TRUNCATE') THEN
                IF NOT {_open(Door.Why.RETENTION)} THEN {stop(KEPT)} END IF;
                RETURN OLD;
            END IF;
            IF {_ENDED} THEN
                IF NOT ({user_removed}) THEN {stop(UNCHANGED)} END IF;
            ELSIF {_BACK} OR {_differs(FIXED, "IS DISTINCT FROM")} THEN {stop(FORWARD)} END IF;
            RETURN NEW;
        END $$""",
        f"CREATE TRIGGER activity_kept BEFORE UPDATE OR DELETE ON {TABLE} FOR EACH ROW EXECUTE FUNCTION activity_guard()",
        f"CREATE TRIGGER activity_not_emptied BEFORE TRUNCATE ON {TABLE} FOR EACH STATEMENT EXECUTE FUNCTION activity_guard()",
    ]


@receiver(pre_migrate)
def drop(sender: Any, using: str, **_: object) -> None:
    """Before any app's migrations; may be repeated."""
    if not _is_here(sender, using):
        return
    connection = connections[using]
    with connection.cursor() as cursor:
        for name in NAMES:
            if connection.vendor == "postgresql":
                cursor.execute(f"DROP TRIGGER IF EXISTS {name} ON {TABLE}")
            else:
                cursor.execute(f"DROP TRIGGER IF EXISTS {name}")


@receiver(post_migrate)
def create(sender: Any, using: str, **_: object) -> None:
    """After all migrations; may be repeated."""
    if not _is_here(sender, using, DOORS):
        return
    drop(sender, using)
    connection = connections[using]
    with connection.cursor() as cursor:
        for statement in _for_postgresql() if connection.vendor == "postgresql" else _for_sqlite():
            cursor.execute(statement)


def _is_here(sender: Any, using: str, table: str = TABLE) -> bool:
    """Django sends the signals once for each app; one is enough."""
    if sender.label != Operation._meta.app_label or not router.allow_migrate_model(using, Operation):
        return False
    connection = connections[using]
    with connection.cursor() as cursor:
        return table in connection.introspection.table_names(cursor)
