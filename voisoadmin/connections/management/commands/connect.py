import getpass
import os
import sys
from pathlib import Path
from typing import Any

from django.core.management.base import CommandParser
from django.utils import timezone

from voisoadmin.connections import connection_test, services
from voisoadmin.connections.models import Connection
from voisoadmin.lib.commands import JsonCommand, bad_input, command_line_label, refused
from voisoadmin.lib.zones import zone_named
from voisoadmin.voiso import Generation, check_key, normalise_base_url


class Command(JsonCommand):
    help = (
        "Connect a contact centre, or change the connection with that name, and check it. The key is read from --key-file, "
        "else from VOISO_API_KEY, else from standard input. Exit 1: saved, but the check failed (campaigns is null)."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("name", metavar="NAME", help="the connection's name here")
        where = parser.add_mutually_exclusive_group(required=True)
        where.add_argument("--cluster", metavar="ID", help="the cluster ID, for example cc-ams03")
        where.add_argument("--base-url", metavar="URL", help="https://<cluster>.voiso.com, or a host of VOISOADMIN_EXTRA_HOSTS")
        parser.add_argument("--api", required=True, choices=[one.value for one in Generation], help="the key's API version")
        parser.add_argument("--key-file", metavar="F", type=Path, help="file that contains only the key")
        parser.add_argument(
            "--user-key-file", metavar="F", type=Path, help="legacy only: file that contains only a user's key, for lookups"
        )

        parser.add_argument(
            "--time-zone", metavar="ZONE", help="of its days and hours on pages, for example Europe/Berlin; '' for the default"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            address = normalise_base_url(options["cluster"] or options["base_url"] or "")
            key = check_key(_key(options["key_file"]))
            user_key = check_key(_key(options["user_key_file"])) if options["user_key_file"] else None
            time_zone = None if options["time_zone"] is None else zone_named(options["time_zone"])
        except ValueError as problem:
            raise bad_input(str(problem)) from None
        now, label = timezone.now(), command_line_label()
        known = Connection.objects.filter(name=services.plain_name(options["name"]), removed_at=None).first()
        try:
            connection = services.save_connection(
                name=options["name"],
                address=address,
                generation=options["api"],
                key=key,
                user_key=user_key,
                time_zone=time_zone,
                connection=known,
                by_label=label,
                at=now,
            )
        except services.ConnectionRefused as problem:
            raise bad_input(str(problem)) from None
        found = connection_test.check_for(connection, by_label=label, at=timezone.now())
        self.emit(
            {
                "connection": connection.name,
                "api": connection.generation,
                "base_url": connection.base_url,
                "campaigns": found.campaigns,
                "checks": list(found.lines),
            },
            words="\n".join([found.words, *found.lines]) if found.ok else f"{connection.name} saved.",
        )
        if not found.ok:
            raise refused(f"The check of {connection.name} failed. {found.words}")


def _key(file: Path | None) -> str:
    if file is not None:
        try:
            return file.read_text(encoding="utf-8-sig")
        except (OSError, UnicodeDecodeError) as problem:
            reason = problem.strerror if isinstance(problem, OSError) else "it is not text"
            raise bad_input(f"Can't read the key file {file}: {reason}.") from None
    if key := os.environ.get("VOISO_API_KEY", ""):
        return key
    return getpass.getpass("API key: ") if sys.stdin.isatty() else sys.stdin.read(10_000)
