"""`migrate` creates the triggers of the activity at its end; without the command they are missing."""

from django.apps import apps

from voisoadmin.operations import guard


def create_triggers() -> None:
    guard.create(apps.get_app_config("operations"), using="default")
