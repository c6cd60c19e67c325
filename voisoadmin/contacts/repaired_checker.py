"""A checker that applies a person's edits and repairs, after the columns have voted.

The reader counts the cells as they were read, so an edit changes the result of that row and of rows with the same number
only. The rows it returns keep their cells as read.
"""

from collections.abc import Sequence
from typing import Any

from voisoadmin.contacts.checker import Checker
from voisoadmin.contacts.fields import PHONE, problem
from voisoadmin.contacts.mapped import Mappings
from voisoadmin.contacts.packing import PackedRow
from voisoadmin.contacts.repairs import NO_LONGER_FITS, Repairs, RowEdit
from voisoadmin.contacts.verdicts import LEFT_OUT, Duplicate, Invalid, LeftOut, PlainResult, Row, Verdict
from voisoadmin.phones import PhoneResult, Reader

Checked = tuple[Verdict, tuple[str, ...]]


class RepairedChecker(Checker):
    def __init__(self, fields: Mappings, reader: Reader, *, repairs: Repairs, **how: Any) -> None:
        super().__init__(fields, reader, **how)
        self._repairs = repairs
        self._silent: Reader | None = None
        self.fitting: set[int] = set()  # rows with edits, whose cells are those that were edited

    def _checked(self, rows: Sequence[Row], phones: Sequence[PlainResult] | None = None) -> list[Checked]:
        if phones is None:
            phones = list(map(self.reader.read_cell, self.phone_cells(rows)))
        edits = self._repairs.edits
        edited = [at for at, (number, _) in enumerate(rows) if number in edits] if edits else []
        if not edited:
            return super()._checked(rows, phones)
        found: list[Checked] = []
        warned: dict[int, tuple[str, ...]] = {}
        begin = 0
        for at in [*edited, len(rows)]:
            found += super()._checked(rows[begin:at], phones[begin:at])
            warned |= self.warned
            if at < len(rows):
                number, cells = rows[at]
                found.append(self._edited(number, cells, edits[number]))
                warned |= self.warned
            begin = at + 1
        self.warned = warned
        return found

    def _check(self, row_number: int, cells: list[str], phone: PlainResult) -> Checked:
        phone = self._repaired(cells, phone)
        verdict, warnings = super()._check(row_number, cells, phone)
        if isinstance(verdict, Invalid) and self._repairs.leaves_out(verdict.problems[0].field, verdict.problems[0].code):
            return self._left_out(verdict, cells, phone), ()
        return verdict, warnings

    def _repaired(self, cells: list[str], phone: PlainResult) -> PlainResult:
        if phone[1] and self._repairs.repairs_number(phone[1]):
            return self._repairs.number(self._phones.cell_of(cells), PhoneResult(*phone), self._beside_reader)
        return phone

    def _edited(self, row_number: int, cells: list[str], edit: RowEdit) -> Checked:
        changed = self._without_type(edit.applied(cells), edit)
        fits = edit.fits(cells)
        whole = self._phones.straight([(row_number, changed)])[0][1]
        phone = self._beside_reader.read_cell(self._phones.cell_of(whole))
        number = self._repaired(whole, phone)[0]
        if fits:
            self.fitting.add(row_number)
        if fits and not (edit.is_left_out and not self._is_blocked(number)):
            verdict, warnings = super()._checked([(row_number, changed)], [phone])[0]
            return with_cells(verdict, cells), warnings
        self.rows += 1
        self.warned = {}
        aside = self._asked.aside.reasons_of([(row_number, cells)]).get(row_number, "")
        if aside and self._asked.aside.keeps_out(aside):
            return self._set_aside(row_number, cells, number, aside), ()
        if fits:
            return self._leave_out(PackedRow(row_number, cells, number, {}), LEFT_OUT), ()
        return self._refused(row_number, cells, [problem(PHONE, NO_LONGER_FITS)]), ()

    def _without_type(self, cells: list[str], edit: RowEdit) -> list[str]:
        """What the file says about the type of its number isn't true of the one that a person entered."""
        for said in (self._types[at] for at in edit.cells if at in self._types):
            if said.column < len(cells) and said.column not in edit.cells:
                cells[said.column] = ""
        return cells

    def _is_blocked(self, number: str) -> bool:
        return bool(number) and int(number) in self._flags.blocked

    @property
    def _beside_reader(self) -> Reader:
        """Reads as the column is read, and says nothing about it."""
        if self._silent is None:
            self._silent = self.reader.twin()
        return self._silent

    def _left_out(self, verdict: Invalid, cells: list[str], phone: PlainResult) -> LeftOut:
        """A row with a reason whose rows are all left out: no longer to be fixed."""
        self.invalid -= 1
        self.reasons[verdict.problems[0].code] -= 1
        self.reasons = +self.reasons
        self.waiting_cells.discard(self._phones.text_of(cells))
        return self._leave_out(PackedRow(verdict.row_number, verdict.cells, phone[0], {}), LEFT_OUT)


def with_cells(verdict: Verdict, cells: list[str]) -> Verdict:
    """The same result with the cells as they were read."""
    if isinstance(verdict, Duplicate | LeftOut):
        return verdict._replace(row=verdict.row._replace(cells=cells))
    return verdict._replace(cells=cells)
