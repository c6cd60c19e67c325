"""Reads the campaigns of one connection, one read at a time: the claim on it, and the number of each list."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.db.models import F
from django.utils import timezone

from voisoadmin.campaigns.mirroring import PolledBefore, known_campaigns, mirror
from voisoadmin.campaigns.models import Polling
from voisoadmin.connections.families import note_failure, note_read
from voisoadmin.connections.models import Connection, Family
from voisoadmin.connections.opening import client_for
from voisoadmin.lib.clock import lately
from voisoadmin.voiso.errors import VoisoError
from voisoadmin.voiso.payloads import CampaignFacts, Listing

CLAIM_LASTS = timedelta(minutes=3)  # longer than any list takes; then the claim of a dead worker expires
DUE_AFTER = timedelta(seconds=8)  # while a page is open; if none is, little happens then


@dataclass(slots=True)
class Synced:
    """The result of a sync. `problem`: a sentence for a supervisor; empty if all was read."""

    problem: str = ""
    busy: bool = False  # another sync of this connection was running
    listed: list[CampaignFacts] = field(default_factory=list)
    skipped: int = 0  # entries of the list that couldn't be read


def sync(connection: Connection, *, at: datetime, ends_wait: bool = True) -> Synced:
    """Read all campaigns of a connection now and mirror them. One at a time per connection; safe to repeat at any time.

    `ends_wait`: a person wants to know whether Voiso answers again, so the lanes needn't wait any longer either.
    """
    read = ListRead.begin(connection, at=at)
    if read is None:
        return Synced(busy=True)
    try:
        with client_for(connection) as client:
            try:
                listed = client.list_campaigns()
            except VoisoError as problem:
                return Synced(problem=note_unread(connection, problem, asked_at=at))
        now = timezone.now()
        if not read.save(listed, at=now, ends_wait=ends_wait and connection.is_held(at)):
            return Synced(busy=True)
        Polling.objects.filter(connection=connection).update(live_at=now, reading="", pages=[], due_at=now + DUE_AFTER)
        return Synced(listed=listed.items, skipped=listed.skipped)
    finally:
        read.end()


@dataclass(frozen=True, slots=True)
class ListRead:
    """One complete list of a connection's campaigns: what has to be known before its request, and what is saved after."""

    connection: Connection
    at: datetime  # the claim
    known: dict[str, PolledBefore]
    list_no: int

    @classmethod
    def begin(cls, connection: Connection, *, at: datetime) -> "ListRead | None":
        """None: this connection is being read already."""
        if not claim(connection, at):
            return None
        return cls(connection, at, known_campaigns(connection), begin_list(connection, at=at))

    def save(self, listed: Listing[CampaignFacts], *, at: datetime, ends_wait: bool = False) -> bool:
        """Mirror it; False if it was so slow that another read got the claim, and has newer data."""
        note_read(self.connection, at, ends_wait=ends_wait)
        if not has_claim(self.connection, self.at):
            return False
        mirror(self.connection, self.known, listed, at=at, list_no=self.list_no)
        return True

    def end(self) -> None:
        release_claim(self.connection, self.at)


def begin_list(connection: Connection, *, at: datetime) -> int:
    """The number of the list that is now requested."""
    Polling.objects.get_or_create(connection=connection)
    Polling.objects.filter(connection=connection).update(list_no=F("list_no") + 1, list_began_at=at)
    return Polling.objects.values_list("list_no", flat=True).get(connection=connection)


def note_unread(connection: Connection, problem: VoisoError, *, asked_at: datetime) -> str:
    """The campaigns couldn't be read; return why."""
    note_failure(connection, problem, timezone.now(), family=Family.LIST, asked_at=asked_at)
    # Whatever it was: pages show why the campaigns aren't updated.
    Connection.objects.filter(pk=connection.pk).update(last_problem=problem.message[:300])
    return problem.message


def claim(connection: Connection, at: datetime) -> bool:
    free = Connection.objects.exclude(sync_began_at__range=lately(at, CLAIM_LASTS))
    return free.filter(pk=connection.pk, removed_at=None).update(sync_began_at=at) == 1


def has_claim(connection: Connection, at: datetime) -> bool:
    return Connection.objects.filter(pk=connection.pk, sync_began_at=at).exists()


def release_claim(connection: Connection, at: datetime) -> None:
    Connection.objects.filter(pk=connection.pk, sync_began_at=at).update(sync_began_at=None)
