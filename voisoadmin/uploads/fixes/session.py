"""Edits of some rows in one transaction that has locked the upload: each row is judged and moved to where it belongs.

What only a check of the whole file can say, for example because a do-not-call cell changes, is left to one: it is queued.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from django.db import transaction
from django.db.models import QuerySet

from voisoadmin.contacts.repairs import RowEdit, hash_of
from voisoadmin.contacts.rows_aside import ASIDE
from voisoadmin.contacts.verdicts import Invalid, LeftOut
from voisoadmin.contacts.wording import bucket_of, sentence_of
from voisoadmin.operations.clicks import Click
from voisoadmin.operations.models import Operation
from voisoadmin.operations.services import count
from voisoadmin.pushes.draft_places import DraftPlaces, Place
from voisoadmin.pushes.models import Push, RejectedRecord
from voisoadmin.uploads.check.judgement import edits_by_row
from voisoadmin.uploads.fixes.judging import JudgedRow, NeedsCheck, RowJudge, needs_check
from voisoadmin.uploads.fixes.noticing import Moved, note_moved
from voisoadmin.uploads.fixes.refusals import (
    MOST_EDITS,
    NO_ROW,
    SET_ASIDE,
    NoLongerFits,
    NotEditable,
    Stale,
    TooManyEdits,
    check_again,
    locked,
)
from voisoadmin.uploads.fixes.same_number import number_of_contender, settle
from voisoadmin.uploads.intake.number_index import NumberIndex, opened
from voisoadmin.uploads.models import Edit, Upload

CHECKING = "checking"  # instead of the bucket, while a check decides about the row
EDITS_IN_A_LINE = 100  # of Activity


@dataclass(frozen=True, slots=True)
class EditResult:
    verdict: str  # the bucket that the row is in now, or CHECKING
    reason: str
    sentences: tuple[str, ...]
    version: int
    counts: dict[str, int]  # of the whole upload, by bucket


@dataclass(frozen=True, slots=True)
class SeenRow:
    """A row as the page of the user shows it."""

    row: int
    seen_hash: str


@dataclass(frozen=True, slots=True)
class _Changed:
    place: Place
    before: RowEdit | None
    after: RowEdit | None


class EditSession:
    def __init__(self, upload: Upload, *, version: int, click: Click) -> None:
        """In a transaction. Raises NotEditable."""
        self.upload = locked(upload)
        self.draft: Push = self.upload.draft  # type: ignore[assignment]  # `locked` has made sure
        self.sheet = str(self.upload.facts.get("sheet") or "")
        self._seen_version, self._click = version, click
        self._places = DraftPlaces(self.draft)
        self._changed: list[_Changed] = []
        self._now: dict[int, Place] = {}  # where the changed rows are

    def edits(self, row: int) -> QuerySet[Edit]:
        return Edit.objects.filter(upload=self.upload, sheet=self.sheet, row=row)

    def change(self, seen: SeenRow, write: Callable[[Place], object]) -> None:
        """Let `write` store the edits of this row. Raises Stale, NoLongerFits or NotEditable."""
        place = self._places.find(seen.row)
        if place is None:
            raise NotEditable(NO_ROW)
        if place.reason in ASIDE:
            raise NotEditable(SET_ASIDE)
        own_hash = hash_of(place.row.cells)
        if own_hash != seen.seen_hash:
            raise NoLongerFits
        edits = list(self.edits(seen.row))
        if any(edit.version > self._seen_version for edit in edits):
            raise Stale(self.upload)
        before = edits_by_row(edits).get(seen.row)
        if any(edit.cells_hash != own_hash for edit in edits):
            self.edits(seen.row).exclude(cells_hash=own_hash).delete()  # they were made for another row
        write(place)
        self._now[seen.row] = place
        self._changed.append(_Changed(place, before, edits_by_row(list(self.edits(seen.row))).get(seen.row)))
        count(Operation.Kind.EDIT_ROWS, self.upload.subject, self._click, name="edits", most=EDITS_IN_A_LINE, unbroken=True)

    def write(self, place: Place, column: int | None, text: str) -> None:
        """Store an edit of a cell, or of the whole row. Raises TooManyEdits."""
        cells, row = place.row.cells, place.row.row_number
        values = {
            "new": text,
            "old": cells[column] if column is not None and column < len(cells) else "",
            "cells_hash": hash_of(cells),
            "version": self.upload.version + 1,
            "fits": True,
            "by": self._click.by,
            "by_label": self._click.label[:200],
            "at": self._click.at,
        }
        if self.edits(row).filter(column=column).update(**values):
            return
        if Edit.objects.filter(upload=self.upload).count() >= MOST_EDITS:
            raise TooManyEdits
        Edit.objects.create(upload=self.upload, sheet=self.sheet, row=row, column=column, **values)

    def end(self, row: int) -> EditResult:
        """Move the rows, and say what became of this one."""
        try:
            with transaction.atomic(), opened(self.upload.stored_name, self.draft.pk) as index:
                moved = self._move_all(index)
        except NeedsCheck:
            return self._leave_to_check()
        upload = self.upload
        upload.version += 1
        note_moved(upload.notices, moved)
        upload.save(update_fields=["version", "notices"])
        # Another row of several may have moved this one since.
        place = self._now[row] if len(self._changed) == 1 else self._places.find(row)
        assert place is not None
        sentences: tuple[str, ...] = (sentence_of(place.reason),)
        if isinstance(place.source, RejectedRecord):
            sentences = tuple(str(found["sentence"]) for found in place.source.problems)
        return EditResult(bucket_of(place.reason).value, place.reason, sentences, upload.version, self.draft.buckets())

    def _leave_to_check(self) -> EditResult:
        check_again(self.upload)
        return EditResult(CHECKING, "", (), self.upload.version + 1, {})

    def _move_all(self, index: NumberIndex | None) -> list[Moved]:
        if index is None or self.upload.checked_by_other_rules:
            raise NeedsCheck
        judge = RowJudge(self.upload, index)
        moved = []
        for at, one in enumerate(self._changed):
            # An earlier one may have moved the next row with its number.
            place = self._places.find(one.place.row.row_number) if at else one.place
            if place is not None and one.before != one.after:
                moved.append(self._move(place, one.before, one.after, judge, index))
        self._places.save()
        return moved

    def _move(
        self, place: Place, edit_before: RowEdit | None, edit_after: RowEdit | None, judge: RowJudge, index: NumberIndex
    ) -> Moved:
        row_number, cells = place.row.row_number, place.row.cells
        if place.reason in ASIDE:
            raise NeedsCheck  # its place in the file keeps it back, which its cells don't say
        before = judge.judge(row_number, cells, edit_before)
        after = judge.judge(row_number, cells, edit_after)
        if needs_check(before, after):
            raise NeedsCheck
        numbers = {number_of_contender(place, index)}
        self._places.take(place)
        numbers |= self._put(after, judge)
        for number in sorted(numbers - {""}):
            settle(number, self._places, index, judge)
        now = self._places.find(row_number)
        assert now is not None
        self._now[row_number] = now
        return Moved(place.reason, now.reason, before.warnings, after.warnings)

    def _put(self, judged: JudgedRow, judge: RowJudge) -> set[str]:
        """Put the row where it belongs on its own; its number if it is sent as the first row with it."""
        verdict = judged.verdict
        if isinstance(verdict, Invalid):
            self._places.put_to_fix(verdict.row_number, verdict.cells, verdict.problems_json(), verdict.phone, verdict.name)
            return set()
        if isinstance(verdict, LeftOut):
            self._places.put(verdict.row, verdict.code)
            return set()
        row, reason = judge.first(verdict)  # type: ignore[arg-type]  # a row judged on its own repeats no other
        self._places.put(row, reason)
        return {row.number}
