"""The campaign named on a command line: by Voiso's ID, plus the connection if two list it."""

from django.utils import timezone

from voisoadmin.campaigns import polling
from voisoadmin.campaigns.models import Campaign
from voisoadmin.connections.families import why_not
from voisoadmin.connections.models import Connection, Family
from voisoadmin.connections.services import plain_name
from voisoadmin.lib.commands import bad_input
from voisoadmin.lib.places import PROGRAM


def find_connections(name: str = "") -> list[Connection]:
    """The connection with that name, or all; ends the command with exit code 2 if there is none."""
    connections = list(Connection.objects.filter(removed_at=None))
    if not connections:
        raise bad_input(f"No contact centre is connected yet. Run `{PROGRAM} connect`, or add one on the Connections page.")
    if not name:
        return connections
    found = [connection for connection in connections if connection.name == plain_name(name)]
    if not found:
        names = ", ".join(connection.name for connection in connections)
        raise bad_input(f"No connection named {name}. Connections: {names}.")
    return found


def find_campaign(voiso_id: str, connection_name: str = "") -> Campaign:
    """The campaign with Voiso's ID; ends the command with exit code 2 if it is unknown, or listed by two connections.

    Reads contact centres that were never read, and for an unknown campaign all of them, so that no other command is
    needed first.
    """
    connections = find_connections(connection_name)
    of_that_id = Campaign.objects.filter(voiso_id=voiso_id, connection__in=connections)
    known = of_that_id.exists()
    due = [connection for connection in connections if connection.synced_at is None or not known]
    # Don't stop at a failing connection: another may have the campaign.
    problems = {connection.name: _ask(connection) for connection in due}
    found = list(of_that_id.select_related("connection", "lane").order_by("connection__name"))
    found = [campaign for campaign in found if campaign.missing_since is None] or found
    if not found:
        where = f" on {connection_name}" if connection_name else ""
        why = " ".join(f"{name}: {problem}" for name, problem in problems.items() if problem)
        raise bad_input(f"No campaign {voiso_id}{where}. " + (why or "Voiso doesn't list it; we just checked."))
    if len(found) > 1:
        names = " and ".join(campaign.connection.name for campaign in found)
        raise bad_input(f"Campaign {voiso_id} is listed by {names}. Choose one with --connection.")
    return found[0]


def _ask(connection: Connection) -> str:
    """Read the campaigns of a connection; return what was wrong, or nothing."""
    now = timezone.now()
    return why_not(connection, Family.LIST, now) or polling.sync(connection, at=now).problem
