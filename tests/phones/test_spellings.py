"""Spellings that people and spreadsheets use, and the number each of them means."""

import random

import pytest

from voisoadmin.phones import DAMAGED, WARNINGS, Reader

pytestmark = pytest.mark.slow

ARABIC = str.maketrans("0123456789", "٠١٢٣٤٥٦٧٨٩")
PERSIAN = str.maketrans("0123456789", "۰۱۲۳۴۵۶۷۸۹")
FULL_WIDTH = str.maketrans("0123456789+() -", "０１２３４５６７８９＋（）　－")
DEVANAGARI = str.maketrans("0123456789", "०१२३४५६७८९")

INTERNATIONAL = [
    "+{cc}{n}",
    "+{cc} {n}",
    "+{cc} {a} {b}",
    "+{cc}-{a}-{b}",
    "+{cc}.{a}.{b}",
    "+{cc} {a}/{b}",
    "+{cc} ({a}) {b}",
    "+{cc}({a}){b}",
    "(+{cc}) {a} {b}",
    "(+{cc}){n}",
    "+ {cc} {n}",
    "00{cc}{n}",
    "00{cc} {a} {b}",
    "00 {cc} {a} {b}",
    "(00{cc}) {a} {b}",
    "00{cc}/{a}/{b}",
    "0 0{cc} {n}",
    "'+{cc}{n}",
    "’+{cc} {n}",
    "“+{cc} {n}”",
    '"+{cc} {n}"',
    '="+{cc}{n}"',
    "  +{cc} {n}  ",
    "+{cc}\u00a0{a}\u00a0{b}",
    "+{cc}\u202f{a}\u2009{b}",
    "+{cc}\u3000{a}\u2003{b}",
    "+{cc}\t{a}\t{b}",
    "+{cc}\u2011{a}\u2013{b}",
    "+{cc} {a} – {b}",
    "+{cc} {a}\u2212{b}",
    "+{cc} {a}·{b}",
    "\u200b+{cc}{n}",
    "\ufeff+{cc} {n}",
    "+{cc}\u00ad{a}\u00ad{b}",
    "+{cc}\u200d{a}\u2060{b}",
    "+{cc}   {a}     {b}",
    "+{cc} [{a}] {b}",
    "\uff0b{cc}{n}",
    "\ufe62{cc}{n}",
]
WITH_ZERO = [
    "0{n}",
    "0{a} {b}",
    "0{a}-{b}",
    "0{a}/{b}",
    "0{a}.{b}",
    "(0{a}) {b}",
    "(0{a}){b}",
    "0 {a} {b}",
    "(0) {a} {b}",
    "'0{n}",
    '="0{n}"',
    "0{a} / {b}",
    "0{a} - {b}",
]
TRUNK = [
    "+{cc} (0) {a} {b}",
    "+{cc}(0){n}",
    "+{cc}0{n}",
    "00{cc} (0){a} {b}",
    "+{cc} 0{a}/{b}",
    "(+{cc}) (0) {n}",
    "+{cc} [0] {n}",
]
NUMBERS = {
    "GB": ("44", "7415", "550012"),
    "DE": ("49", "171", "4471500"),
    "FR": ("33", "612", "345678"),
    "AT": ("43", "664", "1234567"),
}


def spelled(forms, region):
    code, area, rest = NUMBERS[region]
    return {form.format(cc=code, a=area, b=rest, n=area + rest): f"{code}{area}{rest}" for form in forms}


def exact_values():
    cases = []
    for region in NUMBERS:
        for text, number in spelled(INTERNATIONAL, region).items():
            cases += [("", text, number), (region, text, number)]
        for text, number in (spelled(WITH_ZERO, region) | spelled(TRUNK, region)).items():
            cases.append((region, text, number))
        for text, number in spelled(["+{cc} {a} {b}", "+{cc}({a})-{b}"], region).items():
            cases += [("", text.translate(script), number) for script in (ARABIC, PERSIAN, FULL_WIDTH, DEVANAGARI)]
    cases += [
        ("IT", "06 1234 5678", "390612345678"),
        ("IT", "+39 06 1234 5678", "390612345678"),
        ("IT", "+39 (06) 12345678", "390612345678"),
        ("IT", "+39 (0)6 12345678", "390612345678"),
        ("IT", "312 345 6789", "393123456789"),
        ("US", "(212) 555-1234", "12125551234"),
        ("US", "1 (212) 555-1234", "12125551234"),
        ("US", "212.555.1234", "12125551234"),
        ("US", "+1 212 555 1234", "12125551234"),
        ("US", "1-212-555-1234", "12125551234"),
        ("US", "011 44 7415 550012", "447415550012"),
        ("AU", "0011 44 7415 550012", "447415550012"),
        ("AU", "0044 7415 550012", "447415550012"),
        ("BR", "0055 11 96123-4567", "5511961234567"),
        ("JP", "010 44 7415 550012", "447415550012"),
        ("FR", "06.12.34.56.78", "33612345678"),
        ("FR", "06/12/34/56/78", "33612345678"),
        ("FR", "06-12-34-56-78", "33612345678"),
        ("FR", "612345678", "33612345678"),
        ("RU", "8 (912) 345-67-89", "79123456789"),
        ("HU", "06 20 123 4567", "36201234567"),
        ("DK", "20 12 34 56", "4520123456"),
        ("ES", "612 34 56 78", "34612345678"),
        ("PL", "512 345 678", "48512345678"),
        ("BR", "(11) 96123-4567", "5511961234567"),
        ("AR", "011 15 2345-6789", "5491123456789"),
        ("GB", "447.415.550.012", "447415550012"),
        ("DE", "030 901820-0", "49309018200"),
        ("DE", "0049 30 / 901820", "4930901820"),
    ]
    return cases


CASES = exact_values()


def test_at_least_two_hundred_spellings_are_tried():
    assert len({text for _, text, _ in CASES}) >= 200


def test_every_spelling_gives_its_number():
    assert [
        (region, text, found) for region, text, number in CASES if (found := Reader(region).read(text)).number != number
    ] == []


@pytest.mark.parametrize("text", spelled(TRUNK, "GB"))
def test_a_leading_zero_after_the_country_code_is_removed_with_a_warning(text):
    result = Reader("").read(text)

    assert result == ("447415550012", "", "trunk_prefix_removed")
    assert WARNINGS[result.warning].sentence


def test_an_italian_zero_is_part_of_the_number():
    assert Reader("").read("+39 06 1234 5678") == ("390612345678", "", "")


def test_digits_of_another_script_and_hidden_characters_give_a_warning():
    reader = Reader("GB")

    assert reader.read("٠٧٤١٥ ٥٥٠٠١٢") == ("447415550012", "", "characters_replaced")
    assert reader.read("07415\u200b550012") == ("447415550012", "", "characters_replaced")
    assert reader.read("07415\u00a0550012") == ("447415550012", "", "")


def test_ten_thousand_numbers_that_excel_damaged_are_all_found_and_hardly_a_good_one_is_called_damaged():
    chance = random.Random(5)
    good = [f"{code}{start}{chance.randrange(10**digits):0{digits}}" for code, start, digits in STARTS for _ in range(2000)]
    reader = Reader("GB")

    damaged = [damage(number, chance) for number in good]
    not_found = [text for text in damaged if reader.read(text).code not in DAMAGED]
    called_damaged = [text for number in good for text in (number, f"+{number}") if reader.read(text).code in DAMAGED]

    assert len(good) == 10_000
    assert not_found == []
    assert len(called_damaged) <= 0.001 * 2 * len(good)
    # Nothing was altered: a number is returned as written, or not at all.
    assert {reader.read(number).number or number for number in good} == set(good)


STARTS = (("44", "74155", 5), ("49", "1714", 6), ("33", "612", 6), ("48", "512", 6), ("43", "6641", 6))


def damage(number: str, chance: random.Random) -> str:
    kind = chance.randrange(4)
    if kind == 0:
        return f"{float(number):.5E}"
    if kind == 1:
        return f"{float(number):.5E}".replace(".", ",")
    if kind == 2:
        return f"{float(number):.2E}"
    return f"{number}.{chance.randint(1, 99)}"


ROUNDED = ["447415000000", "447000000000", "447714400000", "447212500000", "447171400000"]
WHOLE = [f"4474155500{at}" for at in range(12, 20)]


@pytest.mark.parametrize("numbers", ["auto", "international"])
@pytest.mark.parametrize(
    ("cells", "is_damaged"),
    [
        (ROUNDED, True),
        ([*ROUNDED, *WHOLE[:3]], True),
        (ROUNDED[:1], False),
        ([*ROUNDED[:2], *WHOLE[:1]], False),
        ([*ROUNDED, *WHOLE], False),
        ([f"{number[:2]} {number[2:]}" for number in ROUNDED], False),
        ([f"+{number}" for number in ROUNDED], False),
    ],
)
def test_numbers_that_end_in_zeros_are_damaged_only_where_most_of_the_column_does(cells, is_damaged, numbers):
    reader = Reader("GB", numbers)
    reader.learn(cells)

    codes = {reader.read(cell).code for cell in cells}

    assert ("damaged_rounded" in codes) == is_damaged
    assert reader.unsettled() is None


def test_a_column_whose_end_is_rounded_is_read_again():
    reader = Reader("GB")
    reader.learn(WHOLE)
    for cell in [*WHOLE, *ROUNDED, *ROUNDED]:
        reader.read(cell)

    judgement = reader.unsettled()

    assert judgement is not None
    again = reader.twin()
    again.settle(judgement)
    assert {again.read(cell).code for cell in ROUNDED} == {"damaged_rounded"}


@pytest.mark.parametrize("region", ["", "GB", "DE", "US", "IT", "AR", "AU", "HU", "RU"])
def test_the_fast_path_agrees_with_the_full_reading(region):
    chance = random.Random(region)
    starts = ["+", "", "0", "00", "+44", "44", "0044", "1", "+1", "39", "7", "8", "06", "011", "0011", " +"]
    long_way, short_way = Reader(region), Reader(region)

    for _ in range(20_000):
        text = chance.choice(starts) + "".join(chance.choices("0123456789 ", (9,) * 10 + (12,), k=chance.randint(1, 14)))
        assert short_way.read(text) == long_way._read_any(text), text

    assert short_way.evidence == long_way.evidence
