"""Invariant I2 across pushes: a row keeps the doubt of its first root batch in every later push."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from django.db.models import Q

from voisoadmin.contacts.packing import PackedRow, unpack
from voisoadmin.contacts.reasons import BY_BYTE, UNSENT, Bucket
from voisoadmin.pushes.known_contacts import contacts_of, doubtful_numbers
from voisoadmin.pushes.models import Batch, Call, Push, RejectedRecord


@dataclass(frozen=True, slots=True)
class Doubt:
    number: str  # as the earlier push sent it
    since: int  # the first call that may have added it
    is_open: bool  # no answer named it: its number mustn't change


def inherited(push: Push) -> dict[int, Doubt]:
    """Row number -> the doubt that a row of this push has from the push that sent it before."""
    records = RejectedRecord.objects.filter(replaced_by=push).exclude(batch=None)
    doubts: dict[int, Doubt] = {}
    for batch in Batch.objects.filter(pk__in=records.order_by().values("batch")).select_related("root"):
        buckets = dict(records.filter(batch=batch).values_list("row_number", "bucket"))
        since = _doubted_since(batch.root or batch)
        for row in unpack(batch.rows):
            if row.row_number in buckets and (first := row.doubted_since or since):
                doubts[row.row_number] = Doubt(row.number, first, buckets[row.row_number] == Bucket.NEEDS_REVIEW)
    return doubts if push.first_row is None else _of_same_numbers(push)


def _of_same_numbers(push: Push) -> dict[int, Doubt]:
    """The same of a push that was formed of new leads: their numbers may have come before, as other rows."""
    own = [row for batch in push.batches.filter(root=None) for row in unpack(batch.rows)]
    before = RejectedRecord.objects.filter(push__lane=push.lane_id, push__lt=push.pk)
    before = before.filter(phone__in=[row.number for row in own], batch__done_at__lte=push.confirmed_at)
    since: dict[str, int] = {}
    for batch in Batch.objects.filter(pk__in=before.order_by().values("batch")).select_related("root"):
        rows = set(before.filter(batch=batch).values_list("row_number", flat=True))
        for row in unpack(batch.rows):
            first = row.doubted_since or _doubted_since(batch.root or batch)
            if row.row_number in rows and first is not None:
                since[row.number] = min(first, since.get(row.number, first))
    return {row.row_number: Doubt(row.number, since[row.number], is_open=False) for row in own if row.number in since}


def _doubted_since(root: Batch) -> int | None:
    """The first call of a root batch in doubt. Not taken from `resending`, so that an error in resending shows."""
    calls = Call.objects.filter(Q(batch=root) | Q(batch__root=root)).order_by("pk")
    return calls.values_list("pk", flat=True).first() if root.was_uncertain else None


def doubt_breaches(rows: Sequence[PackedRow], doubts: Mapping[int, Doubt]) -> Iterator[str]:
    for row in rows:
        doubt = doubts.get(row.row_number)
        if doubt is None or row.number != doubt.number:
            if row.doubted_since is not None:
                yield f"I2: row {row.row_number} is in doubt, and no earlier push sent it without a clear answer"
            if doubt is not None and doubt.is_open:
                yield f"I2: the number of row {row.row_number} was changed, though it may be in the campaign"
        elif row.doubted_since != doubt.since:
            yield f"I2: row {row.row_number} doesn't keep the doubt of its first request"


def outcome_breaches(push: Push, rows: Sequence[PackedRow], codes: bytes) -> Iterator[str]:
    """What the outcomes of rows that are in doubt since an earlier push may not say."""
    in_doubt = [(row, BY_BYTE[code].code) for row, code in zip(rows, codes, strict=True) if row.doubted_since is not None]
    if push.kind == Push.Kind.ADD:
        named = [row for row, reason in in_doubt if reason == "in_campaign"]
        doubtful = doubtful_numbers(named, contacts_of(push.lane_id, named), None)
        for row in named:
            if row.number in doubtful:
                yield f"I2: row {row.row_number} is a duplicate, though its lost request may have added it"
    if any(reason in UNSENT for _, reason in in_doubt):
        yield "I2: rows are not sent, though an earlier push may have added them"
