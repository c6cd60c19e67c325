"""How far a push is, from stored counters only: a few rows are read, whatever its size."""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import F, Q, Sum
from django.utils import timezone

from voisoadmin.campaigns.models import Lane
from voisoadmin.contacts.reasons import BY_CODE, LEFT_OUT, Bucket
from voisoadmin.pushes import pacing
from voisoadmin.pushes.models import Push

_NEVER_SENT = LEFT_OUT | {"waiting", "cancelled"}
_FIRST_GUESS = 0.5  # estimated seconds for an answer, before the first one


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """`state`: draft, sending, waiting, paused, blocked, finished or cancelled; `waiting_reason`: why it waits."""

    state: str
    rows: int
    to_send: int  # rows that were or will be sent
    sent: int  # of those, the answered ones
    buckets: dict[str, int]
    batch: int  # the current one, from 1; the last one when it has ended
    batches: int
    calls: int
    rate: float  # rows a second
    seconds_left: float | None  # None: unknown (paused, blocked)
    next_call_seconds: float | None  # None: no call is planned, or one is open
    waiting_reason: str
    waits_until: datetime | None  # the end of the hold it waits for, if known


def progress(push: Push, *, at: datetime | None = None) -> Progress:
    at = at or timezone.now()
    lane = Lane.objects.get(pk=push.lane_id)
    state, reason = _state(push, lane, at)
    answered = sum(count for code, count in push.reasons.items() if _was_sent(code))
    seconds_a_batch = pacing.pace() + _answer_seconds(push)
    to_send = answered + push.pending
    rows_a_batch = to_send / push.batches_total if push.batches_total else 0.0
    left: float | None = None
    if state in {"sending", "waiting"}:
        left = (_batches_before(push) + push.batches_total - push.batches_done) * seconds_a_batch
    going = state in {"sending", "waiting"} and lane.next_call_at is not None
    return Progress(
        state=state,
        rows=push.rows,
        to_send=to_send,
        sent=answered,
        buckets=push.buckets(),
        batch=min(push.batches_done + 1, push.batches_total),
        batches=push.batches_total,
        calls=push.calls,
        rate=rows_a_batch / seconds_a_batch if state in {"sending", "waiting"} else 0.0,
        seconds_left=left,
        next_call_seconds=max(0.0, (lane.next_call_at - at).total_seconds()) if going and lane.next_call_at else None,
        waiting_reason=reason,
        waits_until=_end_of_holds(push, lane, at) if state == "waiting" else None,
    )


def _was_sent(code: str) -> bool:
    reason = BY_CODE.get(code)  # reasons of invalid rows come from the check
    return reason is not None and code not in _NEVER_SENT and reason.bucket != Bucket.INVALID


def _answer_seconds(push: Push) -> float:
    return push.answer_milliseconds / push.calls / 1000 if push.calls else _FIRST_GUESS


def _state(push: Push, lane: Lane, at: datetime) -> tuple[str, str]:
    if push.state == Push.State.PAUSED and push.paused_reason:
        return "blocked", push.paused_reason
    if push.state != Push.State.SENDING:
        return push.state, ""
    connection = push.campaign.connection
    for held in (lane, connection):
        if held.is_held(at):
            return "blocked" if held.waits_for_person else "waiting", held.held_reason
    if lane.sending_state in {Lane.Sending.WAITING, Lane.Sending.BUSY}:
        return "waiting", lane.sending_reason
    return "sending", ""


def _end_of_holds(push: Push, lane: Lane, at: datetime) -> datetime | None:
    """When the timed holds allow the next call."""
    ends = [held.held_until for held in (lane, push.campaign.connection) if held.is_held(at) and held.held_until]
    return max(ends, default=None)


def _batches_before(push: Push) -> int:
    """Batches of the pushes that go first in the same lane."""
    earlier = Q(rank__lt=push.rank) | Q(rank=push.rank, confirmed_at__lt=push.confirmed_at)
    ahead = Push.objects.filter(earlier, lane=push.lane_id, state=Push.State.SENDING)
    return ahead.aggregate(left=Sum(F("batches_total") - F("batches_done")))["left"] or 0
