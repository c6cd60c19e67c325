from importlib import import_module

from django.apps import AppConfig


class AccountsConfig(AppConfig):
    name = "voisoadmin.accounts"
    label = "accounts"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        import_module("voisoadmin.accounts.idle")
