"""The rules of a campaign on its page: a section, entries of the timeline, and the next step that a person owes them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db.models import Exists, OuterRef, Q
from django.db.models.functions import JSONObject
from django.urls import reverse
from django.utils import timezone

from voisoadmin.accounts.models import User
from voisoadmin.campaigns.models import Campaign, CampaignState
from voisoadmin.campaigns.pages.sections import (
    Column,
    Entry,
    NextStep,
    Rows,
    Section,
    Urgency,
    add_entries,
    add_next_steps,
    add_section,
)
from voisoadmin.campaigns.statuses import Status
from voisoadmin.rules.models import Firing, FiringQuerySet, KeepRunning, Rule, StartHold
from voisoadmin.rules.occurrences import occurrences
from voisoadmin.rules.pages.rule_lines import RuleLine, lines_of, sentence_of
from voisoadmin.rules.pages.rule_log import is_in_progress, log_line
from voisoadmin.rules.sentence import Then

Outcome = Firing.Outcome
MISSED_SHOWN = timedelta(hours=12)
LATEST = 50  # of the timeline: more than it shows beside other lines
_HAS_PAGE, _HAS_RUN, _READ = "has_page_for_the_user", "has_run_since", "_latest_firings"
_NOT_SHOWN = (Outcome.NOTHING, Outcome.WOULD)


@dataclass(frozen=True, kw_only=True, slots=True)
class ComingRest:
    """A timed pause or stop of today, past which a person may keep the campaign running."""

    then: str
    clock: str
    day: date


@dataclass(frozen=True, kw_only=True, slots=True)
class CampaignRules:
    campaign: Campaign
    lines: Sequence[RuleLine]
    hold: StartHold | None
    rest: ComingRest | None
    kept: KeepRunning | None
    owed: Sequence[Firing]


def rules_of(campaign: Campaign, user: User, *, at: datetime) -> CampaignRules:
    lines = lines_of(Rule.objects.visible_to(user).filter(campaigns=campaign), at=at)
    rest = _coming_rest(lines, at)
    starts = any(line.may_start for line in lines)
    return CampaignRules(
        campaign=campaign,
        lines=lines,
        hold=StartHold.objects.filter(campaign=campaign, is_on=True).first() if starts else None,
        rest=rest,
        kept=KeepRunning.objects.filter(campaign=campaign, day=rest.day).first() if rest else None,
        owed=list(Firing.objects.owed().filter(campaign=campaign).select_related("rule").order_by("due_at")),
    )


def _coming_rest(lines: Sequence[RuleLine], at: datetime) -> ComingRest | None:
    found = []
    for line in lines:
        sentence = sentence_of(line.rule) if line.rule.mode == Rule.Mode.ON else None
        if sentence is None:
            continue
        today = at.astimezone(sentence.timezone).date()
        coming = occurrences(sentence, after=at, until=at + timedelta(days=1))
        found += [(one.moment, one) for one in coming if one.line.then in (Then.PAUSE, Then.STOP) and one.date == today]
    if not found:
        return None
    _, one = min(found, key=lambda pair: pair[0])
    return ComingRest(then=one.line.then.value, clock=f"{one.line.at:%H:%M}", day=one.date)


def _looks(campaign: Campaign, user: User) -> list[Rows]:
    rules = Rule.objects.visible_to(user).filter(campaigns=campaign).order_by("pk")
    firings = Firing.objects.filter(campaign=campaign).order_by("-decided_at", "-pk")
    return [
        rules.values(row=JSONObject(rule="pk", at="changed_at", mode="mode")),
        firings.values(row=JSONObject(firing="pk", outcome="outcome", is_open="is_open"))[:1],
        StartHold.objects.filter(campaign=campaign).values(row=JSONObject(is_on="is_on", since="since")),
    ]


def _entries(campaign: Campaign, user: User, before: datetime | None, most: int) -> list[Entry]:
    """What rules did with the campaign, each with its operation."""
    found = _latest(campaign, user, most) if before is None else _shown(campaign, user).filter(due_at__lt=before)[:most]
    shown = [firing for firing in found if firing.outcome not in _NOT_SHOWN][:most]
    return [_entry(firing, has_page=getattr(firing, _HAS_PAGE)) for firing in shown]


def _shown(campaign: Campaign, user: User) -> FiringQuerySet:
    return _with_facts(campaign, user).exclude(outcome__in=_NOT_SHOWN)


def _with_facts(campaign: Campaign, user: User) -> FiringQuerySet:
    """The latest first."""
    has_page = Rule.objects.visible_to(user).filter(pk=OuterRef("rule"))
    later = CampaignState.objects.filter(campaign=campaign, since__gt=OuterRef("due_at"), status=Status.ACTIVE)
    found = Firing.objects.filter(campaign=campaign, is_dry=False).select_related("rule", "operation")
    return found.annotate(**{_HAS_PAGE: Exists(has_page), _HAS_RUN: Exists(later)})


def _latest(campaign: Campaign, user: User, most: int) -> list[Firing]:
    """Those of the timeline, and what a person owes them: read once for a campaign's object, which lives as long as its
    request."""
    found: list[Firing] | None = campaign.__dict__.get(_READ)
    if found is None:
        latest = Firing.objects.filter(campaign=campaign, is_dry=False).exclude(outcome__in=_NOT_SHOWN).values("pk")[:most]
        missed = Q(outcome=Outcome.MISSED, change=Then.START, due_at__gt=timezone.now() - MISSED_SHOWN)
        wanted = Q(pk__in=latest) | Q(is_open=True, outcome=Outcome.OWED) | missed
        found = campaign.__dict__[_READ] = list(_with_facts(campaign, user).filter(wanted))
    return found


def _entry(firing: Firing, *, has_page: bool) -> Entry:
    line = log_line(firing)
    acted = firing.outcome == Outcome.FIRED and not is_in_progress(firing)
    return Entry(
        at=firing.tried_at or firing.due_at,
        glyph=line.glyph,
        css=line.css or "quiet",
        what=f"{line.what} by" if acted else f"{line.word}: {firing.change} by",
        subject=firing.rule.name,
        url=reverse("rules:detail", args=[firing.rule_id]) if has_page else "",
        detail=firing.reason,
        operations=frozenset([firing.operation_id]) if firing.operation_id else frozenset(),
    )


def _next_steps(campaign: Campaign, user: User, at: datetime) -> list[NextStep]:
    """The first pause or stop that is owed, and the last missed start, if no one has made up for it."""
    found = _latest(campaign, user, LATEST)
    owed = [firing for firing in found if firing.outcome == Outcome.OWED and firing.is_open][-1:]
    missed = [
        firing
        for firing in found
        if firing.outcome == Outcome.MISSED and firing.change == Then.START and firing.due_at > at - MISSED_SHOWN
    ][:1]
    steps = [
        NextStep(
            urgency=Urgency.DECIDE,
            what=f"{firing.rule} still has to {firing.change} it.",
            detail=firing.reason,
            label="Decide",
            url=reverse("rules:of_campaign", args=[campaign.pk]),
        )
        for firing in owed
    ]
    return steps + [
        NextStep(
            urgency=Urgency.DECIDE,
            what=f"{firing.rule} missed its start.",
            detail=firing.reason,
            label="Decide",
            url=f"{reverse('rules:log')}?campaign={campaign.pk}",
        )
        for firing in missed
        if not getattr(firing, _HAS_RUN) and user.may_change
    ]


def register() -> None:
    add_section(
        Section(
            id="campaign-rules",
            title="Rules",
            view="rules:of_campaign",
            link="Rules of this campaign",
            column=Column.RAIL,
            place=20,
            rows=_looks,
        )
    )
    add_entries(_entries)
    add_next_steps(_next_steps)
