"""A client for a stored connection."""

from django.utils import timezone

from voisoadmin.connections.models import Connection
from voisoadmin.voiso import TOTAL_SECONDS, VoisoClient, open_client


def client_for(connection: Connection, *, total: float = TOTAL_SECONDS) -> VoisoClient:
    """A client for the connection's contact centre: `with client_for(connection) as client`. For one thread."""
    return open_client(
        generation=connection.generation,
        base_url=connection.base_url,
        key=connection.key,
        user_key=connection.user_key,
        users_path=connection.users_path,
        total=total,
    )


def remember_clock(connection: Connection, client: VoisoClient) -> None:
    """How far this machine's clock is from Voiso's, if an answer said so."""
    if client.clock_ahead is not None:
        Connection.objects.filter(pk=connection.pk).update(clock_ahead=client.clock_ahead, clock_read_at=timezone.now())


def remember_users_path(connection: Connection, client: VoisoClient) -> None:
    """So that the next client asks the path that works first."""
    if client.users_path != connection.users_path:
        Connection.objects.filter(pk=connection.pk).update(users_path=client.users_path)
