"""Cells that hold no number, more than one, or an uncertain one: none of them may yield a number."""

import pytest

from voisoadmin.phones import PROBLEMS, Reader
from voisoadmin.phones.bare import Judgement

GB, DE, US = "7415550012", "1714471500", "2125551234"
E164 = [f"+44{GB}", f"+49{DE}", f"+1{US}"]
NATIONAL = [f"0{GB}", f"0{DE}", f"({US[:3]}) {US[3:6]}-{US[6:]}"]
NUMBERS = E164 + NATIONAL

HARMLESS_AT_ENDS = "\u200e\u202a\u202c\u2066\u2068\u2069"
REVERSING = "\u202b\u202d\u202e\u2067\u200f\u061c"
BIDI = HARMLESS_AT_ENDS + REVERSING

HOSTILE = {
    "bidi_control": [f"{mark}+44{GB}" for mark in REVERSING] + [f"+44741{mark}5550012" for mark in BIDI],
    "letters": [
        f"+44 mobile {GB}",
        f"tel:0{GB}@example",
        "+44 7415 55OO12",
        "O7415550012",
        "M7415550012",
        "T447415550012",
        "447415550012w",
        "0l714471500",
        "1-800-FLOWERS",
        "+44 VII 415 550012",
        "７４１５ａ５５００１２",
        "0741555OO12",
        "+49171447150Ö",
        "NULL0",
        "0x1A2B3C4D",
        "1.2.3.4:8080a",
        "a447415550012",
    ],
    "unknown_label": [
        *(f"{number} (yacht)" for number in NUMBERS[:2]),
        *(f"Reception {number}" for number in NUMBERS),
        f"Mobile: 0{GB} ask for Bo",
        f"{GB} (Mobile, evenings)",
        f"Mobile/0{GB}",
        "call 07415550012",
        "07415550012 ask for Bo",
        "ООО 74155500",
    ],
    "extension": [
        *(f"{number} x12" for number in NUMBERS),
        *(f"{number} ext. 12" for number in NUMBERS),
        *(f"{number}#12" for number in NUMBERS),
        *(f"{number} Durchwahl 12" for number in NUMBERS[:2]),
        f"+44{GB},,123#",
        f"+44{GB} доб. 12",
        f"+44{GB} poste 12",
        f"+44{GB}x1",
        f"+44{GB} extension 1234",
        f"0{DE} 5",
        f"0{DE} 12",
        "07415550012*3",
        "+44 7415 550012 ~9",
    ],
    "fax_number": [
        *(f"Fax: {number}" for number in NUMBERS),
        *(f"{number} (Telefax)" for number in NUMBERS),
        f"Tel/Fax 0{GB}",
        f"F: 0{GB}",
        f"f 0{GB}",
        f"Факс: +44{GB}",
        f"tel fax 0{GB}",
    ],
    "other_person": [
        *(f"Wife: {number}" for number in NUMBERS),
        *(f"{number} (assistant)" for number in NUMBERS),
        f"Mum's mobile 0{GB}",
        f"0{DE} Sekretariat",
        f"emergency contact: 0{GB}",
    ],
    "old_number": [*(f"old {number}" for number in NUMBERS), f"0{GB} (old mobile)", f"0{DE} - alt", f"Former: 0{GB}"],
    "tel_link": [
        f"tel:+44{GB};ext=5",
        f"tel:{GB};phone-context=+44",
        f"TEL:+44{GB};isub=1",
        f"tel:0{DE};phone-context=example.com",
    ],
    "two_numbers": [
        *(f"{number} / {number}" for number in NUMBERS),
        *(f"{number}; {number}" for number in NUMBERS),
        *(f"{number}, {number}" for number in NUMBERS),
        *(f"{number}\n{number}" for number in NUMBERS),
        *(f"{number} | {number}" for number in NUMBERS[:3]),
        f"+44{GB} +44{GB}",
        f"+44{GB}+44{GB}",
        f"0{DE} oder 030/901820 / 030/901821",
        "030 901820/21",
        "030 901820 / 1",
        "4471500 4471501",
        "4471500-4471501",
        "+49 30 901820/+49 30 901821",
        f"0{DE} 0{DE}",
        f"0{DE}-0{DE}",
    ],
    "damaged_scientific": [
        "4.47415E+11",
        "4,47415E+11",
        "4.47415550012E+11",
        "4.47415e11",
        "4E+11",
        "4.47E11",
        "+4.47415E+11",
        "4.47415E 11",
        "4,47415e+011",
        "1.714471500E+09",
        "4.E+11",
    ],
    "damaged_decimal": [
        "447.415.550.012.0",
        "447 415 550 012.0",
        "44741.0",
    ],
    "damaged_fraction": [
        "447415550012.5",
        "447415550012,25",
        "447415550012.0001",
        "07415550012.5",
        "01714471500.5",
        "+49171447150.5",
        "4471.50",
        "44741555.0012",
    ],
    "damaged_too_many_digits": ["4474155500120000", "1234567890123456", "4474155500124474155500", "447415550012447415550012"],
    "date": [
        "12.05.2023",
        "1/5/2023",
        "12-05-2023",
        "2023-05-12",
        "2023/05/12",
        "2023-05-12 00:00:00",
        "2023-05-12T10:30:00Z",
        "31.12.1999",
    ],
    "unexpected_character": [
        f"-44{GB}",
        f"++44{GB}",
        f"=44{GB}",
        f"44{GB}%",
        f"£44{GB}",
        f"44{GB}\x00",
        f"44{GB}?",
        f"!44{GB}",
        f"<{GB}>",
        f"0{DE}(501)",
        f"0{DE} (0)",
        f"+44{GB} (2)",
        "0)171 4471500",
        "((0171)) 4471500",
        "0171 (4471500",
        "0171] 4471500",
        "() 07415550012",
        "44 7415:550012",
        "44_7415_550012",
        "07415 550012;",
        "0171//4471500",
        "0171--4471500",
        "/01714471500",
        "0741\\5550012",
        "12:30:45",
        "0171Ⅷ4471500",
        f"+44{GB};5",
        "٠٧٤١٥٥٥٠٠١٢؟",
        "+٤٤٧٤١٥٥٥٠٠١٢٪",
    ],
    "mixed_digits": ["٠7415550012", "+44７415550012", "07٤1555०012", "+４4 7415 550012", "０7415 550012"],
    "no_digits": ["n/a", "-", "--", "none", "unknown", "+", "()", "xxx", "#N/A", "ja", "👍", "²³⁴", "Ⅻ"],
    "phone_missing": ["", " ", "NULL", r"\N", "N/A", "\u00a0", "\u200b", "'", '""', "\t"],
    "unknown_calling_code": ["+0171 4471500", "+999 7415550012", "+00447415550012", "+2101234567", "+9991234567890", "+0"],
    "too_long": ["+44 7415 550012 123456", "+4474155500127415550012345", "00447415550012000000000"],
    "too_short": ["+44 1", "+492", "+1 212"],
    "not_in_use": [
        "+44 7700 900123",
        "+1 123 456 7890",
        "+33 0 00 00 00 00 0",
        "+44 999 999 9999",
    ],
}
CELLS = [(cell, code) for code, cells in HOSTILE.items() for cell in cells]


def test_at_least_two_hundred_hostile_cells_are_tried():
    assert len({cell for cell, _ in CELLS}) >= 200


# Whatever the other cells of the column say.
JUDGEMENTS = [
    *(Judgement(home=home, bare=bare) for home in (False, True) for bare in ("", "national", "international")),
    *(Judgement(home=True, exact=True), Judgement(home=True, misfit=True), Judgement(home=False, abroad=True)),
]


@pytest.mark.parametrize("numbers", ["auto", "international", "national"])
@pytest.mark.parametrize("region", ["", "GB", "DE", "US", "IT", "AT", "ID", "FR"])
def test_no_hostile_cell_yields_a_number_whatever_the_country_and_reading(region, numbers):
    for judgement in JUDGEMENTS:
        reader = Reader(region, numbers)
        reader.settle(judgement)

        found = {cell: result.number for cell, _ in CELLS if (result := reader.read(cell)).number}

        assert found == {}


@pytest.mark.parametrize(("cell", "code"), CELLS)
def test_a_hostile_cell_gets_its_reason(cell, code):
    assert Reader("GB").read(cell).code == code
    assert PROBLEMS[code].sentence.endswith(".")
    assert PROBLEMS[code].advice


def test_a_cell_of_two_hundred_kilobytes_is_refused_at_once():
    reader = Reader("GB")

    assert reader.read("7" * 200_000).code == "damaged_too_many_digits"
    assert reader.read("+44 7415 " * 20_000).code == "too_long"
    assert reader.read("07415550012 x" * 20_000).code == "letters"
