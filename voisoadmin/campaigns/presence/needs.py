"""Who needs the status of the agents: an open page, or whatever else acts on it. Without a need nothing is read.

Each need has a name and ends on its own; what still needs the status says so again. Statuses are then read at the pace of
`reading`, and `Presence` says how old they are.
"""

from datetime import datetime, timedelta

from django.db.models import QuerySet

from voisoadmin.campaigns.models import Presence, PresenceNeed
from voisoadmin.connections.models import Connection
from voisoadmin.lib.clock import is_due
from voisoadmin.lib.jobs import enqueue

PAGE = "page"
LASTS = timedelta(seconds=45)  # an open page says so every 20 s
LONGEST = timedelta(minutes=10)  # later ends were written before the clock was set back
MISSED_AFTER = timedelta(seconds=30)  # a job that was lost
FARTHEST = timedelta(minutes=6)  # the next read is planned earlier than that
READ = "voisoadmin.campaigns.tasks.read_presence"


def need(connection: Connection, *, at: datetime, name: str = PAGE, lasts: timedelta = LASTS) -> None:
    """Have the status of the agents read for this long. Reads are queued by `ask_where_due`."""
    needs = PresenceNeed.objects.filter(connection=connection, name=name)
    if not needs.filter(until__range=(at + lasts / 2, at + lasts)).exists():
        Presence.objects.get_or_create(connection=connection)
        PresenceNeed.objects.update_or_create(connection=connection, name=name, defaults={"until": at + lasts})


def needs_at(at: datetime) -> QuerySet[PresenceNeed]:
    return PresenceNeed.objects.filter(until__gt=at, until__lte=at + LONGEST)


def is_needed(connection: Connection, *, at: datetime) -> bool:
    return needs_at(at).filter(connection=connection).exists()


def is_on_a_page(connection: Connection, *, at: datetime) -> bool:
    return needs_at(at).filter(connection=connection, name=PAGE).exists()


def ask_where_due(*, at: datetime, connection: Connection | None = None) -> int:
    """Queue a read for each contact centre whose statuses are needed and due; return how many were queued."""
    due = is_due("due_at", at, farthest=FARTHEST)
    wanted = Presence.objects.filter(due, connection__in=needs_at(at).values("connection"), connection__removed_at=None)
    if connection is not None:
        wanted = wanted.filter(connection=connection)
    queued = 0
    for pk, connection_id in list(wanted.values_list("pk", "connection_id")):
        # One UPDATE decides: of fifty pages at the same moment, one enqueues.
        if Presence.objects.filter(due, pk=pk).update(due_at=at + MISSED_AFTER):
            enqueue(READ, connection_id)
            queued += 1
    return queued
