import importlib

from django.apps import AppConfig


class RuntimeConfig(AppConfig):
    name = "voisoadmin.runtime"
    label = "runtime"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        # Registers the system checks.
        importlib.import_module("voisoadmin.runtime.readiness")
