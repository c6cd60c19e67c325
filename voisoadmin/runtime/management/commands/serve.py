from typing import Any

from django.conf import settings
from django.core.management.base import CommandParser

from voisoadmin.lib.commands import CHECKS_OF_SETTINGS, JsonCommand, bad_input, refused
from voisoadmin.runtime import demo_mark, static_files, supervisor
from voisoadmin.runtime.readiness import why_not_startable


class Command(JsonCommand):
    needs_database = False  # it checks more, below
    requires_system_checks = CHECKS_OF_SETTINGS  # it runs for long, so an invalid setting must stop it at once
    help = "Run the web server and the background worker together. Stop with Ctrl-C or SIGTERM."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--bind", default="127.0.0.1:8000", help="address and port (default: %(default)s)")
        parser.add_argument("--threads", type=int, default=16, help="requests served at a time (default: %(default)s)")

    def handle(self, *args: Any, **options: Any) -> None:
        bind = options["bind"]
        try:
            host, port = supervisor.parse_bind(bind)
        except ValueError as error:
            raise bad_input(str(error)) from None
        if options["threads"] < 2:
            raise bad_input("--threads must be at least 2.")
        if problem := why_not_startable() or _why_not_here() or _why_not_there(host, port):
            raise refused(problem)
        static_files.collect()
        parts = [supervisor.web(bind, threads=options["threads"]), supervisor.work()]
        try:
            supervisor.Supervisor(parts).run(
                is_up=lambda: supervisor.answers(host, port),
                when_up=lambda: self._say_up(bind),
            )
        except supervisor.CannotRun as error:
            raise refused(str(error)) from None

    def _say_up(self, bind: str) -> None:
        if self.json:
            self.emit({"listening": bind})
        else:
            self.stderr.write(f"VoisoAdmin is listening on {bind}.")


def _why_not_here() -> str:
    if not demo_mark.exists():
        return ""
    return (
        f"{settings.DATA_DIR} is a demo with well-known passwords. "
        "Set VOISOADMIN_DATA_DIR to another folder, or delete this one."
    )


def _why_not_there(host: str, port: int) -> str:
    why = supervisor.why_not_bindable(host, port)
    return f"Can't listen on {host}:{port}: {why}. Is something else running there? Choose another with --bind." if why else ""
