"""Two quotation marks that were lost or left over may join contacts into one cell: a person says whether they are rows."""

import pytest

from tests.support.inspecting import inspect_text

pytestmark = pytest.mark.once

TABLE = "Phone,Name\n" + "".join(f"+4474155500{at},Ann\n" for at in range(10, 15))
LOST = '+447415550050,"Bo\n+447415550051,Cy"\n'
ADDRESS = '+447415550050,"Bo\nFlat 2, Leeds"\n'


@pytest.fixture
def inspect(tmp_path):
    """Inspect a text; return its record, and number and name of the rows to be sent."""

    def run(text, *answers):
        record, rows = inspect_text(tmp_path, text, *answers)
        return record, [(row["number"], row["name"]) for row in rows if row["name"] != "Ann"]

    return run


@pytest.mark.parametrize("others", ["", LOST.replace("55005", "55006")])
def test_lines_in_quotes_that_look_like_contacts_ask(inspect, others):
    rows = 1 + bool(others)

    record, _ = inspect(TABLE + LOST + TABLE.partition("\n")[2].replace("55001", "55002") + others)

    (question,) = record["questions"]
    assert question["code"] == "lines_in_quotes"
    assert question["count"] == 2 * rows
    assert question["sentence"].startswith("1 row consists" if rows == 1 else "2 rows consist")
    assert (
        f"The file has {10 + rows} rows if they are kept together, {10 + 2 * rows} if each line is a row."
        in question["sentence"]
    )
    assert question["answers"] == [{"value": "apart", "ready": None}, {"value": "together", "ready": 10 + rows}]


def test_the_answer_makes_each_line_a_row_or_keeps_them_together(inspect):
    apart, rows = inspect(TABLE + LOST, "lines_in_quotes=apart")
    together, kept = inspect(TABLE + LOST, "lines_in_quotes=together")

    assert (apart["rows"], apart["questions"], [number for number, _ in rows]) == (7, [], ["447415550050", "447415550051"])
    assert (together["rows"], together["questions"], len(kept)) == (6, [], 1)


def test_lines_that_look_like_no_contact_are_one_cell(inspect):
    record, rows = inspect(TABLE + ADDRESS)

    assert (record["questions"], rows) == ([], [("447415550050", "Bo Flat 2, Leeds")])
