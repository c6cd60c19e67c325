"""No spreadsheet program takes our exports for formulas, and reading them back gives what was written."""

import csv
import io
from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, example, given, settings
from hypothesis import strategies as st
from openpyxl import load_workbook

from tests.sheets.reading import read
from voisoadmin.sheets.formula_guard import guarded_in_csv, guarded_in_workbook, unguarded
from voisoadmin.sheets.out import MarkedRow, csv_blocks, write_csv
from voisoadmin.sheets.out_workbook import COLOURED_ROWS, write_xlsx

pytestmark = pytest.mark.slow

SIGNS = "=+-@\t\r\n\0＝＋－＠"
FORMULAS = [
    "=1+1",
    '=HYPERLINK("http://127.0.0.1/?"&A1,"Click")',
    "+447415000001",
    "-2+3",
    "@SUM(A1)",
    "\t=1+1",
    "\r=1+1",
    "\n=1+1",
    "\0=1+1",
    "＝1+1",
    "＋1",
    "－1",
    "＠SUM(A1)",
    "=cmd|' /C calc'!A0",
    "'=1+1",
    "''=1+1",
]
HARMLESS = ["Ann", "O'Neil", "'quoted'", "", " =1", "a=b", "447415000001", "'", "''", "“=1”"]

# What a CSV and a workbook can hold: no half surrogate pairs, nor the two characters that XML forbids without an escape.
TEXT = st.text(st.characters(exclude_categories=("Cs",), exclude_characters="\ufffe\uffff"), max_size=12)
CELL = st.one_of(TEXT, st.sampled_from(FORMULAS + HARMLESS), st.builds(str.__add__, st.sampled_from(["'", *SIGNS]), TEXT))
# Each table costs a process; shrinking a failure would cost minutes and show little more than the first difference.
QUICK = settings(deadline=None, suppress_health_check=list(HealthCheck), phases=(Phase.explicit, Phase.reuse, Phase.generate))
TABLE = st.lists(st.tuples(CELL, CELL, CELL), min_size=100, max_size=120)


@pytest.mark.parametrize("text", FORMULAS)
def test_a_formula_is_guarded(text):
    assert guarded_in_csv(text).startswith("'")
    assert unguarded(guarded_in_csv(text)) == text


@pytest.mark.parametrize("text", ["+447415000001", "-2+3", "@home", "-", "+", "O'Neil", "\t@x"])
def test_text_of_a_workbook_gets_no_apostrophe(text):
    assert guarded_in_workbook(text) == text


@pytest.mark.parametrize("text", HARMLESS)
def test_other_text_is_unchanged(text):
    assert guarded_in_workbook(text) == text
    assert unguarded(text) == text


@given(CELL)
@settings(max_examples=2000)
def test_guarding_loses_nothing(text):
    assert unguarded(guarded_in_workbook(text)) == text
    assert not guarded_in_workbook(text).startswith(("=", "＝"))
    assert not guarded_in_csv(text).startswith(tuple(SIGNS))


# All characters that could start a cell of another table when a file is read with another separator.
ODD_CELL = st.text(st.sampled_from([*SIGNS, *";|,\"' x1\x01\u200b\u00a0"]), max_size=10)
ODD_TABLE = st.lists(st.tuples(ODD_CELL, ODD_CELL, ODD_CELL), min_size=1, max_size=5)


@pytest.mark.parametrize(
    "text", ["x;=1+1;y", "x|+1", "x\t@A1", 'x;"=1+1"', "two\n=1+1", "x;'=1", "x; =1", " =1", "x;\u200b-1", "a,b;"]
)
def test_text_that_another_separator_may_turn_into_a_cell_is_guarded(text):
    assert guarded_in_csv(text) != text
    assert unguarded(guarded_in_csv(text)) == text


@given(ODD_CELL)
@settings(max_examples=2000)
def test_guarding_odd_cells_loses_nothing(text):
    assert unguarded(guarded_in_workbook(text)) == text
    assert unguarded(guarded_in_csv(text)) == text


@given(ODD_TABLE)
@settings(max_examples=1000, deadline=None)
@example([("x;=1+1;y", 'x;"=1+1"', "a\n=1")])
@example([('a,b;"', "\n", "=1"), ("=1", ";", "|")])
def test_no_cell_of_a_csv_begins_like_a_formula_whatever_separates_its_cells(rows):
    stream = io.StringIO(newline="")

    write_csv(stream, ["=A", "B;+C", "D"], rows)

    for separator in ",;\t|":
        for trims in (False, True):
            table = csv.reader(io.StringIO(stream.getvalue(), newline=""), delimiter=separator, skipinitialspace=trims)
            begin = {cell.lstrip(" \x01\u200b\u00a0")[:1] for row in table for cell in row}
            assert not begin & set(SIGNS)
    cells = [[unguarded(cell) for cell in row] for row in csv.reader(io.StringIO(stream.getvalue(), newline=""))]
    assert cells == [["=A", "B;+C", "D"], *map(list, rows)]


def back(path: Path, **choices) -> list[list[str]]:
    return [[unguarded(cell) for cell in row] for row in read(path, header_row=1, **choices).cells]


def written(rows: list[tuple[str, ...]]) -> list[list[str]]:
    """A first column that is never blank, because readers skip blank rows."""
    return [[f"447415{number:06}", *row] for number, row in enumerate(rows)]


@given(TABLE)
@settings(QUICK, max_examples=20)
@example([(text, text[::-1], "x") for text in FORMULAS + HARMLESS])
@example([("\x01\x02\x03\x04", "\x0e\x0f", "\x1c\x1d")] * 50)
def test_a_csv_reads_back_unchanged(tmp_path_factory, rows):
    table = written(rows)
    path = tmp_path_factory.mktemp("out") / "rejected.csv"

    # With the mark of UTF-8, as downloads have it: without one, a file of control characters is taken for no text.
    with path.open("w", encoding="utf-8-sig", newline="") as stream:
        write_csv(stream, ["Phone", "A", "B", "C"], table)

    assert back(path, delimiter=",", encoding="utf-8") == table


@given(TABLE)
@settings(QUICK, max_examples=12)
@example([(text, "_x000D_", "a_x0041_\x01 ") for text in FORMULAS + HARMLESS])
def test_a_workbook_reads_back_unchanged(tmp_path_factory, rows):
    table = written(rows)
    path = tmp_path_factory.mktemp("out") / "rejected.xlsx"

    write_xlsx(path, ["Phone", "A", "B", "C"], map(MarkedRow, table))

    assert back(path) == table


def test_no_cell_of_a_workbook_is_a_formula(tmp_path):
    path = tmp_path / "rejected.xlsx"

    write_xlsx(path, ["=Phone", "+Name"], [MarkedRow([text, text]) for text in FORMULAS])

    cells = [cell for row in load_workbook(path).active.iter_rows() for cell in row]
    assert {cell.data_type for cell in cells} <= {"s", "inlineStr"}
    assert not [cell for cell in cells if cell.value.startswith("=")]


def test_a_csv_is_what_other_programs_expect():
    stream = io.StringIO()

    write_csv(stream, ["Phone", "Name"], [["447415000001", 'Lee, "Ann"'], ["447415000002", "two\nlines"]])

    assert stream.getvalue() == 'Phone,Name\r\n447415000001,"Lee, ""Ann"""\r\n447415000002,"two\nlines"\r\n'


@pytest.mark.parametrize("count", [0, 1, 499, 500, 501, 1234])
def test_a_streamed_csv_is_the_same(count):
    rows = [[f"44741500{number:04}", f"=Name {number}"] for number in range(count)]
    whole = io.StringIO()
    write_csv(whole, ["Phone", "Name"], rows)

    streamed = "".join(csv_blocks(["Phone", "Name"], iter(rows)))

    assert streamed == whole.getvalue()
    assert len(list(csv.reader(io.StringIO(streamed)))) == count + 1


def test_text_too_long_for_a_workbook_is_cut_at_its_limit(tmp_path):
    path = tmp_path / "long.xlsx"

    write_xlsx(path, ["Phone"], [MarkedRow(["x" * 40_000])])

    assert read(path, header_row=1).cells == [["x" * 32_767]]


def test_a_workbook_is_made_for_people(tmp_path, monkeypatch):
    path = tmp_path / "rejected.xlsx"
    monkeypatch.setattr("voisoadmin.sheets.out_workbook.COLOURED_ROWS", 2)
    rows = [["07415 550012", "Ann", ""], ["+447415550013", "A name that takes more room", ""], ["12", "", ""]]

    write_xlsx(path, ["Phone", "Name", "URL"], [MarkedRow(row, {0, 2}) for row in rows])

    sheet = load_workbook(path).active
    assert sheet.freeze_panes == "A2"
    assert all(cell.font.bold for cell in sheet[1])
    assert not any(cell.font.bold for cell in sheet[2])
    assert [sheet.column_dimensions[name].width for name in "ABC"] == [15, 29, 8]
    # A number stays text when it is typed over, also in a cell that is blank.
    assert {sheet[f"A{row}"].number_format for row in (2, 3, 4)} == {"@"} == {sheet.column_dimensions["C"].number_format}
    assert [sheet[f"A{row}"].value for row in (2, 3, 4)] == ["07415 550012", "+447415550013", "12"]
    coloured = {cell.coordinate for row in sheet for cell in row if cell.fill.fill_type}
    assert coloured == {"A2", "C2", "A3", "C3"}
    assert COLOURED_ROWS == 50_000
