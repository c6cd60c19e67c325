"""Rows to fix that a person is done with, one by one or all of a reason; and back again. One Operation for each click."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.db.models import Q, QuerySet

from voisoadmin.contacts.wording import title_of
from voisoadmin.operations.clicks import ActionRefused, Click
from voisoadmin.operations.models import Operation
from voisoadmin.operations.services import record_done
from voisoadmin.pushes import dismissed_rows
from voisoadmin.pushes.models import EditedRow, Push, RejectedRecord
from voisoadmin.uploads.fixes.waiting_rows import judge_again, may_be_fixed
from voisoadmin.uploads.models import Upload

FIXED = "Some of these rows are fixed and wait to be sent. Send them, or dismiss them one by one. Nothing was changed."
NO_ROW = "This row has another outcome now, so nothing was changed."


def dismiss_row(upload: Upload, *, row: int, click: Click) -> None:
    _change_row(upload, row, click, dismissed=True)


def take_row_back(upload: Upload, *, row: int, click: Click) -> None:
    _change_row(upload, row, click, dismissed=False)


def dismiss_reason(upload: Upload, *, reason: str, rows: int, click: Click) -> None:
    """`rows`: how many the user saw. Raises ActionRefused if there are others now."""
    _change_reason(upload, reason, rows, click, dismissed=True)


def take_reason_back(upload: Upload, *, reason: str, rows: int, click: Click) -> None:
    _change_reason(upload, reason, rows, click, dismissed=False)


@transaction.atomic
def _change_row(upload: Upload, row: int, click: Click, *, dismissed: bool) -> None:
    current = _locked(upload)
    records = current.records().filter(row_number=row, replaced_by=None)
    record = records.select_related("push").first()
    if record is None:
        raise ActionRefused(NO_ROW)
    # Its edits stay, so taken back it waits to be sent again.
    EditedRow.objects.filter(push=current.resend_draft_id, row_number=row).delete()
    if not _change(record.push, record.reason, click, dismissed=dismissed, row_numbers=[row]):
        return
    if not dismissed and may_be_fixed(current, record):
        judge_again(current, [record])
        current.save(update_fields=["resend_draft"])
    _record(upload, click, record.reason, 1, dismissed=dismissed)


@transaction.atomic
def _change_reason(upload: Upload, reason: str, rows: int, click: Click, *, dismissed: bool) -> None:
    to_fix = Q(invalid__gt=0) | Q(rejected__gt=0) | Q(needs_review__gt=0)
    pushes = list(_locked(upload).own_pushes().filter(to_fix).order_by("pk"))
    found = sum((push.to_fix if dismissed else push.dismissed).get(reason, 0) for push in pushes)
    if found != rows or not found:
        raise ActionRefused(f"These rows have changed since this page was shown: there are {found:,} now. Nothing was changed.")
    _refuse_if_fixed(upload, row_number__in=_rows_with(pushes, reason))
    for push in pushes:
        _change(push, reason, click, dismissed=dismissed)
    _record(upload, click, reason, rows, dismissed=dismissed)


def _rows_with(pushes: list[Push], reason: str) -> QuerySet[RejectedRecord, int]:
    return RejectedRecord.objects.filter(push__in=pushes, reason=reason, replaced_by=None).values_list("row_number", flat=True)


def _refuse_if_fixed(upload: Upload, **rows: object) -> None:
    """A fixed row is neither done with nor open: it waits to be sent."""
    draft = Upload.objects.values_list("resend_draft", flat=True).get(pk=upload.pk)
    if draft is not None and EditedRow.objects.filter(push=draft, **rows).exists():
        raise ActionRefused(FIXED)


def _locked(upload: Upload) -> Upload:
    """One click at a time for each upload: who comes second sees what the first one changed."""
    return Upload.objects.select_for_update().get(pk=upload.pk)


def _change(push: Push, reason: str, click: Click, *, dismissed: bool, row_numbers: list[int] | None = None) -> int:
    if not dismissed:
        return dismissed_rows.take_back(push, reason, row_numbers=row_numbers)
    at: datetime = click.at
    return dismissed_rows.dismiss(push, reason, by_label=click.label, at=at, row_numbers=row_numbers)


def _record(upload: Upload, click: Click, reason: str, rows: int, *, dismissed: bool) -> None:
    kind = Operation.Kind.DISMISS_ROWS if dismissed else Operation.Kind.TAKE_ROWS_BACK
    record_done(kind, upload.subject, click, request={"rows": rows, "reason": title_of(reason)})
