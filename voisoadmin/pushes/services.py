"""What a user does with a push or a lane. Each change is one compare-and-set; False: it was no longer in that state."""

from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import F, Q

from voisoadmin.accounts.models import User
from voisoadmin.campaigns.models import Lane
from voisoadmin.contacts.packing import outcome_bytes
from voisoadmin.contacts.reasons import BY_CODE
from voisoadmin.lib.jobs import enqueue
from voisoadmin.pushes import counters
from voisoadmin.pushes.drafts import DraftWriter, discard_draft
from voisoadmin.pushes.lanes import take_row
from voisoadmin.pushes.models import Batch, Push
from voisoadmin.pushes.not_now import forget
from voisoadmin.pushes.outcomes.unclear import give_up
from voisoadmin.pushes.progress import Progress, progress
from voisoadmin.pushes.results import RowOutcome, iter_rows

__all__ = [
    "DraftWriter",
    "Progress",
    "RowOutcome",
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
_UPDATE_PIECES = 500


def drain_soon() -> None:
    """Queue a drain of the lanes; call it in the transaction that gives them something to send."""
    enqueue("voisoadmin.pushes.tasks.drain_lanes", timeout=DRAIN_TIMEOUT)


def confirm(push: Push, *, by: User | None, by_label: str, at: datetime) -> bool:
    """Confirm a draft for sending. A second time changes nothing."""
    changes: dict[str, Any] = {"state": Push.State.SENDING, "confirmed_at": at, "by": by, "by_label": by_label[:200]}
    with transaction.atomic():
        take_row(push.lane_id)
        if not Push.objects.filter(pk=push.pk, state=Push.State.DRAFT).update(**changes):
            return False
        push.refresh_from_db()
        Lane.objects.filter(pk=push.lane_id).update(last_push_at=at, rows_duplicate=F("rows_duplicate") + push.duplicate)
        # If every row of a file was left out, there is nothing to send.
        counters.end_if_done(push.pk, at=at)
        counters.refresh_lane(push.lane_id, at=at)
        drain_soon()
    push.refresh_from_db()
    return True


def pause_push(push: Push, *, by: User | None, by_label: str, at: datetime) -> bool:
    """Send nothing more of it for now; later pushes overtake it. The open call finishes and keeps its outcome."""
    return _move(push, {Push.State.SENDING}, Push.State.PAUSED, at=at)


def resume_push(push: Push, *, by: User | None, by_label: str, at: datetime) -> bool:
    with transaction.atomic():
        moved = _move(push, {Push.State.PAUSED}, Push.State.SENDING, at=at)
        if moved:
            drain_soon()
    return moved


def _move(push: Push, sources: set[str], target: str, *, at: datetime) -> bool:
    with transaction.atomic():
        take_row(push.lane_id)
        forget(push.lane_id)
        moved = Push.objects.filter(pk=push.pk, state__in=sources).update(state=target, paused_reason="", paused_answer="") == 1
        counters.refresh_lane(push.lane_id, at=at)
    push.refresh_from_db()
    return moved


def cancel_push(push: Push, *, by: User | None, by_label: str, at: datetime) -> bool:
    """Send nothing more of it, ever. The open call finishes, and its rows keep their outcome."""
    with transaction.atomic():
        take_row(push.lane_id)
        running = Push.objects.running().filter(pk=push.pk)
        if not running.update(state=Push.State.CANCELLED):
            return False
        _cancel_unsent(push.pk, at=at)
        batches = Batch.objects.filter(push=push.pk)
        in_doubt = Q(state=Batch.State.UNCERTAIN) | Q(state=Batch.State.PLANNED)
        for batch_id in batches.filter(in_doubt).order_by("pk").values_list("pk", flat=True):
            give_up(batch_id, at=at)
        # Their rows already wait for a person, and keep their reason.
        batches.filter(state=Batch.State.PARKED).update(state=Batch.State.CANCELLED)
        counters.end_if_done(push.pk, at=at)
        counters.refresh_lane(push.lane_id, at=at)
    push.refresh_from_db()
    return True


def _cancel_unsent(push_id: int, *, at: datetime) -> None:
    """End all planned batches that were never in doubt, grouped by size instead of one by one: there may be a thousand."""
    unsent = Batch.objects.filter(push=push_id, state=Batch.State.PLANNED).filter(
        Q(root=None, was_uncertain=False) | Q(root__was_uncertain=False)
    )
    code = BY_CODE["cancelled"].byte
    by_size: dict[int, list[int]] = {}
    for key, size in unsent.values_list("pk", "size"):
        by_size.setdefault(size, []).append(key)
    for size, keys in by_size.items():
        for start in range(0, len(keys), _UPDATE_PIECES):
            Batch.objects.filter(pk__in=keys[start : start + _UPDATE_PIECES]).update(
                state=Batch.State.CANCELLED,
                outcomes=outcome_bytes([code] * size),
                done_at=at,
                not_before=None,
                wait_reason="",
            )
    ended = sum(map(len, by_size.values()))
    Push.objects.filter(pk=push_id).update(batches_done=F("batches_done") + ended)
    rows = sum(size * len(keys) for size, keys in by_size.items())
    if rows:
        counters.count_outcomes(push_id, [code] * rows)


def release_lane(lane: Lane, *, by: User | None, by_label: str, at: datetime) -> bool:
    """Unblock a lane. The caller takes over the pushes of users who can no longer sign in."""
    with transaction.atomic():
        take_row(lane.pk)
        held = Lane.objects.filter(pk=lane.pk).exclude(held_reason="")
        released = held.update(held_reason="", held_until=None, held_answer="") == 1
        if released:
            forget(lane.pk)
            running = Push.objects.running().filter(lane=lane)
            running.filter(by__is_active=False).update(by=by, by_label=by_label[:200])
            # Allow another twenty refusals before asking a person again.
            Batch.objects.filter(push__in=running, split_refusals__gt=0, accepted_any=False).update(split_refusals=1)
            counters.refresh_lane(lane.pk, at=at)
            drain_soon()
    lane.refresh_from_db()
    return released
