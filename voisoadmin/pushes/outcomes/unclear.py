"""Calls without a clear answer, and rows that end without one."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from types import MappingProxyType

from django.db.models import F

from voisoadmin.campaigns.models import Lane
from voisoadmin.contacts.packing import PackedRow, outcome_bytes, unpack
from voisoadmin.contacts.reasons import BY_BYTE, BY_CODE, FOR_A_PERSON, worded
from voisoadmin.pushes import counters, pacing
from voisoadmin.pushes.lanes import expect_one
from voisoadmin.pushes.models import Batch, Push, RejectedRecord
from voisoadmin.pushes.pacing import Rest

PARKED_REASON = "Voiso gave no clear answer for the same rows 8 times. Check the campaign in Voiso before you resume."


def note_unclear(batch_id: int, lane_id: int, *, at: datetime) -> Rest:
    """A call of a SENDING batch had no clear answer: the same batch is sent again, or parked after the eighth."""
    batch = Batch.objects.select_related("push").defer("rows").get(pk=batch_id)
    times = batch.uncertain_calls + 1
    rest = pacing.uncertain(times)
    Batch.objects.filter(pk=batch.root_id or batch.pk).update(was_uncertain=True)
    sending = Batch.objects.filter(pk=batch.pk, state=Batch.State.SENDING)
    changes = {"uncertain_calls": times, "busy": 0, "refusals": 0}
    if batch.push.state == Push.State.CANCELLED:
        expect_one(sending, state=Batch.State.UNCERTAIN, **changes)
        give_up(batch.pk, at=at)
    elif times >= pacing.MAX_UNCERTAIN_CALLS:
        expect_one(sending, state=Batch.State.UNCERTAIN, **changes)
        end_unsent(batch.pk, state=Batch.State.PARKED, reason="no_clear_answer", at=at)
        Lane.objects.filter(pk=lane_id, held_reason="").update(held_reason=PARKED_REASON, held_until=None)
    else:
        again = at + timedelta(seconds=rest.total)
        expect_one(sending, state=Batch.State.UNCERTAIN, not_before=again, wait_reason=rest.reason, **changes)
    return rest


def give_up(batch_id: int, *, at: datetime) -> None:
    """End an open batch of a cancelled push: rows never in doubt weren't sent, the rest need a person."""
    batch = Batch.objects.select_related("root").only("was_uncertain", "root__was_uncertain").get(pk=batch_id)
    in_doubt = (batch.root or batch).was_uncertain
    reason = "cancelled_uncertain" if in_doubt else "cancelled"
    end_unsent(batch_id, state=Batch.State.CANCELLED, reason=reason, at=at)


def end_unsent(batch_id: int, *, state: str, reason: str, at: datetime, answer: str = "") -> None:
    """End a whole batch (PLANNED or UNCERTAIN) with one reason for all its rows."""
    batch = Batch.objects.get(pk=batch_id)
    codes = [BY_CODE[reason].byte] * batch.size
    open_states = [Batch.State.PLANNED, Batch.State.UNCERTAIN]
    expect_one(
        Batch.objects.filter(pk=batch_id, state__in=open_states),
        state=state,
        outcomes=outcome_bytes(codes),
        answer=answer,
        done_at=at,
        not_before=None,
        wait_reason="",
    )
    write_records(batch.push_id, batch_id, unpack(batch.rows), codes, answer=answer)
    Push.objects.filter(pk=batch.push_id).update(batches_done=F("batches_done") + 1)
    counters.count_outcomes(batch.push_id, codes)
    counters.end_if_done(batch.push_id, at=at)


def write_records(
    push_id: int,
    batch_id: int,
    rows: Sequence[PackedRow],
    codes: Sequence[int],
    *,
    answer: str = "",
    reasons: Mapping[str, str] = MappingProxyType({}),
) -> None:
    """Rejected records of the rows that a person can fix. `reasons`: Voiso's words about single numbers."""
    records = []
    for row, code in zip(rows, codes, strict=True):
        reason = BY_BYTE[code]
        if reason.bucket in FOR_A_PERSON:
            words = reasons.get(row.number, "")
            sentence, advice = worded(reason, explained=bool(words))
            records.append(
                RejectedRecord(
                    push_id=push_id,
                    batch_id=batch_id,
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
