"""What a rule sees right now: each condition with its value, its age and whether it holds."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from voisoadmin.campaigns.models import Campaign
from voisoadmin.campaigns.statuses import STATUSES
from voisoadmin.rules import stored_facts as stored
from voisoadmin.rules.days_off import day_off
from voisoadmin.rules.judge import memory_of
from voisoadmin.rules.models import Evaluation, Rule, RuleState, StartHold
from voisoadmin.rules.occurrences import is_in_hours
from voisoadmin.rules.pages.rule_lines import next_in_words
from voisoadmin.rules.rule_conditions import Facts, Memory, look, why_not_in
from voisoadmin.rules.sentence import Sentence, Then
from voisoadmin.rules.sentence_words import (
    TeamName,
    condition_in_words,
    hours_in_words,
    states_in_words,
    zone_in_words,
)
from voisoadmin.rules.stored_facts import Wanted

SHOWN = 5  # campaigns


@dataclass(frozen=True, kw_only=True, slots=True)
class Row:
    holds: bool | None  # None: not known
    text: str
    needed: str = ""
    read_at: datetime | None = None  # None: our own figures, of now

    @property
    def glyph(self) -> str:
        return {True: "circle-check", False: "circle-x", None: "help-circle"}[self.holds]

    @property
    def css(self) -> str:
        return {True: "good", False: "quiet", None: "warn"}[self.holds]

    @property
    def word(self) -> str:
        return {True: "Holds", False: "Doesn't hold", None: "Not known"}[self.holds]


@dataclass(frozen=True, kw_only=True, slots=True)
class CampaignNow:
    campaign: Campaign
    rows: Sequence[Row]
    held: str = ""  # why rules don't start it, by a person's wish


@dataclass(frozen=True, kw_only=True, slots=True)
class RightNow:
    at: datetime
    campaigns: Sequence[CampaignNow]
    more: int
    next: str


def right_now(
    sentence: Sentence, campaigns: Collection[Campaign], *, rule: Rule | None, team: TeamName, at: datetime
) -> RightNow:
    shown = list(campaigns)[:SHOWN]
    facts = stored.load([Wanted(sentence, campaign.pk) for campaign in shown], at=at)
    memories = _memories(rule, shown)
    holds = dict(StartHold.objects.filter(campaign__in=shown, is_on=True).values_list("campaign", "reason"))
    return RightNow(
        at=at,
        campaigns=[
            CampaignNow(
                campaign=campaign,
                rows=_rows(sentence, facts.of(sentence, campaign.pk), memories.get(campaign.pk, Memory()), team, at),
                held=holds.get(campaign.pk, "") if sentence.starts else "",
            )
            for campaign in shown
        ],
        more=len(campaigns) - len(shown),
        next=next_in_words(sentence, at=at),
    )


def _memories(rule: Rule | None, campaigns: Collection[Campaign]) -> Mapping[int, Memory]:
    if rule is None:
        return {}
    span = Evaluation.last().span
    states = RuleState.objects.filter(rule=rule, campaign__in=campaigns)
    return {state.campaign_id: memory_of(state, span, since=rule.looked_since) for state in states} if span else {}


def _rows(sentence: Sentence, facts: Facts, memory: Memory, team: TeamName, at: datetime) -> list[Row]:
    seen = look(sentence, facts, memory, at=at).seen
    rows = [
        Row(holds=one.holds, text=one.text, needed=condition_in_words(condition, team=team), read_at=one.read_at)
        for condition, one in zip(sentence.conditions, seen, strict=True)
    ]
    if sentence.starts and sentence.hours:
        rows.append(_hours_row(sentence, at))
    return [*rows, _state_row(sentence, facts)]


def _hours_row(sentence: Sentence, at: datetime) -> Row:
    local = at.astimezone(sentence.timezone)
    off = day_off(local.date(), sentence.days_off)
    text = f"It is {local:%H:%M} on a {local:%A} in {zone_in_words(sentence.zone)}" + (f", a day off: {off}" if off else "")
    assert sentence.hours is not None
    holds = not off and is_in_hours(sentence.hours, sentence.timezone, at)
    return Row(holds=holds, text=text, needed=f"for starts: {hours_in_words(sentence.hours)}")


def _state_row(sentence: Sentence, facts: Facts) -> Row:
    word = STATUSES[facts.status].word.lower() if facts.status in STATUSES else facts.status or "unknown"
    possible = [then for then in sorted(sentence.actions) if not why_not_in(sentence, then, facts.status)]
    does = " or ".join(then.value for then in possible if then != Then.NOTIFY)
    needed = states_in_words(sentence.states)
    if not possible:
        needed += ". Nothing to do now"
    elif does:
        needed += f". It could {does}"
    return Row(holds=bool(possible), text=f"The campaign is {word}", needed=needed, read_at=facts.read_at)
