from django.apps import AppConfig

from voisoadmin.campaigns.bulk.bulk_kinds import register
from voisoadmin.campaigns.pages.additions import add_later


class AssignmentsConfig(AppConfig):
    name = "voisoadmin.assignments"
    label = "assignments"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        add_later("voisoadmin.assignments.campaign_people")
        register(["assign"], "voisoadmin.assignments.people_bulk.PeopleBulkJob")
