"""Rows of an upload that are sent again: a new draft of the same rows, and what it replaces in the earlier pushes.

A row that went out once without a clear answer keeps the doubt of its first root batch (docs/sending.md): its batch begins
in doubt, and the row carries the first call that may have added its number.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from django.db.models import Min, Q, QuerySet

from voisoadmin.accounts.models import User
from voisoadmin.contacts.packing import PackedRow, unpack
from voisoadmin.contacts.reasons import BY_CODE, REASONS, Bucket
from voisoadmin.pushes.drafts import DraftWriter
from voisoadmin.pushes.models import Batch, Call, Push, RejectedRecord
from voisoadmin.pushes.replacing import NEVER_SENT

RESENDABLE = frozenset(
    reason.code for reason in REASONS if reason.bucket in {Bucket.REJECTED, Bucket.NEEDS_REVIEW} or reason.code == NEVER_SENT
)
"""Reasons of rows that can be sent again as they are."""

SAME_NUMBER = "same_number_in_file"
_AT_ONCE = 20  # batches in memory


@dataclass(slots=True)
class Resend:
    """A draft, and what confirming it replaces: the rows of records by push, and how many rows that were never sent."""

    draft: Push
    records: dict[int, list[int]] = field(default_factory=dict)
    never_sent: dict[int, int] = field(default_factory=dict)


def rows_to_resend(pushes: Iterable[Push], reasons: Collection[str]) -> int:
    """How many rows of these pushes can be sent again, of those with one of these reasons; from the counters."""
    return sum(_open_rows(push, code) for push in pushes for code in _of_push(push, reasons))


def draft_of_same_rows(pushes: Sequence[Push], reasons: Collection[str], *, by: User | None, by_label: str) -> Resend:
    """A draft of the same rows as they were sent, of those with one of these reasons. The pushes must be of one upload."""
    first = pushes[0]
    writer = DraftWriter(
        first.campaign, kind=first.kind, by=by, by_label=by_label, resends_known=True, intake_id=first.intake_id
    )
    resend = Resend(writer.push)
    if first.intake_id is None:
        _add_all(writer, resend, pushes, reasons)
    else:
        _add_each_number_once(writer, resend, pushes, reasons)
    writer.finish()
    return resend


def _add_all(writer: DraftWriter, resend: Resend, pushes: Sequence[Push], reasons: Collection[str]) -> None:
    for push in pushes:
        chosen = _of_push(push, reasons)
        if NEVER_SENT in chosen:
            resend.never_sent[push.pk] = _copy_never_sent(writer, push)
        if recorded := chosen - {NEVER_SENT}:
            rows = _recorded(push, recorded)
            writer.add_rows(rows)
            resend.records[push.pk] = [row.row_number for row in rows]


def _add_each_number_once(writer: DraftWriter, resend: Resend, pushes: Sequence[Push], reasons: Collection[str]) -> None:
    """Of a day: a number that came twice is sent once. The row with the earliest doubt is sent, because only it says what
    may have happened."""
    first: dict[str, int] = {}

    def add(rows: Iterable[PackedRow]) -> None:
        for row in rows:
            chosen = first.setdefault(row.number, row.row_number)
            if chosen == row.row_number:
                writer.add_rows([row])
            else:
                writer.add_left_out(row._replace(first_row=chosen), SAME_NUMBER)

    recorded: list[PackedRow] = []
    for push in pushes:
        if of_push := _of_push(push, reasons) - {NEVER_SENT}:
            rows = _recorded(push, of_push)
            recorded += rows
            resend.records[push.pk] = [row.row_number for row in rows]
    add(sorted(recorded, key=lambda row: (row.doubted_since is None, row.doubted_since or 0, row.row_number)))
    for push in pushes:
        if NEVER_SENT in _of_push(push, reasons):
            resend.never_sent[push.pk] = 0
            for batch, some in _never_sent(push):
                own = unpack(batch.rows) if some is None else some
                add(own)
                resend.never_sent[push.pk] += len(own)


def _of_push(push: Push, reasons: Collection[str]) -> set[str]:
    """Those of the reasons with which the push has rows that can be sent again. Until a cancelled push has ended, it may
    still send some of the rest."""
    has_ended = push.ended_at is not None
    return {code for code in RESENDABLE & set(reasons) if _open_rows(push, code) and (has_ended or code != NEVER_SENT)}


def _open_rows(push: Push, code: str) -> int:
    rows: int = push.reasons.get(code, 0) - push.dismissed.get(code, 0)
    return rows


def _copy_never_sent(writer: DraftWriter, push: Push) -> int:
    """A whole batch is copied as it is, because after a cancel there may be a thousand."""
    count = 0
    for batch, rows in _never_sent(push):
        if rows is None:
            writer.copy_batch(batch)
        else:
            writer.add_rows(rows)
        count += batch.size if rows is None else len(rows)
    return count


def _never_sent(push: Push) -> Iterator[tuple[Batch, list[PackedRow] | None]]:
    """Batches with such rows, and those rows; None: all of the batch."""
    code = BY_CODE[NEVER_SENT].byte
    for batch in _in_order(Batch.objects.filter(push=push, state=Batch.State.CANCELLED)):
        outcomes = bytes(batch.outcomes)
        if outcomes.count(code) == batch.size:
            yield batch, None
        elif code in outcomes:
            yield batch, [row for row, one in zip(unpack(batch.rows), outcomes, strict=True) if one == code]


def _recorded(push: Push, reasons: Collection[str]) -> list[PackedRow]:
    records = RejectedRecord.objects.filter(push=push, replaced_by=None, dismissed_at=None, reason__in=reasons).order_by()
    found: list[PackedRow] = []
    for batch in _in_order(Batch.objects.filter(pk__in=records.values("batch"))):
        chosen = set(records.filter(batch=batch).values_list("row_number", flat=True))
        found += with_doubt(batch, (row for row in unpack(batch.rows) if row.row_number in chosen))
    return found


def with_doubt(batch: Batch, rows: Iterable[PackedRow]) -> list[PackedRow]:
    """Rows of a batch that was sent, each with the doubt that it has from there on."""
    since = _first_call(batch.root_id or batch.pk) if (batch.root or batch).was_uncertain else None
    return [row._replace(doubted_since=row.doubted_since or since) for row in rows]


def _first_call(root_id: int) -> int | None:
    calls = Call.objects.filter(Q(batch=root_id) | Q(batch__root=root_id))
    first: int | None = calls.aggregate(first=Min("pk"))["first"]
    return first


def _in_order(batches: QuerySet[Batch]) -> Iterator[Batch]:
    keys = list(batches.order_by("number", "pk").values_list("pk", flat=True))
    for start in range(0, len(keys), _AT_ONCE):
        some = (
            Batch.objects.select_related("root").defer("root__rows", "root__outcomes").in_bulk(keys[start : start + _AT_ONCE])
        )
        yield from (some[key] for key in keys[start : start + _AT_ONCE])
