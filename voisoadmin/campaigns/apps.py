from importlib import import_module

from django.apps import AppConfig


class CampaignsConfig(AppConfig):
    name = "voisoadmin.campaigns"
    label = "campaigns"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        import_module("voisoadmin.campaigns.access")  # needs the models
