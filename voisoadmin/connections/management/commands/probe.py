from argparse import ArgumentParser
from typing import Any

from voisoadmin.connections.models import Connection
from voisoadmin.lib.commands import JsonCommand, bad_input, refused
from voisoadmin.voiso import probe
from voisoadmin.voiso.probing import EndpointAnswer


class Command(JsonCommand):
    help = (
        "Ask every documented read of a contact centre once, and print the names and types of the fields it answers, "
        "never a value. Changes nothing in Voiso. Attach the output when you report that an answer can't be read."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("connection", metavar="CONNECTION", help="the connection's name")

    def handle(self, *args: Any, **options: Any) -> None:
        connection = Connection.objects.filter(removed_at=None, name=options["connection"]).first()
        if connection is None:
            names = Connection.objects.filter(removed_at=None).order_by("name").values_list("name", flat=True)
            raise bad_input(f"No connection has this name. Connections: {', '.join(names) or 'none yet'}.")
        seen = probe(
            generation=connection.generation, base_url=connection.base_url, key=connection.key, user_key=connection.user_key
        )
        for endpoint in seen:
            record = {
                "path": endpoint.path,
                "status": endpoint.status,
                "shape": endpoint.shape or None,
                "problem": endpoint.problem or None,
            }
            self.emit(record, words=_in_words(endpoint))
        if not any(endpoint.status for endpoint in seen):
            raise refused("No endpoint answered. Check the connection.")


def _in_words(seen: EndpointAnswer) -> str:
    return f"{seen.status or '–'}  GET {seen.path}\n     {seen.problem or seen.shape}"
