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
    writer = DraftWriter(first.campaign, kind=first.kind, by=by, by_label=by_label, resends_known=True)
    resend = Resend(writer.push)
    for push in pushes:
        chosen = _of_push(push, reasons)
        if NEVER_SENT in chosen:
            resend.never_sent[push.pk] = _copy_never_sent(writer, push)
        if recorded := chosen - {NEVER_SENT}:
            resend.records[push.pk] = _copy_recorded(writer, push, recorded)
    writer.finish()
    return resend


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
    code, rows = BY_CODE[NEVER_SENT].byte, 0
    for batch in _in_order(Batch.objects.filter(push=push, state=Batch.State.CANCELLED)):
        outcomes = bytes(batch.outcomes)
        count = outcomes.count(code)
        rows += count
        if count == batch.size:
            writer.copy_batch(batch)
        elif count:
            writer.add_rows(row for row, one in zip(unpack(batch.rows), outcomes, strict=True) if one == code)
    return rows


def _copy_recorded(writer: DraftWriter, push: Push, reasons: Collection[str]) -> list[int]:
    records = RejectedRecord.objects.filter(push=push, replaced_by=None, dismissed_at=None, reason__in=reasons).order_by()
    taken: list[int] = []
    for batch in _in_order(Batch.objects.filter(pk__in=records.values("batch"))):
        chosen = set(records.filter(batch=batch).values_list("row_number", flat=True))
        rows = with_doubt(batch, (row for row in unpack(batch.rows) if row.row_number in chosen))
        writer.add_rows(rows)
        taken += [row.row_number for row in rows]
    return taken


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
