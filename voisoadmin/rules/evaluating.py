"""One evaluation of all rules: reads stored facts, decides, stores what was decided, and commits what is to be done.

Voiso isn't asked. Several processes may evaluate at once without harm: each occurrence is stored once.
"""

import logging
import uuid
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from voisoadmin.campaigns.models import CampaignState
from voisoadmin.lib import clock
from voisoadmin.rules import needing, rights, start_holds, stored_facts
from voisoadmin.rules.deciding import ENDED, Around
from voisoadmin.rules.firing import ToFire, commit, end_owed, free_later, settle
from voisoadmin.rules.judge import Judged, RuleOnCampaign, judge
from voisoadmin.rules.mailing import queue_mail
from voisoadmin.rules.models import Evaluation, Firing, KeepRunning, Rule, RuleState
from voisoadmin.rules.sentence import NotASentence, Sentence
from voisoadmin.rules.sentence_check import from_json
from voisoadmin.rules.stored_facts import StoredFacts, Wanted
from voisoadmin.rules.trusted_clock import TrustedClock

logger = logging.getLogger(__name__)
Outcome = Firing.Outcome

GAP = 60.0  # seconds without an evaluation: what held before may have stopped meanwhile
A_MINUTE = timedelta(minutes=1)
LOOKS_BACK = timedelta(days=8)  # earlier times are forgotten
CONTRADICTS_WITHIN = timedelta(minutes=30)
INTERNAL_ERROR = "VoisoAdmin had an internal error in this rule. Its starts and pauses don't happen."


@dataclass(slots=True)
class Report:
    """What one evaluation did."""

    at: datetime
    rules: int = 0
    judged: list[Judged] = field(default_factory=list)
    requested: int = 0
    clock_problem: str = ""

    @property
    def firings(self) -> list[Firing]:
        """What was decided. What is to be requested is shown as fired."""
        found = []
        for judged in self.judged:
            for wanted in judged.to_fire:
                wanted.firing.outcome = wanted.firing.outcome or Outcome.FIRED
                found.append(wanted.firing)
            found += judged.log
        return found


@dataclass(slots=True)
class Evaluator:
    """Evaluates all rules, again and again, in one process."""

    span: uuid.UUID = field(default_factory=uuid.uuid4)
    trusted: TrustedClock = field(default_factory=TrustedClock)
    _last: float | None = None  # monotonic
    _sentences: dict[tuple[int, int], Sentence] = field(default_factory=dict)

    def evaluate(self, *, at: datetime | None = None, dry: bool = False) -> Report:
        """`dry`: only report what it would do at that moment; nothing is stored."""
        at = at or timezone.now()
        began = clock.monotonic()
        jumped = False if dry else self.trusted.note(at, began)
        if jumped or (self._last is not None and began - self._last > GAP):
            self.span = uuid.uuid4()
        last, newest = Evaluation.last_and_newest_state()
        if not dry:
            self._last = began
            if last.at is not None and last.at - at > A_MINUTE:
                last.at = at
                free_later(at)
            start_holds.note_changes(last.last_state, newest)
            last.last_state = newest
        going = _Going(self, last, at, dry=dry)
        report = going.run()
        if not dry:
            last.at, last.span, last.seconds = at, self.span, clock.monotonic() - began
            last.clock_since = None if not report.clock_problem else last.clock_since if last.clock_problem else at
            last.clock_problem = report.clock_problem
            last.save()
        return report

    def sentence(self, rule: Rule) -> Sentence:
        """Raises NotASentence."""
        key = (rule.pk, rule.version)
        if key not in self._sentences:
            self._sentences[key] = from_json(rule.sentence)
        return self._sentences[key]


@dataclass(slots=True)
class _Going:
    evaluator: Evaluator
    last: Evaluation
    at: datetime
    dry: bool
    rules: dict[int, Rule] = field(default_factory=dict)
    sentences: dict[int, Sentence] = field(default_factory=dict)
    facts: StoredFacts = field(init=False)
    clock_problems: dict[int, str] = field(default_factory=dict)  # by connection
    open_firings: dict[tuple[int, int], list[Firing]] = field(default_factory=dict)
    recent: dict[int, list[tuple[str, bool]]] = field(default_factory=dict)  # campaigns, changes by rules
    rested: dict[int, datetime] = field(default_factory=dict)  # campaigns, when they were last seen at rest

    def run(self) -> Report:
        report = Report(self.at)
        states = self._read_rules()
        report.rules = len(self.rules)
        wanted = [Wanted(self.sentences[state.rule_id], state.campaign_id) for state in states]
        self.facts = stored_facts.load(wanted, at=self.at)
        self._read_clock()
        report.clock_problem = next(iter(self.clock_problems.values()), "")
        self._read_open()
        if not self.dry:
            needing.renew(self.facts, wanted, at=self.at)
        rights.note_lost(self.rules, states, self.facts, at=self.at, dry=self.dry)
        kept = self._kept_running(states)
        changed: list[RuleState] = []
        for state in states:
            self._judge(state, kept.get(state.campaign_id, {}), report, changed)
        if not self.dry:
            self._store(changed, report, self._close_orphans(states))
            self._commit(report)
        return report

    # Reading

    def _read_rules(self) -> list[RuleState]:
        broken = []
        for rule in Rule.objects.evaluated().select_related("owner").order_by("pk"):
            try:
                self.sentences[rule.pk] = self.evaluator.sentence(rule)
            except NotASentence as problem:
                broken.append((rule, str(problem)))
                continue
            self.rules[rule.pk] = rule
        for rule, why in broken:
            self._note_problem(rule, why)
        return list(RuleState.objects.filter(rule__in=list(self.rules)).order_by("rule_id", "pk"))

    def _note_problem(self, rule: Rule, problem: str) -> None:
        if not self.dry and rule.problem != problem[:300]:
            Rule.objects.filter(pk=rule.pk).update(problem=problem[:300])
            rule.problem = problem[:300]

    def _read_clock(self) -> None:
        for row in self.facts.connections.values():
            if problem := self.evaluator.trusted.problem([row]):
                self.clock_problems[row.pk] = problem

    def _read_open(self) -> None:
        found: dict[tuple[int, int], list[Firing]] = defaultdict(list)
        recent: dict[int, list[tuple[datetime, str, bool]]] = defaultdict(list)
        lately = (self.at - CONTRADICTS_WITHIN, self.at)
        looked_at = Firing.objects.filter(Q(is_open=True) | Q(tried_at__range=lately)).select_related("operation")
        for firing in looked_at.order_by("due_at", "pk"):
            if firing.is_open:
                found[firing.rule_id, firing.campaign_id].append(firing)
            if firing.outcome == Outcome.FIRED and firing.tried_at is not None and lately[0] < firing.tried_at <= self.at:
                recent[firing.campaign_id].append((firing.tried_at, firing.change, firing.is_timed))
        self.open_firings = found
        self.recent = {pk: [(change, is_timed) for _, change, is_timed in sorted(rows)] for pk, rows in recent.items()}
        self._read_rests()

    def _close_orphans(self, states: Sequence[RuleState]) -> list[Firing]:
        """What is open of rules that were turned off, or no longer have the campaign."""
        kept = {(state.rule_id, state.campaign_id) for state in states}
        closed = []
        for firing in (one for key, of_one in self.open_firings.items() if key not in kept for one in of_one):
            if firing.operation is not None and not settle(firing, at=self.at) and firing.outcome == Outcome.FIRED:
                continue  # its operation is in progress
            if firing.outcome == Outcome.OWED:
                firing.outcome, firing.reason = Outcome.WAIVED, "The rule was turned off."
            firing.is_open, firing.decided_at = False, self.at
            closed.append(firing)
        return closed

    def _read_rests(self) -> None:
        """Which campaigns were at rest since something about them is owed."""
        owed = [one for all_of in self.open_firings.values() for one in all_of if one.change in {"pause", "stop"}]
        if not owed:
            return
        begin = min(one.due_at for one in owed)
        rests = CampaignState.objects.filter(since__range=(begin, self.at), status__in=ENDED)
        seen = rests.filter(campaign__in={one.campaign_id for one in owed})
        for campaign, since in seen.order_by("since").values_list("campaign_id", "since"):
            self.rested[campaign] = since

    def _kept_running(self, states: Sequence[RuleState]) -> dict[int, dict[date, str]]:
        """Campaigns, on which days a person keeps them running, and who."""
        days = [self.at.date() + timedelta(days=number) for number in (-2, -1, 0, 1)]
        found: dict[int, dict[date, str]] = defaultdict(dict)
        for row in KeepRunning.objects.filter(campaign__in={state.campaign_id for state in states}, day__in=days):
            found[row.campaign_id][row.day] = row.by_label
        return found

    # Deciding

    def _judge(self, state: RuleState, kept: dict[date, str], report: Report, changed: list[RuleState]) -> None:
        rule = self.rules[state.rule_id]
        try:
            judged = judge(self._subject(state, rule, kept), at=self.at)
        except Exception:
            # One broken rule stops no other.
            logger.exception("Rule %s could not be evaluated.", rule.pk)
            self._note_problem(rule, INTERNAL_ERROR)
            return
        self._note_problem(rule, "")
        if judged.state_changed:
            changed.append(state)
        report.judged.append(judged)

    def _subject(self, state: RuleState, rule: Rule, kept: dict[date, str]) -> RuleOnCampaign:
        campaign = state.campaign_id
        hold, reason = self.facts.hold_of(campaign)
        if not hold and rule.right_lost_at is not None:
            hold, reason = Firing.Hold.RIGHT, f"{rule.owner_label} may no longer control all campaigns of this rule."
        return RuleOnCampaign(
            rule=rule,
            sentence=self.sentences[rule.pk],
            state=state,
            span=self.evaluator.span,
            facts=self.facts.of(self.sentences[rule.pk], campaign),
            around=Around(
                clock_problem=self.clock_problems.get(self.facts.connection_of(campaign), ""),
                hold=hold,
                hold_reason=reason,
                recent=self.recent.get(campaign, ()),
            ),
            kept=kept,
            open_firings=self.open_firings.get((rule.pk, campaign), []),
            looked_until=self._looked_until(),
            rested_at=self.rested.get(campaign),
            answered_at=self.facts.answered_at(campaign),
            last_state=self.last.last_state,
        )

    def _looked_until(self) -> datetime:
        """Earlier times were looked at, or are forgotten. Where nothing was ever evaluated, those of each rule count."""
        if self.dry:
            return self.at - A_MINUTE
        oldest = self.at - LOOKS_BACK
        return oldest if self.last.at is None else max(self.last.at, oldest)

    # Storing

    @transaction.atomic
    def _store(self, changed: Sequence[RuleState], report: Report, closed: Sequence[Firing]) -> None:
        """All that asks nothing of Voiso, in one transaction: edges with what they led to."""
        if changed:
            RuleState.objects.bulk_update(changed, ["edge", "was_true", "holds_since", "span", "fired_at"], batch_size=200)
        firings = [*(firing for judged in report.judged for firing in judged.log), *closed]
        fresh = [firing for firing in firings if firing.pk is None]
        known = [firing for firing in firings if firing.pk is not None]
        if fresh:
            Firing.objects.bulk_create(fresh, ignore_conflicts=True)
        if known:
            Firing.objects.bulk_update(known, ["outcome", "hold", "reason", "is_open", "decided_at"], batch_size=200)
        for judged in report.judged:
            if judged.ends_owed is not None:
                end_owed(judged.ends_owed, at=self.at)
        for firing in firings:
            if firing.hold == Firing.Hold.CONFLICT and not firing.is_dry:
                start_holds.hold_for_conflict(firing.campaign_id, firing.reason, at=self.at)
        self._queue_mails(firings)

    def _queue_mails(self, firings: Iterable[Firing]) -> None:
        for firing in firings:
            rule = self.rules.get(firing.rule_id)
            if rule is None or not rule.sends_mail or firing.is_dry:
                continue
            if firing.pk is None:
                known = Firing.objects.filter(rule=firing.rule_id, campaign=firing.campaign_id, occurrence=firing.occurrence)
                firing = known.first() or firing
            if firing.pk is not None:
                queue_mail(firing, rule)

    def _commit(self, report: Report) -> None:
        # Pauses and stops first: a start that is decided at the same moment must not leave a campaign dialling.
        groups: dict[tuple[bool, int, str], list[ToFire]] = defaultdict(list)
        for one in (one for judged in report.judged for one in judged.to_fire):
            groups[one.firing.change == Firing.Change.START, one.firing.rule_id, one.firing.change].append(one)
        for (_, rule, _), wanted in sorted(groups.items(), key=lambda group: group[0]):
            new_times = [one.firing for one in wanted if one.firing.pk is None and one.edge is None]
            requested: list[ToFire] = []
            try:
                requested = commit(wanted, at=timezone.now())
            except Exception:
                logger.exception("Rule %s could not act.", rule)
                self._note_problem(self.rules[rule], INTERNAL_ERROR)
            report.requested += len(requested)
            done = {id(one.firing) for one in requested}
            _keep_open([firing for firing in new_times if id(firing) not in done])


def _keep_open(firings: Sequence[Firing]) -> None:
    """Their time has come, but something changed at this moment: the next evaluation decides again."""
    for firing in firings:
        is_owed = firing.change != Firing.Change.START
        firing.pk, firing.operation, firing.tries, firing.tried_at = None, None, 0, None
        firing.outcome, firing.is_open = Outcome.OWED if is_owed else Outcome.NOT_DECIDED, True
        firing.reason = "Something else changed it at this moment."
    Firing.objects.bulk_create(firings, ignore_conflicts=True)
