"""One click repairs all rows with a reason: what it makes ready is said first, and another click takes it back."""

import pytest
from django.utils import timezone

from tests.support.queue import run_jobs
from voisoadmin.contacts.repairs import hash_of
from voisoadmin.operations.clicks import ActionRefused, Click
from voisoadmin.operations.models import Operation
from voisoadmin.pushes.services import iter_rows
from voisoadmin.uploads import services
from voisoadmin.uploads.fixes import bulk
from voisoadmin.uploads.fixes.bulk import apply_fix, fixes_in_force, offers, undo_fix
from voisoadmin.uploads.fixes.editing import edit_cell
from voisoadmin.uploads.fixes.refusals import NotEditable, Stale
from voisoadmin.uploads.intake import read_options
from voisoadmin.uploads.models import Fix, Upload

pytestmark = pytest.mark.slow

READY, FIRST, SECOND = "+447415550001", "+447415550002", "+447415550003"
PHONES = {
    "two_numbers": f"{FIRST} / {SECOND}",
    "extension": "+44 7415 550004 ext 12",
    "letters": "+44 7415 550005 (Zoe?)",
    "unexpected_character": "+44 7415 550006 *",
}


@pytest.fixture
def click(ines) -> Click:
    return Click(by=ines, at=timezone.now())


@pytest.fixture
def fix(click):
    """Apply an offer as someone does who sees the upload as it is now."""

    def do(upload: Upload, key: str) -> Fix:
        upload.refresh_from_db()
        made = apply_fix(upload, key, version=upload.version, click=click)
        run_jobs()
        upload.refresh_from_db()
        return made

    return do


def leads(*phones: str) -> str:
    return "name,phone\n" + "".join(f'Zoe,"{phone}"\n' for phone in (READY, *phones))


def numbers_of(upload: Upload) -> list[str]:
    """The number of each row, or why it has none."""
    return [row.number or row.reason for row in iter_rows(upload.draft)]


def keys(upload: Upload) -> list[str]:
    return [offer.key for offer in offers(upload)]


@pytest.mark.parametrize(
    ("reason", "kind", "number"),
    [
        ("two_numbers", "first_number", FIRST),
        ("two_numbers", "second_number", SECOND),
        ("extension", "cut_extension", "+447415550004"),
        ("letters", "number_only", "+447415550005"),
        ("unexpected_character", "number_only", "+447415550006"),
    ],
)
def test_a_fix_is_offered_with_its_numbers_and_made_for_all_rows_of_the_reason(give, fix, reason, kind, number):
    upload = give(leads(PHONES[reason]))
    assert numbers_of(upload) == [READY[1:], reason]
    key = f"phone:{reason}:{kind}"

    offer = next(offer for offer in offers(upload) if offer.key == key)
    assert (offer.rows, offer.before, offer.after) == (1, (PHONES[reason],), (number,))
    assert (offer.ready_before, offer.ready_after, offer.column) == (1, 2, "phone")

    made = fix(upload, key)
    assert numbers_of(upload) == [READY[1:], number[1:]]
    made.refresh_from_db()
    assert (made.rows, made.ready_before, made.ready_after) == (1, 1, 2)
    assert [row.cells[1] for row in iter_rows(upload.draft)] == [READY, PHONES[reason]]
    assert offers(upload) == []


def test_the_country_of_rows_that_another_one_refuses_is_offered(give, fix):
    german = ["089 2180 0", "0171 5550123", "06221 123456", "0711 2859 1234", "030 90182 110"]
    upload = give(leads(*german))
    offer = next(offer for offer in offers(upload) if offer.parameters == {"region": "DE"})
    assert offer.label == "Use Germany +49"
    assert "+491715550123" in offer.after

    fix(upload, offer.key)

    assert "491715550123" in numbers_of(upload)
    assert upload.draft.pending == offer.ready_after


def test_a_letter_that_may_be_a_digit_is_not_removed(give):
    upload = give(leads("+44 7415 55O0058", "+44 7415 5500l"))
    assert keys(upload) == ["phone:letters:leave_out"]


def test_rows_of_a_reason_are_left_out_and_taken_back(give, fix, click):
    upload = give(leads("n/a", "447", "unknown"))
    assert keys(upload) == ["phone:no_digits:leave_out", "phone:too_short:leave_out"]

    fix(upload, "phone:no_digits:leave_out")
    assert [row.reason for row in iter_rows(upload.draft)] == ["waiting", "left_out", "too_short", "left_out"]
    assert upload.draft.not_sent == 2

    undo_fix(upload, fixes_in_force(upload)[0].pk, version=upload.version, click=click)
    run_jobs()
    upload.refresh_from_db()
    assert numbers_of(upload) == [READY[1:], "no_digits", "too_short", "no_digits"]
    assert fixes_in_force(upload) == []
    assert [line.request for line in Operation.objects.filter(kind__in=["fix_rows", "undo_fix"]).order_by("pk")] == [
        {"fix": "No digits: Leave these rows out", "rows": 2},
        {"fix": "No digits: Leave these rows out", "rows": 2},
    ]


def test_a_number_made_by_a_fix_is_sent_once_and_never_if_it_must_not_be_called(give, fix):
    upload = give(
        "name,phone,do not call\n"
        + f"Zoe,{READY},\nMax,{READY} ext 1,\nIda,{FIRST},yes\nEva,{FIRST} ext 2,\nKim,{SECOND} ext 3,yes\nUma,{SECOND},\n"
    )
    assert [row.reason for row in iter_rows(upload.draft)] == [
        "waiting",
        "extension",
        "flagged_in_file",
        "extension",
        "extension",
        "waiting",
    ]

    fix(upload, "phone:extension:cut_extension")

    assert [row.reason for row in iter_rows(upload.draft)] == [
        "waiting",
        "same_number_in_file",
        "flagged_in_file",
        "flagged_in_file",
        "flagged_in_file",
        "flagged_in_file",
    ]


def test_an_edited_row_is_judged_with_the_fixes_in_force(give, fix, click):
    upload = give(leads(PHONES["extension"], "447"))
    fix(upload, "phone:extension:cut_extension")
    row = next(row for row in iter_rows(upload.draft) if row.reason == "too_short")

    edit_cell(
        upload,
        row=row.row_number,
        column=1,
        value=f"{FIRST} ext 3",
        seen_hash=hash_of(row.cells),
        version=upload.version,
        click=click,
    )

    assert numbers_of(upload) == [READY[1:], "447415550004", FIRST[1:]]
    read_options.begin_again(Upload.objects.get(pk=upload.pk), choices=upload.choices, kind=upload.kind)
    run_jobs()
    upload.refresh_from_db()
    assert numbers_of(upload) == [READY[1:], "447415550004", FIRST[1:]]


def test_a_fix_doesnt_concern_another_column(give, fix):
    upload = give(f'name,phone,mobile\nZoe,"{PHONES["extension"]}",+44 7415 550009 ext 9\n')
    if upload.stage == "needs_mapping" or upload.facts["columns"][upload.mapped["phone"].column] != "phone":
        read_options.begin_again(upload, choices={**upload.choices, "mapping": {"phone": 1}}, kind=upload.kind)
        run_jobs()
        upload.refresh_from_db()
    fix(upload, "phone:extension:cut_extension")
    assert numbers_of(upload) == ["447415550004"]

    read_options.begin_again(upload, choices={**upload.choices, "mapping": {"phone": 2}}, kind=upload.kind)
    run_jobs()
    upload.refresh_from_db()
    assert numbers_of(upload) == ["extension"]


def test_a_fix_from_an_older_page_is_refused_with_the_new_counts(give, fix, click):
    upload = give(leads(PHONES["extension"], "447"))
    seen = upload.version
    fix(upload, "phone:too_short:leave_out")

    with pytest.raises(Stale, match="1 row is ready now, 1 to fix"):
        apply_fix(upload, "phone:extension:cut_extension", version=seen, click=click)
    with pytest.raises(NotEditable, match="no longer offered"):
        apply_fix(upload, "phone:too_short:leave_out", version=upload.version, click=click)
    assert Fix.objects.count() == 1


def test_nothing_is_sent_while_a_fix_of_many_rows_is_applied(give, fix, click, monkeypatch):
    monkeypatch.setattr(bulk, "MANY_ROWS", 1)
    upload = give(leads("n/a", "n/a"))
    apply_fix(upload, "phone:no_digits:leave_out", version=upload.version, click=click)
    upload.refresh_from_db()

    assert Operation.objects.get(kind="fix_rows").status == "queued"
    with pytest.raises(ActionRefused):
        services.send(upload, version=upload.version, click=click)
    with pytest.raises(NotEditable, match="is being checked"):
        edit_cell(upload, row=3, column=1, value=FIRST, seen_hash="", version=upload.version, click=click)

    run_jobs()
    operation = Operation.objects.get(kind="fix_rows")
    assert (operation.status, operation.result) == ("done", {"rows_ready": 1, "rows_to_fix": 0})


def test_a_fix_of_a_discarded_upload_ends_in_the_activity(give, click, monkeypatch):
    monkeypatch.setattr(bulk, "MANY_ROWS", 1)
    upload = give(leads("n/a", "n/a"))
    apply_fix(upload, "phone:no_digits:leave_out", version=upload.version, click=click)
    read_options.discard(Upload.objects.get(pk=upload.pk), click=click)
    assert Operation.objects.get(kind="fix_rows").status == "refused"
