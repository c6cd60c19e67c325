"""A campaign's page: its parts, each computed when a template draws it, and the version of each for the page's one poll."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from hashlib import blake2b

from django.db.models.functions import JSONObject

from voisoadmin.accounts.models import User
from voisoadmin.campaigns.buttons import Button, buttons_of
from voisoadmin.campaigns.counted import Hour, Quarters, Sums, by_hour, quarters_of
from voisoadmin.campaigns.describing import CAUSE_UNKNOWN, Chip, describe, probable_cause, proven_cause
from voisoadmin.campaigns.models import Campaign, CampaignState, Cause, Presence
from voisoadmin.campaigns.pages.campaign_history import EPOCH, history_of
from voisoadmin.campaigns.pages.day_states import Day, of_day
from voisoadmin.campaigns.pages.hour_columns import HourColumns, columns_of
from voisoadmin.campaigns.pages.next_step import next_step
from voisoadmin.campaigns.pages.past_days import MOST_STATES, PastDay, first_moment, past_days
from voisoadmin.campaigns.pages.says import sentences_of
from voisoadmin.campaigns.pages.sections import (
    Column,
    Entry,
    NextStep,
    Rows,
    Section,
    read_together,
    sections,
    sections_in,
    sentences_of_others,
)
from voisoadmin.campaigns.pages.sending import Bar, bar_of
from voisoadmin.campaigns.statuses import RUNNING, Status
from voisoadmin.connections.health import Health, health_of
from voisoadmin.operations.models import Operation

LINES = 8  # of the timeline; its own page has all
LATEST = 200  # states: enough for all parts but the last days, of nearly any campaign
MINUTE, ANSWER_SHOWN_FOR, DAYS_SHOWN_FOR = 60, 15, 300  # seconds until the words of a part are out of date

SAYS, LIVE, TODAY, TIMELINE, DAYS, ANSWER, POLL = "says", "live", "today", "timeline", "days", "last_answer", "poll"


@dataclass(frozen=True, slots=True)
class Why:
    """Of an auto-paused campaign."""

    text: str
    is_proven: bool

    @property
    def is_unknown(self) -> bool:
        return self.text == CAUSE_UNKNOWN


class CampaignPage:
    """Reads `campaign.connection` with its presence, and its lane."""

    def __init__(self, campaign: Campaign, user: User, *, at: datetime) -> None:
        self.campaign, self.user, self.at = campaign, user, at
        self.drawn: Collection[str] = ()  # the parts that a poll brings
        self._states: list[CampaignState] | None = None
        self._most = 0

    @cached_property
    def health(self) -> Health:
        return health_of(self.campaign.connection, at=self.at)

    @cached_property
    def chip(self) -> Chip:
        return describe(self.campaign, self.campaign.connection, self.at, self.health)

    @property
    def buttons(self) -> list[Button]:
        return buttons_of(self.campaign, at=self.at, health=self.health)

    @cached_property
    def why(self) -> Why | None:
        if self.campaign.status != Status.AUTO_PAUSED:
            return None
        return Why(probable_cause(self.campaign, self.at), bool(proven_cause(self.campaign, self.at)))

    @cached_property
    def hours(self) -> list[Hour]:
        quarters = self._quarters if DAYS in self.drawn else None
        return by_hour([self.campaign.lane_id], self.campaign.connection.zone, at=self.at, quarters=quarters)

    @cached_property
    def _quarters(self) -> Quarters:
        """Of the last days."""
        return quarters_of([self.campaign.lane_id], began_at__gte=first_moment(self.campaign, at=self.at))

    @cached_property
    def sums(self) -> Sums:
        """Of today."""
        return sum((hour.sums for hour in self.hours), Sums())

    @cached_property
    def sentences(self) -> list[str]:
        state, *sent = sentences_of(self.campaign, self.chip, self.sums, at=self.at)
        return [state, *sentences_of_others(self.campaign, self.user, at=self.at), *sent]

    @cached_property
    def step(self) -> NextStep | None:
        return next_step(self.campaign, self.user, self.health, at=self.at)

    @cached_property
    def bar(self) -> Bar | None:
        return bar_of(self.campaign.lane)

    @cached_property
    def day(self) -> Day:
        latest = self._latest()
        since = latest[-1].since if len(latest) == self._most else EPOCH  # fewer: these are all
        return of_day(self.campaign, self.hours, latest, since, at=self.at, known_until=self._known_until)

    @cached_property
    def columns(self) -> HourColumns:
        return columns_of(self.hours, self.day.begins, self.day.ends)

    @cached_property
    def last_start(self) -> CampaignState | None:
        """Of a campaign that runs now, if the contacts were counted then. The dialer's own changes are none."""
        if self.campaign.status not in RUNNING:
            return None
        latest = self._latest()
        if found := next((state for state in latest if _is_start(state)), None):
            return found
        if len(latest) < LATEST:
            return None
        starts = self.campaign.states.filter(status=Status.ACTIVE, accepted_before__isnull=False)
        return starts.exclude(cause=Cause.CONTINUED).first()

    @property
    def accepted_since_start(self) -> int:
        before = self.last_start.accepted_before if self.last_start else None
        return max(0, self.campaign.lane.contacts_accepted - (before or 0))

    @cached_property
    def history(self) -> tuple[list[Entry], bool]:
        return history_of(self.campaign, self.user, most=LINES, states=self._latest())

    @cached_property
    def past_days(self) -> list[PastDay]:
        latest = self._latest(MOST_STATES)
        return past_days(self.campaign, latest, self._quarters, at=self.at, known_until=self._known_until)

    def _latest(self, most: int = LATEST) -> Sequence[CampaignState]:
        """Its latest states, read once for all parts: at least `most`, if there are as many."""
        if self._states is None or len(self._states) == self._most < most:
            self._most = most if self._states is None and DAYS not in self.drawn else MOST_STATES
            self._states = list(self.campaign.states.all()[: self._most])
        return self._states

    @property
    def _known_until(self) -> datetime | None:
        """The last answer of a contact centre that no longer answers: what its campaigns did since isn't known."""
        return self.health.since if self.health.out else None

    @property
    def sections(self) -> list[Section]:
        return sections()

    @property
    def main_sections(self) -> list[Section]:
        return sections_in(Column.MAIN)

    @property
    def rail_sections(self) -> list[Section]:
        return sections_in(Column.RAIL)

    @property
    def every(self) -> int:
        """Seconds until the open page asks again."""
        return 3 if self.chip.moves or self.campaign.lane.sending_state else 8

    def versions(self) -> dict[str, str]:
        """Of every part, with those of the sections. A part that was drawn with another version would look different now."""
        shown, happened = read_together(self.campaign, self.user, self._happened)
        sending = [getattr(self.campaign.lane, name) for name in _SENDING]
        facts = {
            **self._facts(),
            LIVE: [self._now, self._passed(MINUTE, after=15), sending, shown],
            TIMELINE: [self._now, self._passed(MINUTE, after=45), happened, shown],
            DAYS: [self.campaign.status_since, self._passed(DAYS_SHOWN_FOR)],
            ANSWER: [self.health.condition, self._passed(ANSWER_SHOWN_FOR)],
            **{name: [looks, self._passed(MINUTE)] for name, looks in shown.items()},
        }
        return {name: f"{name}:{_digest(found)}" for name, found in facts.items()}

    def _happened(self) -> Rows:
        lately = Operation.objects.visible_to(self.user).about_campaign(self.campaign.pk)
        return lately.values(row=JSONObject(operation="pk", status="status", at="ended_at"))[:LINES]

    @property
    def first_versions(self) -> dict[str, str]:
        """Of the parts that need no other query than the page. The others have none: the first poll brings them."""
        return {name: f"{name}:{_digest(found)}" for name, found in self._facts().items()}

    def _facts(self) -> dict[str, object]:
        # Words grow old at another second in each part, so that no poll draws all of them.
        says, today = self._passed(MINUTE), self._passed(MINUTE, after=30)
        return {SAYS: [self._now, says], TODAY: [self._now, today], POLL: self.every}

    @cached_property
    def _now(self) -> list[object]:
        presence = Presence.of(self.campaign.connection)
        return [
            *(getattr(self.campaign, name) for name in _CAMPAIGN),
            *(getattr(self.campaign.lane, name) for name in _SENT),
            self.health.condition,
            self.health.since,
            presence and presence.read_at,
        ]

    def _passed(self, seconds: int, *, after: int = 0) -> int:
        return int((self.at.timestamp() - after) // seconds)


_CAMPAIGN = (
    "status",
    "status_since",
    "status_by",
    "status_source",
    "cause",
    "name",
    "live",
    "agents_count",
    "pending_operation",
    "missing_since",
)
_SENT = ("contacts_known", "contacts_added", "contacts_accepted", "rows_duplicate", "rows_rejected", "last_push_at")
_SENDING = ("sending_state", "sending_rows", "sending_done", "sending_seconds", "sending_reason", "held_reason", "held_answer")


def _is_start(state: CampaignState) -> bool:
    return state.status == Status.ACTIVE and state.accepted_before is not None and state.cause != Cause.CONTINUED


def _digest(facts: object) -> str:
    return blake2b(repr(facts).encode(), digest_size=6).hexdigest()
