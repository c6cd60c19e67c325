"""Reads the status of a contact centre's agents, within six requests a minute, and keeps what has changed.

A list of many pages takes several minutes; its age is that of its first page.
"""

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.db import transaction
from django.utils import timezone

from voisoadmin.campaigns.budget import MINUTE, Purpose, room_at, take
from voisoadmin.campaigns.mirroring import chunks
from voisoadmin.campaigns.models import AgentPresence, Presence
from voisoadmin.campaigns.polling_plan import plan_of
from voisoadmin.campaigns.presence.groups import group_of
from voisoadmin.campaigns.presence.needs import is_needed
from voisoadmin.campaigns.signals import presence_read
from voisoadmin.connections.families import note_failure, note_read, why_not
from voisoadmin.connections.models import Connection, Family
from voisoadmin.connections.opening import client_for
from voisoadmin.lib.clock import lately
from voisoadmin.voiso import Generation, Listing, Pages, PresenceFacts, Unfinished, VoisoClient, VoisoError

EVERY = {Generation.LEGACY: timedelta(seconds=15), Generation.V4: timedelta(seconds=30)}
CLAIM_LASTS = timedelta(minutes=3)
KEPT_FOR = timedelta(hours=1)  # the first pages of a list that takes longer are too old


def read_presence(connection: Connection, *, at: datetime) -> None:
    """Read the statuses, if anything needs them. One read at a time per connection; safe to repeat at any time."""
    row, _ = Presence.objects.get_or_create(connection=connection)
    if not is_needed(connection, at=at) or not _claim(row, at):
        return
    try:
        if why_not(connection, Family.PRESENCE, at):
            Presence.objects.filter(pk=row.pk).update(due_at=at + EVERY[Generation(connection.generation)])
            return
        most = max(1, plan_of(connection, at=at).most_presence)
        with client_for(connection) as client:
            PresenceRead(connection, client, row, at, most).run()
    finally:
        Presence.objects.filter(pk=row.pk, began_at=at).update(began_at=None)


def _claim(row: Presence, at: datetime) -> bool:
    return Presence.objects.exclude(began_at__range=lately(at, CLAIM_LASTS)).filter(pk=row.pk).update(began_at=at) == 1


@dataclass(slots=True)
class PresenceRead:
    """One go: the whole list, or as many pages of it as this minute allows."""

    connection: Connection
    client: VoisoClient
    row: Presence
    at: datetime
    most: int  # requests in a minute
    has_asked: bool = False
    known: dict[str, AgentPresence] = field(init=False)

    def __post_init__(self) -> None:
        self.known = {row.who: row for row in AgentPresence.objects.filter(connection=self.connection)}

    def run(self) -> None:
        since = self.row.reading_since
        if since is None or not self.at - KEPT_FOR < since <= self.at:
            self.row.pages, self.row.reading_since = [], self.at
        pages = Pages[PresenceFacts](
            may_ask=self._may_ask,
            identity=lambda presence: presence.who,
            stub=lambda who: PresenceFacts(who=who),
            seen=self.row.pages,
        )
        try:
            listing = self.client.agent_statuses(pages)
        except Unfinished:
            self._save(pages.fresh)
            room = room_at(self.connection, at=self.at)
            self._note(due_at=max(room, self.at + timedelta(seconds=1)), pages=pages.seen)
        except VoisoError as problem:
            self._save(pages.fresh)
            note_failure(self.connection, problem, timezone.now(), family=Family.PRESENCE)
            # Without a request the pages of earlier goes are what is wrong with the list.
            kept = pages.seen if self.has_asked else []
            wait = 2 * self._pace(1) if self.has_asked else timedelta(seconds=1)
            self._note(due_at=timezone.now() + wait, pages=kept, problem=problem.message[:300])
        else:
            note_read(self.connection, timezone.now(), family=Family.PRESENCE)
            self._save(pages.fresh)
            self._end(listing, requests=len(pages.seen))

    def _may_ask(self) -> bool:
        may = take(self.connection, Purpose.PRESENCE, at=timezone.now(), most=self.most)
        self.has_asked |= may
        return may

    def _pace(self, requests: int) -> timedelta:
        return max(EVERY[Generation(self.connection.generation)], MINUTE / self.most * requests)

    def _note(self, *, pages: list[dict[str, object]], **changes: object) -> None:
        since = self.row.reading_since if pages else None
        Presence.objects.filter(pk=self.row.pk).update(pages=pages, reading_since=since, **changes)

    def _save(self, fresh: list[PresenceFacts]) -> None:
        now, capabilities = timezone.now(), self.connection.capabilities
        words = {presence.who: presence.word for presence in fresh}
        changed = [who for who, word in words.items() if who not in self.known or self.known[who].word != word]
        for some in chunks(changed):
            rows = [
                AgentPresence(
                    connection=self.connection, who=who, word=words[who], group=group_of(words[who], capabilities), since=now
                )
                for who in some
            ]
            AgentPresence.objects.bulk_create(
                rows, update_conflicts=True, unique_fields=["connection", "who"], update_fields=["word", "group", "since"]
            )

    def _end(self, listing: Listing[PresenceFacts], *, requests: int) -> None:
        """The list was read to its end: who isn't on it has no known status, and a gap before it may hide a change."""
        began = self.row.reading_since or self.at
        every = self._pace(requests)
        listed = {presence.who for presence in listing}
        rows = AgentPresence.objects.filter(connection=self.connection)
        for some in chunks([row.pk for who, row in self.known.items() if who not in listed]):
            rows.filter(pk__in=some).delete()
        with transaction.atomic():
            if self.row.read_at is None or not timedelta() <= began - self.row.read_at <= 2 * every:
                rows.filter(since__lt=began).update(since=began)
            self._note(
                due_at=max(timezone.now(), began + every),
                pages=[],
                read_at=began,
                every_seconds=every.total_seconds(),
                agents=len(listed),
                out=rows.filter(group=AgentPresence.Group.OUT).count(),
                is_whole=listing.is_whole,
                problem="",
            )
        # A receiver that fails must not stop the reading.
        presence_read.send_robust(sender=Presence, connection=self.connection)
