"""Rows of a draft that change their place after the check: ready, left out, or to fix.

A row is in exactly one place: a batch of the check, a record of a row to fix, or an edited row. A batch that loses a row is
packed again; nothing is ever put into one. The counters change with each move, so the buckets always sum to the rows.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Max

from voisoadmin.contacts.packing import PackedRow, outcome_bytes, pack, unpack
from voisoadmin.contacts.reasons import BY_BYTE, BY_CODE, Bucket
from voisoadmin.contacts.wording import bucket_of
from voisoadmin.pushes.drafts import BATCH_SIZE
from voisoadmin.pushes.models import Batch, EditedRow, Push, RejectedRecord

WAITING = "waiting"
Source = EditedRow | RejectedRecord | int


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where a row is, and why."""

    row: PackedRow  # without a number and fields if it is to fix
    reason: str
    source: Source  # an int is the batch


class _OpenBatch:
    def __init__(self, batch: Batch) -> None:
        self.batch = batch
        self.rows = unpack(batch.rows)
        self.codes = list(bytes(batch.outcomes))
        self.is_changed = False

    def at(self, row_number: int) -> int | None:
        return next((at for at, row in enumerate(self.rows) if row.row_number == row_number), None)

    def reason_at(self, at: int) -> str:
        return BY_BYTE[self.codes[at]].code if self.codes else WAITING

    def remove(self, row_number: int) -> None:
        at = self.at(row_number)
        assert at is not None
        del self.rows[at]
        if self.codes:
            del self.codes[at]
        self.is_changed = True


class DraftPlaces:
    """The rows of one draft during one transaction that has locked what owns the draft; `save` ends it."""

    def __init__(self, push: Push) -> None:
        self.push = push
        self._open: dict[int, _OpenBatch] = {}
        self._moved = Counter[str]()  # reason to rows, more or fewer
        self._edited_ready = 0  # edited rows that became ready, more or fewer

    def find(self, row_number: int) -> Place | None:
        edited = EditedRow.objects.filter(push=self.push, row_number=row_number).first()
        if edited is not None:
            return Place(row=packed(edited), reason=edited.reason, source=edited)
        record = RejectedRecord.objects.filter(push=self.push, row_number=row_number).first()
        if record is not None:
            return Place(row=PackedRow(row_number, record.cells, "", {}), reason=record.reason, source=record)
        for state in (Batch.State.PLANNED, Batch.State.LEFT_OUT):
            batch = self._batch_of(row_number, state)
            at = batch.at(row_number) if batch is not None else None
            if batch is not None and at is not None:
                return Place(row=batch.rows[at], reason=batch.reason_at(at), source=batch.batch.pk)
        return None

    def take(self, place: Place) -> None:
        if isinstance(place.source, int):
            self._open[place.source].remove(place.row.row_number)
        else:
            place.source.delete()
            self._edited_ready -= place.reason == WAITING
        self._moved[place.reason] -= 1

    def put(self, row: PackedRow, reason: str) -> None:
        """A row that is ready or left out."""
        store_edited(self.push, row, reason)
        self._moved[reason] += 1
        self._edited_ready += reason == WAITING

    def put_to_fix(
        self, row_number: int, cells: Sequence[str], problems: Sequence[Mapping[str, Any]], phone: str, name: str
    ) -> None:
        reason = str(problems[0]["code"])[:40]
        RejectedRecord.objects.create(
            push=self.push,
            row_number=row_number,
            bucket=Bucket.INVALID,
            reason=reason,
            problems=list(problems),
            phone=phone[:200],
            name=name[:200],
            cells=list(cells),
        )
        self._moved[reason] += 1

    def save(self) -> None:
        """Write the batches that lost rows, and the counters."""
        deleted = 0
        for one in self._open.values():
            if not one.is_changed:
                continue
            own = Batch.objects.filter(pk=one.batch.pk)
            if one.rows:
                own.update(
                    size=len(one.rows),
                    rows=pack(one.rows),
                    outcomes=outcome_bytes(one.codes),
                    first_row=one.rows[0].row_number,
                    last_row=one.rows[-1].row_number,
                )
            else:
                own._raw_delete(own.db)  # nothing refers to the batch of a draft
                deleted += one.batch.state == Batch.State.PLANNED
        now = EditedRow.objects.filter(push=self.push, reason=WAITING).count()
        more = _batches_for(now) - _batches_for(now - self._edited_ready)
        self._count(self.push.batches_total - deleted + more)

    def _count(self, batches: int) -> None:
        push, changes = self.push, dict[str, Any]()
        reasons = Counter(push.reasons)
        for code, rows in self._moved.items():
            reasons[code] += rows
            bucket = bucket_of(code).value
            changes[bucket] = changes.get(bucket, getattr(push, bucket)) + rows
        changes |= {"reasons": {code: rows for code, rows in reasons.items() if rows}, "batches_total": batches}
        for name, value in changes.items():
            setattr(push, name, value)
        push.save(update_fields=list(changes))

    def _batch_of(self, row_number: int, state: Batch.State) -> _OpenBatch | None:
        of_row = Batch.objects.filter(push=self.push, state=state, first_row__lte=row_number, last_row__gte=row_number)
        key = of_row.order_by("-first_row").values_list("pk", flat=True).first()
        if key is None:
            return None
        if key not in self._open:
            self._open[key] = _OpenBatch(Batch.objects.get(pk=key))
        return self._open[key]


def store_edited(push: Push, row: PackedRow, reason: str) -> None:
    """Keep a row that an edit made ready or left out with its draft; `packed` gives it back. It must not be there yet."""
    EditedRow.objects.create(
        push=push,
        row_number=row.row_number,
        reason=reason,
        number=row.number,
        cells=row.cells,
        fields=row.fields,
        first_row=row.first_row,
    )


def packed(edited: EditedRow) -> PackedRow:
    return PackedRow(edited.row_number, edited.cells, edited.number, edited.fields, edited.first_row)


def pack_edited_rows(push: Push) -> None:
    """Make batches of the edited rows of a draft that is about to be sent. The caller has locked it and saves its counters."""
    rows = list(EditedRow.objects.filter(push=push).order_by("row_number"))
    if not rows:
        return
    ready = [packed(row) for row in rows if row.reason == WAITING]
    left_out = [(packed(row), BY_CODE[row.reason].byte) for row in rows if row.reason != WAITING]
    batches = []
    for start in range(0, len(ready), BATCH_SIZE):
        batches.append(_batch(push, ready[start : start + BATCH_SIZE], Batch.State.PLANNED, b""))
    for start in range(0, len(left_out), BATCH_SIZE):
        some = left_out[start : start + BATCH_SIZE]
        batches.append(_batch(push, [row for row, _ in some], Batch.State.LEFT_OUT, outcome_bytes(code for _, code in some)))
    for state in (Batch.State.PLANNED, Batch.State.LEFT_OUT):
        last = Batch.objects.filter(push=push, state=state).aggregate(last=Max("number"))["last"] or 0
        for at, batch in enumerate((one for one in batches if one.state == state), start=1):
            batch.number = last + at
    Batch.objects.bulk_create(batches)
    EditedRow.objects.filter(push=push).delete()


def _batch(push: Push, rows: Sequence[PackedRow], state: Batch.State, outcomes: bytes) -> Batch:
    return Batch(
        push=push,
        lane_id=push.lane_id,
        state=state,
        size=len(rows),
        first_row=rows[0].row_number,
        last_row=rows[-1].row_number,
        rows=pack(rows),
        outcomes=outcomes,
    )


def _batches_for(rows: int) -> int:
    return -(-rows // BATCH_SIZE)
