"""What one rule does about one campaign at one moment: new occurrences, edges, and what is still open.

Pure but for the rows it is given, which the caller stores.
"""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta

from voisoadmin.campaigns.statuses import RUNNING
from voisoadmin.rules.deciding import Around, Decision, decide
from voisoadmin.rules.firing import ToFire, may_try_again, settle
from voisoadmin.rules.models import Firing, Rule, RuleState
from voisoadmin.rules.occurrences import Occurrence, occurrences
from voisoadmin.rules.rule_conditions import Facts, Look, Memory, fired_too_lately, is_edge, look
from voisoadmin.rules.sentence import Join, Sentence, Then

Outcome = Firing.Outcome
UNDECIDED = "undecided"  # begins the occurrence of a spell in which conditions weren't known
RESTS = frozenset({Then.PAUSE, Then.STOP})
FIRST_READ = timedelta(minutes=1)  # what only a new rule needs, such as the agents' status, is being read then


@dataclass(slots=True, kw_only=True)
class RuleOnCampaign:
    rule: Rule
    sentence: Sentence
    state: RuleState
    span: uuid.UUID
    facts: Facts
    around: Around
    kept: Mapping[date, str]  # days on which a person keeps the campaign running, and who
    open_firings: Sequence[Firing]
    looked_until: datetime  # earlier times were looked at
    rested_at: datetime | None  # when the campaign was last seen to come to rest, since something is owed
    answered_at: datetime | None
    last_state: int


@dataclass(slots=True)
class Judged:
    state: RuleState
    log: list[Firing] = field(default_factory=list)  # to be stored
    to_fire: list[ToFire] = field(default_factory=list)
    state_changed: bool = False
    ends_owed: Firing | None = None  # a timed start that found the campaign running: nothing earlier is owed


def judge(subject: RuleOnCampaign, *, at: datetime) -> Judged:
    judging = _Judging(subject, at, Judged(subject.state))
    judging.look_at_conditions()
    judging.look_at_open()
    judging.look_at_times()
    return judging.judged


def memory_of(state: RuleState, span: uuid.UUID, *, since: datetime) -> Memory:
    """`since`: when the rule was turned on. What it would have done before doesn't count."""
    lasting = state.holds_since if state.span == span else {}
    return Memory(
        was_true=state.was_true,
        holds_since={place: datetime.fromisoformat(moment) for place, moment in lasting.items()},
        fired_at=state.fired_at if state.fired_at is not None and state.fired_at >= since else None,
    )


class _Judging:
    def __init__(self, subject: RuleOnCampaign, at: datetime, judged: Judged) -> None:
        self.subject, self.at, self.judged = subject, at, judged
        self.rule, self.sentence, self.state = subject.rule, subject.sentence, subject.state
        self.memory = memory_of(self.state, subject.span, since=self.rule.looked_since)
        self.look: Look = look(self.sentence, subject.facts, self.memory, at=at)
        self.is_joined = self.sentence.join == Join.ALL and bool(self.sentence.lines)  # times that need the conditions

    # Conditions

    def look_at_conditions(self) -> None:
        self._remember_since()
        if not self.sentence.conditions or self.is_joined:
            return
        if self.look.truth is False:
            self._remember_truth(False)
        elif self.look.truth is None:
            self._note_undecided()
        elif is_edge(self.look, self.memory):
            self._fire_edge()

    def _remember_since(self) -> None:
        since = {place: moment.isoformat() for place, moment in self.look.holds_since.items()}
        if since == self.state.holds_since and (not since or self.state.span == self.subject.span):
            return
        self.state.holds_since, self.state.span = since, self.subject.span
        self.judged.state_changed = True

    def _remember_truth(self, truth: bool | None) -> None:
        if self.state.was_true is not truth:
            self.state.was_true = truth
            self.judged.state_changed = True

    def _fire_edge(self) -> None:
        number, then = self.state.edge + 1, self.sentence.then
        firing = self._new(f"edge {number}", then, self.at, self._local(self.at), is_timed=False)
        firing.reason = _capital(self.look.text)
        why_not = fired_too_lately(self.sentence, self.memory, self.at)
        if why_not:
            self._write(firing, Decision(Outcome.NOTHING, why_not))
        else:
            self._resolve(firing, self._decide(firing, conditions=True), edge=number)
        if self.judged.to_fire and self.judged.to_fire[-1].firing is firing:
            return  # it is remembered in the transaction of its operation
        self.state.edge = number
        if firing.outcome in {Outcome.WOULD, Outcome.NOTIFIED}:
            self.state.fired_at = self.at
        self._remember_truth(True)
        self.judged.state_changed = True

    def _note_undecided(self) -> None:
        if self.at - self.rule.looked_since < FIRST_READ:
            return
        if self.subject.facts.pending or self.memory.was_true or any(map(_is_undecided, self.subject.open_firings)):
            return
        local = self.at.astimezone(self.sentence.timezone)
        occurrence = f"{UNDECIDED} {self.state.edge} {local:%Y-%m-%d %H}"
        firing = self._new(occurrence, self.sentence.then, self.at, local.date(), is_timed=False)
        firing.until = None
        self._write(firing, Decision(Outcome.NOT_DECIDED, f"{self.look.unknown}.", again=True))

    # What is open

    def look_at_open(self) -> None:
        for firing in self.subject.open_firings:
            if _is_undecided(firing):
                if self.look.truth is not None:
                    self._close(firing)
            elif firing.operation is not None and not firing.operation.has_ended:
                continue
            elif self.rule.is_dry(firing.change) != firing.is_dry:
                self._write(firing, Decision(Outcome.WAIVED, "The rule is no longer on."))
            else:
                self._go_on(firing)

    def _go_on(self, firing: Firing) -> None:
        if self.at < firing.due_at:
            return  # the clock was ahead when it was written
        if firing.operation is not None and firing.outcome in {Outcome.FIRED, Outcome.OWED}:
            settle(firing, at=self.at)
            self.judged.log.append(firing)
            if not firing.is_open:
                return
        if firing.until is not None and self.at >= firing.until:
            self._close(firing)
            self._arm_again(firing)
            return
        failed_untimed_rest = firing.operation is not None and not firing.is_timed and firing.change in RESTS
        if firing.outcome in {Outcome.REFUSED, Outcome.UNCONFIRMED} and failed_untimed_rest and _sent(firing):
            return  # it waits for the end of its window, and becomes true again then
        rested = self.subject.rested_at
        if firing.is_timed and firing.change in RESTS and rested is not None and rested >= firing.due_at:
            self._write(firing, Decision(Outcome.NOTHING, "It came to rest."))
            return
        kept_by = firing.is_timed and self.subject.kept.get(firing.local_date)
        if not kept_by and not may_try_again(firing, at=self.at, answered_at=self.subject.answered_at):
            return
        conditions = self.look.conditions if self.is_joined or not firing.is_timed else True
        self._resolve(firing, self._decide(firing, conditions=conditions))

    def _arm_again(self, firing: Firing) -> None:
        """A pause that its conditions asked for and that never happened is asked for again."""
        if firing.is_timed or firing.change not in RESTS or firing.is_dry:
            return
        if firing.outcome in {Outcome.REFUSED, Outcome.UNCONFIRMED, Outcome.NOT_DECIDED}:
            self._remember_truth(None)
            self.state.fired_at = None

    # Times

    def look_at_times(self) -> None:
        after = max(self.subject.looked_until, self.rule.looked_since)
        if not self.sentence.lines or after >= self.at:
            return
        known = {firing.occurrence for firing in self.subject.open_firings}
        found = [one for one in occurrences(self.sentence, after=after, until=self.at) if _name(one) not in known]
        last_rest = max((one.moment for one in found if one.line.then in RESTS), default=None)
        for one in found:
            firing = self._new(_name(one), one.line.then, one.moment, one.date, is_timed=True)
            firing.reason = f"{one.line.at:%H:%M}"
            self._begin_time(firing, last_rest)

    def _begin_time(self, firing: Firing, last_rest: datetime | None) -> None:
        late = firing.until is not None and self.at >= firing.until
        superseded = firing.change in RESTS and last_rest is not None and firing.due_at < last_rest
        if late or superseded:
            why = "A later time came before it." if superseded else "No rule was evaluated within its window."
            self._write(firing, Decision(Outcome.MISSED, why))
            return
        conditions = self.look.conditions if self.is_joined else True
        decision = self._decide(firing, conditions=conditions)
        if firing.change == Then.START and decision.outcome == Outcome.NOTHING and self.subject.facts.status in RUNNING:
            self.judged.ends_owed = firing
        self._resolve(firing, decision)

    # Writing

    def _new(self, occurrence: str, then: Then, due_at: datetime, day: date, *, is_timed: bool) -> Firing:
        in_window = then not in RESTS or not is_timed or self.is_joined
        return Firing(
            rule=self.rule,
            campaign_id=self.state.campaign_id,
            occurrence=occurrence,
            is_timed=is_timed,
            is_dry=self.rule.is_dry(then),
            change=then,
            due_at=due_at,
            local_date=day,
            until=due_at + timedelta(minutes=self.sentence.window) if in_window else None,
            decided_at=self.at,
        )

    def _decide(self, firing: Firing, *, conditions: bool | None) -> Decision:
        around = replace(self.subject.around, kept_running=self.subject.kept.get(firing.local_date, ""))
        then = Then(firing.change)
        return decide(
            then, self.sentence, self.subject.facts, around, at=self.at, is_timed=firing.is_timed, conditions=conditions
        )

    def _resolve(self, firing: Firing, decision: Decision, *, edge: int | None = None) -> None:
        acts = decision.outcome in {Outcome.FIRED, Outcome.NOTIFIED}
        if firing.is_dry:
            rests = firing.change in RESTS
            if acts or decision.outcome == Outcome.OWED:
                decision = Decision(Outcome.WOULD, firing.reason)
            self._write(firing, decision._replace(again=decision.again and not rests))
        elif decision.outcome == Outcome.FIRED:
            self.judged.to_fire.append(
                ToFire(
                    firing=firing,
                    sentence=self.sentence,
                    facts=self.subject.facts,
                    rule_version=self.rule.version,
                    edge=edge,
                    last_state=self.subject.last_state,
                )
            )
        else:
            self._write(firing, decision._replace(reason=decision.reason or firing.reason))

    def _write(self, firing: Firing, decision: Decision) -> None:
        is_open = decision.again and (firing.until is None or self.at < firing.until)
        before = (firing.outcome, firing.hold, firing.is_open)
        if firing.pk is not None and before == (decision.outcome, decision.hold, is_open):
            return  # only its words may differ
        firing.outcome, firing.hold, firing.reason = decision.outcome, decision.hold, decision.reason[:300]
        firing.is_open, firing.decided_at = is_open, self.at
        self.judged.log.append(firing)

    def _close(self, firing: Firing) -> None:
        firing.is_open, firing.decided_at = False, self.at
        self.judged.log.append(firing)

    def _local(self, moment: datetime) -> date:
        return moment.astimezone(self.sentence.timezone).date()


def _name(one: Occurrence) -> str:
    return f"{one.local} {one.line.then}"


def _is_undecided(firing: Firing) -> bool:
    return firing.occurrence.startswith(UNDECIDED)


def _sent(firing: Firing) -> bool:
    return firing.operation is not None and bool(firing.operation.result.get("sent") or firing.operation.answer)


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
