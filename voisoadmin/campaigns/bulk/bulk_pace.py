"""How fast the bulks of one connection send: together this many requests a second, fewer while contacts are sent."""

import threading
import time
from datetime import datetime, timedelta

from django.conf import settings
from django.db.models import Q

from voisoadmin.campaigns.models import Campaign, Lane, Polling
from voisoadmin.connections.models import Connection
from voisoadmin.lib.clock import is_due, monotonic, scaled

A_LANE_TAKES = 0.5  # requests a second: a batch, and two seconds until the next
LEAST = 2.0  # requests a second, however many lanes are sending
VOID_AFTER = timedelta(seconds=10)  # a moment further ahead was written before the clock was set back


def requests_a_second(connection: Connection) -> float:
    """What the sending of contacts leaves of the limit."""
    limit: float = settings.BULK_REQUESTS
    sending = Q(lane__sending_state=Lane.Sending.SENDING)
    lanes = Campaign.objects.filter(sending, connection=connection).values("lane").distinct().count()
    return max(min(limit, LEAST), limit - A_LANE_TAKES * lanes)


def take_request(connection: Connection, *, at: datetime, every: float) -> bool:
    """Whether a bulk may send now, whichever process carries it out; the next one may `every` seconds later."""
    due = Polling.objects.filter(is_due("bulk_at", at, farthest=VOID_AFTER), connection=connection)
    return due.update(bulk_at=at + timedelta(seconds=every)) == 1


class Pace:
    """The same within one process, by the clock that is never set back; for several threads."""

    def __init__(self, every: float) -> None:
        self.every = every
        self._next = 0.0
        self._lock = threading.Lock()

    @classmethod
    def of(cls, connection: Connection) -> "Pace":
        Polling.objects.get_or_create(connection=connection)
        return cls(scaled(1.0 / requests_a_second(connection)))

    @property
    def is_ready(self) -> bool:
        return monotonic() >= self._next

    def take(self) -> bool:
        with self._lock:
            if not self.is_ready:
                return False
            self._next = monotonic() + self.every
            return True

    def wait(self) -> bool:
        """Take the next request as soon as it may be sent; True."""
        while not self.take():
            time.sleep(self.every / 2)
        return True
