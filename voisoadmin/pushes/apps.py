from django.apps import AppConfig

from voisoadmin.connections.signals import connection_answered, connection_removed
from voisoadmin.lib.later import receive_later


class PushesConfig(AppConfig):
    name = "voisoadmin.pushes"
    label = "pushes"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        receive_later(connection_removed, "voisoadmin.pushes.receivers.end_sending")
        receive_later(connection_answered, "voisoadmin.pushes.receivers.continue_sending")
