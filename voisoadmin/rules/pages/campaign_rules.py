"""The rules of a campaign on its page: a section, entries of the timeline, and the next step that a person owes them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db.models.functions import JSONObject
from django.urls import reverse

from voisoadmin.accounts.models import User
from voisoadmin.campaigns.models import Campaign
from voisoadmin.campaigns.pages.sections import (
    Column,
    Entry,
    NextStep,
    Section,
    Urgency,
    add_entries,
    add_next_steps,
    add_section,
)
from voisoadmin.campaigns.statuses import Status
from voisoadmin.lib.subqueries import ListOf
from voisoadmin.rules.models import Firing, KeepRunning, Rule, StartHold
from voisoadmin.rules.occurrences import occurrences
from voisoadmin.rules.pages.rule_lines import RuleLine, lines_of, sentence_of
from voisoadmin.rules.pages.rule_log import is_in_progress, log_line
from voisoadmin.rules.sentence import Then

Outcome = Firing.Outcome
MISSED_SHOWN = timedelta(hours=12)


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


def _version(campaign: Campaign, user: User) -> str:
    rules = Rule.objects.visible_to(user).filter(campaigns=campaign).order_by("pk")
    firings = Firing.objects.filter(campaign=campaign).order_by("-decided_at", "-pk")
    facts = (
        rules.values(row=JSONObject(rule="pk", at="changed_at", mode="mode")),
        firings.values(row=JSONObject(firing="pk", outcome="outcome", is_open="is_open"))[:1],
        StartHold.objects.filter(campaign=campaign).values(row=JSONObject(is_on="is_on", since="since")),
    )
    return repr(Campaign.objects.filter(pk=campaign.pk).values_list(*map(ListOf, facts)).first())


def _entries(campaign: Campaign, user: User, before: datetime | None, most: int) -> list[Entry]:
    """What rules did with the campaign, each with its operation."""
    shown = Firing.objects.filter(campaign=campaign, is_dry=False).exclude(outcome__in=[Outcome.NOTHING, Outcome.WOULD])
    if before is not None:
        shown = shown.filter(due_at__lt=before)
    visible = set(Rule.objects.visible_to(user).values_list("pk", flat=True))
    return [_entry(firing, firing.rule_id in visible) for firing in shown.select_related("rule", "operation")[:most]]


def _entry(firing: Firing, has_page: bool) -> Entry:
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
    here = reverse("rules:of_campaign", args=[campaign.pk])
    steps = []
    for firing in Firing.objects.owed().filter(campaign=campaign).select_related("rule").order_by("due_at")[:1]:
        steps.append(
            NextStep(
                urgency=Urgency.DECIDE,
                what=f"{firing.rule} still has to {firing.change} it.",
                detail=firing.reason,
                label="Decide",
                url=here,
            )
        )
    missed = Firing.objects.filter(campaign=campaign, outcome=Outcome.MISSED, change=Then.START, is_dry=False)
    for firing in missed.filter(due_at__gt=at - MISSED_SHOWN).select_related("rule")[:1]:
        later = campaign.states.filter(since__gt=firing.due_at, status=Status.ACTIVE).exists()
        if not later and user.may_change:
            steps.append(
                NextStep(
                    urgency=Urgency.DECIDE,
                    what=f"{firing.rule} missed its start.",
                    detail=firing.reason,
                    label="Decide",
                    url=f"{reverse('rules:log')}?campaign={campaign.pk}",
                )
            )
    return steps


def register() -> None:
    add_section(
        Section(
            id="campaign-rules",
            title="Rules",
            view="rules:of_campaign",
            link="Rules of this campaign",
            column=Column.RAIL,
            place=20,
            version=_version,
        )
    )
    add_entries(_entries)
    add_next_steps(_next_steps)
