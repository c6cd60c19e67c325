"""Marks and labels that leave a number whole are removed in sight; those that name someone else's are not."""

import pytest

from voisoadmin.phones import Reader

GB = "447415550012"


def cells(number: str) -> list[str]:
    labels = ("Mobile", "Cell", "Tel.", "phone", "HOME", "Work", "Móvil", "Téléphone", "Telefon", "Handy", "Celular", "Телефон")
    return [
        f"p:{number}",
        f"P: {number}",
        f"tel:{number}",
        f"TEL://{number}",
        f"callto:{number}",
        f"'{number}",
        *(f"{label}: {number}" for label in labels),
        *(f"{label} {number}" for label in labels),
        *(f"{number} ({label})" for label in labels),
        *(f"{number} {label}" for label in labels),
        *(f"{letter}: {number}" for letter in "MTCHW"),
        f"M {number}",
        f"Home phone: {number}",
        f"(mobile) {number}",
        f"{number} - mobile phone",
    ]


@pytest.mark.parametrize("cell", [*cells(f"+{GB}"), *cells("+44 7415 550012"), *cells("+44 (0) 7415-550012")])
def test_a_mark_beside_an_international_number_is_removed_and_said(cell):
    read = Reader("").read(cell)

    assert read.number == GB
    if not cell.startswith("'"):
        assert read.warning in {"mark_removed", "trunk_prefix_removed"}


@pytest.mark.parametrize("cell", [*cells("07415550012"), *cells("(07415) 550012"), *cells("07415 550012"), "07415550012.0"])
def test_a_mark_beside_a_national_number_is_removed(cell):
    assert Reader("GB").read(cell).number == GB


@pytest.mark.parametrize("cell", [f"whatsapp:{GB}", f"WhatsApp: +{GB}", f"{GB}@s.whatsapp.net", f"{GB}@c.us"])
@pytest.mark.parametrize("region", ["", "GB", "US", "DE"])
def test_an_address_of_whatsapp_has_its_country_code(cell, region):
    assert Reader(region).read(cell).number == GB


@pytest.mark.parametrize("cell", [f"+{GB}.0", f"+{GB},0", f"+{GB}.00", f"00{GB}.0"])
def test_a_decimal_zero_behind_a_whole_number_is_removed(cell):
    assert Reader("").read(cell).number == GB


@pytest.mark.parametrize("cell", ["4474155500120000.0", "4.47415E+11", f"+{GB}.5", f"+{GB}.000"])
def test_a_number_that_a_spreadsheet_may_have_shortened_stays_out(cell):
    assert Reader("GB", "international").read(cell).code.startswith("damaged_")


@pytest.mark.parametrize("cell", ["\u202a+447415550012\u202c", "\u200e+44 7415 550012", "+447415550012\u2069"])
def test_marks_of_an_address_book_around_a_number_are_removed(cell):
    assert Reader("").read(cell) == (GB, "", "characters_replaced")


@pytest.mark.parametrize("label", ["żona", "vrouw", "felesége", "eşi", "manželka", "妻", "老婆", "아내", "vợ", "אשתו"])
def test_a_label_for_a_relative_keeps_the_number_out(label):
    assert Reader("GB").read(f"{label} 07415 550012").code == "other_person"


@pytest.mark.parametrize("label", ["Tél", "gsm", "cep", "電話", "携帯", "휴대폰", "No."])
def test_a_label_for_the_contacts_own_phone_is_removed(label):
    assert Reader("GB").read(f"{label}: 07415 550012").number == GB
