"""How far a push is, from stored counters only: a few rows are read, whatever its size."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.utils import timezone

from voisoadmin.campaigns.models import Lane
from voisoadmin.contacts.reasons import Bucket
from voisoadmin.pushes import pacing
from voisoadmin.pushes.counters import seconds_left
from voisoadmin.pushes.models import Push

_LIVELIEST_FIRST = ("sending", "waiting", "blocked", "paused", "draft", "cancelled", "finished")


@dataclass(frozen=True, slots=True, kw_only=True)
class PushProgress:
    """`state`: draft, sending, waiting, paused, blocked, finished or cancelled; `waiting_reason`: why it waits."""

    state: str
    rows: int
    to_send: int  # rows that were or will be sent
    sent: int  # of those, the answered ones
    buckets: dict[str, int]
    batches: int
    batches_done: int
    calls: int
    rate: float  # rows a second
    seconds_left: float | None  # None: unknown (paused, blocked)
    next_call_seconds: float | None  # None: no call is planned, or one is open
    waiting_reason: str
    waits_until: datetime | None  # the end of the hold it waits for, if known


def progress(*pushes: Push, at: datetime | None = None) -> PushProgress:
    """Of one push, or of several of the same lane as one."""
    at = at or timezone.now()
    lane = Lane.objects.get(pk=pushes[0].lane_id)
    state, reason = min((_state(push, lane, at) for push in pushes), key=lambda found: _LIVELIEST_FIRST.index(found[0]))
    is_going = state in {"sending", "waiting"}
    to_send, batches, done = _sum(pushes, "to_send"), _sum(pushes, "batches_total"), _sum(pushes, "batches_done")
    rows_a_batch = to_send / batches if batches else 0.0
    return PushProgress(
        state=state,
        rows=_sum(pushes, "rows"),
        to_send=to_send,
        sent=_sum(pushes, "sent"),
        buckets={bucket.value: _sum(pushes, bucket.value) for bucket in Bucket},
        batches=batches,
        batches_done=done,
        calls=_sum(pushes, "calls"),
        rate=rows_a_batch / pacing.seconds_for(1, lane.answer_milliseconds) if is_going else 0.0,
        seconds_left=seconds_left(lane, _until_sent(pushes)) if is_going else None,
        next_call_seconds=max(0.0, (lane.next_call_at - at).total_seconds()) if is_going and lane.next_call_at else None,
        waiting_reason=reason,
        waits_until=_end_of_holds(pushes[0], lane, at) if state == "waiting" else None,
    )


def _sum(pushes: Sequence[Push], name: str) -> int:
    return sum(getattr(push, name) for push in pushes)


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


def _until_sent(pushes: Sequence[Push]) -> list[Push]:
    """What the lane sends until the last of these pushes is sent."""
    last = max((push for push in pushes if push.state == Push.State.SENDING), key=_place)
    sending = Push.objects.filter(lane=last.lane_id, state=Push.State.SENDING)
    return [push for push in sending if _place(push) <= _place(last)]


def _place(push: Push) -> tuple[datetime | None, int]:
    return push.confirmed_at, push.pk
