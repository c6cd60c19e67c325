"""What a person chose for the columns of a file is suggested for the next one with the same headers, if it still agrees."""

import uuid

import pytest
from django.urls import reverse
from django.utils import timezone

from tests.support.markup import markup
from tests.support.queue import run_jobs
from voisoadmin.contacts.mapped import By
from voisoadmin.lib.times import day_of
from voisoadmin.uploads.models import Upload

pytestmark = pytest.mark.slow

HEADER = "Telefon,Kunde,Notiz,Rang\n"
ROW = "+4474001000{at:02},Zoë {at},from the fair {at},{at}\n"


def table(rows: int = 12, row: str = ROW, header: str = HEADER) -> str:
    return header + "".join(row.format(at=at) for at in range(rows))


@pytest.fixture
def post(page):
    def do(action: str, upload: Upload, **fields: object):
        answer = page.post(reverse(f"uploads:{action}", args=[upload.pk]), {"client_token": str(uuid.uuid4()), **fields})
        run_jobs()
        upload.refresh_from_db()
        return answer

    return do


@pytest.fixture
def choose(post):
    """Choose columns, and values for every row, on the page of a checked file."""

    def do(upload: Upload, fields: dict[int, str], **more: object):
        form = {"kind": "add", "region": "GB", "numbers": "auto", "header_row": "1", "delimiter": ",", **more}
        return post("choices", upload, **form, **{f"column-{at}": name for at, name in fields.items()})

    return do


@pytest.fixture
def sent(give, choose, post):
    """An upload that was sent with “Notiz” as the source."""
    upload = give(table())
    choose(upload, {0: "phone", 1: "name", 2: "source"})
    post("send", upload, version=upload.version)
    assert upload.stage == "sent"
    return upload


def test_chosen_columns_are_suggested_for_the_next_file_and_say_since_when(sent, give, look):
    other = give(table(5, "{at},+4474003000{at:02},from the fair {at},Zoë {at}\n", "Rang,Telefon,Notiz,Kunde\n"))

    assert (other.mapped["source"].columns, other.mapped["source"].by) == ((2,), By.EARLIER)
    assert f"as on {day_of(timezone.now())}" in look(other)


def test_other_headers_or_another_choice_are_not_touched(sent, give, choose):
    assert "source" not in give(table(5, ROW.replace("1000", "2000"), "Telefon,Kunde,Bemerkung,Rang\n")).mapped

    again = give(table(5, ROW.replace("1000", "3000")))
    choose(again, {0: "phone", 1: "name"})

    assert "source" not in again.mapped
    assert again.choices["mapping"] == {"source": None}


def test_a_suggestion_can_be_turned_down_as_a_whole(sent, give, choose):
    again = give(table(5, ROW.replace("1000", "3000")))

    choose(again, {0: "phone", 1: "name", 2: "source"}, match_again="1")

    assert "source" not in again.mapped


def test_a_column_whose_cells_no_longer_agree_is_not_suggested(give, choose, post):
    first = give(table())
    choose(first, {0: "phone", 1: "name", 3: "priority"})
    post("send", first, version=first.version)

    same = give(table(5, ROW.replace("1000", "2000")))
    other = give(table(5, "+4474003000{at:02},Zoë {at},x,gold tier\n"))

    assert same.mapped["priority"].columns == (3,)
    assert "priority" not in other.mapped


def test_a_remembered_column_never_answers_which_number_is_called(give, post, look):
    columns = "Phone 1,Phone 2\n"
    rows = "".join(f"+4474001000{at:02},+4474002000{at:02}\n" for at in range(12))
    first = give(columns + rows)
    assert first.stage == "needs_mapping"
    post("answer", first, code="several_phone_columns", value="Phone 2")
    post("choices", first, kind="add", region="GB", header_row="1", **{"column-1": "phone", "column-0": "source"})
    post("send", first, version=first.version)
    assert first.stage == "sent"

    again = give(columns + rows.replace("1000", "5000"))

    assert again.stage == "needs_mapping"
    assert f"Phone 2, as on {day_of(timezone.now())}" in look(again)


def test_a_value_for_every_row_is_sent_where_the_file_has_none(give, choose):
    upload = give(table())

    choose(upload, {0: "phone", 1: "name", 2: "source"}, **{"constant-priority": "7", "constant-active": "no"})
    choose(upload, {0: "phone", 1: "name", 2: "source"}, **{"constant-priority": "7", "constant-active": "no"})

    assert upload.choices["mapping"]["priority"] == {"columns": [], "constant": "7"}
    assert (upload.mapped["priority"].constant, upload.mapped["active"].constant) == ("7", "no")
    assert upload.draft.pending == 12


@pytest.mark.parametrize("field", [("priority", "soon"), ("priority", "5000"), ("active", "maybe"), ("source", "x" * 5000)])
def test_a_value_for_every_row_that_the_field_does_not_take_is_refused(give, choose, page, field):
    upload = give(table())
    name, value = field

    answer = choose(upload, {0: "phone", 1: "name"}, **{f"constant-{name}": value})

    assert "enter a value that the field takes" in markup(page.get(answer.url))
    assert "mapping" not in upload.choices
