import time
from argparse import ArgumentParser
from typing import Any

from django.utils import timezone

from voisoadmin.campaigns import polling
from voisoadmin.campaigns.lookup import find_connections
from voisoadmin.campaigns.models import Campaign
from voisoadmin.connections.families import why_not
from voisoadmin.connections.models import Connection, Family
from voisoadmin.lib.commands import JsonCommand, refused

WAIT_SECONDS = polling.CLAIM_LASTS.total_seconds() + 5


class Command(JsonCommand):
    help = "Update the campaigns of all contact centres, or of one, from Voiso once."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--connection", default="", metavar="NAME", help="only this contact centre")

    def handle(self, *args: Any, **options: Any) -> None:
        connections = find_connections(options["connection"])
        problems = {connection: _sync(connection) for connection in connections}
        current = [connection for connection in connections if not problems[connection]]
        campaigns = [
            {
                "id": campaign.id_as_told,
                "name": campaign.name,
                "status": campaign.status or None,
                "live": campaign.live,
                "connection": campaign.connection.name,
            }
            for campaign in Campaign.objects.filter(connection__in=current, missing_since=None)
            .select_related("connection")
            .order_by("connection__name", "voiso_id")
        ]
        if current:
            words = "\n".join(f"{c['id']}  {c['status'] or 'unknown'}  {c['name']}  ({c['connection']})" for c in campaigns)
            self.emit({"campaigns": campaigns}, words=words or "Voiso lists no campaign.")
        failed = [f"{connection.name}: {problem}" for connection, problem in problems.items() if problem]
        if failed:
            raise refused("\n".join(failed))


def _sync(connection: Connection) -> str:
    """Sync one connection, after any sync in progress; return what was wrong, or nothing."""
    until = time.monotonic() + WAIT_SECONDS
    while True:
        at = timezone.now()
        connection.refresh_from_db()
        if why := why_not(connection, Family.LIST, at):
            return why
        done = polling.sync(connection, at=at)
        if not done.busy:
            return done.problem
        if time.monotonic() > until:
            return "Another sync is still running."
        time.sleep(0.2)
