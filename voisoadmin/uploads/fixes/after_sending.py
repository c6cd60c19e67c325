"""Rows to fix of an upload that was sent: an edit makes a row ready, and one click sends all ready ones into the same upload.

A fixed row waits in the upload's resend draft. Its record stays as it is, and counts, until the row is sent.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from django.db import transaction

from voisoadmin.contacts.packing import PackedRow
from voisoadmin.contacts.reasons import Bucket
from voisoadmin.contacts.repairs import hash_of
from voisoadmin.contacts.verdicts import SAME_NUMBER, Invalid, LeftOut
from voisoadmin.contacts.wording import bucket_of, sentence_of
from voisoadmin.operations.clicks import ActionRefused, Click
from voisoadmin.operations.models import Operation
from voisoadmin.operations.services import count
from voisoadmin.pushes.draft_places import WAITING, packed, store_edited
from voisoadmin.pushes.drafts import DraftWriter
from voisoadmin.pushes.models import EditedRow, RejectedRecord
from voisoadmin.pushes.resent_rows import Resend, with_doubt
from voisoadmin.uploads.check.judgement import edits_by_row
from voisoadmin.uploads.fixes.judging import NeedsCheck, RowJudge
from voisoadmin.uploads.fixes.refusals import (
    LONGEST_CELL,
    MOST_EDITS,
    NEEDS_A_CHECK,
    NO_COLUMN,
    TOO_LONG,
    NoLongerFits,
    NotEditable,
    TooManyEdits,
)
from voisoadmin.uploads.fixes.same_number import MOST_ROWS
from voisoadmin.uploads.fixes.session import EDITS_IN_A_LINE
from voisoadmin.uploads.fixes.waiting_rows import draft_to_resend, index_of, judge_again, may_be_fixed
from voisoadmin.uploads.models import Edit, Upload
from voisoadmin.uploads.resending import changed, confirm_resend, refuse_if_removed

NOT_SENT = "These contacts weren't sent yet. Edit the row on the page of the check."
NO_ROW = "This row needs no fix any more. The page shows what became of it."
DISMISSED = "This row was dismissed. Take it back first."
IN_DOUBT = "This number may already be in the campaign, so it can't be edited. Send the row again as it is."
OTHER_EDIT = "Someone changed this row since your page was shown. Look at it again."


@dataclass(frozen=True, slots=True)
class FixedRow:
    """What an edit made of a row."""

    bucket: str
    reason: str
    sentences: tuple[str, ...]

    @property
    def is_ready(self) -> bool:
        return self.reason == WAITING


def record_to_fix(upload: Upload, row: int) -> RejectedRecord | None:
    """The open record of a row of a sent upload."""
    records = upload.records().filter(row_number=row, replaced_by=None)
    return records.select_related("push", "batch__root").first()


@transaction.atomic
def edit_sent_row(upload: Upload, *, row: int, column: int, value: str, seen_hash: str, version: int, click: Click) -> FixedRow:
    """Change one cell of a row to fix; its original text undoes the edit. Raises NotEditable, NoLongerFits, TooManyEdits."""
    if len(value) > LONGEST_CELL:
        raise NotEditable(TOO_LONG)
    current = locked_sent(upload)
    record = record_to_fix(current, row)
    if record is None:
        raise NotEditable(NO_ROW)
    if record.dismissed_at is not None:
        raise NotEditable(DISMISSED)
    if hash_of(record.cells) != seen_hash:
        raise NoLongerFits
    if not 0 <= column < max(len(current.facts["columns"]), len(record.cells)):
        raise NotEditable(NO_COLUMN)
    own = Edit.objects.filter(upload=current, sheet=_sheet(current), row=row)
    if own.filter(version__gt=version).exists():
        raise NotEditable(OTHER_EDIT)
    _store(current, record, column, value, click)
    fixed = _judge(current, record, edits_by_row(list(own)).get(row))
    current.version += 1
    current.save(update_fields=["version", "resend_draft"])
    count(Operation.Kind.EDIT_ROWS, current.subject, click, name="edits", most=EDITS_IN_A_LINE, unbroken=True)
    upload.version = current.version
    return fixed


@transaction.atomic
def resend_fixed(upload: Upload, *, rows: int, version: int, click: Click) -> None:
    """Send the fixed rows into the same upload. Raises ActionRefused if the user saw others."""
    current = locked_sent(upload)
    refuse_if_removed(current)
    fixed = list(EditedRow.objects.filter(push=current.resend_draft_id)) if current.resend_draft_id else []
    if len(fixed) != rows or not fixed or current.version != version:
        raise ActionRefused(changed(len(fixed)))
    records = current.records().filter(replaced_by=None, row_number__in=[one.row_number for one in fixed])
    by_row = {record.row_number: record for record in records.select_related("batch__root")}
    if len(by_row) != len(fixed):
        raise ActionRefused(changed(len(by_row)))
    resend = _draft_of(current, fixed, by_row, click)
    draft, current.resend_draft = current.resend_draft, None
    current.save(update_fields=["resend_draft"])
    confirm_resend(current, resend, request={"rows": rows}, click=click)
    if draft is not None:
        draft.delete()


def _draft_of(upload: Upload, fixed: Iterable[EditedRow], records: dict[int, RejectedRecord], click: Click) -> Resend:
    first = upload.own_pushes().order_by("pk")[0]
    writer = DraftWriter(
        first.campaign, kind=first.kind, by=click.by, by_label=click.label, resends_known=True, intake_id=first.intake_id
    )
    resend = Resend(writer.push)
    for one in sorted(fixed, key=lambda edited: edited.row_number):
        record, row = records[one.row_number], packed(one)
        if one.reason == WAITING:
            writer.add_rows([_doubted(record, row)])
        else:
            writer.add_left_out(row, one.reason)
        resend.records.setdefault(record.push_id, []).append(one.row_number)
    writer.finish()
    return resend


def _doubted(record: RejectedRecord, row: PackedRow) -> PackedRow:
    """The row with the doubt that its number has: another number never went out."""
    if record.batch is None or record.phone != row.number:
        return row
    return with_doubt(record.batch, [row])[0]


def locked_sent(upload: Upload) -> Upload:
    """The sent upload as it is now, locked in the caller's transaction. Raises NotEditable."""
    related = Upload.objects.select_related("campaign__lane", "campaign__connection", "draft")
    current = related.select_for_update(of=("self",)).get(pk=upload.pk)
    if current.stage != Upload.Stage.SENT or (current.draft is None and current.intake_id is None):
        raise NotEditable(NOT_SENT)
    return current


def _sheet(upload: Upload) -> str:
    return str(upload.facts.get("sheet") or "")


def _store(upload: Upload, record: RejectedRecord, column: int, text: str, click: Click) -> None:
    cells = record.cells
    original = cells[column] if column < len(cells) else ""
    own = Edit.objects.filter(upload=upload, sheet=_sheet(upload), row=record.row_number, column=column)
    if text == original:
        own.delete()
        return
    if not own.exists() and Edit.objects.filter(upload=upload).count() >= MOST_EDITS:
        raise TooManyEdits
    Edit.objects.update_or_create(
        upload=upload,
        sheet=_sheet(upload),
        row=record.row_number,
        column=column,
        defaults={
            "new": text,
            "old": original,
            "cells_hash": hash_of(cells),
            "version": upload.version + 1,
            "fits": True,
            "by": click.by,
            "by_label": click.label[:200],
            "at": click.at,
        },
    )


def _judge(upload: Upload, record: RejectedRecord, edit: object) -> FixedRow:
    """Judge the row with its edits, and let it wait in the resend draft if it is no row to fix any more."""
    row_number = record.row_number
    EditedRow.objects.filter(push=upload.resend_draft_id, row_number=row_number).delete()
    if edit is None:
        # A repair of all rows with its reason may have fixed it before.
        repaired = judge_again(upload, [record]) if may_be_fixed(upload, record) else 0
        now = EditedRow.objects.filter(push=upload.resend_draft_id, row_number=row_number).first() if repaired else None
        reason = now.reason if now is not None else record.reason
        return FixedRow(bucket_of(reason).value, reason, (sentence_of(reason),))
    with index_of(upload) as index:
        if index is None or not upload.judgement or upload.checked_by_other_rules:
            raise NotEditable(NEEDS_A_CHECK)
        judge = RowJudge(upload, index)
        try:
            verdict = judge.judge(row_number, record.cells, edit).verdict  # type: ignore[arg-type]
            if isinstance(verdict, Invalid):
                _refuse_another_number(record, "")
                sentences = tuple(str(problem["sentence"]) for problem in verdict.problems_json())
                return FixedRow(Bucket.INVALID, verdict.problems[0].code, sentences)
            row, reason = (verdict.row, verdict.code) if isinstance(verdict, LeftOut) else judge.first(verdict)  # type: ignore[arg-type]
        except NeedsCheck:
            raise NotEditable(NEEDS_A_CHECK) from None
        _refuse_another_number(record, row.number)
        of_check = index.rows(int(row.number), most=MOST_ROWS)
    if reason == WAITING:
        # With the number that it had it is the row that was sent; others only repeat it.
        others = _fixed_with(upload, row) + ([] if row_number in of_check else of_check)
        if others:
            row, reason = row._replace(first_row=min(others)), SAME_NUMBER
    _wait(upload, row, reason)
    return FixedRow(bucket_of(reason).value, reason, (sentence_of(reason),))


def _refuse_another_number(record: RejectedRecord, number: str) -> None:
    if record.bucket == Bucket.NEEDS_REVIEW and number != record.phone:
        raise NotEditable(IN_DOUBT)


def _fixed_with(upload: Upload, row: PackedRow) -> list[int]:
    """Another row with this number that is fixed, too."""
    waiting = EditedRow.objects.filter(push=upload.resend_draft_id, number=row.number, reason=WAITING)
    return list(waiting.exclude(row_number=row.row_number).values_list("row_number", flat=True)[:1])


def _wait(upload: Upload, row: PackedRow, reason: str) -> None:
    store_edited(draft_to_resend(upload), row, reason)
