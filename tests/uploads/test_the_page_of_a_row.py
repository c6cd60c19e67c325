"""A row of a checked file is corrected on its own page, or in the table; others see it, and no one overwrites anyone."""

import re
import uuid

import pytest
from django.urls import reverse

from tests.support.markup import markup
from tests.support.queue import run_jobs
from voisoadmin.uploads.models import Edit, Upload

pytestmark = pytest.mark.slow

LEADS = "phone,name\n+447415550001,Ada\n0,Ben\n447,Cy\n+447415550004,Di\n"
HTMX = {"HX-Request": "true", "HX-Target": "verdict"}


@pytest.fixture
def upload(give) -> Upload:
    """Rows 3 and 4 are to fix."""
    return give(LEADS)


@pytest.fixture
def row_form(page):
    """The fields of the page of a row, as its first form has them, and what a person types."""

    def do(upload: Upload, number: int, **typed: object) -> dict[str, object]:
        text = markup(page.get(reverse("uploads:row", args=[upload.pk, number])))
        hidden = dict(re.findall(r'<input type="hidden" name="(seen_hash|version)" value="([^"]+)"', text))
        return {"client_token": str(uuid.uuid4()), "do": "edit", "column": 0, **hidden, **typed}

    return do


def post(page, upload: Upload, number: int, form: dict[str, object], **options):
    answer = page.post(reverse("uploads:row", args=[upload.pk, number]) + "?tab=fix", form, **options)
    upload.refresh_from_db()
    upload.draft.refresh_from_db()
    return answer


def test_a_corrected_row_becomes_ready_and_the_next_row_to_fix_follows(upload, page, row_form):
    answer = post(page, upload, 3, row_form(upload, 3, value="+44 7415 550002"))

    assert answer.url == reverse("uploads:row", args=[upload.pk, 4]) + "?tab=fix"
    assert "Row 3 is ready now." in markup(page.get(answer.url))
    assert (upload.draft.pending, upload.draft.invalid) == (3, 1)
    listed = markup(page.get(reverse("uploads:detail", args=[upload.pk]), {"tab": "ready"}))
    assert re.findall(r'<tr id="row-(\d+)"', listed) == ["2", "3", "5"]
    assert "+44 7415 550002" in listed


def test_a_row_that_still_is_not_right_is_shown_again_with_what_is_wrong(upload, page, row_form):
    answer = post(page, upload, 4, row_form(upload, 4, value="n/a"))

    assert answer.url == reverse("uploads:row", args=[upload.pk, 4]) + "?tab=fix"
    shown = markup(page.get(answer.url))
    assert "The phone number has no digits." in shown
    assert "In the file: <bdi hx-disable>447</bdi>" in shown


def test_a_row_is_left_out_taken_in_and_its_edits_are_undone(upload, page, row_form):
    post(page, upload, 2, row_form(upload, 2, do="leave_out"))
    assert (upload.draft.pending, upload.draft.not_sent) == (1, 1)
    post(page, upload, 2, row_form(upload, 2, do="take_in"))
    assert (upload.draft.pending, upload.draft.not_sent) == (2, 0)

    post(page, upload, 3, row_form(upload, 3, value="+447415550002"))
    post(page, upload, 3, row_form(upload, 3, do="undo"))

    assert (upload.draft.pending, upload.draft.invalid, Edit.objects.count()) == (2, 2, 0)


def test_a_row_that_someone_else_changed_is_refused_and_what_was_typed_stays(upload, page, row_form):
    older = row_form(upload, 3, value="+447415550008")
    post(page, upload, 3, row_form(upload, 3, value="+447415550002"))

    answer = post(page, upload, 3, older)

    assert answer.status_code == 409
    assert "Row 3 could not be saved." in markup(answer)
    assert "Someone changed this upload since you opened the page." in markup(answer)
    assert 'value="+447415550008"' in markup(answer)
    assert Edit.objects.get().new == "+447415550002"


def test_a_cell_that_is_sent_after_the_session_ended_is_shown_as_typed_after_the_sign_in(upload, page, row_form, ines):
    address = reverse("uploads:row", args=[upload.pk, 3])
    owner = re.search(r'name="typed_by" value="([^"]+)"', markup(page.get(address)))[1]
    form = row_form(upload, 3, value="+447415550009", typed_by=owner)
    page.logout()

    page.post(address, form)
    page.post(reverse("accounts:sign_in"), {"username": "ines", "password": "correct horse battery"})
    again = page.get(address)

    assert "You were signed out before this was sent" in markup(again)
    assert 'value="+447415550009"' in markup(again)
    assert not Edit.objects.exists()


def test_in_the_table_the_rows_tabs_and_foot_come_back_together(upload, page, row_form):
    form = row_form(upload, 3, value="+447415550002")

    saved = post(page, upload, 3, form, headers=HTMX)
    refused = post(page, upload, 3, {**form, "client_token": str(uuid.uuid4()), "value": "1"}, headers=HTMX)

    text = markup(saved)
    assert text.lstrip().startswith("<section")
    assert 'id="deck" hx-swap-oob="true"' in text
    assert "Row 3 is ready now." in text
    assert re.findall(r'<tr id="row-(\d+)"', text) == ["4"]
    assert (refused.status_code, "Row 3 could not be saved." in markup(refused)) == (409, True)


@pytest.mark.parametrize(
    ("value", "said"),
    [
        ("+44 7415 550009", "Ready with this."),
        ("+447415550001", "Same number as row 2"),
        ("12", "The number is too short"),
        ("x" * 5001, "A cell takes at most 5,000 characters."),
    ],
)
def test_what_a_cell_would_change_is_shown_before_it_is_saved(upload, page, value, said):
    answer = page.get(reverse("uploads:try_row", args=[upload.pk, 3]), {"column": 0, "value": value})

    assert said in markup(answer)
    assert not Edit.objects.exists()


def test_a_page_learns_what_others_changed_and_only_then(upload, page, row_form):
    address = reverse("uploads:detail", args=[upload.pk])
    seen = upload.version
    assert page.get(address, {"tab": "fix", "version": seen}, headers=HTMX).status_code == 204

    post(page, upload, 3, row_form(upload, 3, value="+447415550002"))

    changed = page.get(address, {"tab": "fix", "version": seen}, headers=HTMX)
    assert re.findall(r'<tr id="row-(\d+)"', markup(changed)) == ["4"]


def test_an_edit_that_concerns_other_rows_checks_the_file_again(give, page, row_form):
    upload = give("phone,do not call\n+447415550001,no\n+447415550001,no\n")

    answer = post(page, upload, 3, row_form(upload, 3, column=1, value="yes"))

    assert "The whole file is checked again" in markup(page.get(answer.url))
    run_jobs()
    upload.refresh_from_db()
    assert upload.draft.suppressed == 2


def test_all_rows_with_a_reason_are_repaired_with_one_click_and_put_back_with_another(give, page):
    upload = give("phone\n+447415550001\n" + "".join(f"020 7946 0{at:03} ext 5\n" for at in range(3)), region="GB")
    shown = markup(page.get(reverse("uploads:detail", args=[upload.pk])))
    keys = re.findall(r'name="key" value="([^"]+:cut_extension)"', shown)
    assert len(keys) == 1, re.findall(r'name="key" value="([^"]+)"', shown)

    form = {"client_token": str(uuid.uuid4()), "key": keys[0], "version": upload.version}
    page.post(reverse("uploads:fix", args=[upload.pk]), form)
    run_jobs()
    upload.refresh_from_db()

    assert upload.draft.pending == 4
    shown = markup(page.get(reverse("uploads:detail", args=[upload.pk])))
    assert "1 ready before, 4 after" in " ".join(re.sub(r"<[^>]+>", " ", shown).split())
    form = {"client_token": str(uuid.uuid4()), "undo": upload.fixes.get().pk, "version": upload.version}
    page.post(reverse("uploads:fix", args=[upload.pk]), form)
    run_jobs()
    upload.refresh_from_db()
    assert upload.draft.pending == 1


@pytest.mark.parametrize("fields", [{}, {"do": "x"}, {"column": "-1"}, {"version": "x"}, {"column": "99999"}])
def test_a_form_that_makes_no_sense_changes_nothing(upload, page, row_form, fields):
    answer = post(page, upload, 3, {**row_form(upload, 3, value="+447415550002"), **(fields or {"column": ""})})

    assert answer.status_code == 409
    assert not Edit.objects.exists()
