"""What happens to pushes when their connection is removed, or answers again."""

from datetime import datetime

from voisoadmin.connections.models import Connection
from voisoadmin.lib.jobs import enqueue
from voisoadmin.pushes.inbound import cancel_waiting
from voisoadmin.pushes.models import Inbox, Push
from voisoadmin.pushes.services import cancel_push


def end_sending(*, connection: Connection, at: datetime, **_: object) -> None:
    """Cancel the pushes of the removed connection, and what waits for one: they can't be sent, and would block others."""
    running = Push.objects.running().filter(campaign__connection=connection)
    # Lock lanes in one order, so that two removals at once never deadlock.
    for push in running.order_by("lane", "pk"):
        cancel_push(push, at=at)
    waiting = Inbox.objects.filter(campaign__connection=connection, waiting__gt=0)
    for inbox_id in waiting.order_by("lane", "pk").values_list("pk", flat=True):
        cancel_waiting(inbox_id, at=at)


def continue_sending(**_: object) -> None:
    """What the hold blocked continues at once."""
    enqueue("voisoadmin.pushes.tasks.sweep")
