from typing import Any

from django.core.management.base import CommandParser

from voisoadmin.demo import program
from voisoadmin.lib.commands import CHECKS_OF_SETTINGS, JsonCommand, bad_input, refused
from voisoadmin.runtime.supervisor import CannotRun


class Command(JsonCommand):
    needs_database = False  # it creates one
    requires_system_checks = CHECKS_OF_SETTINGS  # it runs for long, so an invalid setting must stop it at once
    help = "Try VoisoAdmin without a Voiso account. Runs everything on this machine until Ctrl-C."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--port", type=int, default=8000, help="port of the pages on 127.0.0.1 (default: %(default)s)")
        parser.add_argument(
            "--sandbox-port",
            type=int,
            default=8100,
            help="port of the first simulated Voiso; the second takes the next one (default: %(default)s)",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        for option in ("port", "sandbox_port"):
            # The second sandbox takes the next port.
            if not 0 < options[option] < 65535:
                raise bad_input(f"--{option.replace('_', '-')} must be between 1 and 65534.")
        try:
            program.run(
                port=options["port"],
                sandbox_port=options["sandbox_port"],
                say=self._say,
                announce=lambda facts, words: self.emit(facts, words=words),
            )
        except (program.DemoRefused, CannotRun) as problem:
            raise refused(str(problem)) from None

    def _say(self, line: str) -> None:
        if self.json:
            return  # the one record has everything a script needs
        self.stdout.write(line)
        self.stdout.flush()  # stdout may be a pipe
