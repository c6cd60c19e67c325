"""Whatever a person edits, the rows end where a check of a file with these corrections would have put them."""

import csv
import io

import pytest
from django.db import transaction
from django.utils import timezone
from hypothesis import HealthCheck, Phase, example, given, settings
from hypothesis import strategies as st

from tests.support.queue import run_jobs
from voisoadmin.contacts.packing import unpack
from voisoadmin.contacts.repairs import hash_of
from voisoadmin.operations.clicks import Click
from voisoadmin.pushes.audit import audit
from voisoadmin.pushes.draft_places import pack_edited_rows
from voisoadmin.pushes.models import Batch, Push
from voisoadmin.pushes.services import iter_rows
from voisoadmin.uploads.fixes.bulk import apply_fix, fixes_in_force, offers, undo_fix
from voisoadmin.uploads.fixes.editing import edit_cell, leave_out, take_in, undo_edit
from voisoadmin.uploads.fixes.session import SeenRow
from voisoadmin.uploads.intake.read_options import begin_again
from voisoadmin.uploads.models import Upload

TWO, WITH_EXTENSION = "+447415550001 / +447415550003", "+44 7415 550003 ext 12"
FIXES = {
    "phone:two_numbers:first_number": (TWO, "+447415550001"),
    "phone:extension:cut_extension": (WITH_EXTENSION, "+447415550003"),
}
"""What each fix makes of which cell."""
HEADER = ["name", "phone", "do not call"]
# None of them is read by what the other cells are: edits never vote, and a corrected file does.
PHONES = st.sampled_from(
    [
        "+447415550001",
        "+447415550002",
        "+447415550003",
        "447415550002",
        "447",
        "n/a",
        "",
        TWO,
        WITH_EXTENSION,
    ]
)
FLAGS = st.sampled_from(["", "", "", "yes"])
FIRST_ROW = 2
NO_SHRINKING = [Phase.explicit, Phase.reuse, Phase.generate]  # which takes minutes
CELLS = st.tuples(st.just("Zoe"), PHONES, FLAGS).map(list)
EDITS = st.one_of(
    st.tuples(st.just("phone"), st.integers(0, 5), PHONES),
    st.tuples(st.just("flag"), st.integers(0, 5), FLAGS),
    st.tuples(st.just("undo"), st.integers(0, 5), st.just("")),
    st.tuples(st.just("leave out"), st.integers(0, 5), st.just("")),
    st.tuples(st.just("take in"), st.integers(0, 5), st.just("")),
    st.tuples(st.just("fix"), st.just(0), st.sampled_from(sorted(FIXES))),
    st.tuples(st.just("check"), st.just(0), st.just("")),
)


@pytest.mark.slow
@settings(max_examples=8, deadline=None, suppress_health_check=list(HealthCheck), phases=NO_SHRINKING)
@example(
    rows=[["Zoe", "", ""], ["Zoe", "+447415550001 / +447415550003", ""]],
    edits=[("fix", 0, "phone:two_numbers:first_number"), ("leave out", 1, "")],
)
@given(st.lists(CELLS, min_size=2, max_size=6), st.lists(EDITS, max_size=8))
def test_edited_rows_are_where_a_check_of_the_corrected_file_has_them(give, ines, rows, edits):
    upload, corrected, left_out = give(as_file(rows)), [list(cells) for cells in rows], set[int]()

    for what, at, value in edits:
        at %= len(rows)
        make(upload, what, at, value, Click(by=ines, at=timezone.now()))
        upload.refresh_from_db()
        if what == "undo":
            corrected[at] = list(rows[at])
            left_out.discard(at)
        elif what == "leave out":
            left_out.add(at)
        elif what == "take in":
            left_out.discard(at)
        elif what in {"phone", "flag"}:
            corrected[at][1 if what == "phone" else 2] = value
        assert_counted(upload)

    fixed = dict(FIXES[f"phone:{fix.reason}:{fix.kind}"] for fix in fixes_in_force(upload))
    corrected = [[name, fixed.get(phone, phone), flag] for name, phone, flag in corrected]
    assert outcomes(upload) == expected(give, corrected, left_out)
    assert [row.cells for row in iter_rows(upload.draft)] == rows  # as read, whatever was edited

    before = outcomes(upload)
    with transaction.atomic():
        pack_edited_rows(upload.draft)
    assert outcomes(upload) == before
    assert_each_number_once(upload.draft)
    assert audit(Push.objects.filter(pk=upload.draft_id)) == []


def make(upload: Upload, what: str, at: int, value: str, click: Click) -> None:
    row = next(row for row in iter_rows(upload.draft) if row.row_number == at + FIRST_ROW)
    seen = {"version": upload.version, "click": click}
    if what in {"phone", "flag"}:
        column = 1 if what == "phone" else 2
        edit_cell(upload, row=row.row_number, column=column, value=value, seen_hash=hash_of(row.cells), **seen)
    elif what == "undo":
        undo_edit(upload, row=row.row_number, seen_hash=hash_of(row.cells), **seen)
    elif what == "fix":
        apply_or_undo(upload, value, **seen)
    elif what == "check":
        begin_again(upload, choices=upload.choices, kind=upload.kind)
    else:
        change = leave_out if what == "leave out" else take_in
        change(upload, rows=[SeenRow(row.row_number, hash_of(row.cells))], **seen)
    run_jobs()


def apply_or_undo(upload: Upload, key: str, **seen) -> None:
    """Apply the fix if it is offered; or take it back if it is in force."""
    in_force = [fix for fix in fixes_in_force(upload) if f"phone:{fix.reason}:{fix.kind}" == key]
    if any(offer.key == key for offer in offers(upload)):
        apply_fix(upload, key, **seen)
    elif in_force:
        undo_fix(upload, in_force[0].pk, **seen)


def as_file(rows: list[list[str]]) -> str:
    text = io.StringIO()
    csv.writer(text).writerows([HEADER, *rows])
    return text.getvalue()


def outcomes(upload: Upload) -> list[tuple[int, str, str]]:
    return [(row.row_number, row.reason, row.number) for row in iter_rows(upload.draft)]


def expected(give, rows: list[list[str]], left_out: set[int]) -> list[tuple[int, str, str]]:
    """What a check of the file says; a row that is left out says nothing about who is sent, but its flag counts."""
    whole = {number: (reason, phone) for number, reason, phone in outcomes(give(as_file(rows)))}
    blank = {at for at in left_out if whole[at + FIRST_ROW][0] != "flagged_in_file"}
    without = [["Zoe", "", ""] if at in blank else cells for at, cells in enumerate(rows)]
    return [
        (number, "left_out", whole[number][1]) if number - FIRST_ROW in blank else (number, reason, phone)
        for number, reason, phone in outcomes(give(as_file(without)))
    ]


def assert_counted(upload: Upload) -> None:
    upload.draft.refresh_from_db()
    reasons: dict[str, int] = {}
    for row in iter_rows(upload.draft):
        reasons[row.reason] = reasons.get(row.reason, 0) + 1
    assert upload.draft.reasons == reasons
    assert upload.draft.rows == sum(upload.draft.buckets().values()) == sum(reasons.values())


def assert_each_number_once(push: Push) -> None:
    batches = Batch.objects.filter(push=push, state=Batch.State.PLANNED)
    numbers = [row.number for batch in batches for row in unpack(batch.rows)]
    assert len(numbers) == len(set(numbers))
