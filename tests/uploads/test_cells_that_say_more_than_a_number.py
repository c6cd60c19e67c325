"""Labels beside a number, letters written as codes, blanks of databases, and the example of our template."""

import pytest
from django.urls import reverse

from tests.support.inspecting import inspect_text

pytestmark = [pytest.mark.once]

OPEN = ("invalid", "unanswered")


@pytest.fixture
def inspect(tmp_path):
    """Inspect a text; return its record and its rows."""

    def run(text, *answers):
        return inspect_text(tmp_path, text, *answers, region="GB")

    return run


def fates(rows):
    return [(row["bucket"], row["reason"]) for row in rows]


LABELLED = """Phone,Name
+447415550010,Ann
Reception +447415550011,Bo
reception: 07415 550012,Cy
07415550013 (yacht),Di
Reception 12345678,Ed
"""


def test_an_unknown_label_asks_once_with_its_rows_and_keeps_them_back(inspect):
    record, rows = inspect(LABELLED)

    assert fates(rows) == [("ready", ""), OPEN, OPEN, OPEN, ("invalid", "not_in_use")]
    asked = record["questions"]
    assert [(one["code"], one["count"], one["column"]) for one in asked] == [
        ("phone_label:reception", 2, "Phone"),
        ("phone_label:yacht", 1, "Phone"),
    ]
    assert asked[0]["sentence"] == "2 rows have “Reception” beside the number in “Phone”. May these numbers be called?"
    assert asked[0]["answers"] == [{"value": "call", "ready": 3}, {"value": "leave_out", "ready": 1}]


def test_an_answer_about_a_label_holds_for_all_its_rows(inspect):
    record, rows = inspect(LABELLED, "phone_label:reception=call", "phone_label:yacht=leave_out")

    assert record["questions"] == []
    assert fates(rows)[:4] == [("ready", ""), ("ready", ""), ("ready", ""), ("not_sent", "left_out")]
    assert [row["number"] for row in rows[:3]] == ["447415550010", "447415550011", "447415550012"]
    assert [row["warnings"] for row in rows[:3]] == ["", "mark_removed", "mark_removed"]


def test_a_number_with_a_label_is_still_the_number_that_must_not_be_called(inspect):
    table = "Phone,Do not call\nReception +447415550011,yes\n+447415550011,\n"

    _, rows = inspect(table, "phone_label:reception=call")

    assert {row["bucket"] for row in rows} == {"suppressed"}


def test_many_different_labels_make_few_questions(inspect):
    letters = "abcdefghijklmnopqrst"
    table = "Phone\n" + "".join(f"desk{letter} +4474155500{at:02}\n" for at, letter in enumerate(letters))

    record, rows = inspect(table)

    assert len(record["questions"]) == 9
    assert sum(one["count"] for one in record["questions"]) == len(rows) == 20


def test_letters_written_as_codes_are_decoded_in_sight(inspect):
    table = (
        "Phone,Name,Source\n"
        "+447415550011,Siobh&aacute;n O&#039;Neill,R&amp;D\n"
        "+447415550012,Marsh &amp;amp; Sons,R&D;\n"
        "+447415550013,AT&T; &co,\n"
        "+447415550014,Zo&#xEB;&#10;Marsh,\n"
    )

    record, rows = inspect(table)

    assert [row["name"] for row in rows] == ["Siobhán O'Neill", "Marsh & Sons", "AT&T; &co", "Zoë Marsh"]
    assert rows[0]["source"] == "R&D"
    assert record["warnings"] == {"name_decoded": 3, "source_decoded": 1}


def test_what_a_database_writes_for_nothing_is_blank_and_people_keep_their_names(inspect):
    table = (
        "Phone,Name,Source,URL,Priority,Active\n"
        "+447415550011,NULL,N/A,\\N,NULL,N/A\n"
        "+447415550012,Null,null,,5,yes\n"
        "+447415550013,Na,,,,\n"
        "NULL,Ann,,,,\n"
    )

    record, rows = inspect(table)

    assert [row["name"] for row in rows[:3]] == ["", "Null", "Na"]
    assert (rows[0]["source"], rows[0]["url"], rows[0]["priority"], rows[0]["active"]) == ("", "", "", "")
    assert fates(rows) == [("ready", "")] * 3 + [("invalid", "phone_missing")]
    assert record["questions"] == []


@pytest.mark.parametrize(
    "row",
    [
        "+44 7700 900123,Zoë Miller,Fair 2026,https://crm.example/contact/88121,5,yes",
        "447700900123,Zoë Miller,,,,",
        "+44 7415 550012,Zoë Miller,Fair 2026,https://crm.example/lead/88121,5,yes",
    ],
)
def test_the_example_of_the_template_is_never_sent(inspect, row):
    record, rows = inspect(f"Phone,Name,Source,URL,Priority,Active\n{row}\n+447415550013,Ann,,,,\n")

    assert fates(rows) == [("not_sent", "example_row"), ("ready", "")]
    assert (record["buckets"]["not_sent"], record["reasons"]) == (1, {"example_row": 1})
    assert [note["count"] for note in record["notes"] if note["code"] == "example_row"] == [1]


def test_someone_else_with_the_number_of_an_earlier_example_is_called(inspect):
    _, rows = inspect("Phone,Name,Source\n+44 7415 550012,Zoë Miller,Web\n+44 7415 550013,Ann,Fair 2026\n")

    assert fates(rows) == [("ready", "")] * 2


def test_the_template_itself_sends_nothing(inspect, client, ines):
    client.force_login(ines)
    answer = client.get(reverse("uploads:template", args=["csv"]))
    template = b"".join(answer.streaming_content).decode("utf-8-sig")

    _, rows = inspect(template)

    assert fates(rows) == [("not_sent", "example_row")]
