"""Active decides who is called: an unknown word asks, and until it is answered its rows stay out."""

import uuid

import pytest
from django.core.management import CommandError
from django.urls import reverse

from tests.support.inspecting import inspect_text
from tests.support.queue import run_jobs
from voisoadmin.pushes.audit import audit

TABLE = """Phone,Active
+447415550010,yes
+447415550011,no
+447415550012,Deceased
+447415550013,deceased
+447415550014,Lapsed
+447415550015,
"""


@pytest.fixture
def inspect(tmp_path):
    """Inspect a text; return its record and, for each row, its bucket, reason and active."""

    def run(text, *answers):
        record, rows = inspect_text(tmp_path, text, *answers)
        return record, [(row["bucket"], row["reason"], row["active"]) for row in rows]

    return run


OPEN = ("invalid", "unanswered", "")


def test_each_unknown_word_is_a_question_with_its_rows(inspect):
    record, rows = inspect(TABLE)

    assert rows == [("ready", "", "yes"), ("ready", "", "no"), OPEN, OPEN, OPEN, ("ready", "", "")]
    assert [(asked["code"], asked["count"], asked["column"]) for asked in record["questions"]] == [
        ("active_word:deceased", 2, "Active"),
        ("active_word:lapsed", 1, "Active"),
    ]
    assert record["questions"][0]["sentence"] == "2 rows have “Deceased” in “Active”. Send them as active or inactive?"
    assert record["questions"][0]["answers"] == [
        {"value": "active", "ready": 5},
        {"value": "inactive", "ready": 5},
        {"value": "leave_out", "ready": 3},
    ]


def test_an_answer_holds_for_all_rows_with_the_word(inspect):
    record, rows = inspect(TABLE, "active_word:deceased=leave_out", "active_word:lapsed=inactive")

    assert rows[2:5] == [("not_sent", "left_out", ""), ("not_sent", "left_out", ""), ("ready", "", "no")]
    assert (record["ready"], record["questions"]) == (4, [])
    assert record["buckets"] == {"invalid": 0, "duplicate_in_file": 0, "suppressed": 0, "not_sent": 2}


def test_an_unknown_answer_is_bad_usage(inspect):
    with pytest.raises(CommandError, match="one of the answers active, inactive, leave_out") as refused:
        inspect(TABLE, "active_word:deceased=maybe")

    assert refused.value.returncode == 2


def test_a_word_with_an_equals_sign_can_be_answered(inspect):
    record, rows = inspect("Phone,Active\n+447415550010,yes\n+447415550011,a=b\n", "active_word:a=b=active")

    assert rows[1] == ("ready", "", "yes")
    assert record["questions"] == []


def test_a_column_of_other_words_is_not_active(inspect):
    record, rows = inspect("Phone,Active\n+447415550010,Customer\n+447415550011,Prospect\n")

    assert rows == [("ready", "", ""), ("ready", "", "")]
    assert "active" not in record["mapping"]
    assert [note["code"] for note in record["notes"]] == ["active_column_unused"]


def test_rows_left_out_by_an_answer_are_not_sent_and_counted(give, look, page):
    upload = give(TABLE)
    for word, value in (("deceased", "leave_out"), ("lapsed", "inactive")):
        form = {"client_token": str(uuid.uuid4()), "code": f"active_word:{word}", "value": value}
        page.post(reverse("uploads:answer", args=[upload.pk]), form)
        run_jobs()
        upload.refresh_from_db()
    assert (upload.draft.pending, upload.draft.not_sent, upload.draft.invalid) == (4, 2, 0)
    send = {"client_token": str(uuid.uuid4()), "version": upload.version}
    page.post(reverse("uploads:send", args=[upload.pk]), send)
    run_jobs()

    push = upload.pushes.get()
    assert {name: rows for name, rows in push.buckets().items() if rows} == {"added": 4, "not_sent": 2}
    assert list(audit()) == []
    assert "left out by choice" in look(upload)
