"""Jobs that keep the mirror current. Losing, repeating or reordering one changes only latency."""

from django.utils import timezone

from voisoadmin.campaigns import polling
from voisoadmin.connections.models import Connection, Family
from voisoadmin.connections.services import why_not
from voisoadmin.lib.jobs import enqueue, job


@job
def sync_all() -> None:
    """Every minute, by schedule: a sync of every connection whose list may be read."""
    for connection_id in Connection.objects.listable(timezone.now()).values_list("pk", flat=True):
        enqueue("voisoadmin.campaigns.tasks.sync_connection", connection_id)


@job
def sync_connection(connection_id: int) -> None:
    """Read the campaigns of one connection, unless its list rests or is being read. A problem is stored on the connection."""
    at = timezone.now()
    connection = Connection.objects.listable(at).filter(pk=connection_id).first()
    if connection is not None:
        polling.sync(connection, at=at)


@job
def try_connection(connection_id: int) -> None:
    """A user asked to try now: also ends a wait of the lanes after a silence."""
    at = timezone.now()
    connection = Connection.objects.filter(pk=connection_id, removed_at=None).first()
    if connection is not None and not why_not(connection, Family.LIST, at):
        polling.sync(connection, at=at)
