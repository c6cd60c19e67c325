from importlib import import_module

from django.apps import AppConfig


class ControlsConfig(AppConfig):
    name = "voisoadmin.controls"
    label = "controls"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        import_module("voisoadmin.controls.receivers")
