"""What a rule would have done: the decisions of the live rule, in dry run, on the facts that are stored of the last days.

The rule is judged at each moment at which something it asks for may have changed, by the same code and with its own
memory. Nothing is stored.
"""

import uuid
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import pairwise

from voisoadmin.campaigns.models import Campaign
from voisoadmin.rules.deciding import Around
from voisoadmin.rules.judge import RuleOnCampaign, judge, memory_of
from voisoadmin.rules.models import Firing, Rule, RuleState
from voisoadmin.rules.occurrences import day_bounds, occurrences
from voisoadmin.rules.recorded import CampaignHistory, load_history
from voisoadmin.rules.rule_conditions import look
from voisoadmin.rules.sentence import Agents, AutoPaused, Sentence, WaitingContacts

LOOKS_BACK = timedelta(days=7)
MOST_CAMPAIGNS = 50
ONE_SPAN = uuid.UUID(int=1)  # as if it had been evaluated without a gap
MOST_MOMENTS, MOST_IN_ALL = 4_000, 60_000  # the latest of one campaign; a thousand take some 50 ms
ACTED = frozenset({Firing.Outcome.WOULD, Firing.Outcome.NOTIFIED})
NOT_RECORDED = "How many contacts waited isn't recorded, so this rule can't be replayed."


@dataclass(frozen=True, slots=True)
class Span:
    begin: datetime
    end: datetime


@dataclass(slots=True)
class Replay:
    begin: datetime
    end: datetime
    firings: list[Firing] = field(default_factory=list)  # unsaved; the earliest first
    unknown: list[Span] = field(default_factory=list)  # nothing would have been decided by conditions
    campaigns: int = 0
    left_out: int = 0
    shortened: list[datetime] = field(default_factory=list)  # of campaigns of which only the time since then is replayed
    problem: str = ""

    @property
    def is_whole(self) -> bool:
        return not (self.left_out or self.unknown)

    @property
    def acted(self) -> list[Firing]:
        return [firing for firing in self.firings if firing.outcome in ACTED]


def replay(sentence: Sentence, campaigns: Collection[Campaign], *, at: datetime, begin: datetime | None = None) -> Replay:
    """As if it had been turned on at `begin`, by default seven days ago."""
    begin = begin or at - LOOKS_BACK
    chosen = list(campaigns)[:MOST_CAMPAIGNS]
    found = Replay(begin, at, campaigns=len(chosen), left_out=len(campaigns) - len(chosen))
    if any(isinstance(one, WaitingContacts) for one in sentence.conditions):
        found.problem, found.unknown = NOT_RECORDED, [Span(begin, at)]
        return found
    histories = load_history(sentence, chosen, begin=begin, at=at)
    most = min(MOST_MOMENTS, MOST_IN_ALL // max(1, len(chosen)))
    for campaign in chosen:
        history = histories[campaign.pk]
        looks = moments(sentence, history, begin=begin, at=at)
        if len(looks) > most:
            looks = looks[-most:]
            found.shortened.append(looks[0])
            found.unknown.append(Span(begin, looks[0]))
        firings, unknown = replay_one(sentence, campaign.pk, history, looks)
        found.firings += firings
        found.unknown += unknown
    found.firings.sort(key=lambda firing: firing.due_at)
    return found


def replay_one(
    sentence: Sentence, campaign: int, history: CampaignHistory, looks: Sequence[datetime]
) -> tuple[list[Firing], list[Span]]:
    """The log of a rule in dry run that was turned on at the first of these moments, and when its conditions weren't known."""
    rule = Rule(mode=Rule.Mode.DRY_RUN, looked_since=looks[0], sentence=sentence.as_json())
    going = _Going(sentence, rule, RuleState(rule=rule, campaign_id=campaign), history)
    for moment in looks:
        going.judge(moment)
    return list(going.log.values()), going.unknown_spans(looks[-1])


def moments(sentence: Sentence, history: CampaignHistory, *, begin: datetime, at: datetime) -> list[datetime]:
    """When to look: each stored change, what follows it after the minutes of a condition, times, and borders of days."""
    minutes = {one.minutes for one in sentence.conditions if isinstance(one, Agents | AutoPaused) and one.minutes}
    changes = [moment for moment in history.moments() if moment <= at]
    found = {begin, at} | set(changes)
    found |= {moment + timedelta(minutes=number) for moment in changes for number in minutes}
    if sentence.conditions:
        found |= set(day_bounds(sentence, begin=begin, end=at))
    for occurrence in occurrences(sentence, after=begin, until=at):
        found |= {occurrence.moment, occurrence.moment + timedelta(minutes=sentence.window)}
    return sorted(moment for moment in found if begin <= moment <= at)


@dataclass(slots=True)
class _Going:
    sentence: Sentence
    rule: Rule
    state: RuleState
    history: CampaignHistory
    log: dict[str, Firing] = field(default_factory=dict)
    last: datetime | None = None
    _unknown: list[tuple[datetime, bool]] = field(default_factory=list)

    def judge(self, at: datetime) -> None:
        facts = self.history.facts_at(self.sentence, at)
        span = ONE_SPAN
        hold = self.history.held_by(at)
        if self.sentence.conditions:
            seen = look(self.sentence, facts, memory_of(self.state, span, since=self.rule.looked_since), at=at)
            self._unknown.append((at, seen.truth is None))
        judged = judge(
            RuleOnCampaign(
                rule=self.rule,
                sentence=self.sentence,
                state=self.state,
                span=span,
                facts=facts,
                around=Around(
                    hold=Firing.Hold.PERSON if hold else "", hold_reason=f"{hold} paused or stopped it." if hold else ""
                ),
                kept={},
                open_firings=[firing for firing in self.log.values() if firing.is_open],
                looked_until=self.last or at,
                rested_at=None,
                answered_at=facts.read_at,
                last_state=0,
            ),
            at=at,
        )
        for firing in judged.log:
            self.log[firing.occurrence] = firing
        self.last = at

    def unknown_spans(self, at: datetime) -> list[Span]:
        spans: list[Span] = []
        for (begin, is_unknown), (end, _) in pairwise([*self._unknown, (at, False)]):
            if is_unknown and end > begin:
                if spans and spans[-1].end == begin:
                    spans[-1] = Span(spans[-1].begin, end)
                else:
                    spans.append(Span(begin, end))
        return spans
