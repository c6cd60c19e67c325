from importlib import import_module

from django.apps import AppConfig

from voisoadmin.campaigns.pages.additions import add_later


class UploadsConfig(AppConfig):
    name = "voisoadmin.uploads"
    label = "uploads"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        import_module("voisoadmin.uploads.receivers")
        add_later("voisoadmin.uploads.pages.campaign_uploads")
        add_later("voisoadmin.uploads.pages.sending_now")
