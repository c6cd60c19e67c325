"""What is known of the status of a contact centre's agents."""

from voisoadmin.campaigns.models import Presence
from voisoadmin.connections.models import Connection


def presence_of(connection: Connection) -> Presence | None:
    """Without a query where `connection__presence` was selected."""
    try:
        return connection.presence
    except Presence.DoesNotExist:
        return None
