"""A contact is never taken for the header: what is below it decides, too."""

import pytest

from tests.sheets.reading import read_bytes

pytestmark = [pytest.mark.once]

BELOW = "Bo Nkemelu;+447415550013;Leeds;Expo\nCy Ode;+447415550014;London;Expo\nDi Wu;+447415550015;Hull;Expo\n"
CONTACTS = {
    "without a number": "Ann Lee;;London;Expo\n",
    "with words instead of a number": "Ann Lee;ask Bo;Bath;Expo\n",
    "with an unknown number": "Ann Lee;unknown;Bath;Fair\n",
    "whose city is below as well": "Ann Lee;later;London;Web\n",
}
HEADERS = {
    "in English": "Name;Phone;City;Source\n",
    "in a language that no list has": "Jina;Simu;Mji;Chanzo\n",
    "with a mark that is also a value": "Name;Phone;Expo;Expo\n",
    "without a name above the numbers": "Name;;City;Source\n",
}


@pytest.mark.parametrize("name", CONTACTS)
def test_a_first_contact_is_no_header(name, tmp_path):
    table = read_bytes(tmp_path, (CONTACTS[name] + BELOW).encode())

    assert table.facts.header_row is None
    assert table.numbers == [1, 2, 3, 4]


@pytest.mark.parametrize("name", HEADERS)
def test_names_of_columns_are_the_header(name, tmp_path):
    table = read_bytes(tmp_path, (HEADERS[name] + BELOW).encode())

    assert (table.facts.header_row, table.numbers) == (1, [2, 3, 4])


def test_a_header_that_is_repeated_is_still_the_header(tmp_path):
    header = HEADERS["in a language that no list has"]

    table = read_bytes(tmp_path, (header + BELOW + header + BELOW).encode())

    assert table.facts.header_row == 1


def test_a_line_with_the_phone_of_a_hotline_is_part_of_the_title(tmp_path):
    title = "Contacts;;;\nTelefon Zentrale;020 7946 0999;;\n"

    table = read_bytes(tmp_path, (title + HEADERS["in English"] + BELOW).encode())

    assert (table.facts.header_row, table.numbers) == (3, [4, 5, 6])
