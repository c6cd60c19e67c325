"""What a check decides without a person is shown on the upload's page, and decided otherwise with one click there."""

import uuid

import pytest
from django.urls import reverse

from tests.support.queue import run_jobs
from voisoadmin.contacts.packing import unpack
from voisoadmin.operations.models import Operation

pytestmark = pytest.mark.slow

FILE = (
    "First name,Last name,Mobile,Home phone,Website,Priority\n"
    "Zoë,Marsh,+44 7415 550012,+44 20 7946 1230,a.example,High\n"
    "Bo,Nkemelu,+44 7415 550013,,https://b.example,Low\n"
    "Ann,Lee,,+44 20 7946 1231,no site,Low\n"
    "Al,Ford,+44 7415 550015,,no site,Low\n"
)


@pytest.fixture
def answer(page):
    """Answer a question of the check, and check the file again."""

    def do(upload, code, value):
        form = {"client_token": str(uuid.uuid4()), "code": code, "value": value}
        page.post(reverse("uploads:answer", args=[upload.pk]), form)
        run_jobs()
        upload.refresh_from_db()
        return upload

    return do


@pytest.fixture
def change(page):
    """Post the form of the columns as it is, but for these fields."""

    def do(upload, **fields):
        mapped = {f"column-{at}": name for name, found in upload.mapping.items() for at in found["columns"]}
        facts = {"header_row": upload.facts["header_row"], "delimiter": upload.facts["delimiter"], "region": "GB"}
        form = {"client_token": str(uuid.uuid4()), "kind": upload.kind, "numbers": "auto", **facts, **mapped, **fields}
        page.post(reverse("uploads:choices", args=[upload.pk]), form)
        run_jobs()
        upload.refresh_from_db()
        return upload

    return do


def names_of(upload):
    """Of the rows that would be sent."""
    batches = upload.draft.batches.filter(state="planned")
    return [row.fields.get("name") for batch in batches for row in unpack(batch.rows)]


def ready(upload):
    return upload.draft.pending


def test_the_order_of_names_is_turned(campaign, give, look, answer):
    upload = give(FILE)
    assert ready(upload) == 3
    assert names_of(upload) == ["Zoë Marsh", "Bo Nkemelu", "Al Ford"]
    assert "Family name first: Marsh Zoë, Nkemelu Bo, Lee Ann" in look(upload)

    upload = answer(upload, "name_order", "family_first")

    assert names_of(upload) == ["Marsh Zoë", "Nkemelu Bo", "Ford Al"]


def test_another_phone_is_called_and_priorities_in_words_are_used(campaign, give, look, answer):
    upload = give(FILE)
    shown = look(upload)
    assert "1 row has no number in “Mobile”, but one in “Home phone”. Call that one?" in shown
    assert "4 ready" in " ".join(shown.split())

    upload = answer(answer(upload, "phone_fallback", "yes"), "priority_words", "use")

    assert ready(upload) == 4
    assert upload.mapping["phone"]["columns"] == [2, 3]
    assert upload.notices["warnings"]["priority_word"] == 4


def test_rows_without_a_usable_url_are_left_out_and_come_back(campaign, give, answer):
    upload = answer(give(FILE), "optional_field:url", "leave_out")
    assert (ready(upload), upload.draft.buckets()["not_sent"]) == (2, 1)

    upload = answer(upload, "optional_field:url", "omit")
    assert (ready(upload), upload.draft.buckets()["not_sent"]) == (3, 0)


def test_a_repair_is_taken_back_and_made_again(campaign, give, answer):
    upload = answer(give(FILE), "put_back:url_scheme_added", "yes")
    assert "url_scheme_added" not in upload.notices["warnings"]
    assert ready(upload) == 3

    upload = answer(upload, "put_back:url_scheme_added", "no")
    assert upload.notices["warnings"]["url_scheme_added"] == 1


def test_an_unchanged_form_of_columns_changes_nothing(campaign, give, answer, change):
    upload = answer(answer(give(FILE), "phone_fallback", "yes"), "name_order", "family_first")
    before = (upload.mapping, names_of(upload))

    upload = change(upload)

    assert (upload.mapping, names_of(upload)) == before


def test_a_choice_of_columns_is_in_the_activity_by_the_names_of_the_fields(campaign, give, answer, change):
    upload = answer(answer(give(FILE), "phone_fallback", "yes"), "name_order", "family_first")
    upload = change(upload)
    assert not Operation.objects.filter(kind=Operation.Kind.CHANGE_COLUMNS).exists()

    change(upload, **{"column-0": "", "column-1": ""})

    entry = Operation.objects.get(kind=Operation.Kind.CHANGE_COLUMNS)
    assert entry.request == {"changed": ["Name"]}
    assert entry.connection_ref == campaign.connection_id


def test_names_chosen_by_hand_are_joined_in_the_order_of_the_file(campaign, give, change):
    upload = give("Title,Surname,Given name,Phone\nMs,Marsh,Zoë,+44 7415 550012\n")
    assert names_of(upload) == ["Zoë Marsh"]

    upload = change(upload, **{"column-0": "name"})
    assert names_of(upload) == ["Ms Marsh Zoë"]
    assert change(upload).mapping == upload.mapping

    upload = change(upload, **{"column-0": "", "column-1": ""})
    assert names_of(upload) == ["Zoë"]


def test_two_columns_for_any_other_field_are_refused(campaign, give, change, look):
    upload = give(FILE)

    same = change(upload, **{"column-3": "phone"})

    assert same.mapping == upload.mapping
    assert ready(same) == 3
