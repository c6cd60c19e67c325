"""A row whose cells aren't in their columns isn't sent before a person has said how they belong together."""

import pytest

from tests.support.inspecting import inspect_text
from voisoadmin.contacts.shifted import Layout

WELL = "".join(f"Firm {at},+44 20 7946 12{at:02},+44 7415 5500{at:02}\n" for at in range(12, 40))
HEADER = "Company,Fax,Phone\n"
ACME = "Acme, Inc,+44 20 7946 1231,+44 7415 550050\n"


@pytest.fixture
def inspect(tmp_path):
    """Inspect a text; return its record and the rows that aren't `Firm`, as number or reason, and name."""

    def run(text, *answers):
        record, rows = inspect_text(tmp_path, text, *answers)
        return record, [(row["number"] or row["reason"], row["name"]) for row in rows if not row["name"].startswith("Firm")]

    return run


def test_a_cell_parted_by_its_own_comma_calls_no_fax(inspect):
    record, rows = inspect(HEADER + WELL + ACME)

    assert rows == [("shifted_row", "Acme")]
    (question,) = record["questions"]
    assert question == {
        "code": "shifted_rows",
        "column": "",
        "count": 1,
        "answers": [{"value": "join:1", "ready": 29}, {"value": "leave_out", "ready": 28}],
        "sentence": "1 row has cells in the wrong columns. What is right?",
    }


def test_the_answer_puts_the_cells_back_together(inspect):
    record, rows = inspect(HEADER + WELL + ACME, "shifted_rows=join:1")

    assert rows == [("447415550050", "Acme, Inc")]
    assert (record["ready"], record["questions"]) == (29, [])


def test_an_answer_changes_no_row_that_it_does_not_fit(inspect):
    other = "Lee Ltd,+44 20 7946 1233,+44 7415 550051,some note\n"

    _, rows = inspect(HEADER + WELL + ACME + other, "shifted_rows=join:1")

    assert rows == [("447415550050", "Acme, Inc"), ("shifted_row", "Lee Ltd")]


def test_cells_beyond_the_header_can_be_kept_as_they_are(inspect):
    text = HEADER + WELL + "Lee Ltd,+44 20 7946 1233,+44 7415 550051,some note\n"

    record, _ = inspect(text)
    _, kept = inspect(text, "shifted_rows=keep")

    assert {"value": "keep", "ready": 29} in record["questions"][0]["answers"]
    assert kept == [("447415550051", "Lee Ltd")]


def test_a_missing_cell_calls_no_fax(inspect):
    header, rows = "Company,Phone,Fax\n", WELL.splitlines()
    turned = "".join(f"{a},{c},{b}\n" for a, b, c in (row.split(",") for row in rows))

    record, found = inspect(header + turned + "+44 7415 550051,+44 20 7946 1233\n")

    assert found[0][0] == "shifted_row"
    assert record["ready"] == 28


@pytest.mark.parametrize("row", ["Lee Ltd,+44 20 7946 1233,+44 7415 550051,,,\n", "Lee Ltd,,+44 7415 550051\n"])
def test_blank_cells_more_or_less_mean_nothing(inspect, row):
    record, rows = inspect(HEADER + WELL + row)

    assert rows == [("447415550051", "Lee Ltd")]
    assert record["questions"] == []


def test_a_short_row_whose_cells_fit_is_ready(inspect):
    text = "Phone,Name,City\n" + "".join(f"+44 7415 5500{at},Firm {at},Leeds\n" for at in range(10, 30))

    _, rows = inspect(text + "+44 7415 550051,Lee Ltd\n")

    assert rows == [("447415550051", "Lee Ltd")]


def test_many_such_rows_ask_about_the_delimiter(inspect):
    many = "".join(f"Acme, Inc,+44 20 7946 12{at},+44 7415 5501{at}\n" for at in range(10, 30))

    record, _ = inspect(HEADER + WELL + many)

    assert record["questions"][0]["sentence"].startswith("20 rows have cells in the wrong columns. Check the delimiter first.")
    assert record["reasons"] == {"shifted_row": 20}


def test_the_question_about_the_delimiter_offers_those_that_part_the_lines(inspect):
    rows = "".join(f"Firm {at};+44 7415 5500{at};Leeds\n" for at in range(10, 40))
    mixed = "".join(f"Firm, Inc {at};+44 7415 5501{at};Leeds;UK;EU;x\n" for at in range(10, 30))

    record, _ = inspect("Company;Phone;City\n" + rows + mixed)

    (question, *_) = record["questions"]
    assert question["code"] == "delimiter"
    assert [answer["value"] for answer in question["answers"]] == ["semicolon", "comma"]
    assert question["sentence"] == "20 of 50 rows have cells in the wrong columns. What separates the cells?"


def test_the_answer_changes_the_delimiter_or_keeps_it(inspect):
    rows = "".join(f"Firm {at};+44 7415 5500{at},;Leeds\n" for at in range(10, 40))
    mixed = "".join(f"Firm {at};+44 7415 5501{at},;Leeds;UK;x\n" for at in range(10, 30))
    text = "Company;Phone,;City\n" + rows + mixed

    changed, _ = inspect(text, "delimiter=comma")
    kept, _ = inspect(text, "delimiter=semicolon")

    assert (changed["delimiter"], changed["columns"][0]) == (",", "Company;Phone")
    assert (kept["delimiter"], [one["code"] for one in kept["questions"]]) == (";", ["shifted_rows"])


READINGS = {
    "a company parted at its comma": (
        ["Company", "Fax", "Phone"],
        2,
        [["Firm", "+44 20 7946 1200", "+44 7415 550000"]],
        ["Acme", "Inc", "+44 20 7946 1231", "+44 7415 550050"],
        [["Acme, Inc", "+44 20 7946 1231", "+44 7415 550050"]],
    ),
    "a company parted twice": (
        ["Company", "Phone", "City"],
        1,
        [["Firm", "+44 7415 550000", "Ely"]],
        ["Acme", "Inc", "Ltd", "+44 7415 550050", "Bath"],
        [["Acme, Inc, Ltd", "+44 7415 550050", "Bath"]],
    ),
    "a city parted at its comma, or a cell too many": (
        ["Phone", "Company", "City"],
        0,
        [["+44 7415 550000", "Firm", "Ely"]],
        ["+44 7415 550050", "Acme", "Leeds", "UK"],
        [
            ["+44 7415 550050", "Acme, Leeds", "UK"],
            ["+44 7415 550050", "Acme", "Leeds, UK"],
            ["+44 7415 550050", "Acme", "Leeds", "UK"],
        ],
    ),
    "a missing company": (
        ["Company", "Phone", "City"],
        1,
        [["Firm", "+44 7415 550000", "Ely"]],
        ["+44 7415 550050", "Bath"],
        [["", "+44 7415 550050", "Bath"]],
    ),
    "no number anywhere": (["Company", "Phone", "City"], 1, [["Firm", "+44 7415 550000", "Ely"]], ["a", "b", "c", "d"], []),
}


@pytest.mark.parametrize("name", READINGS)
def test_a_shifted_row_has_up_to_three_readings_that_fit_the_columns(name):
    columns, phone, sample, cells, wanted = READINGS[name]

    found = Layout(columns, [phone], sample * 10, ",", "").readings(cells)

    assert [reading.cells for reading in found] == wanted


def test_a_reading_says_what_it_does():
    layout = Layout(["Company", "Phone"], [1], [["Firm", "+44 7415 550000"]] * 10, ",", "")

    joined = layout.readings(["Acme", "Inc", "+44 7415 550050"])
    missing = layout.readings(["+44 7415 550050"])

    assert [(one.value, one.label) for one in joined] == [("join:1", "“Acme, Inc” is one cell of “Company”")]
    assert [(one.value, one.label) for one in missing] == [("blank:1", "“Company” is missing")]


def test_a_missing_cell_can_be_put_back_in_all_rows(inspect):
    text = "Company,Phone,City\n" + "".join(f"Firm {at},+44 7415 5500{at},Ely\n" for at in range(10, 40))

    record, rows = inspect(text + "+44 7415 550051,Bath\n", "shifted_rows=blank:1")

    assert rows == [("447415550051", "")]
    assert record["ready"] == 31


def test_a_do_not_call_flag_moves_with_its_row(inspect):
    text = "Company,Phone,Do not call\n" + "".join(f"Firm {at},+44 7415 5500{at},no\n" for at in range(10, 40))

    record, rows = inspect(text + "Acme, Inc,+44 7415 550051,yes\n", "shifted_rows=join:1")

    assert rows == [("447415550051", "Acme, Inc")]
    assert record["buckets"]["suppressed"] == 1
