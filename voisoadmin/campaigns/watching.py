"""Which reads are due: all campaigns now and then, and those on open pages within seconds, as far as the budget allows."""

from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.db.models import F, Q
from django.utils import timezone

from voisoadmin.campaigns import polling
from voisoadmin.campaigns.budget import (
    FOR_STATES,
    Purpose,
    room_at,
    take,
    watched_campaigns,
)
from voisoadmin.campaigns.mirroring import PolledBefore, chunks, known_campaigns, note_listed, save_read
from voisoadmin.campaigns.models import Campaign, Polling
from voisoadmin.campaigns.polling_plan import LIST_EVERY, PollingPlan, plan_of, shown_campaigns
from voisoadmin.campaigns.status_writes import note_agents
from voisoadmin.campaigns.statuses import TRANSITIONAL
from voisoadmin.connections.families import note_failure, note_read, why_not
from voisoadmin.connections.models import Connection, Family
from voisoadmin.connections.opening import client_for, remember_clock
from voisoadmin.voiso import (
    CampaignFacts,
    CampaignGone,
    Pages,
    Unfinished,
    VoisoClient,
    VoisoError,
)

LIVE_EVERY = timedelta(hours=1)
LIVE_OF_NEW_AFTER = timedelta(minutes=5)
AGENTS_EVERY = timedelta(minutes=5)
AGENTS_AT_ONCE = 2
KEPT_FOR = timedelta(minutes=20)  # the first pages of a list that takes longer are too old
AGAIN_AFTER = timedelta(seconds=10)  # a read that failed, while watched


def poll(connection: Connection, *, at: datetime) -> polling.Synced:
    """Read what is due of one connection. One at a time per connection; safe to repeat at any time."""
    if not polling.claim(connection, at):
        return polling.Synced(busy=True)
    row, _ = Polling.objects.get_or_create(connection=connection)
    try:
        plan = plan_of(connection, at=at)
        with client_for(connection) as client:
            going = Poll(connection, client, row, plan, at)
            try:
                going.run()
            except VoisoError as problem:
                _due(connection, at + (AGAIN_AFTER if plan.is_watched else LIST_EVERY))
                return polling.Synced(problem=polling.note_unread(connection, problem, asked_at=going.asked_at))
            finally:
                remember_clock(connection, client)
        _due(connection, going.next_at())
        return polling.Synced()
    finally:
        polling.release_claim(connection, at)


def _due(connection: Connection, due_at: datetime) -> None:
    Polling.objects.filter(connection=connection).update(due_at=due_at)


@dataclass(slots=True)
class Poll:
    """One go: reads what is due, and stops where the budget of this minute ends."""

    connection: Connection
    client: VoisoClient
    row: Polling
    plan: PollingPlan
    at: datetime
    ended: bool = True  # all that was due was read
    has_asked: bool = False  # for a page of the list
    known: dict[str, PolledBefore] = field(default_factory=dict)  # before the first request
    asked_at: datetime = field(init=False)  # when the last read of a state began

    def __post_init__(self) -> None:
        self.asked_at = self.at

    def run(self) -> None:
        if self.row.reading or self._list_is_due():
            self._read_list()
        if self.plan.one_by_one and polling.has_claim(self.connection, self.at):
            self._read_shown()
        if self.plan.is_watched:
            self._count_agents()

    def next_at(self) -> datetime:
        """When a further read may be due."""
        if self.ended:
            next_list = (self.row.list_began_at or self.at) + self.plan.list_every
        else:
            next_list = max(room_at(self.connection, at=self.at), self.at + timedelta(seconds=1))
        return min([next_list, *self._next_states()])

    def _next_states(self) -> list[datetime]:
        if not self.plan.one_by_one:
            return []
        reads = shown_campaigns(self.connection, at=self.at).values_list("read_at", flat=True)
        return [(read_at or self.at) + self.plan.state_every for read_at in reads]

    # The list

    def _list_is_due(self) -> bool:
        began = self.row.list_began_at
        return began is None or not self.at - self.plan.list_every < began <= self.at

    def _read_list(self) -> None:
        """Begin or continue a list; one half read that is too old begins again."""
        row = self.row
        since = row.reading_since
        if row.reading and (since is None or not self.at - KEPT_FOR < since <= self.at):
            row.reading, row.pages = "", []
        if not row.reading:
            row.reading, row.pages, row.reading_since = Polling.Part.CAMPAIGNS, [], self.at
            row.list_no, row.list_began_at = polling.begin_list(self.connection, at=self.at), self.at
        step = {Polling.Part.CAMPAIGNS: self._read_campaigns, Polling.Part.LIVE: self._read_live}
        try:
            step[Polling.Part(row.reading)](self._pages())
        except Unfinished:
            self.ended = False
        except VoisoError:
            if not self.has_asked:  # the pages of earlier goes are what is wrong with the list
                row.reading, row.pages = "", []
            raise
        finally:
            if polling.has_claim(self.connection, self.at):
                row.save(update_fields=["reading", "pages", "reading_since", "live_at"])

    def _pages(self) -> Pages[CampaignFacts]:
        return Pages(
            may_ask=self._may_ask,
            identity=lambda facts: facts.id,
            stub=lambda name: CampaignFacts(id=name),
            seen=self.row.pages,
        )

    def _may_ask(self) -> bool:
        self.asked_at = timezone.now()
        may = take(self.connection, Purpose.LIST, at=self.asked_at, most=self.plan.most_pages)
        self.has_asked |= may
        if may and not self.known:
            self.known = known_campaigns(self.connection)
        return may

    def _read_campaigns(self, pages: Pages[CampaignFacts]) -> None:
        is_first_go = not pages.seen
        try:
            listing = self.client.list_campaigns(pages)
        except (Unfinished, VoisoError):
            self._save(pages.fresh)
            self._mark_read(pages.fresh)
            raise
        now = timezone.now()
        note_read(self.connection, now)
        if not self._save(pages.fresh):
            return
        if self.plan.one_by_one or not is_first_go:
            self._mark_read(pages.fresh)
        note_listed(self.connection, self.known, {facts.id for facts in listing}, is_whole=listing.is_whole, at=now)
        self.row.reading, self.row.pages = "", []
        if any(facts.live is None for facts in pages.fresh) and self._live_is_due():
            self.row.reading, self.row.reading_since, self.row.live_at = Polling.Part.LIVE, now, now
            self._read_live(self._pages())

    def _save(self, items: list[CampaignFacts]) -> bool:
        """Save what was read, unless this go was so slow that another one got the claim."""
        if not polling.has_claim(self.connection, self.at):
            return False
        save_read(self.connection, self.known, items, at=timezone.now(), list_no=self.row.list_no)
        return True

    def _mark_read(self, items: list[CampaignFacts]) -> None:
        ids = [facts.id for facts in items]
        for some in chunks(ids):
            Campaign.objects.filter(connection=self.connection, voiso_id__in=some).update(read_at=self.at)

    # Which ones are Live

    def _live_is_due(self) -> bool:
        last = self.row.live_at
        if last is None or not self.at - LIVE_EVERY < last <= self.at:
            return True
        unknown = Campaign.objects.filter(connection=self.connection, live=None, created_at__gt=last)
        return last < self.at - LIVE_OF_NEW_AFTER and unknown.exists()

    def _read_live(self, pages: Pages[CampaignFacts]) -> None:
        began = self.row.reading_since
        try:
            live = self.client.live_ids(pages)
        finally:
            # These states are as good as those of the whole list.
            self._save(pages.fresh)
            self._mark_read(pages.fresh)
        self.row.reading, self.row.pages = "", []
        if live is None or not polling.has_claim(self.connection, self.at):
            return
        # Newer ones may have been created behind the page that would have listed them.
        rows = Campaign.objects.filter(connection=self.connection, created_at__lte=began)
        for pk, voiso_id, was in list(rows.values_list("pk", "voiso_id", "live")):
            if was != (voiso_id in live):
                Campaign.objects.filter(pk=pk).update(live=voiso_id in live)

    # One by one

    def _read_shown(self) -> None:
        since = self.at - self.plan.state_every
        due = shown_campaigns(self.connection, at=self.at).filter(
            Q(read_at=None) | Q(read_at__lte=since) | Q(read_at__gt=self.at)
        )
        changing_first = due.order_by(F("read_at").asc(nulls_first=True), "pk")
        for campaign in sorted(changing_first, key=lambda row: row.status not in TRANSITIONAL):
            if not take(self.connection, Purpose.CAMPAIGN, at=timezone.now(), most=FOR_STATES - self.plan.most_pages):
                self.ended = False
                return
            self._read_one(campaign)

    def _read_one(self, campaign: Campaign) -> None:
        self.asked_at = timezone.now()
        known = known_campaigns(self.connection, only=campaign)
        facts = None
        with suppress(CampaignGone):  # the list decides whether it is gone
            facts = self.client.get_campaign(campaign.voiso_id)
        now = timezone.now()
        note_read(self.connection, now)
        if facts is not None and polling.has_claim(self.connection, self.at) and known:
            save_read(self.connection, known, [facts], at=now)
        Campaign.objects.filter(pk=campaign.pk).update(read_at=self.asked_at)

    # Agents

    def _count_agents(self) -> None:
        """Count the agents of campaigns on open pages, the one counted longest ago first."""
        now = timezone.now()
        if not self.client.capabilities.lists_agents or why_not(self.connection, Family.PEOPLE, now):
            return
        stale = Q(agents_counted_at=None) | Q(agents_counted_at__lt=now - AGENTS_EVERY) | Q(agents_counted_at__gt=now)
        due = watched_campaigns(self.connection, at=now).filter(stale)
        for campaign in due.order_by(F("agents_counted_at").asc(nulls_first=True), "pk").only("voiso_id")[:AGENTS_AT_ONCE]:
            if not take(self.connection, Purpose.AGENTS, at=timezone.now(), most=self.plan.most_agents):
                return
            try:
                count = self.client.count_agents(campaign.voiso_id)
            except VoisoError as problem:
                # The campaigns were read, so the mirror is current; a later go counts again.
                note_failure(self.connection, problem, timezone.now(), family=Family.PEOPLE, is_read=True)
                return
            note_agents(campaign, count, at=timezone.now())
