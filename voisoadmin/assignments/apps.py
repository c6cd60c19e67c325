from importlib import import_module

from django.apps import AppConfig


class AssignmentsConfig(AppConfig):
    name = "voisoadmin.assignments"
    label = "assignments"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        import_module("voisoadmin.assignments.campaign_people").register()
        import_module("voisoadmin.assignments.receivers")
