"""What a rule decides for one campaign at one moment. Pure: no clock is read and nothing is stored.

Starts fail closed: what isn't known, or is too old, decides nothing for them. Pauses and stops fail safe: they act on the
last that is known.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from voisoadmin.campaigns.statuses import RESUMING, TRANSITIONAL, Status
from voisoadmin.rules.models import Firing
from voisoadmin.rules.occurrences import why_no_start
from voisoadmin.rules.rule_conditions import Facts, fails_closed, how_old, why_not_in
from voisoadmin.rules.sentence import Sentence, Then

Outcome, Hold = Firing.Outcome, Firing.Hold
ENDED = frozenset({Status.PAUSED, Status.STOPPED, Status.COMPLETED, Status.DRAFT, Status.IMPORT_ERROR})
"""No campaign in one of these dials, or begins to without a request."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Around:
    """What else bears on the campaign."""

    clock_problem: str = ""
    hold: str = ""  # of its starts
    hold_reason: str = ""
    kept_running: str = ""  # who keeps it running on the day of the occurrence
    recent: Sequence[tuple[str, bool]] = ()  # changes by rules in the last half hour, the earliest first; whether timed


class Decision(NamedTuple):
    outcome: Firing.Outcome  # FIRED: act
    reason: str = ""
    hold: str = ""
    again: bool = False  # look again while there is time, or for as long as it is owed


def decide(
    then: Then,
    sentence: Sentence,
    facts: Facts,
    around: Around,
    *,
    at: datetime,
    is_timed: bool,
    conditions: bool | None = True,
) -> Decision:
    """Whether to act now. `conditions`: of a time that is joined with conditions, or of an edge that is tried again."""
    if conditions is False:
        return Decision(Outcome.NOTHING, "Its conditions don't hold.", again=True)
    if conditions is None and fails_closed(then):
        return Decision(Outcome.NOT_DECIDED, "Not all of its conditions are known.", again=True)
    if then == Then.NOTIFY:
        return Decision(Outcome.NOTIFIED)
    if then == Then.START:
        return decide_start(sentence, facts, around, at=at, is_timed=is_timed)
    return decide_rest(then, sentence, facts, around, at=at, is_timed=is_timed)


def decide_start(sentence: Sentence, facts: Facts, around: Around, *, at: datetime, is_timed: bool) -> Decision:
    if around.clock_problem:
        return Decision(Outcome.NOT_DECIDED, around.clock_problem, again=True)
    if why := why_no_start(sentence, at):
        return Decision(Outcome.HELD, f"{why}.", again=True)
    if around.hold:
        return Decision(Outcome.HELD, around.hold_reason, around.hold, again=True)
    if facts.is_missing:
        return Decision(Outcome.NOTHING, "Voiso no longer lists this campaign.")
    if facts.problem:
        return Decision(Outcome.NOT_DECIDED, facts.problem, again=True)
    if not facts.is_fresh:
        return Decision(Outcome.NOT_DECIDED, f"{how_old(facts, at)}.", again=True)
    if not facts.status:
        return Decision(Outcome.NOT_DECIDED, "Voiso doesn't report the campaign's state.", again=True)
    if facts.pending:
        return Decision(Outcome.NOT_DECIDED, f"A {facts.pending} of it isn't confirmed yet.", again=True)
    if why := why_not_in(sentence, Then.START, facts.status):
        return Decision(Outcome.NOTHING, why, again=True)
    if contradicts(around.recent, is_timed=is_timed):
        reason = "Rules started and paused it in turn within 30 min. It stays paused."
        return Decision(Outcome.HELD, reason, Hold.CONFLICT)
    return Decision(Outcome.FIRED)


def decide_rest(then: Then, sentence: Sentence, facts: Facts, around: Around, *, at: datetime, is_timed: bool) -> Decision:
    """A pause or a stop. What can't be done now is owed if a time asked for it."""
    later = Outcome.OWED if is_timed else Outcome.NOT_DECIDED
    if is_timed and around.kept_running:
        return Decision(Outcome.WAIVED, f"{around.kept_running} keeps it running today.")
    if facts.is_missing:
        return Decision(Outcome.NOTHING, "Voiso no longer lists this campaign.")
    if facts.pending:
        return Decision(later, f"A {facts.pending} of it isn't confirmed yet.", again=True)
    if facts.problem:
        return Decision(later, facts.problem, again=True)
    if facts.is_fresh and (why := why_not_in(sentence, then, facts.status)):
        # It may dial again in a moment, without a request.
        return Decision(later, why, again=True) if facts.status in TRANSITIONAL | RESUMING else Decision(Outcome.NOTHING, why)
    return Decision(Outcome.FIRED)


def contradicts(recent: Sequence[tuple[str, bool]], *, is_timed: bool) -> bool:
    """Whether a start now would reverse a pause that has just reversed a start; never among times only."""
    changes = [(change, timed) for change, timed in recent if change in {Then.START, Then.PAUSE}]
    turns: list[tuple[str, bool]] = []
    for change, timed in changes:
        if turns and turns[-1][0] == change:
            turns.pop()
        turns.append((change, timed))
    if len(turns) < 2 or turns[-1][0] != Then.PAUSE:
        return False
    return not (is_timed and turns[-1][1] and turns[-2][1])
