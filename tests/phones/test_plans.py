"""phonenumbers is the authority: our compiled plans agree with it on every string of digits."""

import functools
import os
import random

import phonenumbers
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from phonenumbers import NumberParseException, PhoneNumberFormat, PhoneNumberType

from voisoadmin.phones.plans import MAX_DIGITS, home_of, is_whole, read_international

pytestmark = pytest.mark.slow

REGIONS = sorted(phonenumbers.SUPPORTED_REGIONS)
CALLING_CODES = sorted(phonenumbers.COUNTRY_CODE_TO_REGION_CODE)
TYPES = sorted({*PhoneNumberType.values()} - {PhoneNumberType.UNKNOWN})
BULK = int(os.environ.get("TEST_NUMBERS", "60000"))


def library_answer(text: str, region: str | None) -> str:
    """The number that phonenumbers finds valid, as E.164 digits; "" if there is none, or one that can't be dialled."""
    try:
        number = phonenumbers.parse(text, region)
    except NumberParseException:
        return ""
    if not phonenumbers.is_valid_number(number):
        return ""
    digits = phonenumbers.format_number(number, PhoneNumberFormat.E164)[1:]
    return digits if len(digits) <= MAX_DIGITS else ""


def our_international(digits: str) -> str:
    reading = read_international(digits)
    return reading.number if reading is not None and reading.valid else ""


def our_national(digits: str, region: str) -> str:
    home = home_of(region)
    assert home is not None
    reading = home.read(digits)
    return reading.number if reading.valid else ""


@functools.cache
def example_numbers() -> list[str]:
    """National numbers with their country codes: of each kind in each region, and of each service without a region."""
    found = []
    for region in REGIONS:
        for kind in TYPES:
            number = phonenumbers.example_number_for_type(region, kind)
            if number is not None:
                found.append(f"{number.country_code} {phonenumbers.national_significant_number(number)}")
    for code in phonenumbers.COUNTRY_CODES_FOR_NON_GEO_REGIONS:
        number = phonenumbers.example_number_for_non_geo_entity(code)
        assert number is not None
        found.append(f"{code} {phonenumbers.national_significant_number(number)}")
    return found


def mutated(national: str, chance: random.Random) -> str:
    """Plans have their edges near real numbers."""
    keep = chance.randint(0, len(national))
    tail = "".join(chance.choices("0123456789", k=max(0, len(national) - keep + chance.choice((0, 0, 0, 0, -1, 1)))))
    prefix = chance.choice(("", "", "", "", "0", "1", "8", "00", "15", "9", chance.choice("0123456789")))
    return prefix + national[:keep] + tail


def test_every_country_code_has_a_plan():
    readings = {code: read_international(f"{code}0000000") for code in CALLING_CODES}

    assert {code for code, reading in readings.items() if reading and reading.calling_code == str(code)} == set(CALLING_CODES)


def test_every_region_can_be_the_default_country():
    assert all(home_of(region) for region in REGIONS)
    assert home_of("XX") is None
    assert home_of("001") is None


def test_the_librarys_own_examples_are_read_as_the_library_reads_them():
    for example_text in example_numbers():
        digits = example_text.replace(" ", "")
        assert our_international(digits) == library_answer(f"+{digits}", None), example_text


def test_many_thousand_numbers_near_real_ones_are_judged_as_the_library_judges_them():
    chance = random.Random(20251)
    examples = (chance.choice(example_numbers()).split() for _ in range(BULK))
    near = ((code, mutated(national, chance)) for code, national in examples)
    accepted = 0
    # Country by country: the library discards its patterns when it sees all countries in turn.
    for code, national in sorted(near):
        digits = code + national
        expected = library_answer(f"+{digits}", None)
        assert our_international(digits) == expected, digits
        # The fast path may only say yes, and only to exactly these digits.
        assert not is_whole(digits) or expected == digits, digits
        accepted += bool(expected)

    assert BULK * 0.2 < accepted < BULK * 0.9


@settings(max_examples=1000, deadline=None)
@given(st.sampled_from(CALLING_CODES), st.text("0123456789", min_size=1, max_size=17))
@example(49, "0" * 10)
@example(54, "91115123456")
@example(1, "11234567")
def test_any_digits_after_any_country_code_are_judged_as_the_library_judges_them(code, national):
    digits = f"{code}{national}"

    assert our_international(digits) == library_answer(f"+{digits}", None)
    assert not is_whole(digits) or our_international(digits) == digits


def is_read_as_national(text: str, region: str) -> bool:
    """Whether phonenumbers reads these digits as national: it also looks for the region's country code and dialling
    prefix."""
    number = phonenumbers.parse(text, region, keep_raw_input=True)
    return number.country_code_source == phonenumbers.CountryCodeSource.FROM_DEFAULT_COUNTRY


@settings(max_examples=1500, deadline=None)
@given(st.sampled_from(REGIONS), st.randoms(use_true_random=False), st.booleans())
def test_national_numbers_of_every_region_are_judged_as_the_library_judges_them(region, chance, near):
    kinds = [number for kind in TYPES if (number := phonenumbers.example_number_for_type(region, kind)) is not None]
    national = phonenumbers.national_significant_number(chance.choice(kinds))
    digits = mutated(national, chance) if near else "".join(chance.choices("0123456789", k=chance.randint(2, 14)))
    try:
        as_national = is_read_as_national(digits, region)
    except NumberParseException:
        return

    if as_national:
        assert our_national(digits, region) == library_answer(digits, region)
