from typing import Any

from django.dispatch import receiver

from voisoadmin.campaigns.signals import presence_read
from voisoadmin.connections.models import Connection
from voisoadmin.controls.services import OBJECTIONS
from voisoadmin.rules.firing import OBJECTS, objection
from voisoadmin.rules.presence_log import note_presence

OBJECTIONS[OBJECTS] = objection


@receiver(presence_read)
def keep_history(sender: object, *, connection: Connection, **_: Any) -> None:
    note_presence(connection)
