"""Checks whether this installation can do its work, in sentences."""

from dataclasses import dataclass
from datetime import timedelta

from django.core.checks import CheckMessage, Error, Tags, register
from django.db import DEFAULT_DB_ALIAS, connection
from django.db import Error as DatabaseProblem
from django.utils import timezone
from django_q.models import OrmQ

from voisoadmin.lib.database import missing_migrations, out_of_date, why_no_database
from voisoadmin.runtime.models import LastSweep

SYNCHRONOUS_FULL = 2
QUEUE_PATIENCE = timedelta(seconds=60)
SWEEP_PATIENCE = timedelta(seconds=150)  # a worker queues one each minute


@dataclass(frozen=True)
class Readiness:
    """A word for each part, and a sentence for each problem."""

    database: str  # ok, behind, away
    queue: str  # ok, stuck, unknown
    problems: tuple[str, ...] = ()

    @property
    def is_ready(self) -> bool:
        return not self.problems


def readiness() -> Readiness:
    """Whether the database answers and is up to date, and queued work gets done."""
    try:
        if missing := missing_migrations():
            return Readiness("behind", "unknown", (out_of_date(missing),))
        problem = queue_problem()
    except DatabaseProblem as failure:
        return Readiness("away", "unknown", (f"Can't use the database: {failure}",))
    return Readiness("ok", "stuck" if problem else "ok", (problem,) if problem else ())


def unsafe_writes() -> str:
    """Why a committed call might not survive a power loss; empty if it will (docs/faults.md, "power loss")."""
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
