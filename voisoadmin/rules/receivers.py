"""Light: every process loads this at its start, and few of them decide anything."""

from datetime import datetime
from typing import Any

from django.dispatch import receiver

from voisoadmin.campaigns.signals import presence_read
from voisoadmin.connections.models import Connection
from voisoadmin.controls.services import OBJECTIONS
from voisoadmin.operations.signals import activity_removed
from voisoadmin.rules.log_retention import remove_past
from voisoadmin.rules.models import Rule
from voisoadmin.rules.presence_log import note_presence

OBJECTIONS[Rule.ASKED_AGAIN] = "voisoadmin.rules.firing.objection"


@receiver(presence_read)
def keep_history(sender: object, *, connection: Connection, **_: Any) -> None:
    note_presence(connection)


@receiver(activity_removed)
def remove_log(sender: object, *, before: datetime, **_: Any) -> None:
    remove_past(before=before)
