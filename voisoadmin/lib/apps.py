from importlib import import_module
from typing import Any

from django.apps import AppConfig
from django.db.backends.signals import connection_created

from voisoadmin.lib.data_folder import make_data_folder


def _make_data_folder(**_: Any) -> None:
    make_data_folder()


class LibConfig(AppConfig):
    name = "voisoadmin.lib"
    label = "lib"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        import_module("voisoadmin.lib.queue_results")
        # Whatever uses a database server may write temporary files as well; SQLite needs the folder even earlier.
        connection_created.connect(_make_data_folder)
