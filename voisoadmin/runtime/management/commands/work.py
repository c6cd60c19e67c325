from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from voisoadmin.lib.commands import REFUSED
from voisoadmin.runtime.children import end_with_parent
from voisoadmin.runtime.readiness import why_not_startable
from voisoadmin.runtime.worker import Worker


class Command(BaseCommand):
    help = "Do the background work: read files, send contacts, poll Voiso. Runs until it is ended (Ctrl-C or SIGTERM)."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--patience",
            type=float,
            default=30.0,
            help="seconds a queued task may wait, while workers are idle, before all of them are restarted (%(default)s)",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        end_with_parent()
        problem = why_not_startable()
        if problem:
            raise CommandError(problem, returncode=REFUSED)
        Worker(patience=options["patience"], say=self.stderr.write).run()
