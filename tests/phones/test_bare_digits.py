"""Digits without + or 00: with a country code, or national? What could reach a stranger is left to a person."""

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
GERMAN_ONLY = [f"171447150{at}" for at in range(6)]  # without their zero
AMERICAN = [f"1212555123{at}" for at in range(6)]  # valid only with their country code, where Germany is chosen
AREA_203 = [f"20355512{at:02}" for at in range(60)]  # of the United States; all are also Egyptian with a country code
ASKED = "ambiguous_number"


def read(column, region="DE", numbers="auto", **how):
    """The results of a whole column."""
    reader = Reader(region, numbers, **how)
    reader.learn(column[:2])
    results = [reader.read(cell) for cell in column]
    reader.keep_some(column)
    judgement = reader.unsettled()
    if judgement is not None:
        reader = reader.twin()
        reader.settle(judgement)
        results = [reader.read(cell) for cell in column]
        reader.keep_some(column)
        assert reader.unsettled() is None
    return results


def numbers_of(*args, **how):
    return [result.number or result.code for result in read(*args, **how)]


@pytest.mark.parametrize("number", FOREIGN.values(), ids=FOREIGN)
def test_a_single_foreign_number_is_never_taken_for_a_german_one(number):
    assert read([number])[0] == ("", ASKED, "")


@pytest.mark.parametrize("number", FOREIGN.values(), ids=FOREIGN)
def test_one_lost_zero_never_makes_foreign_numbers_german(number):
    results = read([*(number[:-1] + str(at) for at in range(10)), GERMAN_ONLY[0]])

    assert {result.code for result in results[:-1]} == {ASKED}
    assert results[-1] == ("491714471500", "", "leading_zero_missing")


def test_a_cell_follows_the_column_only_with_the_length_and_kind_of_its_certain_cells():
    foreign = FOREIGN["GB"]

    alone = read([foreign, *GERMAN_ONLY, *GERMAN_ONLY])[0]
    among_americans = read([foreign, *AMERICAN])[0]
    among_its_like = read([foreign, *AMERICAN, *(f"+44741555002{at}" for at in range(6))])[0]

    assert (alone.code, among_americans.code) == (ASKED, ASKED)
    assert among_its_like == (foreign, "", "could_be_national")


def test_a_lost_zero_follows_at_least_five_cells_that_can_only_be_that():
    mobile = "15123456789"  # German without its zero, or of Texas

    assert read([mobile, *GERMAN_ONLY[:4]])[0].code == ASKED
    assert read([mobile, *(f"1511234567{at}" for at in range(6))])[0] == (f"49{mobile}", "", "could_be_international")


def test_a_kind_of_number_with_many_lengths_is_no_evidence():
    long_ones = [f"4412345678{at:02}" for at in range(20)]  # German landlines of twelve digits, or British numbers
    certain = [f"8912345678{at:02}" for at in range(20)]

    assert set(numbers_of([*certain, *long_ones])[20:]) == {ASKED}


def test_a_cell_with_plus_votes_for_its_country_only():
    results = numbers_of([FOREIGN["GB"], *(f"+44 7415 55002{at}" for at in range(9))])

    assert results[0] == ASKED


def test_kept_zeros_say_nothing_about_bare_digits():
    results = numbers_of(["0171 4471500", FOREIGN["GB"], "030 901820"])

    assert results == ["491714471500", ASKED, "4930901820"]


def test_digits_with_the_own_country_code_that_are_national_as_well_are_ambiguous_like_all_others():
    assert read(["4921123456"])[0].code == ASKED
    assert read(["3906692707"], "IT")[0].code == ASKED
    assert read(["447415550012"], "GB")[0].number == "447415550012"


def test_the_whole_column_decides_not_its_beginning():
    column = ["15123456789", AMERICAN[0], *(f"1511234567{at}" for at in range(30))]

    assert read(column)[0].code == ASKED  # the American number may not be the only one
    assert read(list(reversed(column)))[-1].code == ASKED


def test_a_lost_zero_is_restored_with_a_warning():
    assert read(["1714471500"])[0] == ("491714471500", "", "leading_zero_missing")
    assert read(["612345678"], "ES")[0] == ("34612345678", "", "")


def test_the_own_trunk_digit_before_a_whole_number_makes_it_national():
    assert numbers_of(["8 495 765-43-21", "8 (495) 123-45-67", "79161234567"], "RU") == [
        "74957654321",
        "74951234567",
        "79161234567",
    ]
    assert numbers_of(["1 203 555 1234"], "US") == ["12035551234"]


@pytest.mark.parametrize("count", [1, 3, 60])
def test_digits_of_the_only_length_of_a_chosen_country_need_no_vote(count):
    assert numbers_of(AREA_203[:count], "US") == [f"1{number}" for number in AREA_203[:count]]


def test_that_length_is_no_proof_beside_certain_numbers_of_other_countries():
    results = numbers_of([*AREA_203, "+20 2 23456789"], "US")

    assert set(results[:-1]) == {ASKED}
    assert results[-1] == "20223456789"


@pytest.mark.parametrize(("region", "how"), [("", {}), ("US", {"suggested": True}), ("GB", {"suggested": True})])
def test_one_area_code_is_sent_nowhere_without_a_country_that_a_person_chose(region, how):
    assert set(numbers_of(AREA_203, region, **how)) == {"no_country"}


@pytest.mark.parametrize("national", ["07415 550012", "020 7946 0018", "7415550012"])
def test_a_suggested_country_makes_nothing_of_national_numbers(national):
    assert numbers_of([national], "GB", suggested=True) == ["no_country"]


def test_a_suggested_country_counts_where_all_country_codes_of_the_column_are_its_own():
    column = ["07415 550012", *(f"+44 7415 55002{at}" for at in range(6))]

    assert numbers_of(column, "GB", suggested=True)[0] == "447415550012"
    assert numbers_of([*column, "+49 171 4471500"], "GB", suggested=True)[0] == "no_country"


def test_without_a_country_a_column_that_can_only_begin_with_country_codes_is_read():
    column = [f"4474155500{at:02}" for at in range(20)]

    assert numbers_of(column, "") == column
    assert set(numbers_of(column[:19], "")) == {"no_country"}
    assert numbers_of([*column, "2035551234"], "")[-1] == "no_country"


def test_a_column_that_fits_another_country_better_than_the_chosen_one_asks():
    indian = [f"98765{at}4321{at}"[:10] for at in range(10)] + [f"62{at}5552{at}01"[:10] for at in range(10)]

    assert "91" + indian[0] in numbers_of(indian, "IN")
    assert not any(result.number for result in read(indian, "US"))


def test_an_answer_of_a_person_decides():
    assert numbers_of(AREA_203[:2], "", answer="US") == ["12035551200", "12035551201"]
    assert numbers_of(AREA_203[:2], "US", answer="international") == AREA_203[:2]
    assert numbers_of([FOREIGN["GB"]], "DE", answer="DE") == [f"49{FOREIGN['GB']}"]


def test_a_persons_choice_overrides_the_column():
    column = ["447415550012", *GERMAN_ONLY]

    assert read(column, numbers="international")[0].number == "447415550012"
    assert read(column, numbers="international")[1].number == ""
    assert read(["447415550012", *AMERICAN], numbers="national")[0].number == "49447415550012"
    assert read(["447415550012"], "GB", numbers="national")[0].number == "447415550012"
    assert read(["0171 4471500"], numbers="international")[0].number == "491714471500"


def test_without_a_country_only_numbers_with_a_country_code_are_read():
    results = numbers_of(["447415550012", "+49 171 4471500", "0171 4471500", "1714471500"], "")

    assert results == ["no_country", "491714471500", "no_country", "no_country"]


def test_no_country_is_distinguished_from_a_country():
    with pytest.raises(UnknownRegion, match="“XX” is not a country code"):
        Reader("XX")
    assert Reader("gb").region == "GB"


def test_chinese_mobiles_that_are_valid_american_numbers_are_sent_nowhere_without_a_country():
    mobiles = [f"158 627{at % 10} {5800 + at}" for at in range(30)]

    assert not any(result.number for result in read(mobiles, ""))


def test_the_international_prefix_of_a_country_that_no_person_chose_means_nothing():
    assert read(["010 68541927"], "JP")[0].number == "68541927"
    assert read(["010 68541927"], "JP", suggested=True)[0].number == ""
