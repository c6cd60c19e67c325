"""Jobs that keep the mirror current. Losing, repeating or reordering one changes only latency."""

from django.utils import timezone

from voisoadmin.campaigns import polling
from voisoadmin.connections.models import Connection
from voisoadmin.lib.jobs import enqueue, job


@job
def sync_all() -> None:
    """Every minute, by schedule: a sync of every connection without a hold."""
    for connection_id in Connection.objects.free(timezone.now()).values_list("pk", flat=True):
        enqueue("voisoadmin.campaigns.tasks.sync_connection", connection_id)


@job
def sync_connection(connection_id: int) -> None:
    """Read the campaigns of one connection, unless it is held or being read. A problem is stored on the connection."""
    at = timezone.now()
    connection = Connection.objects.free(at).filter(pk=connection_id).first()
    if connection is not None:
        polling.sync(connection, at=at)


@job
def try_connection(connection_id: int) -> None:
    """A user asked to try now: like `sync_connection`, but ignores a hold for silence."""
    at = timezone.now()
    connection = Connection.objects.filter(pk=connection_id, removed_at=None).first()
    if connection is None or (connection.is_held(at) and connection.held_kind != Connection.Hold.SILENT):
        return
    polling.sync(connection, at=at)
