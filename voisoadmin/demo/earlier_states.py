"""The days before a new demo: campaigns that people started and paused, and that the dialer paused, up to now.

Each state is written as a poll or a click would have written it, with its past moment; the last one is the state that the
simulated Voiso has.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from functools import partial
from random import Random

from voisoadmin.accounts.models import User
from voisoadmin.campaigns.mirroring import mirror
from voisoadmin.campaigns.models import Campaign, Cause
from voisoadmin.campaigns.status_writes import record_status
from voisoadmin.campaigns.statuses import Status
from voisoadmin.connections.models import Connection
from voisoadmin.operations import services
from voisoadmin.operations.clicks import Click
from voisoadmin.operations.models import Operation
from voisoadmin.voiso import Change
from voisoadmin.voiso.payloads import CampaignFacts, Listing

DAYS = 6
SATURDAY = 5
SHIFT, FINISHING = timedelta(hours=4, minutes=20), timedelta(seconds=6)
CONFIRMED_AFTER = timedelta(seconds=1.2)
LED_TO = {Change.START: Status.ACTIVE, Change.PAUSE: Status.PAUSED, Change.STOP: Status.STOPPED}
EVERY_DAY = {"Spring renewals", "Tariff change calls", "Smart meter visits", "Win-back autumn", "Early bird Greece"}
"""The campaigns with a past; the others were first seen today."""


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happened before the demo. All of them are written in the order of their moments."""

    at: datetime
    write: Callable[[], object]
    is_upload: bool = False  # has its own transactions


def live_through(connection: Connection, campaigns: Iterable[CampaignFacts], by: User, *, at: datetime) -> list[Event]:
    """Mirror the campaigns of a contact centre, as first seen some days ago; return what happened to them since."""
    now = {facts.id: facts for facts in campaigns}
    midnight = datetime.combine(at.astimezone(connection.zone).date(), time(), connection.zone)
    begin = midnight - timedelta(days=DAYS)
    old = [facts for facts in now.values() if facts.name in EVERY_DAY]
    rest = [facts for facts in now.values() if facts.name not in EVERY_DAY]
    mirror(connection, {}, Listing(items=[_paused(facts) for facts in old]), at=begin + timedelta(hours=7))
    mirror(connection, {}, Listing(items=rest), at=at - _shift(midnight, at))
    chance = Random(connection.name)  # the same days in each demo
    events = []
    ids = [facts.id for facts in old]
    for campaign in Campaign.objects.filter(connection=connection, voiso_id__in=ids).select_related("connection"):
        past = Past(campaign, by)
        for days_ago in range(DAYS, 0, -1):
            past.work_through(midnight - timedelta(days=days_ago), chance)
        past.begin_today(now[campaign.voiso_id].status, at, _shift(midnight, at))
        events += past.events
    return events


def _paused(facts: CampaignFacts) -> CampaignFacts:
    return CampaignFacts(id=facts.id, name=facts.name, status=Status.PAUSED, live=facts.live, further=facts.further)


def _shift(midnight: datetime, at: datetime) -> timedelta:
    """How long people have worked today."""
    return min(SHIFT, (at - midnight) * 0.8)


class Past:
    """What happened to one campaign."""

    def __init__(self, campaign: Campaign, by: User) -> None:
        self.campaign, self.by = campaign, by
        self.events: list[Event] = []

    def work_through(self, midnight: datetime, chance: Random) -> None:
        """A day from about eight to half past five, with a break. On Sundays no one works."""
        if midnight.weekday() > SATURDAY:
            return
        begin = midnight + timedelta(hours=8, minutes=chance.randint(0, 25))
        end = midnight + timedelta(hours=17, minutes=chance.randint(20, 55))
        noon = midnight + timedelta(hours=12, minutes=chance.randint(0, 15))
        self.click(Change.START, begin)
        if chance.random() < 0.5:
            self.auto_pause(noon, timedelta(minutes=chance.randint(6, 20)))
        else:
            self.click(Change.PAUSE, noon)
            self.click(Change.START, noon + timedelta(minutes=chance.randint(40, 60)))
        self.click(Change.PAUSE, end)

    def begin_today(self, status: str, at: datetime, shift: timedelta) -> None:
        """Up to the state that Voiso reports now."""
        self.click(Change.START, at - shift)
        match status:
            case Status.ACTIVE:
                self.auto_pause(at - shift / 2, shift / 20)
            case Status.PAUSED:
                self.click(Change.PAUSE, at - shift / 5)
            case Status.AUTO_PAUSED:
                self.note(Status.AUTO_PAUSED, at - shift / 12)

    def click(self, change: Change, at: datetime) -> None:
        """Someone asked for it, and Voiso confirmed it."""
        self.events.append(Event(at, partial(self._click, change, at)))

    def auto_pause(self, at: datetime, lasts: timedelta) -> None:
        self.note(Status.AUTO_PAUSED, at)
        self.note(Status.ACTIVE, at + lasts, cause=Cause.CONTINUED)

    def note(self, status: str, at: datetime, *, cause: str = "") -> None:
        """A poll found it so."""
        self.events.append(Event(at, partial(self._write, status, at, cause=cause)))

    def _click(self, change: Change, at: datetime) -> None:
        asked = services.ask(change, self.campaign.subject, Click(by=self.by, at=at), shown_status=self.campaign.status)
        operation = services.take_up(asked.pk, attempt=asked.attempt, at=at)
        assert operation is not None  # no one else has it
        done, status = at + CONFIRMED_AFTER, LED_TO[change]
        if change == Change.PAUSE:
            self._write(Status.PAUSING, done, by=self.by.label)
            done += FINISHING
        self._write(status, done, by=self.by.label)
        services.end(operation, Operation.Status.DONE, at=done, result={"status": status, "sent": 1})

    def _write(self, status: str, at: datetime, *, by: str = "", cause: str = "") -> None:
        source = Campaign.Source.CONFIRMED if by else Campaign.Source.POLLED
        record_status(self.campaign, status, source=source, by=by, cause=cause, at=at)
