"""Rows to fix of a sent upload are judged with their edits and repairs; those that are fixed wait in its resend draft."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from contextlib import AbstractContextManager, nullcontext

from voisoadmin.contacts.packing import PackedRow
from voisoadmin.contacts.reasons import Bucket
from voisoadmin.contacts.verdicts import SAME_NUMBER, Invalid, LeftOut
from voisoadmin.pushes.draft_places import WAITING
from voisoadmin.pushes.known_contacts import known_numbers
from voisoadmin.pushes.models import EditedRow, Push, RejectedRecord
from voisoadmin.uploads.check.judgement import edits_by_row
from voisoadmin.uploads.fixes.judging import KNOWN, NeedsCheck, RowJudge
from voisoadmin.uploads.fixes.refusals import NEEDS_A_CHECK, NotEditable
from voisoadmin.uploads.fixes.same_number import MOST_ROWS
from voisoadmin.uploads.intake.number_index import NO_ROWS, NumberIndex, opened
from voisoadmin.uploads.models import Edit, Upload

AT_ONCE = 500


def index_of(upload: Upload) -> AbstractContextManager[NumberIndex | None]:
    """A lead is judged without the others, as when it was posted."""
    return nullcontext(NO_ROWS) if upload.intake_id else opened(upload.stored_name, upload.draft_id or 0)


def judge_again(upload: Upload, records: Sequence[RejectedRecord]) -> int:
    """Let these rows wait if they are fixed now, and not if they aren't; return how many wait. Raises NotEditable.

    The caller has locked the upload, and saves it.
    """
    EditedRow.objects.filter(push=upload.resend_draft_id, row_number__in=[record.row_number for record in records]).delete()
    with index_of(upload) as index:
        if index is None or not upload.judgement or upload.checked_by_other_rules:
            raise NotEditable(NEEDS_A_CHECK)
        judge = RowJudge(upload, index)
        chunks = [records[at : at + AT_ONCE] for at in range(0, len(records), AT_ONCE)]
        return sum(_let_wait(upload, list(_fixed(upload, chunk, judge)), index) for chunk in chunks)


def may_be_fixed(upload: Upload, record: RejectedRecord) -> bool:
    """Whether the row has an edit or a repair, and can be judged with it."""
    if not upload.judgement or upload.checked_by_other_rules:
        return False
    edits = Edit.objects.filter(upload=upload, sheet=str(upload.facts.get("sheet") or ""), row=record.row_number)
    return edits.exists() or upload.fixes.filter(undone_at=None, reason=record.reason).exists()


def draft_to_resend(upload: Upload) -> Push:
    """Where fixed rows wait; the caller saves the upload."""
    draft = upload.resend_draft
    if draft is None:
        first = upload.own_pushes().order_by("pk")[0]
        draft = upload.resend_draft = Push.objects.create(lane_id=first.lane_id, campaign=first.campaign, kind=first.kind)
    return draft


def _fixed(upload: Upload, records: Sequence[RejectedRecord], judge: RowJudge) -> Iterable[tuple[PackedRow, str]]:
    """The rows that are no rows to fix any more, and why they are left out, if so."""
    sheet = str(upload.facts.get("sheet") or "")
    own = Edit.objects.filter(upload=upload, sheet=sheet, row__in=[record.row_number for record in records])
    edits = edits_by_row(list(own.order_by("row")))
    for record in records:
        try:
            verdict = judge.judge(record.row_number, record.cells, edits.get(record.row_number)).verdict
        except NeedsCheck:
            continue  # only a check of the whole file could say it
        if isinstance(verdict, Invalid):
            continue
        row, reason = (verdict.row, verdict.code) if isinstance(verdict, LeftOut) else (verdict, "")
        assert isinstance(row, PackedRow)  # a row judged on its own repeats no other
        if record.bucket == Bucket.NEEDS_REVIEW and row.number != record.phone:
            continue
        yield row, reason


def _let_wait(upload: Upload, fixed: Sequence[tuple[PackedRow, str]], index: NumberIndex) -> int:
    if not fixed:
        return 0
    draft = draft_to_resend(upload)
    numbers = [row.number for row, _ in fixed]
    known = known_numbers(upload.campaign.lane, numbers) if upload.leaves_known_out else set()
    waiting = EditedRow.objects.filter(push=draft, number__in=numbers, reason=WAITING)
    first_rows = dict(waiting.values_list("number", "row_number"))
    rows = []
    for row, left_out in fixed:
        reason = left_out or (KNOWN if row.number in known else WAITING)
        if reason == WAITING:
            of_check = index.rows(int(row.number), most=MOST_ROWS)
            # With the number that it had it is the row that was sent; others only repeat it.
            others = [first_rows[row.number]] if row.number in first_rows else []
            others += [] if row.row_number in of_check else of_check
            if others:
                row, reason = row._replace(first_row=min(others)), SAME_NUMBER
            else:
                first_rows[row.number] = row.row_number
        rows.append((row, reason))
    EditedRow.objects.bulk_create(
        [
            EditedRow(
                push=draft,
                row_number=row.row_number,
                reason=reason,
                number=row.number,
                cells=row.cells,
                fields=row.fields,
                first_row=row.first_row,
            )
            for row, reason in rows
        ]
    )
    return len(rows)
