from importlib import import_module

from django.apps import AppConfig


class LibConfig(AppConfig):
    name = "voisoadmin.lib"
    label = "lib"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        import_module("voisoadmin.lib.queue_results")
