"""What a user does with a push or a lane. Each change is one compare-and-set; False: it was no longer in that state."""

from collections.abc import Mapping
from datetime import datetime
from types import MappingProxyType

from voisoadmin.accounts.models import User
from voisoadmin.campaigns.models import Lane
from voisoadmin.lib.jobs import enqueue
from voisoadmin.pushes import counters
from voisoadmin.pushes.draft_places import pack_edited_rows
from voisoadmin.pushes.drafts import DraftWriter, discard_draft
from voisoadmin.pushes.lanes import Fenced, LockedLane, locked_lane
from voisoadmin.pushes.models import Batch, Push
from voisoadmin.pushes.not_now import forget
from voisoadmin.pushes.outcomes.settle import batch_to_settle, end_never_sent, give_up
from voisoadmin.pushes.progress import PushProgress, progress
from voisoadmin.pushes.replacing import Rows, replace_rows
from voisoadmin.pushes.rows import RowOutcome, iter_rows

__all__ = [
    "DraftWriter",
    "PushProgress",
    "RowOutcome",
    "cancel_in",
    "cancel_push",
    "confirm",
    "discard_draft",
    "drain_soon",
    "iter_rows",
    "pause_push",
    "progress",
    "release_lane",
    "resume_push",
]

# A slice, a quiet time with the longest call of a lost owner, a last call, and recording its outcome.
DRAIN_TIMEOUT = 300


def drain_soon() -> None:
    """Queue a drain of the lanes; call it in the transaction that gives them something to send."""
    enqueue("voisoadmin.pushes.tasks.drain_lanes", timeout=DRAIN_TIMEOUT)


def confirm(
    push: Push,
    *,
    by: User | None,
    by_label: str,
    at: datetime,
    replaces: Rows = MappingProxyType({}),
    never_sent: Mapping[int, int] = MappingProxyType({}),
) -> bool:
    """Confirm a draft for sending. A second time changes nothing.

    `replaces`, `never_sent`: rows of earlier pushes of the same upload that this one sends again, as `replace_rows` takes
    them; False too if one isn't open any more.
    """
    try:
        with locked_lane(push.lane_id) as locked:
            draft = locked.push(push.pk)
            if draft.state != Push.State.DRAFT:
                return False
            pack_edited_rows(draft)
            draft.by, draft.by_label = by, by_label[:200]
            replace_rows(locked, draft, replaces, never_sent)
            counters.begin(locked, draft, at=at)
            drain_soon()
    except Fenced:
        return False
    push.refresh_from_db()
    return True


def pause_push(push: Push, *, at: datetime) -> bool:
    """Send nothing more of it for now; later pushes overtake it. The open call finishes and keeps its outcome."""
    return _move(push, Push.State.SENDING, Push.State.PAUSED, at=at)


def resume_push(push: Push, *, at: datetime) -> bool:
    return _move(push, Push.State.PAUSED, Push.State.SENDING, at=at)


def _move(push: Push, source: Push.State, target: Push.State, *, at: datetime) -> bool:
    with locked_lane(push.lane_id) as locked:
        forget(locked.lane)
        own = locked.push(push.pk)
        moved = own.state == source
        if moved:
            own.state, own.paused_reason, own.paused_answer = target, "", ""
            if target == Push.State.SENDING:
                drain_soon()
        counters.show_sending(locked, at=at)
    push.refresh_from_db()
    return moved


def cancel_push(push: Push, *, at: datetime) -> bool:
    """Send nothing more of it, ever. The open call finishes, and its rows keep their outcome."""
    with locked_lane(push.lane_id) as locked:
        if locked.push(push.pk).state not in Push.RUNNING:
            return False
        cancel_in(locked, push.pk, at=at)
    push.refresh_from_db()
    return True


def cancel_in(locked: LockedLane, push_id: int, *, at: datetime) -> None:
    """Cancel a running push in the transaction that has locked its lane."""
    own = locked.push(push_id)
    own.state = Push.State.CANCELLED
    end_never_sent(locked, push_id, at=at)
    batches = Batch.objects.filter(push=push_id)
    in_doubt = batches.filter(state__in=[Batch.State.UNCERTAIN, Batch.State.PLANNED])
    for batch_id in in_doubt.order_by("pk").values_list("pk", flat=True):
        give_up(locked, batch_to_settle(batch_id), at=at)
    # Their rows already wait for a person, and keep their reason.
    batches.filter(state=Batch.State.PARKED).update(state=Batch.State.CANCELLED)
    counters.end_if_done(own, at=at)
    counters.show_sending(locked, at=at)


def release_lane(lane: Lane, *, by: User | None, by_label: str, at: datetime) -> bool:
    """Unblock a lane. The caller takes over the pushes of users who can no longer sign in."""
    with locked_lane(lane.pk) as locked:
        own, running = locked.lane, locked.running()
        released = bool(own.held_reason)
        if released:
            own.held_reason, own.held_until, own.held_answer = "", None, ""
            forget(own)
            for push in running:
                if push.by is not None and not push.by.is_active:
                    push.by, push.by_label = by, by_label[:200]
            # Allow another twenty refusals before asking a person again.
            Batch.objects.filter(push__in=running, split_refusals__gt=0, accepted_any=False).update(split_refusals=1)
            counters.show_sending(locked, at=at)
            drain_soon()
    lane.refresh_from_db()
    return released
