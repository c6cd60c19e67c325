"""Batches that Voiso refuses as a whole: sent again, then halved until the row it doesn't take is isolated."""

from datetime import datetime, timedelta

from django.db.models import F, Max

from voisoadmin.contacts.packing import PackedRow, outcome_bytes, pack
from voisoadmin.contacts.reasons import BY_CODE
from voisoadmin.pushes import counters, pacing
from voisoadmin.pushes.lanes import expect_one
from voisoadmin.pushes.models import Batch, Push
from voisoadmin.pushes.outcomes.answers import MOVED
from voisoadmin.pushes.outcomes.unclear import write_records
from voisoadmin.pushes.pacing import Rest


def add_pieces(batch: Batch, parts: list[list[PackedRow]], *, follow_ups: int = 0, answer: str = "") -> None:
    """Plan further batches for some rows of a batch; they go before the rest of the push."""
    last = Batch.objects.filter(push=batch.push_id).exclude(state=Batch.State.LEFT_OUT).aggregate(last=Max("number"))["last"]
    Batch.objects.bulk_create(
        Batch(
            push_id=batch.push_id,
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
    Push.objects.filter(pk=batch.push_id).update(batches_total=F("batches_total") + len(parts))


def split(batch: Batch, rows: list[PackedRow], *, words: str, at: datetime) -> None:
    """Replace a batch that is SENDING by its halves."""
    expect_one(
        Batch.objects.filter(pk=batch.pk, state=Batch.State.SENDING),
        state=Batch.State.SPLIT,
        outcomes=outcome_bytes([MOVED] * batch.size),
        answer=words,
        done_at=at,
        not_before=None,
        wait_reason="",
    )
    Push.objects.filter(pk=batch.push_id).update(batches_done=F("batches_done") + 1)
    middle = (len(rows) + 1) // 2
    add_pieces(batch, [rows[:middle], rows[middle:]], follow_ups=batch.follow_ups, answer=words)


def refused_whole(batch: Batch, root: Batch, rows: list[PackedRow], *, words: str, too_large: bool, at: datetime) -> Rest:
    """What a refusal of a whole batch (SENDING, of a running push) leads to. `hold` of the result: see problems.py."""
    in_split = batch.root_id is not None and (root.state == Batch.State.SPLIT or root.split_refusals > 0)
    if in_split and words == batch.answer:
        return _refused_in_split(batch, root, rows, words=words, at=at)
    same = words == batch.answer and batch.refusals > 0
    refusals = batch.refusals + 1 if same else 1
    first = _first_refused(batch, at) if same else at
    lasting = refusals >= pacing.REFUSALS_BEFORE_SPLIT and _spread(first, at)
    if batch.size > 1 and (too_large or lasting):
        if batch.root_id is not None:
            _count_refusal(root)
        split(batch, rows, words=words, at=at)
        return pacing.after_answer() if too_large else pacing.busy_longest(_reason(words))
    if batch.size == 1 and lasting:
        # Nothing to halve: from here on it counts as a split, which asks a person after twenty refusals.
        _count_refusal(root)
    # With words that change each time, every refusal would otherwise count as the first.
    times = batch.busy + 1
    rest = pacing.busy(times, _reason(words))
    if refusals >= pacing.REFUSALS_BEFORE_SPLIT and not lasting:
        rest = pacing.refused_equally((at - first).total_seconds(), _reason(words))
    _plan_again(batch, rest, refusals=refusals, busy=times, first_refused_at=first, answer=words, at=at)
    return rest


def _first_refused(batch: Batch, at: datetime) -> datetime:
    """When a series of equal refusals began. If the clock was put back since, the series would last for hours, so start
    it again."""
    return batch.first_refused_at if batch.first_refused_at and batch.first_refused_at <= at else at


def _spread(first: datetime, at: datetime) -> bool:
    return (at - first).total_seconds() >= pacing.equal_refusals_spread()


def _count_refusal(root: Batch) -> None:
    """Count it; the first one starts a split without accepted rows, whatever happened before."""
    began = root.state == Batch.State.SPLIT or root.split_refusals > 0
    changes: dict[str, object] = {} if began else {"accepted_any": False}
    Batch.objects.filter(pk=root.pk).update(split_refusals=F("split_refusals") + 1, **changes)


def _refused_in_split(batch: Batch, root: Batch, rows: list[PackedRow], *, words: str, at: datetime) -> Rest:
    _count_refusal(root)
    rest = pacing.after_answer() if root.accepted_any else pacing.busy_longest(_reason(words))
    if batch.size > 1:
        split(batch, rows, words=words, at=at)
        return rest
    refusals, first = batch.refusals + 1, _first_refused(batch, at)
    if root.accepted_any and refusals >= pacing.REFUSALS_OF_A_LONE_ROW and _spread(first, at):
        _reject_alone(batch, rows, words=words, at=at)
        return rest
    # The same words may mean that Voiso is busy, perhaps with the rows it has just accepted, so a single row is sent again
    # after a minute. Pieces with fewer refusals go first; if there is none, the lane waits.
    others = Batch.objects.filter(push=batch.push_id, state=Batch.State.PLANNED, root__isnull=False, refusals__lt=refusals)
    if root.accepted_any and not others.exclude(pk=batch.pk).exists():
        rest = pacing.refused_equally((at - first).total_seconds(), _reason(words))
    _plan_again(batch, rest, refusals=refusals, first_refused_at=first, answer=words, at=at)
    return rest


def _reject_alone(batch: Batch, rows: list[PackedRow], *, words: str, at: datetime) -> None:
    codes = [BY_CODE["refused_alone"].byte]
    expect_one(
        Batch.objects.filter(pk=batch.pk, state=Batch.State.SENDING),
        state=Batch.State.CONFIRMED,
        outcomes=outcome_bytes(codes),
        answer=words,
        done_at=at,
        not_before=None,
        wait_reason="",
    )
    write_records(batch.push_id, batch.pk, rows, codes, answer=words)
    Push.objects.filter(pk=batch.push_id).update(batches_done=F("batches_done") + 1)
    counters.count_outcomes(batch.push_id, codes)
    counters.end_if_done(batch.push_id, at=at)


def _plan_again(batch: Batch, rest: Rest, *, at: datetime, **changes: object) -> None:
    expect_one(
        Batch.objects.filter(pk=batch.pk, state=Batch.State.SENDING),
        state=batch.state_to_return_to(),
        not_before=at + timedelta(seconds=rest.total),
        wait_reason=rest.reason,
        **changes,
    )


def _reason(words: str) -> str:
    return f"Voiso refused the rows for now: “{words}”"[:300]
