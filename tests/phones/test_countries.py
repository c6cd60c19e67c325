"""The list of countries, and the codes by which a file names them."""

import pytest
from phonenumbers import SUPPORTED_REGIONS, country_code_for_region

from voisoadmin.phones.countries import countries
from voisoadmin.phones.country_names import country_of

pytestmark = pytest.mark.once


def test_every_country_of_the_library_has_a_name_and_its_country_code():
    assert countries().keys() == SUPPORTED_REGIONS
    for code, name in countries().items():
        assert name.endswith(f" +{country_code_for_region(code)}")
        assert not name.startswith(code)


def test_the_list_is_sorted_as_people_read_it():
    names = list(countries().values())

    assert names[0] == "Afghanistan +93"
    assert names.index("Åland Islands +358") < names.index("Belgium +32")


CODES = {"DEU": "DE", "gbr": "GB", "GUM": "GU", "XKX": "", "DDR": "", "ZAR": "", "D": "DE"}
NAMES = {
    "East Timor": "TL",
    "Almanya": "DE",
    "Németország": "DE",
    "ألمانيا": "DE",
    "美國": "US",
    "Polonya": "PL",
    "Hoa Kỳ": "US",
}


@pytest.mark.parametrize(("word", "code"), [*CODES.items(), *NAMES.items()])
def test_a_word_means_a_country_of_today(word, code):
    assert country_of(word) == code


@pytest.mark.parametrize("code", sorted(SUPPORTED_REGIONS - {"AC", "TA"}))
def test_each_country_is_found_by_its_name_in_the_list(code):
    assert country_of(countries()[code].rpartition(" +")[0]) == code
