"""What a column says about its numbers comes from the file, whatever a person edits in it."""

import pytest

from voisoadmin.contacts.checker import Checker
from voisoadmin.contacts.mapped import By, from_column
from voisoadmin.contacts.packing import PackedRow
from voisoadmin.contacts.repaired_checker import RepairedChecker
from voisoadmin.contacts.repairs import Repairs, RowEdit, Rule, hash_of
from voisoadmin.contacts.verdicts import Invalid, LeftOut
from voisoadmin.phones import Reader

FIELDS = {"phone": from_column(0, By.CHOICE), "name": from_column(1, By.CHOICE)}
ROWS = [(at + 2, [f"030 9018{at:02}", f"Zoe {at}"]) for at in range(8)]
NUMBERS = ["4921123456", "+4930901899", "030 901877", "abc", ""]


def checked(rows, repairs: Repairs) -> tuple[Checker, list]:
    checker = RepairedChecker(FIELDS, Reader("DE"), repairs=repairs) if repairs else Checker(FIELDS, Reader("DE"))
    return checker, [outcome for at in range(0, len(rows), 3) for outcome in checker.check(rows[at : at + 3])]


@pytest.mark.parametrize("phone", NUMBERS)
def test_an_edited_cell_counts_as_it_was_read(phone):
    plain, before = checked(ROWS, Repairs())
    edits = {row: RowEdit(hash_of(cells), {0: phone}) for row, cells in ROWS[2:7]}

    repaired, after = checked(ROWS, Repairs(edits))

    assert repaired.reader.evidence == plain.reader.evidence
    assert repaired.reader.settled == plain.reader.settled
    untouched = [at for at, (row, _) in enumerate(ROWS) if row not in edits]
    assert [after[at] for at in untouched] == [before[at] for at in untouched]
    assert [cells_of(outcome) for outcome in after] == [cells for _, cells in ROWS]


def test_an_edit_of_another_row_keeps_this_one_from_being_sent():
    edits = {3: RowEdit("0" * 16, {0: "+4930901899"})}
    checker, outcomes = checked(ROWS, Repairs(edits))
    assert isinstance(outcomes[1], Invalid)
    assert outcomes[1].problems[0].code == "edit_no_longer_fits"
    assert (checker.ready, checker.invalid, checker.fitting) == (7, 1, set())


def test_a_row_left_out_and_rows_of_a_reason_are_counted_as_left_out():
    rows = [*ROWS, (10, ["n/a", "Max"])]
    edits = {2: RowEdit(hash_of(ROWS[0][1]), {}, is_left_out=True)}
    checker, outcomes = checked(rows, Repairs(edits, [Rule("leave_out", "no_digits", "phone", {})]))
    assert [at for at, outcome in enumerate(outcomes) if isinstance(outcome, LeftOut)] == [0, 8]
    assert (checker.rows, checker.left_out, checker.invalid, checker.reasons) == (9, 2, 0, {"left_out": 2})


def cells_of(outcome) -> list[str]:
    return outcome.cells if isinstance(outcome, PackedRow | Invalid) else outcome.row.cells
