"""The campaign that a command line means: Voiso's id, and the connection where two show it."""

from voisoadmin.campaigns.models import Campaign
from voisoadmin.connections.models import Connection
from voisoadmin.lib.commands import bad_input


def find_connections(name: str = "") -> list[Connection]:
    """The connection of that name, or all; ends the command with exit code 2 if there is none."""
    connections = list(Connection.objects.filter(removed_at=None))
    if not connections:
        raise bad_input("No contact centre is connected yet. Use the command connect, or the page Connections, first.")
    if not name:
        return connections
    found = [connection for connection in connections if connection.name == name]
    if not found:
        names = ", ".join(connection.name for connection in connections)
        raise bad_input(f"There is no connection named {name}. There is: {names}.")
    return found


def find_campaign(voiso_id: str, connection_name: str = "") -> Campaign:
    """The campaign with Voiso's id; ends the command with exit code 2 if it is unknown, or shown by two connections."""
    connections = find_connections(connection_name)
    found = list(
        Campaign.objects.filter(voiso_id=voiso_id, connection__in=connections)
        .select_related("connection", "lane")
        .order_by("connection__name")
    )
    if not found:
        where = f" on {connection_name}" if connection_name else ""
        raise bad_input(f"No campaign {voiso_id} is known{where}. Run the command sync, then try again.")
    if len(found) > 1:
        names = " and ".join(campaign.connection.name for campaign in found)
        raise bad_input(f"Campaign {voiso_id} is shown by {names}. Say which one is meant with --connection.")
    return found[0]
