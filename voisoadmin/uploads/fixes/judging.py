"""The result of one edited row, judged as the last check judged the file. The columns don't vote again."""

from __future__ import annotations

from typing import NamedTuple

from voisoadmin.contacts.do_not_call import Flags, number_of_row, says_anything
from voisoadmin.contacts.fields import PHONE
from voisoadmin.contacts.mapped import cell_reader
from voisoadmin.contacts.packing import PackedRow
from voisoadmin.contacts.repairs import Repairs, RowEdit
from voisoadmin.contacts.verdicts import UNANSWERED, Invalid, Verdict
from voisoadmin.pushes.known_contacts import known_numbers
from voisoadmin.uploads.check.judgement import StoredJudgement
from voisoadmin.uploads.check.waking import Waking
from voisoadmin.uploads.intake.number_index import Flag, NumberIndex
from voisoadmin.uploads.models import Upload

KNOWN, WAITING = "known_here", "waiting"


class NeedsCheck(Exception):
    """Only a check of the whole file can say what the edit does: it may concern other rows."""


class JudgedRow(NamedTuple):
    verdict: Verdict
    warnings: tuple[str, ...]
    number: str  # as read, whatever the verdict; "" if there is none
    flags: tuple[str, ...]  # the cells that say who must not be called, if they say anything


class RowJudge:
    def __init__(self, upload: Upload, index: NumberIndex) -> None:
        self.upload = upload
        self._index = index
        self._stored = StoredJudgement(upload)
        self._phone_of = cell_reader(self._stored.fields[PHONE])
        self._waking = Waking(upload.campaign.lane, upload.kind, upload.answers)

    def judge(self, row_number: int, cells: list[str], edit: RowEdit | None) -> JudgedRow:
        """The row on its own: whether its number is repeated isn't known here. Raises NeedsCheck."""
        repairs = Repairs({row_number: edit} if edit is not None else {}, self._stored.rules)
        changed = self._straight(repairs.cells_of(row_number, cells))
        number = self._number(changed, repairs)
        checker = self._stored.checker(repairs, self._flags(number))
        checked = checker.preview([(row_number, cells)])[0]
        verdict = self._awake(checked.outcome)
        if isinstance(verdict, Invalid) and any(found.code == UNANSWERED for found in verdict.problems):
            raise NeedsCheck
        columns = self._stored.flag_columns
        texts = tuple(changed[one.column] if one.column < len(changed) else "" for one in columns)
        flags = texts if says_anything(columns, texts, self.upload.answers) else ()
        return JudgedRow(verdict, checked.warnings, number, flags)

    def first(self, row: PackedRow) -> tuple[PackedRow, str]:
        """The row as the first one with its number, and why it is where it is. Raises NeedsCheck."""
        self._awake(row)
        known = self.upload.leaves_known_out and known_numbers(self.upload.campaign.lane, [row.number])
        return row._replace(first_row=None), KNOWN if known else WAITING

    def _awake(self, verdict: Verdict) -> Verdict:
        """Raises NeedsCheck if an update might wake the contact up."""
        if isinstance(verdict, PackedRow) and self._waking.judge([verdict]) != [verdict]:
            raise NeedsCheck
        return verdict

    def _straight(self, cells: list[str]) -> list[str]:
        layout = self._stored.layout
        return cells if layout is None else layout.straight(cells) or []

    def _number(self, cells: list[str], repairs: Repairs) -> str:
        reader = self._stored.reader.twin()
        return number_of_row(reader, self._phone_of(cells), self._stored.country, cells, repairs)

    def _flags(self, number: str) -> Flags:
        """What the file says about this number. Raises NeedsCheck if a question about it is open."""
        said = self._index.said(int(number)) if number else Flag(0)
        if Flag.ASKED in said:
            raise NeedsCheck
        return Flags([], blocked={int(number)} if Flag.DO_NOT_CALL in said else set())


def needs_check(before: JudgedRow, after: JudgedRow) -> bool:
    """Whether the edit changes what the file says about a number, for all its rows."""
    return (before.number, before.flags) != (after.number, after.flags) and bool(before.flags or after.flags)
