from importlib import import_module

from django.apps import AppConfig

from voisoadmin.campaigns.pages.additions import add_later


class AssignmentsConfig(AppConfig):
    name = "voisoadmin.assignments"
    label = "assignments"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        add_later("voisoadmin.assignments.campaign_people")
        import_module("voisoadmin.assignments.receivers")
