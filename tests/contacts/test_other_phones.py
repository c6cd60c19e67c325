"""A mobile beside landlines is called; another phone of a contact without the one that is called is one answer away."""

import pytest

from tests.support.inspecting import inspect_text
from voisoadmin.contacts.mapping import map_columns

pytestmark = [pytest.mark.once, pytest.mark.slow]


@pytest.fixture
def inspect(tmp_path):
    """Inspect a text; return its record and, for each row, its number or reason."""

    def run(text, *answers, region=""):
        record, rows = inspect_text(tmp_path, text, *answers, region=region)
        return record, [row["number"] or row["reason"] for row in rows]

    return run


@pytest.mark.parametrize(
    ("landline", "mobile"),
    [
        ("Home Phone", "Mobile Phone"),
        ("Business Phone", "Cell"),
        ("Tel. privat", "Handy"),
        ("Téléphone fixe", "Portable"),
        ("Teléfono fijo", "Móvil"),
        ("Telefono", "Cellulare"),
        ("Telefone", "Celular"),
        ("Telefoon", "Mobiel nummer"),
        ("Telefon stacjonarny", "Telefon komórkowy"),
        ("Телефон", "Мобильный телефон"),
        ("固定电话", "手机"),
        ("전화", "휴대폰"),
    ],
)
def test_the_landline_is_called_where_there_is_no_mobile_by_one_answer(inspect, landline, mobile):
    text = (
        f"Name;{landline};{mobile}\n"
        "Zoë;+442079460010;+447415550010\n"
        "Bo;;+447415550011\n"
        "Cy;;+447415550012\n"
        "Fi;;+447415550013\n"
        "Ann;+442079461235;\n"
        "Al;;\n"
        "Di;+442079461236;N/A\n"
        "Ed;+442079461235;\n"
    )

    record, sent = inspect(text)

    assert record["mapping"]["phone"] == mobile
    assert sent == [f"44741555001{at}" for at in range(4)] + ["phone_missing"] * 4
    assert any(landline in note["sentence"] for note in record["notes"])
    assert record["questions"] == []
    (offer,) = record["offers"]
    assert (offer["code"], offer["count"], offer["chosen"]) == ("phone_fallback", 3, "no")
    assert offer["answers"] == [{"value": "no", "ready": 4}, {"value": "yes", "ready": 6}]
    assert offer["sentence"] == f"3 rows have no number in “{mobile}”, but one in “{landline}”. Call that one?"

    record, sent = inspect(text, "phone_fallback=yes")

    assert sent[4:] == ["442079461235", "phone_missing", "442079461236", "442079461235"]
    assert record["ready"] == 6
    (offer,) = record["offers"]
    assert (offer["count"], offer["chosen"]) == (3, "yes")


def test_the_first_landline_of_the_row_is_called_and_no_fax_and_no_agent(inspect):
    text = (
        "Fax;Agent phone;Business Phone;Home Phone;Mobile Phone\n"
        "+442079461000;+442079462000;+442079463000;+442079464000;+447415550010\n"
        "+442079461003;+442079462003;;+442079464003;+447415550011\n"
        "+442079461001;+442079462001;;+442079464001;\n"
        "+442079461002;+442079462002;;;\n"
    )

    _, sent = inspect(text, "phone_fallback=yes")

    assert sent == ["447415550010", "447415550011", "442079464001", "phone_missing"]


def test_national_landlines_are_counted_as_they_will_be_read(inspect):
    text = "Festnetz;Handy\n030 901820;0171 4471500\n030 901821;0171 4471501\n030 901822;\n030 901823;\n"

    record, _ = inspect(text, region="DE")
    (offer,) = record["offers"]
    assert offer["answers"][1] == {"value": "yes", "ready": 4}

    _, sent = inspect(text, "phone_fallback=yes", region="DE")
    assert sent == ["491714471500", "491714471501", "4930901822", "4930901823"]


def test_nothing_is_offered_where_every_contact_has_a_mobile(inspect):
    record, _ = inspect("Phone;Mobile\n+442079461234;+447415550010\n;+447415550011\n")

    assert record["offers"] == []


def test_the_mobile_is_called_where_a_contact_has_no_landline(inspect):
    text = "Phone;Mobile;Home phone\n" + "".join(f"+44207946123{at};;\n" for at in range(5)) + ";+447415550010;+442079464000\n"

    record, sent = inspect(text, "phone_fallback=yes")

    assert record["mapping"]["phone"].startswith("Phone")
    assert sent[-1] == "447415550010"


def test_the_fallback_is_offered_for_the_column_that_a_person_chose(inspect):
    text = "Phone 1;Phone 2\n+447415550010;+442079461230\n+447415550011;+442079461231\n;+442079461232\n"

    _, sent = inspect(text, "several_phone_columns=Phone 1", "phone_fallback=yes")

    assert sent == ["447415550010", "447415550011", "442079461232"]


@pytest.mark.parametrize(
    ("theirs", "own"),
    [
        ("Телефон менеджера", "Телефон клиента"),
        ("Telefon obchodníka", "Číslo"),
        ("Üzletkötő telefonszáma", "Telefonszám"),
        ("Myyjän puhelin", "Puhelin"),
        ("Handläggarens telefon", "Nummer"),
        ("Τηλέφωνο πωλητή", "Τηλέφωνο"),
        ("Temsilci telefonu", "Telefon"),
        ("Telefon Assistentin", "Telefon"),
        ("Téléphone de l'agence", "Numéro"),
        ("Telefon opiekuna", "Numer"),
        ("担当者電話番号", "電話番号"),
        ("Agent mobile", "Number"),
        ("Emergency contact phone", "Contact number"),
    ],
)
def test_the_phones_of_other_people_are_never_called(theirs, own):
    found = map_columns([theirs, own], [["+442079461230", "+447415550010"], ["+442079461230", ""]])

    assert found.fields["phone"].columns == (1,)
    assert found.other_phones == ()


@pytest.mark.parametrize(
    "number",
    [
        "Loan number",
        "Vertragsnummer",
        "N° de contrat",
        "Numer umowy",
        "Número de cuenta",
        "Číslo smlouvy",
        "Szerződésszám",
        "Avtalsnummer",
        "Sopimusnumero",
        "Sözleşme no",
        "Номер договора",
        "契約番号",
        "계약번호",
        "客户编号",
        "رقم العقد",
        "Số hợp đồng",
        "Mã khách hàng",
        "Müşteri numarası",
        "Broj ugovora",
        "Αριθμός πελάτη",
        "Număr contract",
        "Nomor rekening",
        "מספר לקוח",
        "เลขที่สัญญา",
        "Sutarties numeris",
        "Lepingu number",
        "Policenummer",
        "Contractnummer",
        "Numero pratica",
        "N° de dossier",
        "Número de expediente",
        "Rodné číslo",
        "身份证号",
    ],
)
def test_numbers_of_contracts_and_customers_are_never_called(number):
    rows = [[f"4474155500{at}", f"+4474155501{at}", "Zoë"] for at in range(10, 40)]

    found = map_columns([number, "Contact", "Customer"], rows, region="GB")

    assert found.fields["phone"].columns == (1,)
