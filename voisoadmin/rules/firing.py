"""Commits what a rule decided: the edge, the firing, the operation and its job in one transaction, or nothing of it.

Just before, in that transaction, all that a start needs is looked at again: the rule, its hours, and whether the campaign
changed since the facts were read.
"""

import uuid
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import NamedTuple

from django.db import IntegrityError, transaction
from django.db.models import CharField, Value
from django.db.models.functions import Cast, Concat

from voisoadmin.campaigns.bulk.asking import Chosen, ask_bulk
from voisoadmin.campaigns.models import Campaign
from voisoadmin.controls.services import request_change
from voisoadmin.lib.clock import scaled
from voisoadmin.operations.clicks import Click
from voisoadmin.operations.models import Operation
from voisoadmin.rules import start_holds
from voisoadmin.rules.mailing import queue_mail
from voisoadmin.rules.models import Firing, Rule, RuleState, StartHold
from voisoadmin.rules.occurrences import why_no_start
from voisoadmin.rules.rule_conditions import Facts
from voisoadmin.rules.sentence import Sentence
from voisoadmin.rules.sentence_check import from_json
from voisoadmin.voiso import Change

Outcome = Firing.Outcome
TOKENS = uuid.UUID("5b0f5f5e-8c1e-4b55-9a39-6a1b6f3e2d11")  # the namespace of the tokens below, an arbitrary fixed one
MANY = 3  # campaigns
FIRST_PAUSE, LONGEST_PAUSE = 15.0, 300.0  # seconds between two tries of what is owed
REFUSED_BY_STATE = frozenset({"conflict", "overtaken"})  # another change came first


@dataclass(frozen=True, kw_only=True, slots=True)
class ToFire:
    """What is to be committed. `firing` isn't stored yet, or is open."""

    firing: Firing
    sentence: Sentence
    facts: Facts
    rule_version: int
    edge: int | None = None  # the new number, where conditions made it due
    last_state: int = 0  # the facts know changes of campaigns up to this one


def commit(wanted: Sequence[ToFire], *, at: datetime) -> list[ToFire]:
    """Request one change of one rule; return those for which it was. Of the others something has changed, so the next
    evaluation decides again.

    A few campaigns are requested one by one, many as a bulk: each in its turn, within the pace of their contact centre.
    """
    if len(wanted) >= MANY and all(one.facts.is_fresh for one in wanted):
        return _in_transaction(wanted, at, _request_bulk)
    return [one for one in wanted if _in_transaction([one], at, _request_each)]


Request = Callable[[Rule, "Sequence[_Ready]", datetime], None]


class _Ready(NamedTuple):
    wanted: ToFire
    state: RuleState
    campaign: Campaign
    again: int  # how often a clock that was set back let its time come again


def _in_transaction(wanted: Sequence[ToFire], at: datetime, request: Request) -> list[ToFire]:
    try:
        with transaction.atomic():
            ready = _ready(wanted, at)
            if ready:
                request(ready[0].state.rule, ready, at)
                _remember(ready, at)
            return [one.wanted for one in ready]
    except IntegrityError:
        return []  # another evaluator was first


def _ready(wanted: Sequence[ToFire], at: datetime) -> list[_Ready]:
    """Those that are still to be requested; their states are locked."""
    rule, campaigns = wanted[0].firing.rule_id, [one.firing.campaign_id for one in wanted]
    locked = RuleState.objects.select_for_update(of=("self",)).select_related("rule").order_by("pk")
    states = {state.campaign_id: state for state in locked.filter(rule=rule, campaign__in=campaigns)}
    rows = Campaign.objects.select_related("connection", "lane").filter(pk__in=campaigns)
    by_id = {row.pk: row for row in rows if row.lane.running_operation is None}
    known = [one.firing.pk for one in wanted if one.firing.pk is not None]
    tries = dict(Firing.objects.filter(pk__in=known, is_open=True).values_list("pk", "tries"))
    seen = _seen_before(wanted)
    found = []
    for one in wanted:
        state, campaign = states.get(one.firing.campaign_id), by_id.get(one.firing.campaign_id)
        if state is None or campaign is None or not _is_still_wanted(state.rule, one):
            continue
        if one.firing.change == Change.START and not _may_start(one, campaign, at):
            continue
        if one.firing.pk is not None and tries.get(one.firing.pk) != one.firing.tries:
            continue
        again = seen[one.firing.campaign_id, one.firing.due_at, one.firing.change] - (one.firing.pk is not None)
        found.append(_Ready(one, state, campaign, again))
    return found


def _seen_before(wanted: Sequence[ToFire]) -> Counter[tuple[int, datetime, str]]:
    timed = [one.firing for one in wanted if one.firing.is_timed]
    rows = Firing.objects.filter(
        rule=wanted[0].firing.rule_id,
        is_timed=True,
        campaign__in=[firing.campaign_id for firing in timed],
        due_at__in={firing.due_at for firing in timed},
    )
    return Counter(rows.order_by().values_list("campaign_id", "due_at", "change"))


def _request_each(rule: Rule, ready: Sequence[_Ready], at: datetime) -> None:
    for wanted, _, campaign, again in ready:
        change = _try(wanted, at)
        wanted.firing.operation = request_change(
            campaign,
            change,
            by=None,
            by_label=rule.label,
            at=at,
            shown_status=campaign.status_shown if change == Change.START else "",
            mirror_is_fresh=wanted.facts.is_fresh,
            once_key=token(wanted.firing, again),
            request=_request_of(wanted),
        )


def _request_bulk(rule: Rule, ready: Sequence[_Ready], at: datetime) -> None:
    chosen, tokens = [], []
    for wanted, _, campaign, again in ready:
        change = _try(wanted, at)
        shown = campaign.status_shown if change == Change.START else ""
        chosen.append(Chosen(campaign_id=campaign.pk, shown_status=shown, request=_request_of(wanted)))
        tokens.append(str(token(wanted.firing, again)))
    once_key = uuid.uuid5(TOKENS, " ".join(tokens))
    kind = Operation.Kind(ready[0].wanted.firing.change)
    bulk = ask_bulk(kind, chosen, Click(by=None, by_label=rule.label, at=at), once_key=once_key)
    children = {child.subject_id: child for child in Operation.objects.filter(parent=bulk)}
    for wanted, _, campaign, _ in ready:
        wanted.firing.operation = children[campaign.pk]


def _try(wanted: ToFire, at: datetime) -> Change:
    firing = wanted.firing
    firing.tries += 1
    firing.tried_at, firing.saw_status = at, wanted.facts.status
    return Change(firing.change)


def _request_of(wanted: ToFire) -> dict[str, object]:
    firing = wanted.firing
    if firing.change != Change.START:
        return {}
    until = firing.until.isoformat() if firing.until else ""
    return {"reads_first": True, Rule.ASKED_AGAIN: firing.rule_id, "version": wanted.rule_version, "until": until}


def _remember(ready: Sequence[_Ready], at: datetime) -> None:
    firings = [one.wanted.firing for one in ready]
    for firing in firings:
        settle(firing, at=at)
    known = [firing for firing in firings if firing.pk is not None]
    Firing.objects.bulk_create(firing for firing in firings if firing.pk is None)
    names = ["outcome", "reason", "is_open", "saw_status", "tries", "tried_at", "operation", "decided_at"]
    Firing.objects.bulk_update(known, names, batch_size=200)
    edges = [one for one in ready if one.wanted.edge is not None]
    for one in edges:
        one.state.edge, one.state.was_true, one.state.fired_at = one.wanted.edge or 0, True, at
    RuleState.objects.bulk_update([one.state for one in edges], ["edge", "was_true", "fired_at"], batch_size=200)
    for firing in firings:
        if firing.change == Firing.Change.START and firing.is_timed:
            end_owed(firing, at=at)
        queue_mail(firing, ready[0].state.rule)


def objection(operation: Operation, at: datetime) -> str:
    """What a rule has against its own start when the campaign's turn has come, in the transaction that claims it."""
    rule = Rule.objects.filter(pk=operation.request[Rule.ASKED_AGAIN]).first()
    if rule is None or rule.removed_at is not None or rule.version != operation.request["version"]:
        return "Not sent: the rule was changed."
    if rule.mode != Rule.Mode.ON or rule.is_dry(Firing.Change.START):
        return "Not sent: the rule was turned off."
    if operation.request["until"] and at >= datetime.fromisoformat(str(operation.request["until"])):
        return "Not sent: the time for this start was over."
    if StartHold.objects.filter(campaign=operation.campaign_ref, is_on=True).exists():
        return "Not sent: starts of this campaign are held."
    why = why_no_start(from_json(rule.sentence), at)
    return f"Not sent: {why}." if why else ""


def _is_still_wanted(rule: Rule, wanted: ToFire) -> bool:
    is_on = rule.removed_at is None and rule.mode == Rule.Mode.ON and not rule.is_dry(wanted.firing.change)
    return is_on and rule.version == wanted.rule_version


def _may_start(wanted: ToFire, campaign: Campaign, at: datetime) -> bool:
    if campaign.status != wanted.facts.status or start_holds.changed_since(campaign.pk, wanted.last_state):
        return False
    late = wanted.firing.until is not None and at >= wanted.firing.until
    return not late and not why_no_start(wanted.sentence, at)


def token(firing: Firing, again: int) -> uuid.UUID:
    """Of one try: a process that commits it second finds that it exists."""
    occurrence = f"{firing.occurrence} {again}" if again else firing.occurrence
    return uuid.uuid5(TOKENS, f"{firing.rule_id} {occurrence} {firing.campaign_id} {firing.tries}")


def end_owed(start: Firing, *, at: datetime) -> None:
    """What was owed before a timed start is no longer wanted."""
    owed = Firing.objects.owed().filter(campaign=start.campaign_id, due_at__lt=start.due_at)
    reason = "The campaign's next timed start came first."
    owed.update(outcome=Outcome.MISSED, reason=reason, is_open=False, decided_at=at)


def free_later(at: datetime) -> None:
    """The clock was ahead and was set back: let the times that it seemed to reach come again. A start that was requested
    isn't requested twice."""
    later = Firing.objects.filter(is_timed=True, due_at__gt=at).exclude(change=Firing.Change.START, tries__gt=0)
    later.update(occurrence=Concat("occurrence", Value(" "), Cast("pk", CharField())), is_open=False)


def settle(firing: Firing, *, at: datetime) -> bool:
    """Take over the state of its operation; return whether that changed anything."""
    before = (firing.outcome, firing.is_open, firing.reason)
    operation = firing.operation
    if operation is None or not operation.has_ended:
        # What is owed stays so until it is confirmed.
        firing.outcome = Outcome.OWED if firing.outcome == Outcome.OWED else Outcome.FIRED
        firing.is_open = operation is not None
    elif operation.status == Operation.Status.DONE:
        firing.outcome, firing.is_open = Outcome.FIRED, False
    else:
        _settle_failure(firing, operation)
    if before == (firing.outcome, firing.is_open, firing.reason):
        return False
    firing.decided_at = at
    return True


def _settle_failure(firing: Firing, operation: Operation) -> None:
    is_start = firing.change == Firing.Change.START
    unconfirmed = operation.status == Operation.Status.UNCONFIRMED
    firing.reason = f"{f'Voiso: “{operation.answer}”. ' if operation.answer else ''}{operation.problem}".strip()[:300]
    if is_start and operation.result.get("refused") in REFUSED_BY_STATE:
        firing.outcome, firing.is_open = Outcome.OVERTAKEN, False
    elif firing.is_timed and not is_start:
        firing.outcome, firing.is_open = Outcome.OWED, True
    else:
        firing.outcome = Outcome.UNCONFIRMED if unconfirmed else Outcome.REFUSED
        # A pause by conditions becomes due again when its window has passed.
        firing.is_open = not is_start or not left_bytes(operation)


def left_bytes(operation: Operation) -> bool:
    """Whether a request of it may have reached Voiso."""
    return bool(operation.result.get("sent") or operation.answer) or operation.status == Operation.Status.UNCONFIRMED


def may_try_again(firing: Firing, *, at: datetime, answered_at: datetime | None) -> bool:
    """What is owed is tried again more and more rarely, but at once when Voiso answers again."""
    if firing.operation is None or firing.tried_at is None:
        return True
    if not firing.operation.has_ended:
        return False
    waited = abs(at - firing.tried_at)
    if firing.outcome != Outcome.OWED:
        return waited >= timedelta(seconds=scaled(FIRST_PAUSE) / 2)
    pause = min(FIRST_PAUSE * 2 ** min(firing.tries, 8), LONGEST_PAUSE)
    ended = firing.operation.ended_at
    answers_again = answered_at is not None and ended is not None and answered_at > ended and firing.tries < 5
    return waited >= timedelta(seconds=scaled(FIRST_PAUSE if answers_again else pause))
