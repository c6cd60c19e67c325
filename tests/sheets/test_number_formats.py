"""A number format that shows a calling code is part of what everyone sees in the cell: it is used, and said."""

import json

import openpyxl
import pytest
from django.core.management import call_command

from tests.support.inspecting import inspect_file

pytestmark = [pytest.mark.once]


@pytest.fixture
def inspect(tmp_path):
    """Inspect a workbook of phone cells with their formats; return its record, and each row's number or reason."""

    def run(*cells, region="", header="Phone"):
        book = openpyxl.Workbook()
        sheet = book.active
        sheet.append(["Name", header])
        for value, code in cells:
            sheet.append(["Zoë", value])
            sheet.cell(sheet.max_row, 2).number_format = code
        path = tmp_path / "leads.xlsx"
        book.save(path)
        record, rows = inspect_file(path, region=region)
        return record, [row["number"] or row["reason"] for row in rows]

    return run


@pytest.mark.parametrize(
    "code",
    [
        '"+44 "0',
        '"+44"0',
        "+44#",
        "+44 0",
        "\\+44\\ 0000000000",
        '"+44 (0) "0',
        "+44 (0) #### ######",
        '"0044 "0',
        '"Tel: +44 "0',
        "[$+44] 0",
        "[$+44-809] #### ######",
        "[Blue]+44 0",
        '[<=9999999]###-####;"+44 "0',
        '"+44 "0;-0;0;@',
    ],
)
def test_the_code_that_a_format_shows_is_used_and_said(inspect, code):
    record, sent = inspect((7415550012, code), (7415550013, code), region="US")

    assert sent == ["447415550012", "447415550013"]
    (note,) = record["notes"]
    assert note["sentence"].startswith("Column B holds 2 numbers that the workbook shows with ")
    assert "44: read as shown." in note["sentence"]


def test_a_format_that_only_shows_the_plus_is_used(inspect):
    _, sent = inspect((447415550012, "+0"), (491714471500, '"+"0'), (12125551234, "+# (###) ###-####"))

    assert sent == ["447415550012", "491714471500", "12125551234"]


@pytest.mark.parametrize("code", ["00000000000", "0#### ######", "00000 000000", "[<=9999999]0;0##########"])
def test_a_leading_zero_that_a_format_shows_is_read_and_said(inspect, code):
    record, sent = inspect((7415550012, code), (7415550013, code))
    (note,) = record["notes"]

    # The zero says that these are national numbers, so only the country is asked.
    assert sent == ["no_country", "no_country"]
    assert note["sentence"] == "Column B holds 2 numbers that the workbook shows with a leading zero: read as shown."
    assert inspect((7415550012, code), region="GB")[1] == ["447415550012"]


@pytest.mark.parametrize(("number", "code"), [(7415550012, "000000000000"), (7415550012, "0000000"), (447415550012, "0")])
def test_zeros_that_only_fill_the_places_are_not_read(inspect, number, code):
    record, sent = inspect((number, code), region="GB")

    assert sent == ["447415550012"]
    assert all("shows with" not in note["sentence"] for note in record["notes"])


def test_each_cell_has_the_code_of_its_own_format(inspect):
    record, sent = inspect((7415550012, '"+44 "0'), (1714471500, '"+49 "0'), (2125551234, "General"), (None, '"+44 "0'))

    assert sent == ["447415550012", "491714471500", "no_country", "phone_missing"]
    assert "shows with +44 or +49" in record["notes"][0]["sentence"]


def test_a_text_keeps_what_it_is_whatever_its_format(inspect):
    record, sent = inspect(("+49 171 4471500", '"+44 "0'), ("7415550012", '"+44 "0'))

    assert sent == ["491714471500", "no_country"]
    assert all("shows with" not in note["sentence"] for note in record["notes"])


@pytest.mark.parametrize("code", ["0", "General", "#,##0", "0.00E+00", "+0.0%;-0.0%", '0 "+44"', "@", "dd/mm/yyyy +0"])
def test_other_formats_change_nothing(inspect, code):
    record, sent = inspect((7415550012, code) if "yyyy" not in code else (7415550012, "0"), region="GB")

    assert sent == ["447415550012"]
    assert all("shows with" not in note["sentence"] for note in record["notes"])


def test_a_difference_that_is_shown_with_its_sign_stays_a_number(tmp_path, capsys):
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.append(["Phone", "Priority"])
    for at in range(3):
        sheet.append([f"+44741555001{at}", at + 1])
        sheet.cell(sheet.max_row, 2).number_format = "+0;-0"
    book.save(tmp_path / "leads.xlsx")

    call_command("inspect", str(tmp_path / "leads.xlsx"), "--json")

    record = json.loads(capsys.readouterr().out.splitlines()[0])
    assert record["mapping"]["priority"] == "Priority"
    assert record["warnings"] == {}
