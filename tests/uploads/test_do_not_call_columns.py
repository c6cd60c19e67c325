"""Columns that say who must not be called: a flag keeps its number out, an unclear one asks."""

import csv
import uuid

import pytest
from django.core.management import CommandError
from django.urls import reverse

from tests.support.inspecting import inspect_file
from tests.support.queue import run_jobs
from voisoadmin.pushes.audit import audit

pytestmark = pytest.mark.slow

ZOE, BO, ANN = "+447415550012", "+447415550013", "+447415550014"


@pytest.fixture
def inspect(tmp_path):
    """Inspect a table; return its record and the bucket of each row."""

    def run(header, *rows, answers=(), region="GB"):
        path = tmp_path / "leads.csv"
        with path.open("w", encoding="utf-8", newline="") as file:
            csv.writer(file).writerows([header, *rows])
        record, found = inspect_file(path, *answers, region=region)
        return record, [(row["bucket"], row["reason"]) for row in found]

    return run


READY, FLAGGED, OPEN = ("ready", ""), ("suppressed", "flagged_in_file"), ("invalid", "unanswered")


@pytest.mark.parametrize(
    ("header", "yes", "no"),
    [
        ("Do Not Call", "1", "0"),
        ("DNC", "x", ""),
        ("do_not_contact", "true", "false"),
        ("DoNotCall__c", "TRUE", "FALSE"),
        ("No calls", "yes", "no"),
        ("Opt-out (phone)", "Y", "N"),
        ("Nicht anrufen", "ja", "nein"),
        ("Anrufsperre", "ja", ""),
        ("Ne pas appeler", "oui", "non"),
        ("No llamar", "sí", "no"),
        ("Não ligar", "sim", "não"),
        ("Non chiamare", "sì", "no"),
        ("Niet bellen", "ja", "nee"),
        ("Nie dzwonić", "tak", "nie"),
        ("Ring ej", "ja", "nej"),
        ("Не звонить", "да", "нет"),
        ("架電禁止", "はい", "いいえ"),
        ("Consent", "no", "yes"),
        ("Consent to call", "N", "Y"),
        ("Opt-in", "0", "1"),
        ("Einwilligung", "nein", "ja"),
        ("Zgoda na kontakt", "nie", "tak"),
        ("Status DNC", "Do not call", ""),
        ("DNC date", "2026-11-02", ""),
    ],
)
def test_a_column_keeps_out_the_numbers_it_flags(inspect, header, yes, no):
    record, rows = inspect(["Phone", "Name", header], [ZOE, "Zoë", no], [BO, "Bo", yes])

    assert rows == [READY, FLAGGED]
    assert record["buckets"]["suppressed"] == 1
    assert record["reasons"] == {"flagged_in_file": 1}
    assert [note["code"] for note in record["notes"]] == ["do_not_call_column"]


def test_a_flag_belongs_to_the_number_in_whatever_row_it_is(inspect):
    _, rows = inspect(["Phone", "DNC"], [ZOE, ""], [BO, ""], ["07415 550012", "yes"], ["0044 7415 550012", "no"])

    assert rows == [FLAGGED, READY, FLAGGED, FLAGGED]


@pytest.mark.parametrize(
    "header", ["Email opt out", "E-mail opt-in", "SMS consent", "Do not mail", "Newsletter opt-in", "Do not fax"]
)
def test_a_flag_for_another_channel_is_a_note(inspect, header):
    record, rows = inspect(["Phone", "Name", header], [ZOE, "Zoë", "no"], [BO, "Bo", "yes"])

    assert rows == [READY, READY]
    assert [note["code"] for note in record["notes"]] in ([], ["other_channels"])


@pytest.mark.parametrize("header", ["Opt-in time", "Consent date", "Name", "Company", "Contact", "Calls", "Consent IP"])
def test_other_columns_flag_nothing(inspect, header):
    record, rows = inspect(["Phone", header], [ZOE, "2026-11-02"], [BO, "2026-11-03"])

    assert rows == [READY, READY]
    assert record["questions"] == []


def test_a_word_that_cannot_be_read_asks_and_its_numbers_stay_out(inspect):
    table = [["Phone", "DNC"], [ZOE, "maybe"], [BO, "maybe"], [ANN, "no"], ["07415 550012", ""], ["n/a", "maybe"]]

    record, rows = inspect(*table)

    assert rows == [OPEN, OPEN, READY, OPEN, ("invalid", "no_digits")]
    (question,) = record["questions"]
    assert question == {
        "code": "do_not_call_word:maybe",
        "column": "DNC",
        "count": 3,
        "answers": [{"value": "call", "ready": 3}, {"value": "leave_out", "ready": 1}],
        "sentence": "3 rows have “maybe” in “DNC”. May they be called?",
    }

    record, rows = inspect(*table, answers=["do_not_call_word:maybe=call"])
    assert (record["ready"], record["questions"]) == (3, [])
    _, rows = inspect(*table, answers=["do_not_call_word:maybe=leave_out"])
    assert rows == [FLAGGED, FLAGGED, READY, FLAGGED, ("invalid", "no_digits")]


@pytest.mark.parametrize(("header", "mark"), [("DNC", "✗"), ("DNC", "×"), ("DNC", "h"), ("Consent", "-1"), ("Consent", "e")])
def test_a_mark_that_may_mean_either_lets_no_one_be_called_without_an_answer(inspect, header, mark):
    record, rows = inspect(["Phone", header], [ZOE, mark], [BO, "yes" if header == "Consent" else "no"])

    assert rows == [OPEN, READY]
    assert [question["code"] for question in record["questions"]] == [f"do_not_call_word:{mark}"]


@pytest.mark.parametrize(("header", "mark"), [("DNC", "-1"), ("DNC", "e"), ("Consent", "✗"), ("Consent", "h")])
def test_such_a_mark_keeps_out_whom_it_most_probably_means(inspect, header, mark):
    _, rows = inspect(["Phone", header], [ZOE, mark], [BO, "yes" if header == "Consent" else "no"])

    assert rows == [FLAGGED, READY]


def test_a_blank_consent_beside_given_ones_asks(inspect):
    record, rows = inspect(["Phone", "Consent"], [ZOE, "yes"], [BO, ""])

    assert rows == [READY, OPEN]
    assert [question["code"] for question in record["questions"]] == ["do_not_call_word:(blank)"]


def test_an_empty_consent_column_says_nothing(inspect):
    record, rows = inspect(["Phone", "Consent"], [ZOE, ""], [BO, ""])

    assert rows == [READY, READY]
    assert record["questions"] == []


def test_a_status_far_down_keeps_out_its_number_wherever_it_is(inspect):
    new = [[f"+44741555{at:04}", "New"] for at in range(220)]

    record, rows = inspect(["Phone", "Status"], [ZOE, "New"], *new[100:], *new[:12], [ZOE, "Do not call"])
    silent, _ = inspect(["Phone", "Status"], *new)

    assert (rows[0], rows[-1], rows.count(READY)) == (FLAGGED, FLAGGED, 132)
    assert [note["count"] for note in record["notes"] if note["code"] == "do_not_call_column"] == [1]
    assert (silent["ready"], silent["notes"]) == (220, [])


def test_many_different_words_are_one_question(inspect):
    record, rows = inspect(["Phone", "DNC"], *([f"+4474155500{at:02}", f"remark {at}"] for at in range(40)))

    assert len(record["questions"]) == 9
    assert record["questions"][0]["code"] == "do_not_call_word:(other values)"
    assert rows == [OPEN] * 40


def test_an_answer_that_is_not_offered_refuses_the_file(inspect):
    with pytest.raises(CommandError):
        inspect(["Phone", "DNC"], [ZOE, "maybe"], answers=["do_not_call_word:maybe=perhaps"])


def test_nothing_is_sent_while_a_question_is_open_and_the_flagged_never(give, look, page, campaign):
    upload = give(f"Phone;DNC\n{ZOE};maybe\n{BO};yes\n{ANN};no\n")
    assert (upload.draft.pending, upload.draft.suppressed, upload.draft.invalid) == (1, 1, 1)
    text = look(upload)
    assert "1 row has “maybe” in “DNC”. May they be called?" in text
    assert "Send 1 contact" not in text
    send = {"client_token": str(uuid.uuid4()), "version": upload.version}
    page.post(reverse("uploads:send", args=[upload.pk]), send)
    upload.refresh_from_db()
    assert upload.stage == "checked"

    answer = {"client_token": str(uuid.uuid4()), "code": "do_not_call_word:maybe", "value": "call"}
    page.post(reverse("uploads:answer", args=[upload.pk]), answer)
    run_jobs()
    upload.refresh_from_db()
    assert (upload.draft.pending, upload.draft.suppressed, upload.draft.invalid) == (2, 1, 0)
    assert 'value="call" aria-pressed="true"' in look(upload)
    page.post(reverse("uploads:send", args=[upload.pk]), {**send, "client_token": str(uuid.uuid4()), "version": upload.version})
    run_jobs()

    push = upload.pushes.get()
    assert {name: rows for name, rows in push.buckets().items() if rows} == {"added": 2, "suppressed": 1}
    assert list(audit()) == []
    assert "Do-not-call" in look(upload)
