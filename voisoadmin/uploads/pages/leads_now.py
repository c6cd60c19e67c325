"""Leads that wait for their request, above the list of campaigns: how many and since when, later as needing a person."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.db.models import FilteredRelation, Q, QuerySet
from django.urls import reverse
from django.utils.timezone import localdate

from voisoadmin.accounts.models import User
from voisoadmin.campaigns.models import Campaign, Lane
from voisoadmin.campaigns.pages.now_strip import Flow, Want
from voisoadmin.campaigns.pages.sending import Bar
from voisoadmin.connections.models import Connection
from voisoadmin.lib.kept_queries import KeptQueries
from voisoadmin.lib.times import clock_time, relative
from voisoadmin.pushes.models import Inbox, Intake

WAIT_FOR_A_PERSON = timedelta(minutes=10)
LATELY = timedelta(days=2)  # today is among them, whatever the time zone
MOST = 200  # inboxes that are counted
_READ, _DAY = "_inboxes_to_show", "first_day"
_queries = KeptQueries()
_OF_INBOX = ("waiting", "oldest_at", "label", "paused_at", "otherwise", "otherwise_on", "campaign_id")
_OF_CAMPAIGN = ("name", "voiso_id")
_OF_CONNECTION = ("time_zone", "held_reason")
_OF_LANE = ("held_reason", "sending_reason")
_OF_DAY = ("pending", "reasons")


@dataclass(frozen=True, kw_only=True, slots=True)
class Waiting:
    """An inbox, with the first day of the leads that wait, which may have been sent meanwhile. Its objects have only what is
    shown of them."""

    inbox: Inbox
    lane: Lane
    campaign: Campaign
    connection: Connection
    day: Intake
    upload: int | None  # of the day


def waiting_leads(user: User, at: datetime) -> list[Waiting]:
    """Inboxes with leads, the longest waiting first."""
    return [one for one in _noteworthy(user, at) if one.inbox.waiting]


def _noteworthy(user: User, at: datetime) -> list[Waiting]:
    """With leads that wait, or that lately weren't accepted for how they are written. Read once for a user's object, which
    lives as long as its request."""
    found: list[Waiting] | None = user.__dict__.get(_READ)
    if found is None:
        first_day = (at - LATELY).date()
        by_key: dict[int, Waiting] = {}
        for row in _queries.rows((user.sight, first_day), lambda: _read(user, first_day)):
            by_key.setdefault(row["pk"], _waiting_of(row))
        found = user.__dict__[_READ] = list(by_key.values())
    return found


def _read(user: User, first_day: date) -> QuerySet[Inbox, Any]:
    lately = Q(waiting__gt=0) | Q(otherwise_on__gte=first_day)
    inboxes = Inbox.objects.filter(lately, campaign__in=Campaign.objects.visible_to(user))
    with_days = inboxes.annotate(**{_DAY: FilteredRelation("intakes", condition=Q(intakes__waiting__gt=0))})
    rows = with_days.order_by("oldest_at", "pk", f"{_DAY}__pk").values(
        "pk",
        *_OF_INBOX,
        *(f"campaign__{name}" for name in _OF_CAMPAIGN),
        *(f"campaign__connection__{name}" for name in _OF_CONNECTION),
        *(f"lane__{name}" for name in _OF_LANE),
        *(f"{_DAY}__{name}" for name in (*_OF_DAY, "upload")),
    )
    found: QuerySet[Inbox, Any] = rows[:MOST]
    return found


def _waiting_of(row: Mapping[str, Any]) -> Waiting:
    def some(names: Iterable[str], path: str = "") -> dict[str, Any]:
        return {name: row[f"{path}{name}"] for name in names}

    return Waiting(
        inbox=Inbox(pk=row["pk"], **some(_OF_INBOX)),
        lane=Lane(**some(_OF_LANE, "lane__")),
        campaign=Campaign(pk=row["campaign_id"], **some(_OF_CAMPAIGN, "campaign__")),
        connection=Connection(**some(_OF_CONNECTION, "campaign__connection__")),
        day=Intake(**some(_OF_DAY, f"{_DAY}__")),
        upload=row[f"{_DAY}__upload"],
    )


def flows(waiting: Sequence[Waiting], at: datetime) -> tuple[Flow, ...]:
    """A day's leads as a bar. They are paused at their feed, not here."""
    return tuple(_flow(one, one.upload, at) for one in waiting if one.upload is not None)


def _flow(one: Waiting, upload: int, at: datetime) -> Flow:
    inbox, day, held = one.inbox, one.day, _why(one)
    bar = Bar(
        done=day.sent,
        rows=day.to_send,
        word="",
        title="",
        tone="quiet",
        fill="b-held" if held else "b-progress",
        reason="",
    )
    return Flow(
        name=str(one.campaign),
        file=inbox.label,
        url=reverse("uploads:detail", args=[upload]),
        bar=bar,
        rate=_waiting(inbox),
        ends=held or (f"since {clock_time(inbox.oldest_at, at=at)}" if inbox.oldest_at else ""),
        pause_url="",
        resume_url="",
    )


def wants(user: User, most: int, at: datetime) -> tuple[list[Want], int]:
    """Those that have waited for longer than a lane usually rests; then sources whose numbers are refused."""
    noteworthy = _noteworthy(user, at)
    late = [one for one in waiting_leads(user, at) if _is_late(one.inbox, at)]
    otherwise = [one for one in noteworthy if one.inbox.otherwise_on == localdate(at, one.connection.zone)]
    shown = late[: max(0, most)]
    found = [_want(one, one.upload, at) for one in shown if one.upload is not None]
    return [*found, *map(_written_otherwise, otherwise[: max(0, most - len(shown))])], len(late) + len(otherwise)


def _is_late(inbox: Inbox, at: datetime) -> bool:
    return inbox.oldest_at is not None and inbox.oldest_at <= at - WAIT_FOR_A_PERSON


def _written_otherwise(one: Waiting) -> Want:
    inbox, page, count = one.inbox, reverse("campaigns:detail", args=[one.campaign.pk]), one.inbox.otherwise
    leads = f"{count:,} lead{' was' if count == 1 else 's were'} refused today"
    return Want(
        name=str(one.campaign),
        url=page,
        what=f"{leads}: {inbox.label} writes numbers otherwise than its feed says",
        glyph="rss",
        tone="warn",
        label="See feeds",
        action_url=reverse("feeds:list"),
    )


def _want(one: Waiting, upload: int, at: datetime) -> Want:
    inbox, page = one.inbox, reverse("uploads:detail", args=[upload])
    since = f" for {relative(inbox.oldest_at, at=at)}" if inbox.oldest_at else ""
    why = _why(one) or "See whether the background worker runs"
    return Want(
        name=str(one.campaign),
        url=page,
        what=f"{_waiting(inbox)} from {inbox.label}{since}. {why}",
        glyph="hourglass",
        tone="warn",
        label="See leads",
        action_url=page,
    )


def _waiting(inbox: Inbox) -> str:
    return f"{inbox.waiting:,} lead{'' if inbox.waiting == 1 else 's'} waiting"


def _why(one: Waiting) -> str:
    """What keeps them, as a sentence without its full stop; empty: their turn comes."""
    if one.inbox.paused_at is not None:
        return "The feed is paused"
    return str(one.lane.held_reason or one.connection.held_reason or one.lane.sending_reason).rstrip(".")
