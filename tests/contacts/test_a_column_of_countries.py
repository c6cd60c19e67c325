"""Where the file says the country of each row, its numbers are read with that country, whatever was chosen."""

import pytest

from tests.support.inspecting import inspect_text
from voisoadmin.phones.country_names import country_of

pytestmark = pytest.mark.slow


@pytest.fixture
def inspect(tmp_path):
    """Inspect a text; return its record, and the number or reason of each row."""

    def run(text, region="GB"):
        record, rows = inspect_text(tmp_path, text, region=region)
        return record, [row["number"] or row["reason"] for row in rows]

    return run


@pytest.mark.parametrize(
    ("header", "countries"),
    [
        ("Country", ["DE", "US", "GB"]),
        ("Land", ["Deutschland", "USA", "Vereinigtes Königreich"]),
        ("Pays", ["Allemagne", "Etats-Unis", "Royaume-Uni"]),
        ("Страна", ["Германия", "США", "Великобритания"]),
        ("国家", ["德国", "美国", "英国"]),
        ("phone_code", ["49", "1", "44"]),
        ("Country code", ["+49", "+1", "+44"]),
        ("ISO", ["DEU", "USA", "GBR"]),
    ],
)
@pytest.mark.parametrize("region", ["", "PL", "DE"])
def test_numbers_are_read_with_the_country_of_their_row(inspect, header, countries, region):
    numbers = ["15112345678", "2035551234", "7415550012"]
    lines = [f"{country},{number}\n" for country, number in zip(countries, numbers, strict=True)]

    record, sent = inspect(f"{header},Phone\n{''.join(lines)}", region)

    assert sent == ["4915112345678", "12035551234", "447415550012"]
    (note,) = record["notes"]
    assert note["sentence"] == f"“{header}” says the country of 3 rows. Their numbers are read with it."
    assert record["questions"] == []


def test_a_number_with_its_country_code_keeps_it(inspect):
    _, sent = inspect("Country,Phone\nGermany,+44 7415 550012\nUnited Kingdom,447415550013\n")

    assert sent == ["447415550012", "447415550013"]


def test_a_number_that_begins_with_another_country_code_than_its_rows_isnt_sent(inspect):
    _, sent = inspect("Country,Phone\nUnited Kingdom,33612345678\nUnited Kingdom,447415550012\n")

    assert sent == ["ambiguous_number", "447415550012"]


def test_rows_without_a_known_country_are_read_like_a_column_without_it(inspect):
    record, sent = inspect("Country,Phone\n" + "Germany,0171 4471500\n" * 9 + ",203 555 1234\nAtlantis,0171 4471501\n", "")

    assert sent[0] == "491714471500"
    assert sent[-2:] == ["no_country", "no_country"]
    assert record["questions"][0]["count"] == 2


@pytest.mark.parametrize("header", ["Country of birth", "Nationality", "Notes", "Landline"])
def test_a_column_about_something_else_says_nothing(inspect, header):
    record, sent = inspect(f"{header},Phone\nDE,07415 550012\nUS,07415 550013\n")

    assert sent == ["447415550012", "447415550013"]
    assert "country_column" not in {note["code"] for note in record["notes"]}


def test_a_long_file_is_read_the_same_by_two_processes(inspect):
    forms = ["Germany,0171 4{:06}\n", "USA,203 555 {:04}\n", ",07415 5{:05}\n"]
    rows = "".join(forms[at % 3].format(at) for at in range(9000))

    record, sent = inspect("Country,Phone\n" + rows)

    assert sent[3:6] == ["491714000003", "12035550004", "447415500005"]
    assert record["ready"] == sum(number.isdigit() for number in sent)


@pytest.mark.parametrize("word", ["Atlantis", "999", "", "N/A", "0", "x" * 500, "12345"])
def test_other_words_are_no_country(word):
    assert country_of(word) == ""
