"""What rules want of a person, on the board: pauses that are owed, starts that were missed, a clock that is wrong."""

from datetime import datetime, timedelta
from typing import Any

from django.db.models import Q, QuerySet
from django.db.models.functions import JSONObject
from django.urls import reverse

from voisoadmin.accounts.models import User
from voisoadmin.campaigns.models import Campaign
from voisoadmin.campaigns.pages.now_strip import Want, add_wants
from voisoadmin.campaigns.statuses import Status
from voisoadmin.lib.kept_queries import KeptQueries
from voisoadmin.lib.subqueries import ListOf
from voisoadmin.rules.models import Evaluation, Firing, FiringQuerySet

Outcome = Firing.Outcome
MISSED_SHOWN, MINUTE = timedelta(hours=12), timedelta(minutes=1)
_queries = KeptQueries()
MOST = 100  # counted


def wants(user: User, most: int, at: datetime) -> tuple[list[Want], int]:
    """The most urgent first, in one query."""
    minute = at.replace(second=0, microsecond=0)
    last = _queries.rows((user.sight, minute), lambda: _last(user, minute))
    if not last:
        return [], 0
    clock_problem, rows = last[0]
    found = [_of_the_clock()] if clock_problem else []
    found += [_want(**firing) for firing in rows]
    return found[:most], len(found)


def _last(user: User, minute: datetime) -> QuerySet[Evaluation, Any]:
    row = JSONObject(
        campaign="campaign",
        name="campaign__name",
        voiso_id="campaign__voiso_id",
        rule="rule__name",
        change="change",
        outcome="outcome",
    )
    firings = _open(user, minute).order_by("-is_open", "due_at").values(row=row)[:MOST]
    return Evaluation.objects.order_by("pk").values_list("clock_problem", ListOf(firings))[:1]


def _open(user: User, minute: datetime) -> FiringQuerySet:
    """What is owed, and starts that no one has made up for: the campaign doesn't run."""
    owed = Q(is_open=True, outcome=Outcome.OWED)
    missed = Q(outcome=Outcome.MISSED, change=Firing.Change.START, due_at__range=(minute - MISSED_SHOWN, minute + MINUTE))
    found = Firing.objects.visible_to(user).filter(is_dry=False, rule__removed_at=None)
    return found.filter(owed | missed & ~Q(campaign__status=Status.ACTIVE))


def _want(*, campaign: int, name: str, voiso_id: str, rule: str, change: str, outcome: str) -> Want:
    is_owed = outcome == Outcome.OWED
    return Want(
        name=str(Campaign(name=name, voiso_id=voiso_id)),
        url=reverse("campaigns:detail", args=[campaign]),
        what=f"{rule}: {f'{change} is still to come' if is_owed else 'start missed'}",
        glyph="bolt",
        tone="bad" if is_owed else "warn",
        label="Decide",
        action_url=f"{reverse('rules:log')}?campaign={campaign}",
    )


def _of_the_clock() -> Want:
    page = reverse("rules:list")
    what = "start nothing: this machine's clock is wrong"
    return Want(name="Rules", url=page, what=what, glyph="clock", tone="bad", label="See rules", action_url=page)


def register() -> None:
    add_wants(wants)
