"""Counters of a push and the summary of its lane, updated in the transaction of each change (never counted for a page)."""

from collections import Counter
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from django.db.models import F

from voisoadmin.campaigns.models import Lane
from voisoadmin.contacts.reasons import BY_BYTE, BY_CODE, Bucket
from voisoadmin.operations.models import Operation
from voisoadmin.pushes.models import Batch, Push
from voisoadmin.pushes.not_now import busy_for_long

MOVED = BY_CODE["moved"].byte
_OPEN = (Batch.State.PLANNED, Batch.State.SENDING, Batch.State.UNCERTAIN)


def count_outcomes(push_id: int, codes: Iterable[int]) -> Counter[Bucket]:
    """Move rows from pending to their buckets. The caller holds the lane's row. Returns rows by bucket."""
    counts = Counter(codes)
    counts.pop(MOVED, None)
    buckets = Counter[Bucket]()
    for code, count in counts.items():
        buckets[BY_BYTE[code].bucket] += count
    if not buckets:
        return buckets
    push = Push.objects.only("reasons").get(pk=push_id)
    reasons = Counter(push.reasons)
    reasons.update({BY_BYTE[code].code: count for code, count in counts.items()})
    reasons["waiting"] -= counts.total()
    changes: dict[str, Any] = {bucket.value: F(bucket.value) + count for bucket, count in buckets.items()}
    changes |= {"pending": F("pending") - counts.total(), "reasons": {code: n for code, n in reasons.items() if n}}
    Push.objects.filter(pk=push_id).update(**changes)
    Lane.objects.filter(pushes=push_id).update(
        contacts_added=F("contacts_added") + buckets[Bucket.ADDED],
        rows_duplicate=F("rows_duplicate") + buckets[Bucket.DUPLICATE],
        rows_rejected=F("rows_rejected") + buckets[Bucket.REJECTED],
    )
    return buckets


def end_if_done(push_id: int, *, at: datetime) -> bool:
    """Finish a push without pending rows, and close its operation. A cancelled one ends with its last open call."""
    ended = Push.objects.filter(pk=push_id, pending=0, ended_at=None).exclude(batches__state__in=_OPEN)
    running = ended.filter(state__in=[Push.State.SENDING, Push.State.PAUSED])
    if not running.update(state=Push.State.FINISHED, ended_at=at) and not ended.filter(state=Push.State.CANCELLED).update(
        ended_at=at
    ):
        return False
    push = Push.objects.get(pk=push_id)
    operation = push.options.get("operation")
    if operation is not None:
        open_one = Operation.objects.open().filter(pk=operation)
        open_one.update(status=Operation.Status.DONE, ended_at=at, result=_result(push))
    return True


def _result(push: Push) -> dict[str, Any]:
    return {"state": push.state, "rows": push.rows, "buckets": push.buckets(), "calls": push.calls}


def refresh_lane(
    lane_id: int,
    *,
    at: datetime,
    waiting: str = "",
    next_call_at: datetime | None = None,
) -> None:
    """Write the lane's `sending_*` summary. `waiting`: why it rests longer than its pace, if so."""
    lane = Lane.objects.get(pk=lane_id)
    running = list(Push.objects.running().filter(lane=lane_id).values_list("state", "rows", "pending", "paused_reason"))
    changes: dict[str, Any] = {
        "sending_rows": sum(rows for _, rows, _, _ in running),
        "sending_done": sum(rows - pending for _, rows, pending, _ in running),
        "next_call_at": next_call_at,
    }
    state, reason = Lane.Sending.SENDING, ""
    if not running:
        state = Lane.Sending.NOTHING
        changes |= {"busy_since": None, "conflict_since": None}
    elif lane.waits_for_person:
        state, reason = Lane.Sending.BLOCKED, lane.held_reason
    elif all(word == Push.State.PAUSED for word, *_ in running):
        reason = next(filter(None, (why for *_, why in running)), "")
        state = Lane.Sending.BLOCKED if reason else Lane.Sending.PAUSED
    elif busy := busy_for_long(lane, at):
        state, reason = Lane.Sending.BUSY, busy
    elif waiting:
        state, reason = Lane.Sending.WAITING, waiting
    changes |= {"sending_state": state, "sending_reason": reason[:300]}
    Lane.objects.filter(pk=lane_id).update(**{k: v for k, v in changes.items() if getattr(lane, k) != v})


def later(at: datetime, seconds: float | None) -> datetime | None:
    """The time to show for something that comes this many seconds later."""
    return None if seconds is None else at + timedelta(seconds=seconds)


def note_blocked(lane_id: int, reason: str) -> None:
    """Show on the lane that a person must act, because its connection is blocked."""
    lane = Lane.objects.filter(pk=lane_id).exclude(sending_state=Lane.Sending.NOTHING)
    lane.exclude(sending_state=Lane.Sending.BLOCKED, sending_reason=reason[:300]).update(
        sending_state=Lane.Sending.BLOCKED, sending_reason=reason[:300], next_call_at=None
    )
