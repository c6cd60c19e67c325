"""Rows become contacts, repeated rows or reasons: each row exactly one of them, with all its problems."""

import random

import pytest

from voisoadmin.contacts.checker import Checker
from voisoadmin.contacts.fields import ACTIVE, FIELDS, NAME, PHONE, PROBLEMS, WARNINGS
from voisoadmin.contacts.mapped import By, from_column
from voisoadmin.contacts.packing import PackedRow
from voisoadmin.contacts.questions import Note
from voisoadmin.contacts.verdicts import Duplicate, Invalid
from voisoadmin.phones import Reader

COLUMNS = {field.name: at for at, field in enumerate(FIELDS)}
MAPPED = {name: from_column(at, By.NAME) for name, at in COLUMNS.items()}
ONLY_PHONES = {PHONE: from_column(0, By.NAME)}
GOOD = ["+44 7415 550012", "Zoë Müller", "Fair", "https://crm.example/1", "5", "yes"]


def check(*rows, region="GB", lowest_priority=0):
    """The results of rows; the first is row 2 of its sheet."""
    checker = Checker(MAPPED, Reader(region), lowest_priority=lowest_priority)
    return checker.check(list(enumerate(rows, start=2))), checker


def with_cell(field, text):
    return [text if at == COLUMNS[field] else cell for at, cell in enumerate(GOOD)]


def problem_of(field, text, **options):
    """The code of the only problem of a row with this cell; "" if it is ready."""
    (outcome,), _ = check(with_cell(field, text), **options)
    if isinstance(outcome, Invalid):
        (problem,) = outcome.problems
        assert problem.field == field
        return problem.code
    return ""


def warning_of(field, text, **options):
    """The only warning of a row with this cell, which is sent without it."""
    (outcome,), checker = check(with_cell(field, text), **options)
    assert isinstance(outcome, PackedRow)
    assert field not in outcome.fields
    ((warning, _),) = checker.warnings.items()
    return warning


def value_of(field, text, **options):
    (outcome,), _ = check(with_cell(field, text), **options)
    assert isinstance(outcome, PackedRow)
    return outcome.fields.get(field)


def test_a_good_row_is_ready():
    (row,), checker = check(GOOD)
    sent = {"name": "Zoë Müller", "source": "Fair", "url": "https://crm.example/1", "priority": 5, "active": True}

    assert row == PackedRow(2, GOOD, "447415550012", sent)
    assert (checker.rows, checker.ready, checker.invalid, checker.duplicates) == (1, 1, 0, 0)


def test_blank_cells_and_short_rows_omit_their_fields():
    rows, checker = check(["+44 7415 550012", " ", "", "  ", "", " "], ["+44 7415 550013"])

    assert [row[2] for row in rows] == ["447415550012", "447415550013"]
    assert [row.fields for row in rows] == [{}, {}]
    assert checker.ready == 2


def test_all_problems_of_a_row_are_reported_at_once():
    (row,), checker = check(["4.47415E+11", "x" * 256, "y" * 256, "javascript:alert(1)", "soon", "perhaps"])

    assert isinstance(row, Invalid)
    assert [(problem.field, problem.code) for problem in row.problems] == [
        ("phone", "damaged_scientific"),
        ("active", "unanswered"),
    ]
    assert row.problems_json()[0] == {
        "code": "damaged_scientific",
        "field": "phone",
        "sentence": "The spreadsheet shortened this number; digits are lost.",
        "advice": "Enter the number again, or export the column as text.",
    }
    assert checker.reasons == {"damaged_scientific": 1}
    assert (row.phone, row.name) == ("4.47415E+11", "x" * 200)


def test_every_problem_and_warning_has_a_code_a_sentence_and_advice():
    for code, words in {**PROBLEMS, **WARNINGS}.items():
        assert code.isidentifier()
        assert code == code.lower()
        assert len(code) <= 40
        assert words.sentence.endswith(".")
        assert words.advice.endswith(".")


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("  Zoë   Müller ", "Zoë Müller"),
        ("Zoë\nMüller", "Zoë Müller"),
        ("O’Neill & Søns Ltd.", "O’Neill & Søns Ltd."),
        ("'=HYPERLINK(1)", "=HYPERLINK(1)"),
        ("'+44 club", "+44 club"),
        ("'@home", "@home"),
        ("＝1+1", "＝1+1"),
        ("'＝1+1", "＝1+1"),
        ("'n Sync", "'n Sync"),
        ("'", "'"),
        ("محمد عبد الله", "محمد عبد الله"),
        ("x" * 255, "x" * 255),
    ],
)
def test_names_are_kept_as_they_are_meant(text, name):
    assert value_of(NAME, text) == name


@pytest.mark.parametrize(
    ("text", "name", "code"),
    [
        ("x" * 256, "x" * 255, "name_cut"),
        ("x" * 254 + " yz", "x" * 254, "name_cut"),
        ("a\x00b", "ab", "name_cleaned"),
        ("a\x1bb", "ab", "name_cleaned"),
    ],
)
def test_names_that_are_repaired(text, name, code):
    (row,), checker = check(with_cell(NAME, text))

    assert row.fields["name"] == name
    assert checker.warnings == {code: 1}


@pytest.mark.parametrize(
    "url",
    [
        "https://crm.example/lead/1?x=1&y=2#z",
        "http://crm.example",
        "HTTPS://CRM.EXAMPLE/A",
        "https://crm.example:8443/lead",
        "https://büro.example/ä",
        "https://crm.example/" + "x" * 2028,
    ],
)
def test_web_addresses_are_kept(url):
    assert value_of("url", f" {url} " if len(url) < 2000 else url) == url


@pytest.mark.parametrize(
    ("url", "code"),
    [
        ("crm", "url_without_scheme"),
        ("localhost/lead", "url_without_scheme"),
        ("10.0.0.1", "url_without_scheme"),
        ("n.a.", "url_without_scheme"),
        ("a@crm.example", "url_without_scheme"),
        ("user:secret@crm.example", "url_not_web"),
        ("java.script:1(x)", "url_without_scheme"),
        ("javascript:alert(1)", "url_not_web"),
        ("JaVaScRiPt:alert(1)", "url_not_web"),
        ("data:text/html,x", "url_not_web"),
        ("ftp://crm.example", "url_not_web"),
        ("mailto:a@b.example", "url_not_web"),
        ("https://", "url_malformed"),
        ("https:crm.example", "url_malformed"),
        ("https://crm.example/a b", "url_malformed"),
        ('https://crm.example/"onclick', "url_malformed"),
        ("https://user:secret@crm.example", "url_malformed"),
        ("a b", "url_malformed"),
        ("https://crm.example/" + "x" * 2029, "url_too_long"),
    ],
)
def test_addresses_of_other_kinds_are_left_out_with_a_warning(url, code):
    assert warning_of("url", url) == code


@pytest.mark.parametrize(
    "address",
    ["crm.example/lead?x=1", "www.crm.example", "crm.example:8443/lead", "//crm.example", "büro.example", "a.xn--p1ai"],
)
def test_an_address_without_its_beginning_gets_https(address):
    (row,), checker = check(with_cell("url", f" {address} "))

    assert row.fields["url"] == f"https://{address.removeprefix('//')}"
    assert checker.warnings == {"url_scheme_added": 1}


@pytest.mark.parametrize(("text", "priority"), [("0", 0), ("1", 1), ("1000", 1000), (" 7 ", 7), ("007", 7), ("5.0", 5)])
def test_priorities_are_whole_numbers_up_to_a_thousand(text, priority):
    assert value_of("priority", text) == priority


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("soon", "priority_not_whole"),
        ("3/5", "priority_not_whole"),
        ("-1", "priority_not_whole"),
        ("1e3", "priority_not_whole"),
        ("1.5", "priority_not_whole"),
        ("+5", "priority_not_whole"),
        ("1 000", "priority_not_whole"),
        ("²", "priority_not_whole"),
        ("1001", "priority_out_of_range"),
        ("999999999", "priority_out_of_range"),
    ],
)
def test_other_priorities_are_left_out_with_a_warning(text, code):
    assert warning_of("priority", text) == code


@pytest.mark.parametrize(
    ("text", "priority"),
    [
        *[("Urgent", 1), ("High", 2), ("normal", 3), ("LOW", 4), ("very low", 5)],
        *[("Hoch", 2), ("Élevée", 2), ("media", 3), ("niski", 4), ("Düşük", 4), ("срочно", 1), ("高", 2), ("낮음", 4)],
        *[("★★★★★", 1), ("★★☆☆☆", 4), ("⭐⭐⭐", 3), ("*", 5)],
        *[("1 - urgent", 1), ("P2", 2), ("prio 3", 3), ("2: high", 2), ("3 (normal)", 3)],
    ],
)
def test_priorities_in_words_are_sent_as_numbers_in_sight(text, priority):
    (row,), checker = check(with_cell("priority", text))

    assert row.fields["priority"] == priority
    assert checker.warnings == {"priority_word": 1}


def test_the_priority_0_is_raised_with_a_warning_if_the_range_begins_at_1():
    (row,), checker = check(with_cell("priority", "0"), lowest_priority=1)

    assert row.fields["priority"] == 1
    assert checker.warnings == {"priority_zero_raised": 1}


@pytest.mark.parametrize(
    "text",
    ["1", "yes", "YES", "Ja", "oui", "Sí", "sì", "sim", "tak", "да", "ano", "igen", "evet", "true", "WAHR", "x", "✓", "aktiv"],
)
def test_yes_in_many_languages(text):
    assert value_of(ACTIVE, text) is True


@pytest.mark.parametrize(
    "text", ["0", "no", "No", "nein", "non", "não", "nie", "нет", "ne", "nem", "hayır", "FALSE", "falsch", "✗", "inaktiv"]
)
def test_no_in_many_languages(text):
    assert value_of(ACTIVE, text) is False


@pytest.mark.parametrize("text", ["perhaps", "2", "-1", "e", "+", "yes/no", "?"])
def test_other_words_are_asked_about(text):
    assert problem_of(ACTIVE, text) == "unanswered"


def test_the_first_of_equal_numbers_wins_however_they_are_spelled():
    outcomes, checker = check(
        ["+44 7415 550012", "First"],
        ["07415 550012", "Second"],
        ["0044 (0) 7415/550012", "Third"],
        ["+44 7415 550013", "Other"],
    )

    assert [type(outcome) for outcome in outcomes] == [PackedRow, Duplicate, Duplicate, PackedRow]
    assert [outcome.first_row for outcome in outcomes[1:3]] == [2, 2]
    assert outcomes[2].row.name == "Third"
    assert checker.reasons == {"same_number_in_file": 2}


def test_an_invalid_row_does_not_make_a_good_one_a_repetition():
    outcomes, checker = check(["07415 550012", "Bad", "", "", "", "perhaps"], ["07415 550012", "Good"])

    assert isinstance(outcomes[0], Invalid)
    assert isinstance(outcomes[1], PackedRow)
    assert checker.ready == 1


def test_a_hundred_thousand_rows_with_a_fifth_repeated_are_counted_exactly():
    chance = random.Random(13)
    forms = ["+44{}", "0{}", "44{}", "0044{}", "+44 (0) {}"]
    rows, early, first, expected = [], [], {}, []
    for number in range(2, 100_002):
        phone = chance.choice(early) if early and chance.random() < 0.2 else f"74{number * 9 + 1:08d}"
        if len(early) < 500:
            early.append(phone)
        expected.append(first.setdefault(phone, number))
        rows.append((number, [chance.choice(forms).format(phone)]))
    checker = Checker(ONLY_PHONES, Reader("GB"))

    found = [
        outcome.first_row if isinstance(outcome, Duplicate) else outcome.row_number
        for at in range(0, len(rows), 2000)
        for outcome in checker.check(rows[at : at + 2000])
    ]

    assert found == expected
    assert checker.invalid == 0
    assert checker.duplicates == 100_000 - len(first)
    assert 0.18 < checker.duplicates / 100_000 < 0.22


def test_a_file_damaged_by_a_spreadsheet_gets_a_note():
    _, checker = check(["4.47415E+11"], *([f"+44741555{at:04d}"] for at in range(50)))

    sentence = (
        "1 of 51 phone numbers was damaged by a spreadsheet program. Export the file again with the phone column as text."
    )
    assert checker.notes() == [Note("damaged_numbers", 1, sentence)]


def test_a_few_damaged_numbers_get_no_note():
    _, checker = check(["4.47415E+11"], *([f"+44741555{at:04d}"] for at in range(200)))

    assert checker.notes() == []


def test_the_preview_shows_the_warnings_of_each_row():
    checker = Checker(MAPPED, Reader("GB"), lowest_priority=1)

    first, second = checker.preview([(2, ["+44 (0) 7415 550012", "", "", "", "0"]), (3, ["+44 7415 550013"])])

    assert first.warnings == ("trunk_prefix_removed", "priority_zero_raised")
    assert second.warnings == ()
    assert first.outcome.number == "447415550012"


def test_a_column_that_turns_out_differently_is_checked_again():
    ambiguous = "15123456789"  # a German mobile without its zero, or a number of Texas
    rows = [(2, [ambiguous]), *((3 + at, [f"15112345{at:03}"]) for at in range(30))]
    checker = Checker(ONLY_PHONES, Reader("DE"))

    checker.check(rows[:1])
    checker.check(rows[1:])
    second = Checker(ONLY_PHONES, checker.again())

    assert second.check(rows)[0].number == f"49{ambiguous}"
    assert second.again() is None
