from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from voisoadmin.lib.commands import REFUSED
from voisoadmin.runtime import demo
from voisoadmin.runtime.supervisor import CannotRun


class Command(BaseCommand):
    help = "Try VoisoAdmin without a Voiso account: everything it needs, on this machine alone, until Ctrl-C."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--port", type=int, default=8000, help="of the pages, at 127.0.0.1 (%(default)s)")
        parser.add_argument("--sandbox-port", type=int, default=8100, help="of the first stand-in Voiso (%(default)s)")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            demo.run(port=options["port"], sandbox_port=options["sandbox_port"], say=self._say)
        except (demo.DemoRefused, CannotRun) as problem:
            raise CommandError(str(problem), returncode=REFUSED) from None

    def _say(self, line: str) -> None:
        self.stdout.write(line)
        self.stdout.flush()  # somebody may read it from a pipe
