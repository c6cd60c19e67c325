from importlib import import_module

from django.apps import AppConfig


class OperationsConfig(AppConfig):
    name = "voisoadmin.operations"
    label = "operations"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        for module in ("receivers", "guard"):
            import_module(f"voisoadmin.operations.{module}")
