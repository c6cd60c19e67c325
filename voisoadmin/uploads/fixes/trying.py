"""What would become of a row if one of its cells were changed, while a person types. Nothing is saved."""

from __future__ import annotations

from dataclasses import dataclass

from voisoadmin.contacts.packing import PackedRow
from voisoadmin.contacts.repairs import RowEdit, hash_of
from voisoadmin.contacts.rows_aside import ASIDE
from voisoadmin.contacts.verdicts import Invalid, LeftOut
from voisoadmin.contacts.wording import sentence_of
from voisoadmin.pushes.models import Push
from voisoadmin.uploads.check.judgement import edits_by_row
from voisoadmin.uploads.fixes.judging import KNOWN, JudgedRow, NeedsCheck, RowJudge
from voisoadmin.uploads.fixes.refusals import LONGEST_CELL, SET_ASIDE, TOO_LONG
from voisoadmin.uploads.fixes.same_number import MOST_ROWS
from voisoadmin.uploads.intake.number_index import NumberIndex, opened
from voisoadmin.uploads.models import Edit, Upload

READY = "Ready with this."
CHECKED_LATER = "Once it is saved, the whole file is checked again."


@dataclass(frozen=True, slots=True)
class TriedCell:
    sentences: list[str]
    is_ready: bool = False
    is_bad: bool = False


def try_cell(upload: Upload, draft: Push, *, row: int, cells: list[str], reason: str, column: int, value: str) -> TriedCell:
    """`cells`: the row as read; `reason`: why it is where it is now."""
    if len(value) > LONGEST_CELL:
        return TriedCell([TOO_LONG], is_bad=True)
    if reason in ASIDE:
        return TriedCell([SET_ASIDE], is_bad=True)
    with opened(upload.stored_name, draft.pk) as index:
        if index is None or not upload.judgement or upload.checked_by_other_rules:
            return TriedCell([CHECKED_LATER])
        judge = RowJudge(upload, index)
        try:
            judged = judge.judge(row, cells, _edited(upload, row, cells, column, value))
            return _verdict(judged, judge, index, row)
        except NeedsCheck:
            return TriedCell([CHECKED_LATER])


def edits_of(upload: Upload, row: int) -> list[Edit]:
    return list(Edit.objects.filter(upload=upload, sheet=str(upload.facts.get("sheet") or ""), row=row))


def _edited(upload: Upload, row: int, cells: list[str], column: int, value: str) -> RowEdit:
    before = edits_by_row(edits_of(upload, row)).get(row)
    if before is None or not before.fits(cells):
        before = RowEdit(hash_of(cells), {})
    return before._replace(cells={**before.cells, column: value})


def _verdict(judged: JudgedRow, judge: RowJudge, index: NumberIndex, row: int) -> TriedCell:
    verdict = judged.verdict
    if isinstance(verdict, Invalid):
        return TriedCell([found.sentence for found in verdict.problems], is_bad=True)
    if isinstance(verdict, LeftOut):
        return TriedCell([sentence_of(verdict.code)])
    assert isinstance(verdict, PackedRow)
    others = [number for number in index.rows(int(verdict.number), most=MOST_ROWS) if number != row]
    if others and others[0] < row:
        return TriedCell([f"Same number as row {others[0]:,}"])
    if judge.first(verdict)[1] == KNOWN:
        return TriedCell([sentence_of(KNOWN)])
    warnings = [sentence_of(code) for code in judged.warnings]
    return TriedCell([READY, *warnings], is_ready=True)
