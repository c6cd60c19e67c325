"""Requesting a start, a pause or a stop."""

import uuid
from datetime import datetime

from django.db import transaction
from django.utils.module_loading import import_string

from voisoadmin.accounts.models import User
from voisoadmin.campaigns.models import NOT_REPORTED, Campaign
from voisoadmin.campaigns.possible import possible_changes
from voisoadmin.campaigns.status_writes import leave_lane, take_lane
from voisoadmin.campaigns.statuses import RUNNING, settled
from voisoadmin.connections.families import why_not
from voisoadmin.connections.models import Family
from voisoadmin.controls import change_job, conflicts
from voisoadmin.controls.change_job import ChangeJob
from voisoadmin.controls.change_steps import KINDS, ChangeProgress, is_late
from voisoadmin.controls.conflicts import First
from voisoadmin.lib.text import with_nothing_sent
from voisoadmin.operations import services as operations
from voisoadmin.operations.clicks import Click
from voisoadmin.operations.models import Operation
from voisoadmin.voiso import Change

Facts = operations.Facts
MOST_TRIES = 3  # to take a lane that was released a moment ago
# What higher layers have against a change when its turn has come, by a name in its `request`: the dotted name of a function
# that is asked with the operation and the time, and returns a sentence, or nothing. Loaded when first asked.
OBJECTIONS: dict[str, str] = {}


@transaction.atomic
def request_change(
    campaign: Campaign,
    change: Change,
    *,
    by: User | None,
    by_label: str = "",
    at: datetime,
    shown_status: str = "",
    in_background: bool = True,
    mirror_is_fresh: bool = True,
    once_key: uuid.UUID | None = None,
    request: Facts | None = None,
) -> Operation:
    """Request a change; return its operation, which has ended as `refused` if Voiso can't be asked for it now.

    A refusal at the click is an operation as well, so that the activity shows both of two users who race. Then
    `result["refused"]` is `conflict` (another user was first), `held` or `impossible`. `shown_status`: the state on the page;
    empty if there was no page. Without `in_background` the caller carries it out. Without `mirror_is_fresh` (no page
    refreshes it, and perhaps no worker runs) our state refuses nothing: Voiso decides. `request`: with
    `reads_first` the campaign is read in Voiso before anything is sent, and another state than `shown_status` ends it; the
    other names are those of OBJECTIONS.
    """
    operation = operations.ask(
        change.value,
        campaign.subject,
        Click(by=by, by_label=by_label, at=at),
        request=request,
        shown_status=shown_status,
        once_key=once_key,
    )
    if claim(operation, campaign, at=at, mirror_is_fresh=mirror_is_fresh) and in_background:
        ChangeJob.queue(operation)
    return operation


def claim(operation: Operation, campaign: Campaign, *, at: datetime, mirror_is_fresh: bool = True) -> bool:
    """Take the campaign for an operation on it; False if it has ended as refused. In a transaction."""
    change = KINDS[Operation.Kind(operation.kind)]
    give_up_late_start(campaign, at=at)
    if not _take_lane(campaign, operation, change, at=at):
        return _refuse(operation, "conflict", conflicts.in_progress(_holder(campaign), operation, at=at), at=at)
    # Only now, owning the lane, is this the only writer: the operation begins with the state read here.
    campaign.refresh_from_db()
    why_not = _why_not(campaign, operation, change, at=at)
    if why_not is None and mirror_is_fresh:
        why_not = _impossible(campaign, change, at=at)
    if why_not is not None:
        leave_lane(campaign, operation.pk)
        return _refuse(operation, *why_not, at=at)
    operation.result = ChangeProgress(before=campaign.status).as_json()
    Operation.objects.filter(pk=operation.pk).update(result=operation.result)
    return True


def _take_lane(campaign: Campaign, operation: Operation, change: Change, *, at: datetime) -> bool:
    """False: another operation has it, and then `campaign.lane` says which."""
    for _ in range(MOST_TRIES):
        if take_lane(campaign, operation.pk, pending=change.value, at=at):
            return True
        campaign.lane.refresh_from_db()
        if campaign.lane.running_operation is not None:
            return False
        # It was released in between: there is no one to name.
    return False


def give_up_late_start(campaign: Campaign, *, at: datetime) -> None:
    """Refuse an expired start that still waits here, so it doesn't block others."""
    holder = _holder(campaign)
    if holder is None or holder.kind != Operation.Kind.START or holder.status != Operation.Status.QUEUED:
        return
    if is_late(holder, at):
        change_job.refuse_late_start(holder, at=at)


def _holder(campaign: Campaign) -> Operation | None:
    """The current operation on the campaign's lane."""
    under_way = campaign.lane.running_operation
    return None if under_way is None else Operation.objects.filter(pk=under_way).first()


def _why_not(campaign: Campaign, operation: Operation, change: Change, *, at: datetime) -> tuple[str, str | First] | None:
    reason = why_not(campaign.connection, Family.OPERATION, at, by_person=True)
    if reason:
        return "held", f"{with_nothing_sent(f'{campaign.connection.name} is unavailable: {reason}')} Try again later."
    for name in OBJECTIONS.keys() & operation.request.keys():
        if objection := import_string(OBJECTIONS[name])(operation, at):
            return "held", objection
    if _is_overtaken(campaign, operation.shown_status, change):
        return "conflict", conflicts.state_changed(campaign, operation, at=at)
    return None


def _impossible(campaign: Campaign, change: Change, *, at: datetime) -> tuple[str, str] | None:
    campaign.pending_operation = ""  # the pending operation is this one
    reason = possible_changes(campaign, at=at)[change]
    return ("impossible", f"Not possible: {reason}.") if reason else None


def _is_overtaken(campaign: Campaign, shown: str, change: Change) -> bool:
    """Whether another user changed the state since the page showed it."""
    if shown == NOT_REPORTED:
        # A newly reported state is fine; a change by another user is a conflict.
        return bool(campaign.status and campaign.status_by)
    return bool(shown) and shown != campaign.status and not _by_itself(shown, campaign.status, change)


def _by_itself(shown: str, now: str, change: Change) -> bool:
    """Whether the state only changed automatically since it was shown, so that the click still means the same."""
    if settled(shown) == now:
        return True
    return change != Change.START and {shown, now} <= RUNNING


def _refuse(operation: Operation, kind: str, why: str | First, *, at: datetime) -> bool:
    operation.result = {"refused": kind}
    if isinstance(why, First):
        operation.result["first"] = why.as_json()
        why = conflicts.sentence(operation, reader=None)
    operations.end(operation, Operation.Status.REFUSED, at=at, problem=why, result=operation.result)
    return False
