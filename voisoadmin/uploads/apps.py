from importlib import import_module

from django.apps import AppConfig


class UploadsConfig(AppConfig):
    name = "voisoadmin.uploads"
    label = "uploads"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        import_module("voisoadmin.uploads.receivers")
        import_module("voisoadmin.uploads.pages.campaign_uploads").register()
        import_module("voisoadmin.uploads.pages.sending_now").register()
