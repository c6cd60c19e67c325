"""How a batch ends, and how one that has not ended is put back. Nothing else writes the state of a batch after a call."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import Any

from django.db.models import Q

from voisoadmin.contacts.packing import PackedRow, outcome_bytes, unpack
from voisoadmin.contacts.reasons import BY_BYTE, BY_CODE, FOR_A_PERSON, worded
from voisoadmin.pushes import counters
from voisoadmin.pushes.lanes import LockedLane, expect_one
from voisoadmin.pushes.models import Batch, Push, RejectedRecord
from voisoadmin.pushes.pacing import Rest

_UPDATE_PIECES = 500
_NO_WORDS: Mapping[str, str] = MappingProxyType({})


def batch_to_settle(batch_id: int) -> Batch:
    """A batch with its root, without their rows."""
    return Batch.objects.select_related("root").defer("rows", "root__rows", "root__outcomes").get(pk=batch_id)


def end_batch(
    locked: LockedLane,
    batch: Batch,
    rows: Sequence[PackedRow],
    codes: Sequence[int],
    *,
    state: Batch.State,
    at: datetime,
    answer: str = "",
    row_answers: Mapping[str, str] = _NO_WORDS,
    **changes: Any,
) -> None:
    """End a batch, as read in this transaction, with an outcome for each of its rows; and its push, if it was the last.

    `answer`: Voiso's words about the whole batch. `row_answers`: its words about single numbers.
    """
    if answer:
        changes["answer"] = answer
    own = Batch.objects.filter(pk=batch.pk, state=batch.state)
    expect_one(own, **_end(state, codes, at), row_answers=dict(row_answers), **changes)
    push = locked.push(batch.push_id)
    _write_records(push, batch, rows, codes, answer=answer, row_answers=row_answers)
    push.batches_done += 1
    counters.count_outcomes(locked, push, codes, at=at)
    counters.end_if_done(push, at=at)


def end_alike(
    locked: LockedLane, batch: Batch, *, state: Batch.State, reason: str, at: datetime, answer: str = "", **changes: Any
) -> None:
    """End a batch with one reason for all its rows."""
    codes = [BY_CODE[reason].byte] * batch.size
    end_batch(locked, batch, unpack(batch.rows), codes, state=state, at=at, answer=answer, **changes)


def give_up(locked: LockedLane, batch: Batch, *, at: datetime, **changes: Any) -> None:
    """End an open batch of a cancelled push: rows never in doubt weren't sent, the rest need a person."""
    in_doubt = (batch.root or batch).was_uncertain
    reason = "cancelled_uncertain" if in_doubt else "cancelled"
    end_alike(locked, batch, state=Batch.State.CANCELLED, reason=reason, at=at, **changes)


def end_never_sent(locked: LockedLane, push_id: int, *, at: datetime) -> None:
    """End all planned batches of a cancelled push that were never in doubt, by their size and not one by one: there may be
    a thousand."""
    unsent = Batch.objects.filter(push=push_id, state=Batch.State.PLANNED).filter(
        Q(root=None, was_uncertain=False) | Q(root__was_uncertain=False)
    )
    code = BY_CODE["cancelled"].byte
    by_size: dict[int, list[int]] = {}
    for key, size in unsent.values_list("pk", "size"):
        by_size.setdefault(size, []).append(key)
    push = locked.push(push_id)
    for size, keys in by_size.items():
        for start in range(0, len(keys), _UPDATE_PIECES):
            piece = Batch.objects.filter(pk__in=keys[start : start + _UPDATE_PIECES])
            piece.update(**_end(Batch.State.CANCELLED, [code] * size, at))
        push.batches_done += len(keys)
        counters.count_outcomes(locked, push, [code] * size * len(keys), at=at)


def put_back(batch: Batch, rest: Rest, *, at: datetime, state: Batch.State | None = None, **changes: Any) -> Rest:
    """Send a batch that is SENDING again after this rest. Returns the rest.

    `state`: by default the one before the call, because Voiso didn't act on it.
    """
    expect_one(
        Batch.objects.filter(pk=batch.pk, state=Batch.State.SENDING),
        state=state or batch.state_to_return_to(),
        not_before=at + timedelta(seconds=rest.total),
        wait_reason=rest.reason[:300],
        **changes,
    )
    return rest


def mark_root(batch: Batch, **marks: object) -> dict[str, Any]:
    """Store on the root of a batch what all its pieces share. Returns what is still to be written to the batch, if that is
    its own root."""
    root = batch.root or batch
    new = {name: value for name, value in marks.items() if getattr(root, name) != value}
    for name, value in new.items():
        setattr(root, name, value)
    if root is batch:
        return new
    if new:
        Batch.objects.filter(pk=root.pk).update(**new)
    return {}


def _end(state: Batch.State, codes: Sequence[int], at: datetime) -> dict[str, Any]:
    return {"state": state, "outcomes": outcome_bytes(codes), "done_at": at, "not_before": None, "wait_reason": ""}


def _write_records(
    push: Push, batch: Batch, rows: Sequence[PackedRow], codes: Sequence[int], *, answer: str, row_answers: Mapping[str, str]
) -> None:
    """Records of the rows that a person can fix."""
    records = []
    for row, code in zip(rows, codes, strict=True):
        reason = BY_BYTE[code]
        if reason.bucket in FOR_A_PERSON:
            words = row_answers.get(row.number, "")
            sentence, advice = worded(reason, explained=bool(words))
            records.append(
                RejectedRecord(
                    push_id=push.pk,
                    intake_id=push.intake_id,
                    batch_id=batch.pk,
                    row_number=row.row_number,
                    bucket=reason.bucket,
                    reason=reason.code,
                    problems=[{"code": reason.code, "field": "phone", "sentence": sentence, "advice": advice}],
                    phone=row.number,
                    name=row.name[:200],
                    cells=row.cells,
                    answer=words or answer,
                )
            )
    RejectedRecord.objects.bulk_create(records)
