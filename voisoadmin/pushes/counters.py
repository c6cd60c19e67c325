"""Counters of a push and the summary of its lane, changed in the transaction of each outcome (never counted for a page)."""

from collections import Counter
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from voisoadmin.campaigns.models import Lane
from voisoadmin.contacts.reasons import BY_BYTE, MOVED, Bucket
from voisoadmin.operations.models import Operation
from voisoadmin.pushes import pacing
from voisoadmin.pushes.lanes import LockedLane
from voisoadmin.pushes.models import Push
from voisoadmin.pushes.not_now import busy_for_long

_OF_LANE = {
    Bucket.ADDED: ("contacts_added", "contacts_accepted"),
    Bucket.UNATTRIBUTED: ("contacts_accepted",),
    Bucket.DUPLICATE: ("rows_duplicate",),
    Bucket.REJECTED: ("rows_rejected",),
}


def count_outcomes(locked: LockedLane, push: Push, codes: Iterable[int], *, at: datetime) -> None:
    """Move rows from pending to their buckets."""
    counts = Counter(codes)
    counts.pop(MOVED, None)
    reasons = Counter(push.reasons)
    for code, count in counts.items():
        reason = BY_BYTE[code]
        reasons[reason.code] += count
        setattr(push, reason.bucket, getattr(push, reason.bucket) + count)
        if reason.bucket in _OF_LANE:
            for column in _OF_LANE[reason.bucket]:
                setattr(locked.lane, column, getattr(locked.lane, column) + count)
            locked.count({reason.bucket: count}, at=at)
    reasons["waiting"] -= counts.total()
    push.pending -= counts.total()
    push.reasons = {code: count for code, count in reasons.items() if count}


def begin(locked: LockedLane, push: Push, *, at: datetime) -> None:
    """Confirm a draft that has all its rows and counters."""
    push.state, push.confirmed_at = Push.State.SENDING, at
    locked.lane.last_push_at = at
    locked.lane.rows_duplicate += push.duplicate
    locked.count({Bucket.DUPLICATE: push.duplicate}, at=at)
    # If every row was left out, there is nothing to send.
    end_if_done(push, at=at)
    show_sending(locked, at=at)


def end_if_done(push: Push, *, at: datetime) -> bool:
    """Finish a push without pending rows, and close its operation. A cancelled one ends with its last open call."""
    open_ones = push.pending or push.batches_done < push.batches_total
    if open_ones or push.ended_at is not None or push.state == Push.State.DRAFT:
        return False
    push.ended_at = at
    if push.state != Push.State.CANCELLED:
        push.state = Push.State.FINISHED
    if push.operation_id is not None:
        open_one = Operation.objects.open().filter(pk=push.operation_id)
        open_one.update(status=Operation.Status.DONE, ended_at=at, result=_result(push))
    return True


def _result(push: Push) -> dict[str, Any]:
    return {"state": push.state, "rows": push.rows, "buckets": push.buckets(), "calls": push.calls}


def show_sending(
    locked: LockedLane, *, at: datetime, waiting: str = "", blocked: str = "", next_call_at: datetime | None = None
) -> None:
    """Update the lane's `sending_*` summary, as the last change of a transaction.

    `waiting`: why it rests longer than its pace, if so. `blocked`: why a person must act, where the lane's own hold doesn't
    say so.
    """
    lane, running = locked.lane, locked.running()
    lane.sending_rows = sum(push.to_send for push in running)
    lane.sending_done = sum(push.sent for push in running)
    lane.next_call_at = next_call_at
    state, reason = Lane.Sending.SENDING, ""
    if not running:
        state = Lane.Sending.NOTHING
        lane.busy_since = lane.conflict_since = None
    elif blocked:
        state, reason, lane.next_call_at = Lane.Sending.BLOCKED, blocked, None
    elif lane.waits_for_person:
        state, reason = Lane.Sending.BLOCKED, lane.held_reason
    elif all(push.state == Push.State.PAUSED for push in running):
        reason = next(filter(None, (push.paused_reason for push in running)), "")
        state = Lane.Sending.BLOCKED if reason else Lane.Sending.PAUSED
    elif busy := busy_for_long(lane, at):
        state, reason = Lane.Sending.BUSY, busy
    elif waiting:
        state, reason = Lane.Sending.WAITING, waiting
    lane.sending_state, lane.sending_reason = state, reason[:300]
    lane.sending_seconds = seconds_left(lane, running) if state == Lane.Sending.SENDING else None


def seconds_left(lane: Lane, pushes: Iterable[Push]) -> float:
    """Estimated time until these pushes of a lane are sent; paused ones don't count."""
    calls = sum(push.batches_total - push.batches_done for push in pushes if push.state == Push.State.SENDING)
    return pacing.seconds_for(calls, lane.answer_milliseconds, rested=lane.next_call_at is None)


def later(at: datetime, seconds: float | None) -> datetime | None:
    """The time to show for something that comes this many seconds later."""
    return None if seconds is None else at + timedelta(seconds=seconds)
