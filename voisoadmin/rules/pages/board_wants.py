"""What rules want of a person, on the board: pauses that are owed, starts that were missed, a clock that is wrong."""

from datetime import datetime, timedelta

from django.db.models import Exists, Q
from django.urls import reverse

from voisoadmin.accounts.models import User
from voisoadmin.campaigns.models import Campaign
from voisoadmin.campaigns.pages.now_strip import Want, add_wants
from voisoadmin.campaigns.statuses import Status
from voisoadmin.rules.models import Evaluation, Firing, FiringQuerySet

Outcome = Firing.Outcome
MISSED_SHOWN = timedelta(hours=12)
MOST = 100  # counted


def wants(user: User, most: int, at: datetime) -> tuple[list[Want], int]:
    """The most urgent first. One query while nothing is wanted."""
    open_firings = _open(user, at)
    last = Evaluation.objects.annotate(wants=Exists(open_firings)).first()
    if last is None:
        return [], 0
    found = [_of_the_clock()] if last.clock_problem else []
    if getattr(last, "wants", False):
        firings = open_firings.select_related("rule", "campaign").order_by("-is_open", "due_at")[:MOST]
        found += [_want(firing) for firing in firings]
    return found[:most], len(found)


def _open(user: User, at: datetime) -> FiringQuerySet:
    """What is owed, and starts that no one has made up for: the campaign doesn't run."""
    owed = Q(is_open=True, outcome=Outcome.OWED)
    missed = Q(outcome=Outcome.MISSED, change=Firing.Change.START, due_at__range=(at - MISSED_SHOWN, at))
    found = Firing.objects.visible_to(user).filter(is_dry=False, rule__removed_at=None)
    return found.filter(owed | missed & ~Q(campaign__status=Status.ACTIVE))


def _want(firing: Firing) -> Want:
    campaign: Campaign = firing.campaign
    is_owed = firing.outcome == Outcome.OWED
    return Want(
        name=str(campaign),
        url=reverse("campaigns:detail", args=[campaign.pk]),
        what=f"{firing.rule}: {f'{firing.change} is still to come' if is_owed else 'start missed'}",
        glyph="bolt",
        tone="bad" if is_owed else "warn",
        label="Decide",
        action_url=f"{reverse('rules:log')}?campaign={campaign.pk}",
    )


def _of_the_clock() -> Want:
    page = reverse("rules:list")
    what = "start nothing: this machine's clock is wrong"
    return Want(name="Rules", url=page, what=what, glyph="clock", tone="bad", label="See rules", action_url=page)


def register() -> None:
    add_wants(wants)
