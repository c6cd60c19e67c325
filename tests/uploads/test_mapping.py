"""Columns are matched to fields by choice, by name, by content; uncertain ones are left to a person."""

import pytest

from voisoadmin.contacts.column_choices import UnknownColumn
from voisoadmin.contacts.mapped import By, from_column
from voisoadmin.contacts.mapping import map_columns
from voisoadmin.contacts.questions import Note

PHONES = ["+44 7415 550012", "+44 7415 550013", "+49 171 4471500", "+1 212 555 1234"]
NAMES = ["Zoë Müller", "Bo O’Neill", "Al Haddad", "Đorđe Ćirić"]
URLS = ["https://crm.example/1", "https://crm.example/2", "http://crm.example/3", ""]


def table(**columns):
    """Columns and rows of a table, given column by column."""
    return list(columns), [list(row) for row in zip(*columns.values(), strict=True)]


def mapped(columns, rows, **options):
    return {name: (found.column, found.by) for name, found in map_columns(columns, rows, **options).fields.items()}


@pytest.mark.parametrize(
    ("header", "field"),
    [
        ("Phone", "phone"),
        ("phone_number", "phone"),
        ("PhoneNumber", "phone"),
        ("phoneNumber", "phone"),
        ("TELEFON", "phone"),
        ("Telefonnummer", "phone"),
        ("Rufnummer", "phone"),
        ("Handy-Nr.", "phone"),
        ("Mobile", "phone"),
        ("Customer phone", "phone"),
        ("Kundentelefonnummer", "phone"),
        ("N° de téléphone", "phone"),
        ("Numéro de téléphone", "phone"),
        ("Teléfono móvil", "phone"),
        ("Numero di telefono", "phone"),
        ("Telefone", "phone"),
        ("Telefoonnummer", "phone"),
        ("Nr telefonu", "phone"),
        ("Telefonní číslo", "phone"),
        ("Puhelinnumero", "phone"),
        ("Телефон", "phone"),
        ("Мобильный телефон", "phone"),
        ("Τηλέφωνο", "phone"),
        ("MSISDN", "phone"),
        ("Vor- und Nachname (Ansprechpartner/in)", "name"),
        ("Full name", "name"),
        ("contactName", "name"),
        ("Nom et prénom", "name"),
        ("Imię i nazwisko", "name"),
        ("ФИО", "name"),
        ("Quelle", "source"),
        ("Lead source", "source"),
        ("Źródło", "source"),
        ("CRM link", "url"),
        ("Webseite", "url"),
        ("contactURL", "url"),
        ("Priorität", "priority"),
        ("Prio", "priority"),
        ("Priorité", "priority"),
        ("aktiv?", "active"),
        ("is_active", "active"),
        ("Actif", "active"),
    ],
)
def test_a_column_is_recognised_by_its_usual_names(header, field):
    values = {
        "phone": PHONES,
        "name": NAMES,
        "source": ["web"] * 4,
        "url": URLS,
        "priority": list("1259"),
        "active": ["ja"] * 4,
    }
    columns, rows = table(**{"E-mail": ["a@b.example"] * 4, header: values[field]})

    assert mapped(columns, rows)[field] == (1, "name")


@pytest.mark.parametrize(
    "header",
    [
        "Phone type",
        "Phone consent",
        "Telefonvorwahl",
        "Fax",
        "Country code",
        "File name",
        "Campaign name",
        "Source ID",
        "Last active",
    ],
)
def test_a_column_that_only_describes_a_field_is_not_that_field(header):
    columns, rows = table(**{header: ["mobile", "home", "work", "mobile"]})

    assert mapped(columns, rows) == {}


def test_every_column_is_used_once():
    columns, rows = table(Phone=PHONES, Telefon=["0171 4471500"] * 4, Name=NAMES, Kontakt=NAMES)
    found = map_columns(columns, rows, region="DE", chosen={"phone": "Telefon"})

    assert found.fields["phone"] == from_column(1, By.CHOICE)
    assert len({mapped.columns for mapped in found.fields.values()}) == len(found.fields)


def test_a_column_without_a_clear_name_is_recognised_by_its_content():
    columns, rows = table(A=NAMES, B=PHONES, C=URLS)

    assert mapped(columns, rows) == {"phone": (1, "content"), "url": (2, "content")}


def test_without_a_header_only_the_content_counts():
    columns, rows = table(**{"Name": PHONES, "Phone": NAMES})

    assert mapped(columns, rows, named=False) == {"phone": (0, "content")}


def test_national_numbers_are_recognised_by_content_before_a_country_is_chosen():
    columns, rows = table(A=NAMES, B=["0171 4471500", "030 901820", "0171 4471501", "0171 4471502"])

    assert mapped(columns, rows) == {"phone": (1, "content")}
    assert mapped(columns, rows, region="DE") == {"phone": (1, "content")}


def test_only_yes_and_no_or_small_numbers_prove_nothing():
    columns, rows = table(Phone=PHONES, Newsletter=["yes", "no", "no", "yes"], Age=["31", "44", "28", "60"])

    assert mapped(columns, rows) == {"phone": (0, "name")}


@pytest.mark.parametrize(
    "columns",
    [
        {"A": PHONES, "B": PHONES},
        {"Phone": PHONES, "phone ": list(reversed(PHONES))},
        {"Home phone": PHONES, "Work phone": PHONES},
        {"Home phone": PHONES, "Phone of the customer": PHONES},
        {"Phone 1": PHONES, "Phone 2": PHONES},
        {"Phone": PHONES, "Phone 2": PHONES},
        {"Telefon1": PHONES, "Telefon2": PHONES},
        {"Mobile": PHONES, "Mobile 2": PHONES},
        {"Phone 1 - Value": PHONES, "Phone 2 - Value": PHONES},
        {"携帯1": PHONES, "携帯2": PHONES},
    ],
)
def test_between_two_equal_columns_a_person_chooses(columns):
    found = map_columns(*table(**columns))

    assert found.needs_mapping
    assert found.problem.startswith("Several columns could be the phone number: “")


def test_the_exact_word_wins_over_a_longer_name():
    columns, rows = table(**{"Work phone": PHONES, "Phone": PHONES})

    assert mapped(columns, rows) == {"phone": (1, "name")}


def test_other_columns_of_numbers_are_mentioned():
    found = map_columns(*table(Name=NAMES, Phone=PHONES, Mobile=list(reversed(PHONES)), Landline=PHONES))

    assert {name: mapped.column for name, mapped in found.fields.items()} == {"phone": 2, "name": 0}
    sentence = "Calling “Mobile”. There are phone numbers in “Phone” and “Landline” too."
    assert found.notes == (Note("other_phone_columns", 2, sentence),)


def test_columns_that_are_used_empty_or_chosen_get_no_note():
    columns, rows = table(Name=PHONES, Phone=PHONES, Fax=[""] * 4, Mobile=PHONES)

    assert map_columns(columns[:3], [row[:3] for row in rows]).notes == ()
    assert map_columns(columns, rows, chosen={"phone": "Mobile"}).notes == ()


def test_a_contact_may_be_a_number():
    columns, rows = table(Number=["1", "2", "3", "4"], Name=NAMES, Contact=PHONES)

    assert mapped(columns, rows) == {"phone": (2, "content"), "name": (1, "name")}


def test_an_empty_column_does_not_win_by_its_name():
    columns, rows = table(Phone=[""] * 4, Mobile=PHONES)

    assert mapped(columns, rows) == {"phone": (1, "name")}


def test_without_a_likely_phone_column_a_person_must_choose():
    found = map_columns(*table(City=["Porto"] * 4, Amount=["12.50", "3.99", "7.00", "8.25"]))

    assert found.needs_mapping
    assert found.problem == "No phone column found. Choose the column with the phone numbers."
    assert found.fields == {}


def test_ids_amounts_and_dates_are_not_phone_numbers():
    columns = table(
        A=["100001", "100002", "100003", "100004"],
        B=["2023-05-12", "2023-05-13", "2023-06-01", "2024-01-01"],
        C=["1234.50", "99.90", "10.00", "5.25"],
        D=["AB-12345678", "AB-12345679", "AB-12345680", "AB-1"],
    )

    assert map_columns(*columns, region="GB").needs_mapping


NEVER_CALLED = [
    "Fax", "Faxnummer", "Telefax", "Faxnr.", "Company fax", "Télécopie", "Numéro de télécopieur", "Faks", "Факс", "传真",
    "FAX番号", "ファックス", "팩스",
    "Account", "Account No", "Loan number", "Policy No", "Order number", "Customer Number", "Member ID", "Invoice no.", "SSN",
    "Kundennummer", "Konto", "Vertragsnr.", "Bestellnummer", "Mitgliedsnummer", "Numéro de client", "N° de contrat",
    "Número de cliente", "Numer klienta", "Klantnummer", "Номер договора", "顧客番号",
]  # fmt: skip


@pytest.mark.parametrize("header", NEVER_CALLED)
def test_faxes_and_the_numbers_of_contracts_are_never_called(header):
    alone = map_columns(*table(Name=NAMES, **{header: PHONES}))
    beside = map_columns(*table(**{header: PHONES, "Contact No.": list(reversed(PHONES))}))

    assert (alone.needs_mapping, alone.code) == (True, "no_phone_column")
    assert beside.fields["phone"].column == 1


OF_OTHERS = [
    "Agent phone", "Sales rep phone", "Owner phone number", "Account manager mobile", "Branch phone", "Emergency contact phone",
    "Next of kin phone", "Referrer phone", "Support phone", "Telefon Berater", "Filiale Telefon", "Téléphone agence",
    "Teléfono del agente", "Telefone do corretor", "Telefono agente", "Telefoon filiaal", "Telefon opiekuna agent",
    "Телефон менеджер", "担当者電話番号", "担当者携帯", "담당자 전화", "Tel/Fax",
]  # fmt: skip


@pytest.mark.parametrize("header", OF_OTHERS)
def test_the_numbers_of_other_people_never_win_without_a_person(header):
    alone = map_columns(*table(Name=NAMES, **{header: PHONES}))
    beside = map_columns(*table(**{header: PHONES, "Customer mobile": list(reversed(PHONES))}))
    unnamed = map_columns(*table(**{header: PHONES, "B": list(reversed(PHONES))}))

    assert (alone.needs_mapping, alone.code, alone.candidates) == (True, "other_peoples_phone", (1,))
    assert beside.fields["phone"].column == 1
    assert unnamed.fields["phone"].column == 1


def test_a_column_of_others_is_called_once_a_person_says_so():
    columns, rows = table(**{"Owner": NAMES, "Owner phone": PHONES})

    assert mapped(columns, rows, answers={"other_peoples_phone": "Owner phone"})["phone"] == (1, "choice")


@pytest.mark.parametrize(
    ("poor", "holds"),
    [("Number", ["20071534", "20071535", "20071536", "20071537"]), ("Phone", ["iPhone 12", "Pixel", "iPhone 14", "Galaxy"])],
)
def test_contents_beat_a_poor_name(poor, holds):
    assert mapped(*table(**{poor: holds, "B": PHONES})) == {"phone": (1, "content")}


def test_a_mobile_beside_landlines_is_called():
    columns, rows = table(**{"Home phone": PHONES, "Mobile phone": PHONES, "Work phone": PHONES})

    assert mapped(columns, rows) == {"phone": (1, "name")}


def test_a_mobile_that_most_contacts_lack_does_not_win():
    mobile = [PHONES[0], "", "", ""]

    assert mapped(*table(Phone=PHONES, Mobile=mobile)) == {"phone": (0, "name")}
    assert map_columns(*table(**{"Work phone": PHONES, "Mobile phone": mobile})).code == "several_phone_columns"


@pytest.mark.parametrize("header", ["Branch name", "Sales rep name", "Agent name", "Owner", "Account manager", "担当者名"])
def test_the_name_of_another_person_is_no_contact_name(header):
    assert mapped(*table(Phone=PHONES, **{header: NAMES})) == {"phone": (0, "name")}


def test_a_choice_overrides_everything():
    columns, rows = table(Phone=PHONES, Other=["07415 550012"] * 4, Name=NAMES)

    chosen = mapped(columns, rows, chosen={"phone": "Other", "name": None, "source": 2})

    assert chosen == {"phone": (1, "choice"), "source": (2, "choice")}


@pytest.mark.parametrize(("column", "place"), [("Phone", 0), ("phone", 0), ("2", 1), (1, 1), ("Straße", 2), ("strasse", 2)])
def test_a_column_is_chosen_by_name_or_number(column, place):
    columns = ["Phone", "Other", "Straße"]

    assert map_columns(columns, [], chosen={"phone": column}).fields["phone"] == from_column(place, By.CHOICE)


@pytest.mark.parametrize(
    ("chosen", "says"),
    [
        ({"phone": "Fone"}, "No column “Fone”. Columns: “Phone”, “Name”, “Name”."),
        ({"phone": 7}, "No column 8; the file has 3."),
        ({"name": "Name"}, "Columns 2 and 3 are both named “Name”. Choose by the column's number."),
        ({"phone": "Phone", "name": "Phone"}, "The column “Phone” can't be both phone and name."),
    ],
)
def test_an_impossible_choice_is_explained(chosen, says):
    with pytest.raises(UnknownColumn) as raised:
        map_columns(["Phone", "Name", "Name"], [], chosen=chosen)

    assert str(raised.value) == says


def test_a_phone_column_left_out_on_purpose_needs_another_choice():
    found = map_columns(*table(Phone=PHONES), chosen={"phone": None})

    assert found.needs_mapping
    assert found.problem == "Choose the column with the phone numbers."


def test_a_column_with_too_many_digits_for_a_number_is_unknown():
    with pytest.raises(UnknownColumn, match="No column “999"):
        map_columns(["Phone"], [["1"]], chosen={"phone": "9" * 5000})
