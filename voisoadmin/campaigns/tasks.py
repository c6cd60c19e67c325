"""Jobs that keep the mirror current. Losing, repeating or reordering one changes only latency."""

from django.utils import timezone

from voisoadmin.campaigns import polling, watching
from voisoadmin.campaigns.presence import reading
from voisoadmin.campaigns.services import ask_where_due
from voisoadmin.campaigns.status_writes import forget_failed
from voisoadmin.connections.families import why_not
from voisoadmin.connections.models import Connection, Family
from voisoadmin.lib.jobs import job


@job
def sync_all() -> None:
    """Every minute, by schedule: a read of every connection of which something is due. Old refusals leave the board."""
    at = timezone.now()
    forget_failed(at=at)
    ask_where_due(Connection.objects.listable(at), at=at)


@job
def sync_connection(connection_id: int) -> None:
    """Read what is due of one connection, unless its list rests or is being read. A problem is stored on the connection."""
    at = timezone.now()
    connection = Connection.objects.listable(at).filter(pk=connection_id).first()
    if connection is not None:
        watching.poll(connection, at=at)


@job
def read_presence(connection_id: int) -> None:
    """Read the status of the agents of one connection. A problem is stored beside it."""
    connection = Connection.objects.filter(pk=connection_id, removed_at=None).first()
    if connection is not None:
        reading.read_presence(connection, at=timezone.now())


@job
def try_connection(connection_id: int) -> None:
    """A user asked to try now: also ends a wait of the lanes after a silence."""
    at = timezone.now()
    connection = Connection.objects.filter(pk=connection_id, removed_at=None).first()
    if connection is not None and not why_not(connection, Family.LIST, at):
        polling.sync(connection, at=at)
