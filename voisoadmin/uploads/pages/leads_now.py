"""Leads that wait for their request, above the list of campaigns: how many and since when, later as needing a person."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from django.db.models import FilteredRelation, Q
from django.urls import reverse
from django.utils.timezone import localdate

from voisoadmin.accounts.models import User
from voisoadmin.campaigns.models import Campaign
from voisoadmin.campaigns.pages.now_strip import Flow, Want
from voisoadmin.campaigns.pages.sending import Bar
from voisoadmin.lib.times import clock_time, relative
from voisoadmin.pushes.models import Inbox, Intake

WAIT_FOR_A_PERSON = timedelta(minutes=10)
LATELY = timedelta(days=2)  # today is among them, whatever the time zone
MOST = 200  # inboxes that are counted
_READ, _DAY = "_inboxes_to_show", "first_day"


def waiting_leads(user: User, at: datetime) -> list[Inbox]:
    """Inboxes with leads, the longest waiting first."""
    return [inbox for inbox in _noteworthy(user, at) if inbox.waiting]


def _noteworthy(user: User, at: datetime) -> list[Inbox]:
    """With leads that wait, or that lately weren't accepted for how they are written. Each has the first day of those that
    wait, for `_day_of`. Read once for a user's object, which lives as long as its request."""
    found: list[Inbox] | None = user.__dict__.get(_READ)
    if found is None:
        lately = Q(waiting__gt=0) | Q(otherwise_on__gte=(at - LATELY).date())
        inboxes = Inbox.objects.filter(lately, campaign__in=Campaign.objects.visible_to(user))
        with_days = inboxes.annotate(**{_DAY: FilteredRelation("intakes", condition=Q(intakes__waiting__gt=0))})
        with_days = with_days.select_related("campaign__connection", "lane", f"{_DAY}__upload")
        by_key: dict[int, Inbox] = {}
        for inbox in with_days.order_by("oldest_at", "pk", f"{_DAY}__pk")[:MOST]:
            by_key.setdefault(inbox.pk, inbox)
        found = user.__dict__[_READ] = list(by_key.values())
    return found


def _day_of(inbox: Inbox) -> Intake | None:
    """None: its leads were sent meanwhile."""
    day: Intake | None = getattr(inbox, _DAY)
    return day if day is not None and hasattr(day, "upload") else None


def flows(inboxes: Sequence[Inbox], at: datetime) -> tuple[Flow, ...]:
    """A day's leads as a bar. They are paused at their feed, not here."""
    return tuple(_flow(inbox, day, at) for inbox in inboxes if (day := _day_of(inbox)))


def _flow(inbox: Inbox, day: Intake, at: datetime) -> Flow:
    held = _why(inbox)
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
        name=str(inbox.campaign),
        file=inbox.label,
        url=reverse("uploads:detail", args=[day.upload.pk]),
        bar=bar,
        rate=_waiting(inbox),
        ends=held or (f"since {clock_time(inbox.oldest_at, at=at)}" if inbox.oldest_at else ""),
        pause_url="",
        resume_url="",
    )


def wants(user: User, most: int, at: datetime) -> tuple[list[Want], int]:
    """Those that have waited for longer than a lane usually rests; then sources whose numbers are refused."""
    inboxes = _noteworthy(user, at)
    late = [one for one in waiting_leads(user, at) if one.oldest_at and one.oldest_at <= at - WAIT_FOR_A_PERSON]
    otherwise = [one for one in inboxes if one.otherwise_on == localdate(at, one.campaign.connection.zone)]
    shown = late[: max(0, most)]
    found = [_want(inbox, day, at) for inbox in shown if (day := _day_of(inbox))]
    return [*found, *map(_written_otherwise, otherwise[: max(0, most - len(shown))])], len(late) + len(otherwise)


def _written_otherwise(inbox: Inbox) -> Want:
    page, count = reverse("campaigns:detail", args=[inbox.campaign_id]), inbox.otherwise
    leads = f"{count:,} lead{' was' if count == 1 else 's were'} refused today"
    return Want(
        name=str(inbox.campaign),
        url=page,
        what=f"{leads}: {inbox.label} writes numbers otherwise than its feed says",
        glyph="rss",
        tone="warn",
        label="See feeds",
        action_url=reverse("feeds:list"),
    )


def _want(inbox: Inbox, day: Intake, at: datetime) -> Want:
    page = reverse("uploads:detail", args=[day.upload.pk])
    since = f" for {relative(inbox.oldest_at, at=at)}" if inbox.oldest_at else ""
    why = _why(inbox) or "See whether the background worker runs"
    return Want(
        name=str(inbox.campaign),
        url=page,
        what=f"{_waiting(inbox)} from {inbox.label}{since}. {why}",
        glyph="hourglass",
        tone="warn",
        label="See leads",
        action_url=page,
    )


def _waiting(inbox: Inbox) -> str:
    return f"{inbox.waiting:,} lead{'' if inbox.waiting == 1 else 's'} waiting"


def _why(inbox: Inbox) -> str:
    """What keeps them, as a sentence without its full stop; empty: their turn comes."""
    if inbox.paused_at is not None:
        return "The feed is paused"
    lane, connection = inbox.lane, inbox.campaign.connection
    return str(lane.held_reason or connection.held_reason or lane.sending_reason).rstrip(".")
