from typing import Any

from django.core.management.commands import migrate
from django.db import connections

from voisoadmin.lib.new_database import create_tables

PARTIAL = ("app_label", "check_unapplied", "plan", "prune", "fake", "fake_initial")


class Command(migrate.Command):
    """Django's command; the tables of an empty database are made at once."""

    needs_database = False  # it creates one

    def handle(self, *args: Any, **options: Any) -> None:
        if not any(options[name] for name in PARTIAL):
            made = create_tables(connections[options["database"]])
            if made and options["verbosity"]:
                self.stdout.write(f"Created the tables of a new database: {made} migrations.")
        super().handle(*args, **options)
