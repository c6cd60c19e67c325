import uuid
from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from tests.support.queue import run_jobs, take_jobs
from voisoadmin.contacts.packing import unpack
from voisoadmin.pushes.drafts import DraftWriter
from voisoadmin.pushes.models import Batch, Contact, Push, RejectedRecord
from voisoadmin.uploads import tasks
from voisoadmin.uploads.check import run
from voisoadmin.uploads.models import Upload

pytestmark = pytest.mark.slow

GOOD = ["+447415550012", "+447415550013", "07415 550014"]
TABLE = "Phone;Name;Note\n" + "\n".join(f"{number};Zoe {at};x" for at, number in enumerate(GOOD)) + "\n"


def draft_rows(upload: Upload) -> list[tuple[int, str, str]]:
    batches = Batch.objects.filter(push=upload.draft, state=Batch.State.PLANNED).order_by("number")
    return [(row.row_number, row.number, row.name) for batch in batches for row in unpack(batch.rows)]


def test_a_file_is_read_checked_and_packed_into_a_draft(give):
    upload = give(TABLE)

    assert (upload.stage, upload.rows) == ("checked", 3)
    assert upload.facts["delimiter"] == ";"
    assert upload.facts["header_row"] == 1
    assert upload.mapping["phone"] == {"columns": [0], "by": "name", "join": "spaced", "constant": ""}
    assert draft_rows(upload) == [
        (2, "447415550012", "Zoe 0"),
        (3, "447415550013", "Zoe 1"),
        (4, "447415550014", "Zoe 2"),
    ]
    assert (upload.draft.state, upload.draft.pending, upload.draft.batches_total) == ("draft", 3, 1)


def test_every_row_is_in_exactly_one_bucket(give, campaign):
    Contact.objects.create(
        lane=campaign.lane, number=447415550012, known_as="added", known_since=timezone.now(), changed_at=timezone.now()
    )

    upload = give(TABLE + "+44 7415 550013;again;\nn/a;nemo;\n\n;blank phone;\n")

    assert upload.draft.buckets() == {
        **dict.fromkeys(upload.draft.buckets(), 0),
        "pending": 2,
        "duplicate": 1,
        "duplicate_in_file": 1,
        "invalid": 2,
    }
    assert upload.rows == 6
    assert upload.draft.reasons["known_here"] == 1
    assert upload.draft.reasons["same_number_in_file"] == 1
    records = RejectedRecord.objects.filter(push=upload.draft)
    assert [(record.row_number, record.reason, record.cells) for record in records] == [
        (6, "no_digits", ["n/a", "nemo", ""]),
        (8, "phone_missing", ["", "blank phone", ""]),
    ]


def test_known_contacts_are_sent_when_requested(give, campaign, page):
    Contact.objects.create(
        lane=campaign.lane, number=447415550012, known_as="added", known_since=timezone.now(), changed_at=timezone.now()
    )
    upload = give(TABLE)
    assert upload.draft.pending == 2

    upload.choices["resend_known"] = True
    Upload.objects.filter(pk=upload.pk).update(choices=upload.choices, stage="received")
    run.read_upload(upload.pk)

    upload.refresh_from_db()
    assert upload.draft.pending == 3


def test_an_update_sends_known_contacts(give, campaign):
    Contact.objects.create(
        lane=campaign.lane, number=447415550012, known_as="added", known_since=timezone.now(), changed_at=timezone.now()
    )

    upload = give(TABLE.replace("Note", "Active").replace("x", "yes"), kind="update")

    assert (upload.draft.kind, upload.draft.pending) == ("update", 3)


@pytest.mark.parametrize(
    ("answer", "active", "left_out"), [("active", True, 0), ("inactive", False, 0), ("leave_out", None, 2)]
)
def test_an_update_wakes_no_contact_up_without_an_answer(give, look, page, campaign, answer, active, left_out):
    now = timezone.now()
    Contact.objects.create(
        lane=campaign.lane, number=447415550012, known_as="added", known_since=now, changed_at=now, active=False
    )

    upload = give(TABLE, kind="update")
    assert (upload.draft.pending, upload.draft.invalid, upload.draft.reasons["unanswered"]) == (1, 2, 2)
    assert "2 rows may have been set inactive in Voiso. Send them as active or inactive?" in look(upload)
    assert "Nothing is sent until then" in look(upload)

    form = {"client_token": str(uuid.uuid4()), "code": "active_unknown", "value": answer}
    page.post(reverse("uploads:answer", args=[upload.pk]), form)
    run_jobs()
    upload.refresh_from_db()

    assert (upload.draft.pending, upload.draft.not_sent, upload.draft.invalid) == (3 - left_out, left_out, 0)
    batches = Batch.objects.filter(push=upload.draft, state=Batch.State.PLANNED)
    sent = {row.number: row.fields.get("active") for batch in batches for row in unpack(batch.rows)}
    assert sent.pop("447415550012") is None  # the last known state is sent
    assert set(sent.values()) == (set() if left_out else {active})


def test_a_file_without_a_phone_column_waits_for_a_person(give, look):
    upload = give("Name,City\nZoe,Leeds\nMax,York\n")

    assert upload.stage == "needs_mapping"
    assert upload.draft is None
    assert "No phone column found." in look(upload)


def test_the_preview_shows_what_each_row_becomes(give):
    upload = give(TABLE + "+44 7415 550013;again;\nn/a;nemo;\n")

    rows = upload.preview["rows"]
    assert [row["state"] for row in rows] == ["ready", "ready", "ready", "duplicate", "invalid"]
    assert rows[2]["cells"] == ["07415 550014", "Zoe 2", "x"]
    assert rows[2]["phone"] == "447415550014"
    assert rows[3]["first_row"] == 3
    assert upload.preview["samples"][1] == ["Zoe 0", "Zoe 1", "Zoe 2"]


def test_the_column_as_a_whole_decides_how_bare_digits_are_read(give):
    upload = give("phone\n15123456789\n" + "".join(f"1511{at:07}\n" for at in range(1, 3001)), region="DE")

    assert upload.stage == "checked"
    assert upload.facts["numbers"] == "national"
    assert upload.draft.pending == 3001
    assert Push.objects.count() == 1


@pytest.mark.parametrize("taken", [0, 1, 3])
def test_a_check_whose_worker_died_is_resumed_and_ends_the_same(give, taken, monkeypatch):
    unbroken = give(TABLE * 1)
    upload = give(TABLE, run=False)
    take_jobs()
    # A worker that died in the middle: it had claimed the upload, and perhaps begun a draft.
    died_at = timezone.now() - timedelta(minutes=5)
    left = Push.objects.create(lane=upload.campaign.lane, campaign=upload.campaign)
    Batch.objects.bulk_create(
        Batch(push=left, lane=upload.campaign.lane, number=at + 1, size=1, rows=b"x") for at in range(taken)
    )
    upload.drafts.add(left)
    Upload.objects.filter(pk=upload.pk).update(
        stage="reading", check_no=1, check_tries=1, check_beat_at=died_at, rows_read=taken
    )

    assert run.pick_up(at=timezone.now()) == 1
    run_jobs()

    upload.refresh_from_db()
    assert (upload.stage, upload.rows, draft_rows(upload)) == ("checked", unbroken.rows, draft_rows(unbroken))
    assert not Push.objects.filter(pk=left.pk).exists()


@pytest.mark.parametrize("state", [Push.State.DRAFT, Push.State.CANCELLED])
def test_the_sweep_deletes_drafts_of_a_check_that_died_after_its_last_row(give, campaign, state):
    upload = give("Phone\n+447400300001\n")
    left = DraftWriter(campaign, kind="add", by=None, by_label="Ines Sousa").finish()
    Push.objects.filter(pk=left.pk).update(state=state)  # cancelled: it died while deleting it
    upload.drafts.add(left)

    tasks.sweep()

    assert list(Push.objects.all()) == [upload.draft]


def test_a_live_check_is_not_disturbed(give):
    upload = give(TABLE, run=False)
    Upload.objects.filter(pk=upload.pk).update(stage="reading", check_no=1, check_beat_at=timezone.now())

    run_jobs()
    assert run.pick_up(at=timezone.now()) == 0

    upload.refresh_from_db()
    assert (upload.stage, upload.check_no) == ("reading", 1)


def test_a_check_that_dies_three_times_says_so_instead_of_trying_for_ever(give, look):
    upload = give(TABLE, run=False)
    Upload.objects.filter(pk=upload.pk).update(stage="reading", check_tries=3, check_beat_at=None)

    run_jobs()

    upload.refresh_from_db()
    assert upload.stage == "unreadable"
    assert "interrupted three times" in look(upload)


def test_the_job_of_an_upload_may_be_delivered_twice(give):
    upload = give(TABLE, run=False)
    jobs = take_jobs()

    for _ in range(2):
        run.read_upload(jobs[0][1][0])

    upload.refresh_from_db()
    assert (upload.stage, upload.check_no, Push.objects.count()) == ("checked", 1, 1)


def test_a_lost_job_is_found_by_the_sweep(give):
    upload = give(TABLE, run=False)
    take_jobs()

    assert run.pick_up(at=timezone.now()) == 1
    run_jobs()

    upload.refresh_from_db()
    assert upload.stage == "checked"


def test_a_missing_stored_file_is_reported(give, look, upload_root):
    upload = give(TABLE, run=False)
    (upload_root / upload.stored_name).unlink()

    run_jobs()

    upload.refresh_from_db()
    assert upload.stage == "unreadable"
    assert "no longer on this server" in look(upload)


def test_a_question_about_the_file_is_answered_on_its_page(give, look, page):
    upload = give("Phone,Telephone\n+447415550012,+447415550013\n,+447415550014\n")
    assert upload.stage == "needs_mapping"
    assert "Several columns could be the phone number" in look(upload)

    form = {"client_token": str(uuid.uuid4()), "code": "several_phone_columns", "value": "Telephone"}
    page.post(reverse("uploads:answer", args=[upload.pk]), form)
    run_jobs()

    upload.refresh_from_db()
    assert (upload.stage, upload.draft.pending) == ("checked", 2)
    assert draft_rows(upload)[0][1] == "447415550013"


@pytest.mark.parametrize(("code", "value"), [("several_phone_columns", "Fax"), ("other", "Phone"), ("", "")])
def test_an_answer_that_was_not_offered_changes_nothing(give, page, code, value):
    upload = give("Phone,Telephone\n+447415550012,+447415550013\n")

    form = {"client_token": str(uuid.uuid4()), "code": code, "value": value}
    page.post(reverse("uploads:answer", args=[upload.pk]), form)
    run_jobs()

    before = upload.check_no
    upload.refresh_from_db()
    assert (upload.stage, upload.check_no) == ("needs_mapping", before)


@pytest.mark.parametrize(("header", "cell", "is_said"), [("Name", "Ada Byron", 1), ("Shoe size", "38", 0)])
def test_a_page_that_maps_names_sources_or_urls_says_once_that_the_account_must_allow_them(give, look, header, cell, is_said):
    upload = give(f"Phone,{header}\n+447415550012,{cell}\n+447415550013,{cell}\n")

    assert look(upload).count("only if your Voiso account allows them") == is_said


def test_a_country_left_as_it_was_offered_is_no_choice(give, look, page, campaign):
    give("phone\n+447415550012\n", region="DE")
    offered = page.get(f"{reverse('uploads:new')}?campaign={campaign.pk}").context["offered_region"]

    left = give("phone\n0171 4471500\n", region=offered, offered_region=offered)
    chosen = give("phone\n0171 4471501\n", region="DE", offered_region="GB")

    assert (offered, left.draft.pending, chosen.draft.pending) == ("DE", 0, 1)
    assert "1 number has no country code. Is it a Germany number?" in look(left)


def test_a_country_changed_on_the_page_is_a_choice(give, page):
    upload = give("phone\n0171 4471500\n", region="GB", offered_region="GB")
    form = {"client_token": str(uuid.uuid4()), "region": "DE", "numbers": "auto", "header_row": "1", "column-0": "phone"}

    page.post(reverse("uploads:choices", args=[upload.pk]), form)
    run_jobs()
    upload.refresh_from_db()

    assert (upload.draft.pending, upload.notices["questions"]) == (1, [])


def test_an_answer_makes_numbers_without_a_country_code_ready(give, look, page):
    upload = give("phone\n" + "".join(f"203 555 {at:04}\n" for at in range(60)), region="")
    assert "60 numbers have no country code. Are they United States numbers?" in look(upload)
    assert "Nothing is sent until then." in look(upload)

    form = {"client_token": str(uuid.uuid4()), "code": "no_country_code", "value": "US"}
    page.post(reverse("uploads:answer", args=[upload.pk]), form)
    run_jobs()
    upload.refresh_from_db()

    assert upload.draft.pending == 60
    assert 'aria-pressed="true"' in look(upload)
    assert "Send 60 contacts" in look(upload)


@pytest.mark.parametrize(
    ("code", "odd"),
    [("shifted_rows", "Acme, Inc,+44 20 7946 1231,+44 7415 550050"), ("no_country_code", "Acme,+44 20 7946 1231,2035550100")],
)
def test_an_answer_can_be_changed_for_each_of_the_others(give, page, code, odd):
    whole = "".join(f"Firm {at},+44 20 7946 12{at:02},+44 7415 5500{at:02}\n" for at in range(12, 40))
    upload = give(f"Company,Fax,Phone\n{whole}{odd}\n", region="")
    (question,) = upload.notices["questions"]
    values = [answer["value"] for answer in question["answers"]]
    assert (question["code"], len(values) > 1) == (code, True)

    for value in values:
        page.post(
            reverse("uploads:answer", args=[upload.pk]), {"client_token": str(uuid.uuid4()), "code": code, "value": value}
        )
        run_jobs()
        upload.refresh_from_db()

        (question,) = upload.notices["questions"]
        assert ([answer["value"] for answer in question["answers"]], question["chosen"]) == (values, value)


def test_a_country_is_offered_although_all_its_numbers_are_in_the_file(give):
    whole = "".join(f"Ann {at},+44 7400 3000{at:02}\n" for at in range(10, 40))
    repeated = "".join(f"Ben {at},7400 3000{at:02}\n" for at in range(10, 20))

    upload = give(f"Name,Phone\n{whole}{repeated}", region="")

    (question,) = upload.notices["questions"]
    assert question["sentence"] == "10 numbers have no country code. Are they United Kingdom numbers?"
    assert (question["answers"][0]["value"], question["answers"][0]["ready"]) == ("GB", 30)


def test_another_likely_encoding_is_one_click(give, look, page):
    upload = give("name,phone\n王,+8613812345678\nBo,+447415550013\n".encode("gb18030"))
    assert "It reads “王”; Windows-1252, Western Europe would read “Íõ”." in look(upload)
    assert "Read as Windows-1252, Western Europe" in look(upload)

    form = {"client_token": str(uuid.uuid4()), "region": "GB", "header_row": "1", "encoding": ["gb18030", "cp1252"]}
    page.post(reverse("uploads:choices", args=[upload.pk]), form)
    run_jobs()
    upload.refresh_from_db()

    assert (upload.facts["encoding"], upload.draft.pending) == ("cp1252", 2)
    assert "would read" not in look(upload)


def test_what_separates_the_cells_is_one_click(give, look, page):
    whole = "".join(f"Firm {at};+44 7415 5500{at},;Leeds\n" for at in range(10, 30))
    shifted = "".join(f"Firm {at};+44 7415 5501{at},;Leeds;UK;x\n" for at in range(10, 30))
    upload = give(f"Company;Phone,;City\n{whole}{shifted}")
    assert "20 of 40 rows have cells in the wrong columns. What separates the cells?" in look(upload)

    form = {"client_token": str(uuid.uuid4()), "code": "delimiter", "value": "comma"}
    page.post(reverse("uploads:answer", args=[upload.pk]), form)
    run_jobs()
    upload.refresh_from_db()

    assert (upload.facts["delimiter"], upload.facts["columns"][0]) == (",", "Company;Phone")


def test_about_how_many_rows_a_long_file_has_is_known_from_its_first(give):
    rows = 3_000

    upload = give("phone,name\n" + "".join(f"+4474003{number:05},Zoë Müller\n" for number in range(rows)))

    assert upload.rows_expected == pytest.approx(rows, rel=0.05)
