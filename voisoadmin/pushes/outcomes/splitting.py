"""Batches that Voiso refuses as a whole: sent again, then halved until the row it doesn't take is isolated."""

from datetime import datetime
from typing import Any

from django.db.models import Max

from voisoadmin.contacts.packing import PackedRow, pack
from voisoadmin.contacts.reasons import BY_CODE, MOVED
from voisoadmin.lib.clock import begun
from voisoadmin.pushes import pacing
from voisoadmin.pushes.lanes import LockedLane
from voisoadmin.pushes.models import Batch, Push
from voisoadmin.pushes.outcomes.settle import end_batch, mark_root, put_back
from voisoadmin.pushes.pacing import Rest


def add_pieces(push: Push, batch: Batch, parts: list[list[PackedRow]], *, follow_ups: int = 0, answer: str = "") -> None:
    """Plan further batches for some rows of a batch; they go before the rest of the push."""
    last = Batch.objects.filter(push=push).exclude(state=Batch.State.LEFT_OUT).aggregate(last=Max("number"))["last"]
    Batch.objects.bulk_create(
        Batch(
            push=push,
            lane_id=batch.lane_id,
            number=last + place,
            root_id=batch.root_id or batch.pk,
            size=len(part),
            rows=pack(part),
            follow_ups=follow_ups,
            answer=answer,
        )
        for place, part in enumerate(parts, start=1)
    )
    push.batches_total += len(parts)


def split(locked: LockedLane, batch: Batch, rows: list[PackedRow], *, words: str, at: datetime) -> None:
    """Replace a batch that is SENDING by its halves."""
    middle = (len(rows) + 1) // 2
    halves = [rows[:middle], rows[middle:]]
    add_pieces(locked.push(batch.push_id), batch, halves, follow_ups=batch.follow_ups, answer=words)
    end_batch(locked, batch, rows, [MOVED] * batch.size, state=Batch.State.SPLIT, at=at, answer=words)


def refused_whole(
    locked: LockedLane, batch: Batch, rows: list[PackedRow], *, words: str, too_large: bool, at: datetime
) -> Rest:
    """What a refusal of a whole batch (SENDING, of a running push) leads to; whether it blocks the lane: problems.py."""
    root = batch.root or batch
    in_split = batch.root_id is not None and (root.state == Batch.State.SPLIT or root.split_refusals > 0)
    if in_split and words == batch.answer:
        return _refused_in_split(locked, batch, rows, words=words, at=at)
    same = words == batch.answer and batch.refusals > 0
    refusals = batch.refusals + 1 if same else 1
    first = begun(batch.first_refused_at, at) if same else at
    lasting = refusals >= pacing.REFUSALS_BEFORE_SPLIT and _spread(first, at)
    if batch.size > 1 and (too_large or lasting):
        if batch.root_id is not None:
            _count_refusal(batch)
        split(locked, batch, rows, words=words, at=at)
        return pacing.after_answer() if too_large else pacing.busy_longest(_reason(words))
    # With nothing to halve it counts as a split from here on, which asks a person after twenty refusals.
    counted: dict[str, Any] = _count_refusal(batch) if batch.size == 1 and lasting else {}
    # With words that change each time, every refusal would otherwise count as the first.
    times = batch.busy + 1
    rest = pacing.busy(times, _reason(words))
    if refusals >= pacing.REFUSALS_BEFORE_SPLIT and not lasting:
        rest = pacing.refused_equally((at - first).total_seconds(), _reason(words))
    return put_back(batch, rest, at=at, refusals=refusals, busy=times, first_refused_at=first, answer=words, **counted)


def _spread(first: datetime, at: datetime) -> bool:
    return (at - first).total_seconds() >= pacing.equal_refusals_spread()


def _count_refusal(batch: Batch) -> dict[str, Any]:
    """Count it on the root; the first one starts a split without accepted rows, whatever happened before. As mark_root."""
    root = batch.root or batch
    began = root.state == Batch.State.SPLIT or root.split_refusals > 0
    marks: dict[str, object] = {} if began else {"accepted_any": False}
    return mark_root(batch, split_refusals=root.split_refusals + 1, **marks)


def _refused_in_split(locked: LockedLane, batch: Batch, rows: list[PackedRow], *, words: str, at: datetime) -> Rest:
    _count_refusal(batch)
    accepted_any = bool(batch.root and batch.root.accepted_any)
    rest = pacing.after_answer() if accepted_any else pacing.busy_longest(_reason(words))
    if batch.size > 1:
        split(locked, batch, rows, words=words, at=at)
        return rest
    refusals, first = batch.refusals + 1, begun(batch.first_refused_at, at)
    if accepted_any and refusals >= pacing.REFUSALS_OF_A_LONE_ROW and _spread(first, at):
        end_batch(locked, batch, rows, [BY_CODE["refused_alone"].byte], state=Batch.State.CONFIRMED, at=at, answer=words)
        return rest
    # The same words may mean that Voiso is busy, perhaps with the rows it has just accepted, so a single row is sent again
    # after a minute. Pieces with fewer refusals go first; if there is none, the lane waits.
    others = Batch.objects.filter(push=batch.push_id, state=Batch.State.PLANNED, root__isnull=False, refusals__lt=refusals)
    if accepted_any and not others.exclude(pk=batch.pk).exists():
        rest = pacing.refused_equally((at - first).total_seconds(), _reason(words))
    return put_back(batch, rest, at=at, refusals=refusals, first_refused_at=first, answer=words)


def _reason(words: str) -> str:
    return f"Voiso refused the rows for now: “{words}”"[:300]
