"""Repairs of all rows to fix with a reason, of an upload that was sent: the fixed rows wait to be sent into the same upload."""

from __future__ import annotations

from dataclasses import replace

from django.db import transaction
from django.db.models import Count, F, QuerySet

from voisoadmin.contacts.reasons import Bucket
from voisoadmin.contacts.repairs import LEAVE_ROWS_OUT
from voisoadmin.operations.clicks import Click
from voisoadmin.operations.models import Operation
from voisoadmin.pushes.models import EditedRow, RejectedRecord
from voisoadmin.uploads.fixes.after_sending import locked_sent
from voisoadmin.uploads.fixes.bulk import MANY_ROWS, Offer, fix_made, record_fix, stored_offers
from voisoadmin.uploads.fixes.refusals import NOT_OFFERED, NotEditable, Stale
from voisoadmin.uploads.fixes.waiting_rows import judge_again
from voisoadmin.uploads.models import Fix, Upload
from voisoadmin.uploads.resending import refuse_if_removed

TOO_MANY = f"These are more than {MANY_ROWS:,} rows. Download them, correct them, and upload them as a new file."


def offers_after_sending(upload: Upload) -> list[Offer]:
    """The repairs that the check of the file found for rows that are still to fix, and that weren't tried since."""
    if upload.stage != Upload.Stage.SENT or upload.draft is None or upload.checked_by_other_rules:
        return []
    if not upload.notices.get("repairs"):
        return []
    open_rows = {reason: -rows for reason, rows in waiting_by_reason(upload).items()}
    for push in upload.counters():
        for reason, rows in push.to_fix.items():
            open_rows[reason] = open_rows.get(reason, 0) + rows
    tried = {(fix.field, fix.reason, fix.kind, tuple(fix.parameters.values())) for fix in fixes_after_sending(upload)}
    return [
        replace(offer, rows=open_rows[offer.reason])
        for offer in stored_offers(upload, open_rows)
        # Rows that are to be left out are dismissed.
        if offer.kind != LEAVE_ROWS_OUT
        and (offer.field, offer.reason, offer.kind, tuple(offer.parameters.values())) not in tried
    ]


def waiting_by_reason(upload: Upload) -> dict[str, int]:
    """How many rows are fixed and not sent yet, by the reason for which they were to fix."""
    if upload.resend_draft_id is None:
        return {}
    fixed = EditedRow.objects.filter(push=upload.resend_draft_id).values("row_number")
    records = upload.records().filter(replaced_by=None, row_number__in=fixed).order_by()
    return dict(records.values_list("reason").annotate(rows=Count("pk")))


def fixes_after_sending(upload: Upload) -> QuerySet[Fix]:
    """The repairs in force that were made since the file was sent, the latest first."""
    return upload.fixes.filter(undone_at=None, at__gte=F("upload__draft__confirmed_at")).order_by("-pk")


@transaction.atomic
def fix_sent_rows(upload: Upload, key: str, *, version: int, click: Click) -> int:
    """Repair the rows to fix that one offered repair fits; return how many wait now. Raises Stale or NotEditable."""
    current = _current(upload, version)
    offer = next((offer for offer in offers_after_sending(current) if offer.key == key), None)
    if offer is None:
        raise NotEditable(NOT_OFFERED)
    fix = fix_made(current, offer, click)
    fixed = _judge_again(current, fix)
    fix.ready_after = fix.ready_before + fixed
    fix.operation = record_fix(Operation.Kind.FIX_ROWS, current, fix, click)
    fix.save(update_fields=["operation", "ready_after"])
    _save(current)
    return fixed


@transaction.atomic
def undo_fix_of_sent(upload: Upload, fix_id: int, *, version: int, click: Click) -> None:
    """Rows that only this repair fixed, and that weren't sent yet, are to fix again. Raises Stale or NotEditable."""
    current = _current(upload, version)
    fix = fixes_after_sending(current).filter(pk=fix_id).first()
    if fix is None:
        raise NotEditable(NOT_OFFERED)
    Fix.objects.filter(pk=fix.pk).update(undone_at=click.at)
    _judge_again(current, fix)
    record_fix(Operation.Kind.UNDO_FIX, current, fix, click)
    _save(current)


def _current(upload: Upload, version: int) -> Upload:
    current = locked_sent(upload)
    refuse_if_removed(current)
    if current.version != version:
        raise Stale(current)
    return current


def _judge_again(upload: Upload, fix: Fix) -> int:
    """How many more rows wait than before."""
    open_ones = upload.records().filter(reason=fix.reason, bucket=Bucket.INVALID, replaced_by=None, dismissed_at=None)
    records: list[RejectedRecord] = list(open_ones.order_by("row_number")[: MANY_ROWS + 1])
    if len(records) > MANY_ROWS:
        raise NotEditable(TOO_MANY)
    waited = EditedRow.objects.filter(push=upload.resend_draft_id).count() if upload.resend_draft_id else 0
    judge_again(upload, records)
    return (EditedRow.objects.filter(push=upload.resend_draft_id).count() if upload.resend_draft_id else 0) - waited


def _save(upload: Upload) -> None:
    upload.version += 1
    upload.save(update_fields=["version", "resend_draft"])
