from django.apps import AppConfig

from voisoadmin.campaigns.bulk.bulk_kinds import register


class ControlsConfig(AppConfig):
    name = "voisoadmin.controls"
    label = "controls"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        register(("start", "pause", "stop"), "voisoadmin.controls.bulk.changes_job.ChangesJob")
