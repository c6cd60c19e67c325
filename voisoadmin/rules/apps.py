from importlib import import_module

from django.apps import AppConfig

from voisoadmin.campaigns.pages.additions import add_later


class RulesConfig(AppConfig):
    name = "voisoadmin.rules"
    label = "rules"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        import_module("voisoadmin.rules.receivers")
        add_later("voisoadmin.rules.pages.campaign_rules")
        add_later("voisoadmin.rules.pages.board_wants")
