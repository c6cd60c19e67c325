from importlib import import_module

from django.apps import AppConfig


class RulesConfig(AppConfig):
    name = "voisoadmin.rules"
    label = "rules"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        import_module("voisoadmin.rules.receivers")
        import_module("voisoadmin.rules.pages.campaign_rules").register()
        import_module("voisoadmin.rules.pages.board_wants").register()
