"""A person corrects single rows of a checked file: each row moves to where the check would have put it."""

import io
from collections.abc import Sequence

import openpyxl
import pytest
from django.utils import timezone

from tests.support.queue import run_jobs
from voisoadmin.contacts.repairs import hash_of
from voisoadmin.operations.clicks import ActionRefused, Click
from voisoadmin.operations.models import Operation
from voisoadmin.pushes.audit import audit
from voisoadmin.pushes.models import Contact, EditedRow, Push
from voisoadmin.pushes.services import iter_rows
from voisoadmin.uploads import services
from voisoadmin.uploads.fixes import session
from voisoadmin.uploads.fixes.editing import edit_cell, leave_out, take_in, undo_edit
from voisoadmin.uploads.fixes.refusals import NoLongerFits, NotEditable, Stale, TooManyEdits
from voisoadmin.uploads.fixes.session import CHECKING, SeenRow
from voisoadmin.uploads.intake import read_options, spool
from voisoadmin.uploads.models import Edit, Upload

pytestmark = pytest.mark.slow

A, B, C = "+447415550001", "+447415550002", "+447415550003"
PHONES = [A, B, "447", A, C]
NAME, PHONE = 0, 1


@pytest.fixture
def click(ines) -> Click:
    return Click(by=ines, at=timezone.now())


@pytest.fixture
def edit(click):
    """Edit a cell as someone does who sees the upload as it is now."""

    def do(upload: Upload, row: int, value: str, column: int = PHONE, **seen):
        upload.refresh_from_db()
        seen = {"seen_hash": hash_of(cells_of(upload)[row]), "version": upload.version, **seen}
        found = edit_cell(upload, row=row, column=column, value=value, click=click, **seen)
        upload.refresh_from_db()
        return found

    return do


def leads(phones: list[str]) -> str:
    return "name,phone\n" + "".join(f"Zoe {at},{phone}\n" for at, phone in enumerate(phones))


def workbook(*, hidden: Sequence[int] = (), **sheets: list[list[str]]) -> bytes:
    book = openpyxl.Workbook()
    del book[book.sheetnames[0]]
    for name, rows in sheets.items():
        sheet = book.create_sheet(name)
        for cells in [["name", "phone"], *rows]:
            sheet.append(cells)
        for row in hidden:
            sheet.row_dimensions[row].hidden = True
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def cells_of(upload: Upload) -> dict[int, list[str]]:
    return {row.row_number: row.cells for row in iter_rows(upload.draft)}


def reasons_of(upload: Upload) -> dict[int, str]:
    return {row.row_number: row.reason for row in iter_rows(upload.draft)}


def assert_counted(upload: Upload) -> None:
    upload.draft.refresh_from_db()
    counted: dict[str, int] = {}
    for row in iter_rows(upload.draft):
        counted[row.reason] = counted.get(row.reason, 0) + 1
    assert upload.draft.reasons == counted
    assert upload.draft.rows == sum(upload.draft.buckets().values()) == sum(counted.values())


def test_a_row_to_fix_becomes_ready_and_is_sent(give, edit, click):
    upload = give(leads(PHONES))
    assert reasons_of(upload) == {2: "waiting", 3: "waiting", 4: "too_short", 5: "same_number_in_file", 6: "waiting"}

    found = edit(upload, 4, "+44 7415 550004")

    assert (found.verdict, found.reason, found.version) == ("pending", "waiting", upload.version)
    assert found.counts["pending"] == 4
    assert found.counts["invalid"] == 0
    assert reasons_of(upload)[4] == "waiting"
    assert_counted(upload)

    services.send(upload, version=upload.version, click=click)
    push = Push.objects.get(pk=upload.draft_id)
    assert (push.pending, push.batches_total, EditedRow.objects.count()) == (4, 2, 0)
    assert [row.row_number for row in iter_rows(push)] == [2, 3, 4, 5, 6]
    assert audit() == []


def test_the_original_cells_stay_and_the_original_text_undoes_the_edit(give, edit):
    upload = give(leads(PHONES))
    edit(upload, 4, "+447415550004")
    assert cells_of(upload)[4] == ["Zoe 2", "447"]
    assert list(upload.edits.values_list("row", "column", "old", "new")) == [(4, PHONE, "447", "+447415550004")]

    edit(upload, 4, "447")

    assert reasons_of(upload)[4] == "too_short"
    assert not Edit.objects.exists()
    assert_counted(upload)


def test_an_edit_says_why_the_row_still_is_not_sent(give, edit):
    upload = give(leads(PHONES))
    found = edit(upload, 4, "n/a")
    assert (found.verdict, found.reason) == ("invalid", "no_digits")
    assert "no digits" in found.sentences[0]
    assert_counted(upload)


def test_the_next_row_with_the_number_moves_up_and_down_again(give, edit):
    upload = give(leads(PHONES))

    edit(upload, 2, "+447415550009")
    assert reasons_of(upload) == {2: "waiting", 3: "waiting", 4: "too_short", 5: "waiting", 6: "waiting"}
    assert_counted(upload)

    edit(upload, 2, A)
    assert reasons_of(upload)[5] == "same_number_in_file"
    assert_counted(upload)


def test_a_row_edited_to_an_earlier_ones_number_is_a_repetition(give, edit):
    upload = give(leads(PHONES))
    edit(upload, 6, A)
    assert reasons_of(upload)[6] == "same_number_in_file"
    # An earlier row takes the number of a later one: the later one moves down.
    edit(upload, 4, B)
    edit(upload, 3, C)
    assert reasons_of(upload) == {
        2: "waiting",
        3: "waiting",
        4: "waiting",
        5: "same_number_in_file",
        6: "same_number_in_file",
    }
    assert_counted(upload)


def test_a_row_left_out_is_not_sent_and_comes_back(give, click):
    upload = give(leads(PHONES))
    seen = [SeenRow(2, hash_of(cells_of(upload)[2]))]

    found = leave_out(upload, rows=seen, version=upload.version, click=click)

    assert (found.verdict, found.reason) == ("not_sent", "left_out")
    assert reasons_of(upload)[5] == "waiting"
    assert_counted(upload)

    take_in(upload, rows=seen, version=found.version, click=click)
    assert reasons_of(upload)[2] == "waiting"
    assert reasons_of(upload)[5] == "same_number_in_file"
    assert_counted(upload)


def test_edits_survive_another_check(give, edit, click):
    upload = give(leads(PHONES))
    edit(upload, 4, "+447415550004")
    edit(upload, 2, "+447415550009")
    before = reasons_of(upload)

    read_options.begin_again(upload, choices=upload.choices, kind=upload.kind)
    run_jobs()

    upload.refresh_from_db()
    assert reasons_of(upload) == before
    assert not EditedRow.objects.exists()
    assert_counted(upload)
    edit(upload, 2, A)
    assert reasons_of(upload)[5] == "same_number_in_file"


def test_an_edit_lands_on_no_other_person_when_the_file_is_read_in_another_way(give, edit, click):
    upload = give("name;phone\n" + f"Zoe;{A}\nMax,x;447\nIda;{C}\n", region="GB")
    edit(upload, 3, B)
    assert reasons_of(upload)[3] == "waiting"

    read_options.begin_again(
        upload, choices={**upload.choices, "delimiter": ",", "no_header": True, "mapping": {"phone": 0}}, kind=upload.kind
    )
    run_jobs()

    upload.refresh_from_db()
    assert reasons_of(upload)[3] == "edit_no_longer_fits"
    assert [one.fits for one in upload.edits.all()] == [False]
    # Read as before, the edit fits again.
    read_options.begin_again(upload, choices={"region": "GB"}, kind=upload.kind)
    run_jobs()
    upload.refresh_from_db()
    assert reasons_of(upload)[3] == "waiting"
    assert [one.fits for one in upload.edits.all()] == [True]


def test_an_edit_of_a_row_that_someone_changed_since_is_refused(give, edit, click):
    upload = give(leads(PHONES))
    seen = upload.version
    edit(upload, 4, "+447415550004")

    with pytest.raises(Stale, match="4 rows are ready now, 0 to fix"):
        edit(upload, 4, "+447415550005", version=seen)
    with pytest.raises(NoLongerFits):
        edit(upload, 4, "+447415550005", seen_hash="0" * 16)
    # Another row may be edited from the same page.
    edit(upload, 6, "+447415550006", version=seen)
    with pytest.raises(NotEditable):
        edit(upload, 4, "x", column=7)
    with pytest.raises(ActionRefused, match="Someone changed this upload"):
        services.send(upload, version=seen, click=click)
    assert Edit.objects.count() == 2


def test_a_do_not_call_cell_is_left_to_a_check_of_the_whole_file(give, edit):
    upload = give(f"name,phone,do not call\nZoe,{A},\nMax,{A},yes\nIda,{B},no\n")
    assert reasons_of(upload) == {2: "flagged_in_file", 3: "flagged_in_file", 4: "waiting"}

    found = edit(upload, 3, "", column=2)

    assert found.verdict == CHECKING
    run_jobs()
    upload.refresh_from_db()
    assert reasons_of(upload) == {2: "waiting", 3: "same_number_in_file", 4: "waiting"}


def test_a_row_edited_to_a_number_that_must_not_be_called_is_not_sent(give, edit):
    upload = give(f"name,phone,do not call\nZoe,{A},no\nMax,{B},yes\n")
    assert edit(upload, 2, B).reason == "flagged_in_file"
    assert_counted(upload)


def test_a_hundred_edits_are_one_line_of_activity(give, edit, monkeypatch):
    monkeypatch.setattr(session, "EDITS_IN_A_LINE", 3)
    upload = give(leads(PHONES))
    for at in range(5):
        edit(upload, 4, f"+44741555010{at}")
    lines = Operation.objects.filter(kind="edit_rows").order_by("pk")
    assert [line.result for line in lines] == [{"edits": 3}, {"edits": 2}]


def test_an_upload_takes_a_limited_number_of_edits(give, edit, monkeypatch):
    monkeypatch.setattr(session, "MOST_EDITS", 1)
    upload = give(leads(PHONES))
    edit(upload, 4, "+447415550004")
    with pytest.raises(TooManyEdits):
        edit(upload, 6, "+447415550006")
    edit(upload, 4, "+447415550005")
    assert [one.new for one in upload.edits.all()] == ["+447415550005"]


def test_an_edit_of_one_sheet_never_concerns_another(give, edit):
    upload = give(workbook(Clients=[["Zoe", A], ["Max", "447"]], Others=[["Ida", C], ["Max", "447"]]), name="leads.xlsx")
    edit(upload, 3, B)

    read_options.begin_again(upload, choices={**upload.choices, "sheet": "Others"}, kind=upload.kind)
    run_jobs()

    upload.refresh_from_db()
    assert reasons_of(upload) == {2: "waiting", 3: "too_short"}
    assert [(one.sheet, one.fits) for one in upload.edits.all()] == [("Clients", False)]
    edit(upload, 3, "+447415550009")
    assert Edit.objects.count() == 2


def test_a_hidden_row_is_edited_only_after_it_was_taken_in(give, edit):
    upload = give(workbook(hidden=[3, 4], Clients=[["Zoe", A], ["Max", "447"], ["Ida", C]]), name="leads.xlsx")
    assert reasons_of(upload) == {2: "waiting", 3: "hidden_row", 4: "hidden_row"}
    with pytest.raises(NotEditable, match="Take such rows in first"):
        edit(upload, 3, B)

    read_options.answer(upload, code="hidden_rows", value="take_in")
    run_jobs()
    edit(upload, 3, B)
    leave = [SeenRow(4, hash_of(cells_of(upload)[4]))]
    upload.refresh_from_db()
    leave_out(upload, rows=leave, version=upload.version, click=Click(by=upload.by, at=timezone.now()))
    assert reasons_of(upload) == {2: "waiting", 3: "waiting", 4: "left_out"}

    upload.refresh_from_db()
    read_options.answer(upload, code="hidden_rows", value="leave_out")
    run_jobs()
    upload.refresh_from_db()
    assert reasons_of(upload) == {2: "waiting", 3: "hidden_row", 4: "hidden_row"}


def test_an_edit_stays_with_its_row_under_another_header_row(give, edit):
    upload = give(f"name,phone\nname,phone\nZoe,{A}\nMax,447\n")
    edit(upload, 4, B)

    read_options.begin_again(upload, choices={**upload.choices, "header_row": 2}, kind=upload.kind)
    run_jobs()

    upload.refresh_from_db()
    assert reasons_of(upload) == {3: "waiting", 4: "waiting"}
    assert [row.number for row in iter_rows(upload.draft)] == [A[1:], B[1:]]


def test_edits_of_a_long_file_are_found_by_another_check(give, edit):
    rows = [f"Zoe,+4474155{at:05}\n" for at in range(4500)]
    upload = give("name,phone\n" + "".join(rows))
    edit(upload, 4400, "+447415500000")
    edit(upload, 2, "447")
    before = reasons_of(upload)
    assert {before[2], before[4400]} == {"too_short", "waiting"}

    read_options.begin_again(upload, choices=upload.choices, kind=upload.kind)
    run_jobs()

    upload.refresh_from_db()
    assert reasons_of(upload) == before
    assert_counted(upload)


def test_a_file_that_an_earlier_version_checked_is_checked_again_first(give, edit):
    upload = give(leads(PHONES))
    Upload.objects.filter(pk=upload.pk).update(judgement={})
    with pytest.raises(NotEditable, match="Re-check it"):
        edit(upload, 4, B)


def test_after_a_change_of_the_rules_an_edit_is_left_to_a_check(give, edit):
    upload = give(leads(PHONES))
    Upload.objects.filter(pk=upload.pk).update(check_rules="1/9.0.1")
    assert edit(upload, 4, B).verdict == CHECKING
    run_jobs()
    upload.refresh_from_db()
    assert reasons_of(upload)[4] == "same_number_in_file"


def test_a_question_that_edits_have_settled_is_asked_no_more(give, edit, click):
    upload = give("name,phone\nZoe,+447415550001\nMax,7415550002\nIda,7415550003\n", region="")
    question = upload.notices["questions"][0]
    assert (question["code"], question["count"]) == ("no_country_code", 2)

    edit(upload, 3, B)
    assert [one["count"] for one in upload.notices["questions"]] == [1]
    with pytest.raises(ActionRefused, match="Answer the questions"):
        services.send(upload, version=upload.version, click=click)
    edit(upload, 4, C)

    assert upload.notices["questions"] == []
    services.send(upload, version=upload.version, click=click)
    assert Push.objects.get().pending == 3


def test_the_array_of_numbers_goes_with_the_file(give, click):
    upload = give(leads(PHONES))
    assert spool.numbers_path(upload.stored_name).stat().st_size == 16 * (1 + 4)
    spool.drop(upload.stored_name)
    assert not spool.numbers_path(upload.stored_name).exists()


def test_an_edit_of_an_update_never_wakes_a_contact_up(give, edit):
    upload = give(leads([A, "447"]), kind="update")
    assert reasons_of(upload) == {2: "unanswered", 3: "too_short"}

    assert edit(upload, 3, B).verdict == CHECKING

    run_jobs()
    upload.refresh_from_db()
    assert reasons_of(upload) == {2: "unanswered", 3: "unanswered"}
    assert upload.notices["questions"][0]["count"] == 2


def test_a_number_known_in_the_campaign_is_not_sent_again(give, edit, campaign):
    now = timezone.now()
    Contact.objects.create(lane=campaign.lane, number=int(B[1:]), known_as="added", known_since=now, changed_at=now)
    upload = give(leads([A, "447"]))
    found = edit(upload, 3, B)
    assert (found.verdict, found.reason) == ("duplicate", "known_here")
    assert_counted(upload)


def test_undoing_the_edits_of_a_row_puts_every_cell_back(give, edit, click):
    upload = give(leads(PHONES))
    edit(upload, 4, "+447415550004")
    edit(upload, 4, "Max", column=NAME)
    assert next(row.name for row in iter_rows(upload.draft) if row.row_number == 4) == "Max"

    found = undo_edit(upload, row=4, seen_hash=hash_of(cells_of(upload)[4]), version=upload.version, click=click)

    assert (found.verdict, found.reason) == ("invalid", "too_short")
    assert not Edit.objects.exists()
    assert_counted(upload)
