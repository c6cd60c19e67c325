"""From checked rows to a draft push: everything is in its tables before a user confirms, which is then one UPDATE.

Written in short transactions (at most 2000 rows, about a megabyte), so that other writers don't wait for SQLite's one
write lock.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any

import orjson
from django.db import models, transaction
from django.utils import timezone

from voisoadmin.accounts.models import User
from voisoadmin.campaigns.models import Campaign
from voisoadmin.contacts.packing import PackedRow, outcome_bytes, pack, unpack
from voisoadmin.contacts.reasons import BY_CODE, LEFT_OUT, Bucket
from voisoadmin.lib.row_inserts import insert_rows
from voisoadmin.pushes.models import Batch, EditedRow, Push, RejectedRecord, RowList
from voisoadmin.pushes.row_lists import RowListWriter

BATCH_SIZE = 1000
WRITE_ROWS = 2000
WRITE_BATCHES = 20
RECORD_FIELDS = ("row_number", "reason", "problems", "phone", "name", "cells")


class DraftWriter:
    """Builds one draft push. Rows of each of the three kinds must come in file order.

    A number may be ready only once (I7): the caller puts its repetitions among the left-out rows.
    """

    def __init__(
        self,
        campaign: Campaign,
        *,
        kind: str,
        by: User | None,
        by_label: str,
        resends_known: bool = False,
        origin: str = Push.Origin.UPLOAD,
        intake_id: int | None = None,
    ) -> None:
        self.push = Push.objects.create(
            lane_id=campaign.lane_id,
            campaign=campaign,
            kind=kind,
            origin=origin,
            resends_known=resends_known,
            intake_id=intake_id,
            by=by,
            by_label=by_label[:200],
        )
        self._ready: list[PackedRow] = []
        self._doubted: list[PackedRow] = []
        self._left_out: list[PackedRow] = []
        self._left_out_codes: list[int] = []
        self._batches: list[Batch] = []
        self._records: list[tuple[int | str, ...]] = []
        self._numbers = Counter[str]()
        self._reasons = Counter[str]()
        self._lists = RowListWriter(self.push.pk)
        self.warnings = Counter[str]()  # of ready rows, by code
        self.warned = 0  # ready rows with a warning

    def add_ready(self, row: PackedRow, warnings: Sequence[str] = ()) -> None:
        self._ready.append(row)
        if warnings:
            self.warned += 1
            for code in dict.fromkeys(warnings):
                self.warnings[code] += 1
                self._lists.add(code, row.row_number)
        if len(self._ready) == BATCH_SIZE:
            self._close_ready(self._ready)

    def add_rows(self, rows: Iterable[PackedRow]) -> None:
        """Ready rows that are sent again. Those that keep the doubt of an earlier push have separate batches."""
        for row in rows:
            if row.doubted_since is None:
                self.add_ready(row)
                continue
            self._doubted.append(row)
            if len(self._doubted) == BATCH_SIZE:
                self._close_ready(self._doubted)

    def copy_batch(self, batch: Batch) -> None:
        """A whole batch of another push that is sent again, without opening it."""
        if batch.first_row is None:  # of an earlier version
            self.add_rows(unpack(batch.rows))
            return
        self._numbers["ready_rows"] += batch.size
        self._append("ready", size=batch.size, rows=batch.rows, first_row=batch.first_row, last_row=batch.last_row)

    def add_left_out(self, row: PackedRow, reason_code: str) -> None:
        """A good row that we don't send, with one of the reasons LEFT_OUT."""
        if reason_code not in LEFT_OUT:
            raise ValueError(f"{reason_code!r} is no reason to leave a row out.")
        self._left_out.append(row)
        self._left_out_codes.append(BY_CODE[reason_code].byte)
        self._reasons[reason_code] += 1
        self._lists.add(reason_code, row.row_number)
        if len(self._left_out) == BATCH_SIZE:
            self._close_left_out()

    def add_invalid(self, row_number: int, cells: list[str], problems: list[dict[str, Any]], phone: str, name: str) -> None:
        """A row that can't be sent as it is; the first problem's code is its reason."""
        reason = str(problems[0]["code"])[:40]
        self._reasons[reason] += 1
        self._numbers["invalid"] += 1
        values = (row_number, reason, _json(problems), phone[:200], name[:200], _json(cells))
        self._records.append(values)
        if len(self._records) >= WRITE_ROWS:
            self._write()

    def finish(self) -> Push:
        """Write the rest and the counters; from here on the buckets sum to the rows."""
        for rows in (self._ready, self._doubted):
            if rows:
                self._close_ready(rows)
        if self._left_out:
            self._close_left_out()
        self._write(rest=True)
        buckets = Counter({Bucket.PENDING: self._numbers["ready_rows"], Bucket.INVALID: self._numbers["invalid"]})
        reasons = {code: count for code, count in self._reasons.items() if count}
        for code in LEFT_OUT & reasons.keys():
            buckets[BY_CODE[code].bucket] += reasons[code]
        if buckets[Bucket.PENDING]:
            reasons["waiting"] = buckets[Bucket.PENDING]
        changes: dict[str, Any] = {bucket.value: count for bucket, count in buckets.items()}
        changes |= {"rows": buckets.total(), "reasons": reasons, "batches_total": self._numbers["ready"]}
        for field, value in changes.items():
            setattr(self.push, field, value)
        self.push.save(update_fields=list(changes))
        return self.push

    def _close_ready(self, rows: list[PackedRow]) -> None:
        if len({row.number for row in rows}) != len(rows):
            raise ValueError("A number occurs twice in one batch (I7).")
        self._numbers["ready_rows"] += len(rows)
        in_order = sorted(rows, key=lambda row: row.row_number)
        self._add_batch("ready", in_order, Batch.State.PLANNED, b"", was_uncertain=rows is self._doubted)
        rows.clear()

    def _close_left_out(self) -> None:
        self._add_batch("left_out", self._left_out, Batch.State.LEFT_OUT, outcome_bytes(self._left_out_codes))
        self._left_out, self._left_out_codes = [], []

    def _add_batch(
        self, series: str, rows: list[PackedRow], state: str, outcomes: bytes, *, was_uncertain: bool = False
    ) -> None:
        self._append(
            series,
            state=state,
            size=len(rows),
            first_row=rows[0].row_number,
            last_row=rows[-1].row_number,
            rows=pack(rows),
            outcomes=outcomes,
            was_uncertain=was_uncertain,
        )

    def _append(self, series: str, **values: Any) -> None:
        self._numbers[series] += 1
        number = self._numbers[series]
        self._batches.append(Batch(push=self.push, lane_id=self.push.lane_id, number=number, **values))
        if len(self._batches) >= WRITE_BATCHES:
            self._write()

    def _write(self, *, rest: bool = False) -> None:
        with transaction.atomic():
            Batch.objects.bulk_create(self._batches)
            # A file of a megabyte can have half a million of these; a model instance for each would take half a minute.
            same = {"push": self.push.pk, "bucket": Bucket.INVALID, "answer": "", "created_at": timezone.now()}
            insert_rows(RejectedRecord, RECORD_FIELDS, self._records, same=same)
            self._lists.write(rest=rest)
        self._batches, self._records = [], []


def _json(value: object) -> str:
    return orjson.dumps(value).decode()


def discard_draft(push_id: int) -> None:
    """Delete a push that was never confirmed, in short transactions. Safe to repeat; a confirmed push is kept."""
    drafts = Push.objects.filter(pk=push_id, confirmed_at=None, state__in=[Push.State.DRAFT, Push.State.CANCELLED])
    # From here on it can't be confirmed: half a draft must not be sent.
    if not drafts.update(state=Push.State.CANCELLED):
        return
    _delete_in_chunks(RejectedRecord.objects.filter(push_id=push_id), WRITE_ROWS)
    _delete_in_chunks(EditedRow.objects.filter(push_id=push_id), WRITE_ROWS)
    _delete_in_chunks(RowList.objects.filter(push_id=push_id), WRITE_ROWS)
    _delete_in_chunks(Batch.objects.filter(push_id=push_id), WRITE_BATCHES * 5)
    Push.objects.filter(pk=push_id).delete()


def _delete_in_chunks(rows: models.QuerySet[Any], size: int) -> None:
    while keys := list(rows.values_list("pk", flat=True)[:size]):
        # Nothing refers to the rows of a draft; delete() would look for what does, which takes six times as long.
        rows.model._default_manager.filter(pk__in=keys)._raw_delete(rows.db)
