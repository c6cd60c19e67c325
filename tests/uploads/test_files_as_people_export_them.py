"""Files in the manner of public bug reports (tests/cases), each with the facts that hold once it is inspected.

All their data is invented. Files of a list below aren't understood yet: the lists only get shorter.
"""

import codecs
import json
from pathlib import Path

import pytest

from tests.support.inspecting import inspect_file

pytestmark = [pytest.mark.once, pytest.mark.slow]

CASES = Path(__file__).parents[1] / "cases"
EXPECTED = json.loads((CASES / "expected.json").read_text())
NOT_YET = frozenset({})
NOTED = {
    "2 rows are hidden": "hidden",
    "the other sheets hold contacts too": "sheet",
    "row 2 is the example of the template": "example",
}
"""What a note must mention, for a note in the words of the expectation."""

READ = {"rows": True}
BOOKS = {
    "powerquery.xlsx": READ,
    "filepass.xls": {"error": "password"},
    "WORKBOOK_stream.xls": READ,
    "backslashes.xlsx": READ,
    "codepage1200_biff8.xls": {"ready": True},
    "codepage1252_biff8.xls": {"ready": True, "no_nul": True},
    "codepage1252_numeric_phones.xls": {"ready": True, "no_nul": True},
    "first_row_250.xlsx": {"ready": True},
    "first_row_250.xls": {"ready": True},
    "first_row_250.ods": {"ready": True},
    "cover_empty.xlsx": {"ready": True},
    "cover_title.xlsx": {"ready": True},
    "cover_with_a_blank.xlsx": {"ready": True},
    "cover_with_errors.xlsx": {"ready": True},
    "cover_with_formula.xlsx": {"ready": True},
    "formulas_only.xlsx": {"error": "formula"},
    "errors_only.xlsx": {"error": "error"},
    "c1_controls_utf8.csv": {"ready": True, "noted": True},
    "extra_quote.csv": READ,
    "extra_quote_before_phone.csv": READ,
    "apostrophes_some.csv": {"no_apostrophes": True},
    "apostrophes_before_phone.csv": {"ready": True, "no_apostrophes": True},
    "header_json.csv": {"error": "No phone column"},  # its header is looked at by the tests of sheets
    "header_second.csv": {"header_row": 1},
    "comma_blank.csv": {"ready": True},
    "indented.ods": {"ready": True},
    "plain.ods": {"ready": True},
    "plain.xls": {"ready": True},
    "macro_sheet.xlsm": READ,
    "module_sheet.xlsx": READ,
    "lock.xlsx": {"error": "~$"},
}
BOOKS_NOT_YET: frozenset[str] = frozenset()


@pytest.fixture
def inspect(tmp_path):
    """Inspect a file; return its record and the verdicts of its rows."""

    def run(path, region):
        return inspect_file(path, region=region, rows_in=tmp_path, raises=False)

    return run


@pytest.mark.parametrize("name", EXPECTED)
def test_a_file_is_understood(inspect, name):
    case = EXPECTED[name]

    record, verdicts = inspect(CASES / name, case["region"])

    faults = [*_differences(case["expect"], record, verdicts), *_wrong_numbers(case, record, verdicts)]
    if name in NOT_YET:
        assert faults, f"{name} is understood now: take it off NOT_YET"
    else:
        assert not faults, f"{case['note']}\n{record}"


@pytest.mark.parametrize("name", BOOKS)
def test_a_workbook_or_text_that_a_reader_must_survive(inspect, name):
    record, verdicts = inspect(CASES / "books" / name, "GB")

    faults = list(_book_faults(BOOKS[name], record, verdicts))
    if name in BOOKS_NOT_YET:
        assert faults, f"{name} is read well now: take it off BOOKS_NOT_YET"
    else:
        assert not faults, str(record)


def test_every_file_has_its_expectation():
    assert {path.name for path in CASES.iterdir() if path.is_file()} == {*EXPECTED, "expected.json"}
    assert {path.name for path in (CASES / "books").iterdir()} == set(BOOKS)


def _differences(expect, record, verdicts):
    asked = bool(record.get("questions"))
    sent = [row for row in verdicts if row["bucket"] == "ready"]
    for fact, wanted in expect.items():
        found = record.get(fact)
        match fact:
            case "any_of":
                held = any(not list(_differences(one, record, verdicts)) for one in wanted)
            case "error_code":
                held = wanted in {record.get("error_code"), *(one["code"] for one in record.get("questions", []))}
            case "ready":
                held = found == wanted or (asked and "error" not in record and found < wanted)
            case "at_most_ready":
                held = record.get("ready", wanted + 1) <= wanted
            case "encoding":
                held = bool(found) and codecs.lookup(found) == codecs.lookup(wanted)
            case "encoding_in":
                held = record.get("encoding") in wanted
            case "mapping":
                held = all((found or {}).get(field) == column for field, column in wanted.items())
            case "mapping_without":
                held = "mapping" in record and not set(wanted) & set(record["mapping"])
            case "reasons":
                held = found is not None and all(found.get(code) == rows for code, rows in wanted.items())
                held = held and (bool(wanted) or not found)
            case "names":
                names = [row["name"] for row in sent]
                held = len(names) == len(wanted) and all(b in (None, a) for a, b in zip(names, wanted, strict=True))
            case "note":
                said = [one["sentence"] for one in (*record.get("notes", []), *record.get("questions", []))]
                held = any(NOTED[wanted] in sentence for sentence in said)
            case "row_2" | "row_3":
                row = next((row for row in verdicts if row["row"] == fact[-1]), None)
                held = row is not None and (row["bucket"] != "ready" or bool(row["warnings"]))
            case _:
                held = fact in record and found == wanted
        if not held:
            yield f"{fact}: {found!r} is not {wanted!r}"


def _wrong_numbers(case, record, verdicts):
    sent = {row["number"] for row in verdicts if row["bucket"] == "ready"}
    strangers = sent & set(case.get("must_not_send", []))
    if strangers:
        yield f"sent to {strangers}"
    wanted = set(case.get("must_send", sent))
    asked = bool(record.get("questions")) or "error" in record
    if not (sent <= wanted if asked else sent == wanted):
        yield f"sent to {sent - wanted}, not to {wanted - sent}"


def _book_faults(wanted, record, verdicts):
    if "error" in wanted:
        if wanted["error"] not in record.get("error", ""):
            yield f"not refused as {wanted['error']}"
        return
    if not record.get("rows"):
        yield "not read"
    if wanted.get("ready") and record.get("ready") != record.get("rows"):
        yield "rows are not ready"
    if "header_row" in wanted and record.get("header_row") != wanted["header_row"]:
        yield "another header"
    if wanted.get("noted") and not record.get("notes"):
        yield "no note"
    text = json.dumps(record, ensure_ascii=False) + "".join(row["name"] for row in verdicts)
    if wanted.get("no_nul") and "\0" in text:
        yield "a NUL after each letter"
    if wanted.get("no_apostrophes") and any(row["name"].startswith("'") for row in verdicts):
        yield "apostrophes are not quotes"
