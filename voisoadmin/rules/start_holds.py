"""Whose start is held: a campaign that a person paused or stopped, here or in Voiso, is started by no rule until a person
starts it or lets rules start it again.

Read from the timeline of each campaign, in its order, so that a change between two evaluations counts as well.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Max

from voisoadmin.campaigns.models import Campaign, CampaignState, Cause
from voisoadmin.campaigns.statuses import BY_THE_DIALER, STATUSES, Status, requested_by
from voisoadmin.operations.models import Operation
from voisoadmin.rules.models import Firing, Rule, StartHold
from voisoadmin.voiso import Change

LASTS = timedelta(minutes=15)  # from a rule's request until the state it leads to is seen, at most
OVERLAP = 200  # rows: another transaction may commit a lower number later


def note_changes(after: int, last: int) -> None:
    """Hold and free starts by the states after one number and up to another.

    The first time (0), only the states that campaigns have now count.
    """
    if last <= after:
        return
    rows = CampaignState.objects.order_by("pk")
    fresh = rows.filter(pk__gt=after - OVERLAP) if after else rows.filter(until=None)
    fresh = fresh.filter(status__in=[Status.ACTIVE, *_RESTS], pk__lte=last).exclude(cause__in=_AUTOMATIC)
    _apply(list(fresh.select_related("campaign").only("status", "by", "cause", "since", "campaign__lane_id")))


def changed_since(campaign_id: int, last_state: int) -> bool:
    return CampaignState.objects.filter(campaign=campaign_id, pk__gt=last_state).exists()


_RESTS = [status for status in STATUSES if requested_by(status) in {Change.PAUSE, Change.STOP}]
_AUTOMATIC = [Cause.FIRST_SEEN, Cause.CONTINUED]


def _apply(states: Sequence[CampaignState]) -> None:
    if not states:
        return
    by_rules = _requests_of_rules(states)
    held = {row.campaign_id: row for row in StartHold.objects.filter(campaign__in={state.campaign_id for state in states})}
    for state in states:
        row = held.get(state.campaign_id)
        if (row is not None and state.pk <= row.last_state) or not _by_person(state, by_rules):
            continue
        rests = state.status != Status.ACTIVE
        if row is None:
            if not rests:
                continue
            row = held[state.campaign_id] = StartHold(campaign_id=state.campaign_id, since=state.since)
        row.last_state, row.is_on, row.since = state.pk, rests, state.since
        row.kind, row.by_label, row.status, row.reason = Firing.Hold.PERSON, state.by, state.status, ""
        if rests:
            verb = Status.STOPPED if requested_by(state.status) == Change.STOP else Status.PAUSED
            row.reason = f"{state.by or 'Someone in Voiso'} {verb} it. No rule starts it until a person does."
    save(held.values())


def save(rows: Iterable[StartHold]) -> None:
    names = ["kind", "is_on", "by_label", "status", "since", "reason", "last_state"]
    StartHold.objects.bulk_create(rows, update_conflicts=True, unique_fields=["campaign"], update_fields=names)


def _by_person(state: CampaignState, by_rules: dict[int, list[Operation]]) -> bool:
    """Whether the change is neither a rule's nor automatic."""
    if not state.by and (state.cause != Cause.ELSEWHERE or state.status in BY_THE_DIALER):
        return False
    change = requested_by(state.status)
    return not any(
        operation.kind == change
        and state.by in {"", operation.by_label}
        and operation.asked_at <= state.since <= operation.asked_at + LASTS
        for operation in by_rules.get(state.campaign.lane_id, ())
    )


def _requests_of_rules(states: Sequence[CampaignState]) -> dict[int, list[Operation]]:
    """Requests of rules on the lanes of these states, by lane: one may be confirmed only by a later poll."""
    begin = min(state.since for state in states) - LASTS
    lanes = dict(Campaign.objects.filter(lane__in={state.campaign.lane_id for state in states}).values_list("pk", "lane_id"))
    # A user may be called like a rule, but a rule's request has no user.
    asked = Operation.objects.filter(campaign_ref__in=lanes, by=None, by_label__startswith=Rule.LABEL, asked_at__gte=begin)
    found: dict[int, list[Operation]] = defaultdict(list)
    for operation in asked.filter(kind__in=list(Change)).order_by():
        found[lanes[operation.campaign_ref or 0]].append(operation)
    return found


@transaction.atomic
def hold_for_conflict(campaign_id: int, reason: str, *, at: datetime) -> None:
    """Rules contradict each other: the campaign stays as it is until a person decides."""
    last = CampaignState.objects.filter(campaign=campaign_id).aggregate(last=Max("pk"))["last"] or 0
    row = StartHold(campaign_id=campaign_id, kind=Firing.Hold.CONFLICT, since=at, reason=reason, last_state=last)
    save([row])


@transaction.atomic
def free(campaign_id: int, *, by_label: str, at: datetime) -> bool:
    """A person lets rules start it again; False if nothing was held."""
    last = CampaignState.objects.filter(campaign=campaign_id).aggregate(last=Max("pk"))["last"] or 0
    held = StartHold.objects.filter(campaign=campaign_id, is_on=True)
    return held.update(is_on=False, by_label=by_label[:200], since=at, reason="", last_state=last) == 1
