"""Digits without + or 00: with a country code, or national? The column decides, never only the default country."""

import pytest

from voisoadmin.phones import Reader, UnknownRegion

FOREIGN = {
    "GB": "447415550012",
    "FR": "33612345678",
    "IT": "393123456789",
    "ES": "34612345678",
    "PL": "48512345678",
    "AT": "436641234567",
}
"""Mobile numbers that would also be valid German numbers."""
GERMAN_ONLY = ["1714471500", "1714471501", "1714471502"]  # without their zero
WITH_CODE_ONLY = ["12125551234", "12125551235", "12125551236"]


def read(column, region="DE", numbers="auto"):
    """The results of a whole column."""
    reader = Reader(region, numbers)
    reader.learn(column[:2])
    results = [reader.read(cell) for cell in column]
    again = reader.unsettled()
    if again is not None:
        reader = Reader(region, numbers)
        reader.settle(again)
        results = [reader.read(cell) for cell in column]
        assert reader.unsettled() is None
    return results


@pytest.mark.parametrize("number", FOREIGN.values(), ids=FOREIGN)
def test_a_single_foreign_number_is_never_taken_for_a_german_one(number):
    assert read([number])[0] == ("", "ambiguous_number", "")


@pytest.mark.parametrize("number", FOREIGN.values(), ids=FOREIGN)
def test_it_is_foreign_if_other_cells_begin_with_country_codes(number):
    result = read([number, *WITH_CODE_ONLY])[0]

    assert result == (number, "", "could_be_national")


@pytest.mark.parametrize("number", FOREIGN.values(), ids=FOREIGN)
def test_it_is_german_if_other_cells_can_only_be_german(number):
    result = read([number, *GERMAN_ONLY])[0]

    assert result == (f"49{number}", "", "could_be_international")


def test_german_numbers_with_a_country_code_count_for_country_codes():
    results = read(["447415550012", "491714471500", "491714471501"])

    assert [result.number for result in results] == ["447415550012", "491714471500", "491714471501"]


def test_leading_zeros_on_national_numbers_mean_country_codes_on_foreign_ones():
    results = read(["0171 4471500", "447415550012", "030 901820"])

    assert [result.number for result in results] == ["491714471500", "447415550012", "4930901820"]


def test_an_ambiguous_column_is_left_to_a_person():
    results = read([*FOREIGN.values(), "+44 7415 550013"])

    assert {result.code for result in results[:-1]} == {"ambiguous_number"}
    assert results[-1].number == "447415550013"


def test_a_tie_between_both_readings_is_left_to_a_person():
    results = read([FOREIGN["GB"], *GERMAN_ONLY, *WITH_CODE_ONLY])

    assert results[0].code == "ambiguous_number"


def test_the_whole_column_decides_not_its_beginning():
    column = [FOREIGN["GB"], GERMAN_ONLY[0], *WITH_CODE_ONLY]

    assert read(column)[0].number == FOREIGN["GB"]
    assert read(list(reversed(column)))[-1].number == FOREIGN["GB"]


def test_a_lost_zero_is_restored_with_a_warning():
    assert read(["1714471500"])[0] == ("491714471500", "", "leading_zero_missing")
    assert read(["612345678"], "ES")[0] == ("34612345678", "", "")


@pytest.mark.parametrize("region", ["GB", "FR", "US"])
def test_for_most_countries_nothing_is_ambiguous(region):
    own = {"GB": "447415550012", "FR": "33612345678", "US": "12125551234"}

    assert [result.number for result in read(list(own.values()), region)] == list(own.values())


def test_a_persons_choice_overrides_the_column():
    column = ["447415550012", *GERMAN_ONLY]

    assert read(column, numbers="international")[0].number == "447415550012"
    assert read(column, numbers="international")[1].number == ""
    assert read(["447415550012", *WITH_CODE_ONLY], numbers="national")[0].number == "49447415550012"
    assert read(["447415550012"], "GB", numbers="national")[0].number == "447415550012"
    assert read(["0171 4471500"], numbers="international")[0].number == "491714471500"


def test_without_a_country_only_numbers_with_a_country_code_are_read():
    results = read(["447415550012", "+49 171 4471500", "0171 4471500", "1714471500"], "")

    assert [result.number or result.code for result in results] == ["447415550012", "491714471500", "no_country", "no_country"]


def test_no_country_is_distinguished_from_a_country():
    with pytest.raises(UnknownRegion, match="“XX” is not a country code"):
        Reader("XX")
    assert Reader("gb").region == "GB"
