from django.apps import AppConfig

from voisoadmin.campaigns.pages.additions import add_later
from voisoadmin.lib.later import receive_later
from voisoadmin.pushes.signals import intake_began


class UploadsConfig(AppConfig):
    name = "voisoadmin.uploads"
    label = "uploads"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        receive_later(intake_began, "voisoadmin.uploads.receivers.open_page")
        add_later("voisoadmin.uploads.pages.campaign_uploads")
        add_later("voisoadmin.uploads.pages.sending_now")
