"""Which reads are due: all campaigns now and then, and those on open pages within seconds, as far as the budget allows."""

from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from math import ceil, inf

from django.db.models import F, Q, QuerySet
from django.utils import timezone

from voisoadmin.campaigns import polling
from voisoadmin.campaigns.budget import (
    FOR_PRESENCE,
    FOR_STATES,
    PRESENCE_LEAST,
    UNWATCHED,
    WATCHED,
    Purpose,
    room_at,
    take,
    watched_campaigns,
)
from voisoadmin.campaigns.models import Campaign, Polling
from voisoadmin.campaigns.polling import PolledBefore
from voisoadmin.campaigns.presence.needs import is_needed
from voisoadmin.campaigns.status_writes import note_agents
from voisoadmin.campaigns.statuses import TRANSITIONAL
from voisoadmin.connections.families import note_failure, note_read, why_not
from voisoadmin.connections.models import Connection, Family
from voisoadmin.connections.opening import client_for, remember_clock
from voisoadmin.voiso import (
    CampaignFacts,
    CampaignGone,
    Capabilities,
    Pages,
    Unfinished,
    VoisoClient,
    VoisoError,
)

LIST_EVERY = timedelta(seconds=60)
LONG_LIST_EVERY = timedelta(minutes=5)
LONG_LIST = 1000  # campaigns
STATE_EVERY = timedelta(seconds=8)
LIVE_EVERY = timedelta(hours=1)
LIVE_OF_NEW_AFTER = timedelta(minutes=5)
AGENTS_EVERY = timedelta(minutes=5)
AGENTS_AT_ONCE = 2
KEPT_FOR = timedelta(minutes=20)  # the first pages of a list that takes longer are too old
AGAIN_AFTER = timedelta(seconds=10)  # a read that failed, while watched


@dataclass(frozen=True, slots=True)
class PollingPlan:
    """What is read how often.

    `one_by_one`: the states on open pages are read campaign by campaign, as that takes fewer requests than the list.
    """

    is_watched: bool
    list_every: timedelta
    most_pages: int  # in a minute
    one_by_one: bool = False
    state_every: timedelta = STATE_EVERY
    most_agents: int = 0  # counts in a minute
    most_presence: int = 0  # requests in a minute


def plan_of(connection: Connection, *, at: datetime) -> PollingPlan:
    listed = Campaign.objects.filter(connection=connection, missing_since=None).count()
    shown = shown_campaigns(connection, at=at).count()
    capabilities = connection.capabilities
    return plan_for(capabilities, listed=listed, shown=shown, presence=is_needed(connection, at=at))


def plan_for(capabilities: Capabilities, *, listed: int, shown: int, presence: bool = False) -> PollingPlan:
    """`listed`: campaigns of the connection; `shown`: those on open pages or changing; `presence`: it is needed."""
    every = LONG_LIST_EVERY if listed > LONG_LIST else LIST_EVERY
    pages = max(1, ceil(listed / capabilities.list_page)) if capabilities.list_page else 1
    pages_a_minute = pages * (LIST_EVERY / every)
    if not shown and not presence:
        return PollingPlan(False, every, UNWATCHED)
    if not shown:
        left = max(PRESENCE_LEAST, UNWATCHED - ceil(pages_a_minute))
        return PollingPlan(False, every, UNWATCHED - PRESENCE_LEAST, most_presence=min(FOR_PRESENCE, left))
    left = FOR_STATES - ceil(pages_a_minute)
    by_list = max(STATE_EVERY, LIST_EVERY * pages / FOR_STATES)
    seconds = LIST_EVERY.total_seconds() * shown / left if capabilities.reads_one_campaign and left > 0 else inf
    if seconds < by_list.total_seconds():
        state_every = max(STATE_EVERY, timedelta(seconds=seconds))
        states = FOR_STATES - left + ceil(shown * (LIST_EVERY / state_every))
        plan = PollingPlan(True, every, FOR_STATES - left, True, state_every)
        left = WATCHED - states
    else:
        plan = PollingPlan(True, by_list, FOR_STATES)
        left = WATCHED - ceil(pages * (LIST_EVERY / by_list))
    most_presence = min(FOR_PRESENCE, max(1, left // 2)) if presence else 0
    return replace(plan, most_agents=left - most_presence, most_presence=most_presence)


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
            self.known = polling.known_campaigns(self.connection)
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
        polling.note_listed(self.connection, self.known, {facts.id for facts in listing}, is_whole=listing.is_whole, at=now)
        self.row.reading, self.row.pages = "", []
        if any(facts.live is None for facts in pages.fresh) and self._live_is_due():
            self.row.reading, self.row.reading_since, self.row.live_at = Polling.Part.LIVE, now, now
            self._read_live(self._pages())

    def _save(self, items: list[CampaignFacts]) -> bool:
        """Save what was read, unless this go was so slow that another one got the claim."""
        if not polling.has_claim(self.connection, self.at):
            return False
        polling.save_read(self.connection, self.known, items, at=timezone.now(), list_no=self.row.list_no)
        return True

    def _mark_read(self, items: list[CampaignFacts]) -> None:
        ids = [facts.id for facts in items]
        for some in polling.chunks(ids):
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
        known = polling.known_campaigns(self.connection, only=campaign)
        facts = None
        with suppress(CampaignGone):  # the list decides whether it is gone
            facts = self.client.get_campaign(campaign.voiso_id)
        now = timezone.now()
        note_read(self.connection, now)
        if facts is not None and polling.has_claim(self.connection, self.at) and known:
            polling.save_read(self.connection, known, [facts], at=now)
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


def shown_campaigns(connection: Connection, *, at: datetime) -> QuerySet[Campaign]:
    """The campaigns on open pages, and while a page is open those that are changing."""
    watched = watched_campaigns(connection, at=at)
    if not watched.exists():
        return watched
    changing = Campaign.objects.filter(connection=connection, missing_since=None, status__in=TRANSITIONAL)
    return watched | changing
