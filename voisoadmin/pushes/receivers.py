"""What becomes of pushes when something below them ends."""

from datetime import datetime

from django.dispatch import receiver

from voisoadmin.accounts.models import User
from voisoadmin.connections.models import Connection
from voisoadmin.connections.signals import connection_removed
from voisoadmin.pushes.models import Push
from voisoadmin.pushes.services import cancel_push


@receiver(connection_removed)
def end_sending(*, connection: Connection, by: User, at: datetime, **_: object) -> None:
    """Cancel what the removed connection was to send: it never can, and would stand in the way of others on its lanes."""
    running = Push.objects.running().filter(campaign__connection=connection)
    # Lanes in one order, so that two removals at once never wait for each other.
    for push in running.order_by("lane", "pk"):
        cancel_push(push, by=by, by_label=by.label, at=at)
