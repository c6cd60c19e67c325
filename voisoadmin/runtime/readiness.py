"""Checks whether this installation can do its work, in sentences."""

from datetime import timedelta

from django.core.checks import CheckMessage, Error, Tags, register
from django.db import DEFAULT_DB_ALIAS, connection
from django.utils import timezone
from django_q.models import OrmQ

from voisoadmin.lib.database import why_no_database
from voisoadmin.runtime.models import LastSweep

SYNCHRONOUS_FULL = 2
QUEUE_PATIENCE = timedelta(seconds=60)
SWEEP_PATIENCE = timedelta(seconds=150)  # a worker queues one each minute


def unsafe_writes() -> str:
    """Why a committed call might not survive a power loss; empty if it will (R18)."""
    if connection.vendor != "sqlite":
        return ""
    with connection.cursor() as cursor:
        synchronous = cursor.execute("PRAGMA synchronous").fetchone()[0]
    if synchronous >= SYNCHRONOUS_FULL:
        return ""
    return (
        f"SQLite's synchronous is {synchronous}, not FULL: after a power loss, a request that was sent could be forgotten. "
        "Put PRAGMA synchronous=FULL back into the database's init_command."
    )


def why_not_startable() -> str:
    """Why no worker and no server may start; empty if they may."""
    return why_no_database() or unsafe_writes()


def queue_problem() -> str:
    """Why queued work isn't done; empty if it is. Uses only the database, so any web process can check."""
    now = timezone.now()
    if OrmQ.objects.filter(lock__lt=now - QUEUE_PATIENCE).exists():
        return "A queued task has been waiting for more than a minute."
    if not LastSweep.objects.filter(at__gte=now - SWEEP_PATIENCE).exists():
        return "No worker is running."
    return ""


@register(Tags.database)
def writes_are_safe(*, databases: object = None, **kwargs: object) -> list[CheckMessage]:
    """System check, run by `migrate` and by `check --database default`."""
    if not isinstance(databases, list | tuple | set | frozenset) or DEFAULT_DB_ALIAS not in databases:
        return []
    problem = unsafe_writes()
    return [Error(problem, id="voisoadmin.E001")] if problem else []
