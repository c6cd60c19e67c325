from typing import Any

from django.conf import settings
from django.core.management.base import CommandParser

from voisoadmin.lib.commands import CHECKS_OF_SETTINGS, JsonCommand, refused
from voisoadmin.runtime.children import end_with_parent
from voisoadmin.runtime.readiness import why_not_startable
from voisoadmin.runtime.worker import Worker


class Command(JsonCommand):
    needs_database = False  # it checks more, below
    requires_system_checks = CHECKS_OF_SETTINGS  # it runs for long, so an invalid setting must stop it at once
    help = "Run the background worker: check files, send contacts, update campaigns. Stop with Ctrl-C or SIGTERM."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--patience",
            type=float,
            default=30.0,
            help="restart the workers if a task waits this many seconds while they are idle (default: %(default)s)",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        end_with_parent()
        problem = why_not_startable()
        if problem:
            raise refused(problem)
        if self.json:
            self.emit({"working": settings.QUEUE_WORKERS})
        Worker(patience=options["patience"], say=self.stderr.write).run()
