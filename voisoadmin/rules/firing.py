"""Commits what a rule decided: the edge, the firing, the operation and its job in one transaction, or nothing of it.

Just before, in that transaction, all that a start needs is looked at again: the rule, its hours, and whether the campaign
changed since the facts were read.
"""

import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import IntegrityError, transaction
from django.db.models import CharField, Value
from django.db.models.functions import Cast, Concat

from voisoadmin.campaigns.models import Campaign
from voisoadmin.controls.services import request_change
from voisoadmin.lib.clock import scaled
from voisoadmin.operations.models import Operation
from voisoadmin.rules import start_holds
from voisoadmin.rules.deciding import Facts
from voisoadmin.rules.mailing import queue_mail
from voisoadmin.rules.models import Firing, Rule, RuleState
from voisoadmin.rules.occurrences import why_no_start
from voisoadmin.rules.sentence import Sentence
from voisoadmin.voiso import Change

Outcome = Firing.Outcome
TOKENS = uuid.UUID("5b0f5f5e-8c1e-4b55-9a39-6a1b6f3e2d11")  # the namespace of the tokens below, an arbitrary fixed one
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


def commit(wanted: ToFire, *, at: datetime) -> bool:
    """Request the change; False if something has changed, and the next evaluation decides again."""
    try:
        with transaction.atomic():
            return _commit(wanted, at)
    except IntegrityError:
        return False  # another evaluator was first


def _commit(wanted: ToFire, at: datetime) -> bool:
    firing, change = wanted.firing, Change(wanted.firing.change)
    states = RuleState.objects.select_for_update(of=("self",)).select_related("rule")
    state = states.filter(rule=firing.rule_id, campaign=firing.campaign_id).first()
    if state is None or not _is_still_wanted(state.rule, wanted):
        return False
    campaign = Campaign.objects.select_related("connection", "lane").get(pk=firing.campaign_id)
    if campaign.lane.running_operation is not None:
        return False
    if change == Change.START and not _may_start(wanted, campaign, at):
        return False
    if firing.pk is not None and not Firing.objects.filter(pk=firing.pk, is_open=True, tries=firing.tries).exists():
        return False
    firing.tries += 1
    firing.tried_at, firing.saw_status = at, wanted.facts.status
    firing.operation = request_change(
        campaign,
        change,
        by=None,
        by_label=state.rule.label,
        at=at,
        shown_status=campaign.status_shown if change == Change.START else "",
        mirror_is_fresh=wanted.facts.is_fresh,
        once_key=token(firing),
        reads_first=change == Change.START,
    )
    settle(firing, at=at)
    firing.save()
    if wanted.edge is not None:
        state.edge, state.was_true, state.fired_at = wanted.edge, True, at
        state.save(update_fields=["edge", "was_true", "fired_at"])
    if change == Change.START and firing.is_timed:
        end_owed(firing, at=at)
    queue_mail(firing, state.rule)
    return True


def _is_still_wanted(rule: Rule, wanted: ToFire) -> bool:
    is_on = rule.removed_at is None and rule.mode == Rule.Mode.ON and not rule.is_dry(wanted.firing.change)
    return is_on and rule.version == wanted.rule_version


def _may_start(wanted: ToFire, campaign: Campaign, at: datetime) -> bool:
    if campaign.status != wanted.facts.status or start_holds.changed_since(campaign.pk, wanted.last_state):
        return False
    late = wanted.firing.until is not None and at >= wanted.firing.until
    return not late and not why_no_start(wanted.sentence, at)


def token(firing: Firing) -> uuid.UUID:
    """Of one try: a process that commits it second finds that it exists."""
    same = Firing.objects.filter(
        rule=firing.rule_id, campaign=firing.campaign_id, occurrence__startswith=f"{firing.occurrence} "
    )
    again = f" {count}" if (count := same.count()) else ""  # by a clock that was set back
    return uuid.uuid5(TOKENS, f"{firing.rule_id} {firing.occurrence}{again} {firing.campaign_id} {firing.tries}")


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
