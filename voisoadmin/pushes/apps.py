from importlib import import_module

from django.apps import AppConfig


class PushesConfig(AppConfig):
    name = "voisoadmin.pushes"
    label = "pushes"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        import_module("voisoadmin.pushes.receivers")
