"""The list of connections: each with its health, the keys that are stored, and what its requests remember."""

from dataclasses import dataclass
from datetime import datetime

from voisoadmin.accounts.models import User
from voisoadmin.connections.health import Health, health_of
from voisoadmin.connections.models import Connection
from voisoadmin.connections.request_forms import Remembered, remembered


@dataclass(frozen=True, kw_only=True, slots=True)
class ConnectionLine:
    connection: Connection
    health: Health
    remembered: list[Remembered]

    @property
    def keys(self) -> list[tuple[str, str]]:
        """Words, and the last four characters where they are known."""
        connection = self.connection
        known = connection.key_last4
        keys = [("Key ends in", known) if known else ("Key stored", "")]
        if connection.user_key:
            known = connection.user_key_last4
            keys.append(("user's key in", known) if known else ("user's key stored", ""))
        return keys


def lines_for(user: User, *, at: datetime) -> list[ConnectionLine]:
    return [
        ConnectionLine(connection=connection, health=health_of(connection, at=at), remembered=remembered(connection))
        for connection in Connection.objects.managed_by(user)
    ]
