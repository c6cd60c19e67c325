"""`manage.py inspect`: files are read, matched and checked, and nothing is stored."""

import csv
import datetime
import json
import os
import re
from pathlib import Path

import openpyxl
import pytest
from django.core.management import CommandError, call_command

pytestmark = pytest.mark.slow

KEYS = [
    "file",
    "format",
    "encoding",
    "delimiter",
    "sheet",
    "header_row",
    "columns",
    "mapping",
    "rows",
    "ready",
    "buckets",
    "reasons",
    "warnings",
    "questions",
    "offers",
    "notes",
    "seconds",
]
LEADS = """\
Rufnummer;Name;Prio;Link;aktiv?
0171 4471 500;Zoë Müller;1;https://crm.example/1;ja
4,47415E+11;Bo;2;;nein
+44 7415 550012;Al;0;;x
0171/4471500;Again;5;;
n/a;Nemo;high;;
"""


@pytest.fixture
def leads(tmp_path):
    path = tmp_path / "leads.csv"
    path.write_bytes(LEADS.encode("cp1252"))
    return path


@pytest.fixture
def run(capsys):
    """Run the command; return its records and its exit code."""

    def run(*words):
        code = 0
        try:
            call_command("inspect", *map(str, words), "--json")
        except CommandError as error:
            code = error.returncode
        return [json.loads(line) for line in capsys.readouterr().out.splitlines()], code

    return run


def workbook(path, rows, title="Leads"):
    book = openpyxl.Workbook()
    book.active.title = title
    for row in rows:
        book.active.append(row)
    book.save(path)
    return path


def test_a_csv_file_is_reported_in_one_line(run, leads):
    (found,), code = run(leads, "--region", "DE")

    assert code == 0
    assert list(found) == KEYS
    assert found["seconds"] > 0
    assert {key: value for key, value in found.items() if key not in {"seconds", "notes"}} == {
        "file": str(leads),
        "format": "csv",
        "encoding": "cp1252",
        "delimiter": ";",
        "sheet": None,
        "header_row": 1,
        "columns": ["Rufnummer", "Name", "Prio", "Link", "aktiv?"],
        "mapping": {"phone": "Rufnummer", "name": "Name", "url": "Link", "priority": "Prio", "active": "aktiv?"},
        "rows": 5,
        "ready": 2,
        "buckets": {"invalid": 2, "duplicate_in_file": 1, "suppressed": 0, "not_sent": 0},
        "reasons": {"damaged_scientific": 1, "same_number_in_file": 1, "no_digits": 1},
        "warnings": {},
        "questions": [],
        "offers": [],
    }
    assert [(note["code"], note["count"]) for note in found["notes"]] == [("damaged_numbers", 1)]
    assert found["notes"][0]["sentence"].startswith("1 of 5 phone numbers was damaged")


def test_a_workbook_gives_the_same_as_its_csv(run, leads, tmp_path):
    rows = list(csv.reader(LEADS.splitlines(), delimiter=";"))
    book = workbook(tmp_path / "leads.xlsx", rows)

    (as_csv, as_book), code = run(leads, book, "--region", "DE")

    assert code == 0
    assert (as_book["format"], as_book["sheet"], as_book["encoding"], as_book["delimiter"]) == ("xlsx", "Leads", None, None)
    same = ["columns", "mapping", "rows", "ready", "buckets", "reasons", "header_row"]
    assert {key: as_book[key] for key in same} == {key: as_csv[key] for key in same}


def test_numbers_that_a_workbook_holds_as_numbers_are_read_exactly(run, tmp_path):
    book = workbook(
        tmp_path / "n.xlsx",
        [
            ["Phone", "Since"],
            [447415550012, datetime.date(2024, 5, 1)],
            [447415550013.0, None],
            [447415550014.5, None],
            [447400000000, 1],
        ],
    )

    (found,), _ = run(book, "--region", "GB")

    assert (found["ready"], found["reasons"]) == (3, {"damaged_fraction": 1})


def test_rows_are_ready_or_invalid_or_repeated(run, tmp_path):
    path = tmp_path / "many.csv"
    path.write_text(
        "phone\n" + "".join(f"+4474155{at % 70_000:05d}\n" if at % 9 else f"bad {at}\n" for at in range(9000)), "utf-8"
    )

    (found,), _ = run(path)

    assert found["rows"] == 9000 == found["ready"] + sum(found["buckets"].values())
    assert found["buckets"]["invalid"] == 1000
    assert sum(found["reasons"].values()) == sum(found["buckets"].values())


def test_it_continues_after_a_bad_file_and_exits_with_2(run, leads, tmp_path):
    empty = tmp_path / "empty.csv"
    empty.write_bytes(b"")
    no_phone = tmp_path / "cities.csv"
    no_phone.write_text("City,Country\nPorto,PT\nBraga,PT\n", "utf-8")

    records, code = run(tmp_path / "missing.csv", empty, no_phone, leads, "--region", "DE")

    assert code == 2
    assert [list(record) for record in records[:3]] == [["file", "error", "error_code", "questions"]] * 3
    assert [record["error_code"] for record in records[:3]] == ["unreadable", "unreadable", "no_phone_column"]
    assert records[0]["error"] == "No such file: “missing.csv”."
    assert all(record["error"].endswith(".") and "Traceback" not in record["error"] for record in records[:3])
    assert records[2]["error"].startswith("No phone column found.")
    assert records[3]["rows"] == 5


def test_columns_are_chosen_by_map(run, tmp_path):
    path = tmp_path / "two.csv"
    path.write_text("A,B,Name\n+44 7415 550012,+44 7415 550013,Zoë\n", "utf-8")

    (unsure,), first = run(path)
    (found,), second = run(path, "--map", "phone=B", "name=", "source=3")
    (behind,), third = run("--map", "phone=A", path)

    assert (first, second, third) == (2, 0, 0)
    assert unsure["error"].startswith("Several columns could be the phone number: “A” and “B”.")
    assert found["mapping"] == {"phone": "B", "source": "Name"}
    assert behind["mapping"] == {"phone": "A", "name": "Name"}


def test_a_missing_column_is_reported(run, leads):
    (found,), code = run(leads, "--map", "phone=Fax")

    assert code == 2
    assert found["error"] == "No column “Fax”. Columns: “Rufnummer”, “Name”, “Prio”, “Link”, “aktiv?”."


@pytest.mark.parametrize(
    ("words", "says"),
    [
        ([], "Give at least one file."),
        (["leads.csv", "--region", "XX"], "--region: “XX” is not a country code. Use two letters, for example GB."),
        (["leads.csv", "--map", "fone=A"], "--map: “fone=A” is not FIELD=COLUMN with one of the fields phone, name, source"),
        (["a/x.csv", "b/x.csv", "--table-dir", "t"], "--table-dir: two files are named “x.csv”"),
    ],
)
def test_bad_usage_exits_with_2_before_any_file_is_read(words, says, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)

    with pytest.raises(CommandError) as raised:
        call_command("inspect", *words)

    assert raised.value.returncode == 2
    assert str(raised.value).startswith(says)


def test_a_sheet_is_chosen_by_name(run, tmp_path):
    path = tmp_path / "book.xlsx"
    book = openpyxl.Workbook()
    book.active.append(["Phone"])
    book.active.append(["+44 7415 550012"])
    second = book.create_sheet("More")
    second.append(["Phone"])
    second.append(["+44 7415 550013"])
    second.append(["+44 7415 550014"])
    book.save(path)

    (found,), _ = run(path, "--sheet", "More")
    (unknown,), code = run(path, "--sheet", "Nope")

    assert (found["sheet"], found["rows"]) == ("More", 2)
    assert code == 2
    assert "Nope" in unknown["error"]


def test_a_workbook_whose_first_sheet_holds_no_numbers_names_the_others(run, tmp_path):
    path = tmp_path / "book.xlsx"
    book = openpyxl.Workbook()
    book.active.title = "Read me"
    book.active.append(["Fill in the second sheet"])
    book.create_sheet("Contacts").append(["Ann", "York"])
    book.save(path)

    (found,), code = run(path)

    assert code == 2
    assert found["error"].endswith("Only sheet “Read me” was read. Other sheets: “Contacts”. Choose one with --sheet.")


def test_the_table_is_written_as_it_was_read(run, tmp_path):
    path = tmp_path / "dirty.csv"
    path.write_bytes('Kopf;x "y";leer;lang\n0171;"a\nb";;{}\n\n\'=1;ä,ö;;" "\n'.format("z" * 500).encode("utf-16"))

    (found,), code = run(path, "--table-dir", tmp_path / "out" / "tables", "--map", "phone=Kopf")

    written = Path(tmp_path / "out" / "tables" / "dirty.csv.csv")
    with written.open(encoding="utf-8", newline="") as file:
        table = list(csv.reader(file))
    assert code == 0
    assert found["encoding"] == "utf-16-le"
    assert table == [["Kopf", 'x "y"', "leer", "lang"], ["0171", "a\nb", "", "z" * 500], ["'=1", "ä,ö", "", " "]]
    assert not written.read_bytes().startswith(b"\xef\xbb\xbf")


def test_the_table_is_written_even_if_it_cannot_be_mapped(run, tmp_path):
    path = tmp_path / "cities.csv"
    path.write_text("City,Country\nPorto,PT\nBraga,PT\n", "utf-8")

    _, code = run(path, "--table-dir", tmp_path / "out")

    assert code == 2
    assert (tmp_path / "out" / "cities.csv.csv").read_text("utf-8") == "City,Country\nPorto,PT\nBraga,PT\n"


def test_the_table_is_written_in_full_despite_too_many_columns(run, tmp_path):
    path = tmp_path / "wide.csv"
    table = [["phone", *(f"c{at}" for at in range(150))], ["+447415550012", *("v" * 300 for _ in range(150))]]
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows(table)

    (refused,), code = run(path, "--table-dir", tmp_path / "out")

    assert code == 2
    assert refused["error"].startswith("The table has 151 columns; the limit is 100.")
    with (tmp_path / "out" / "wide.csv.csv").open(encoding="utf-8", newline="") as file:
        assert list(csv.reader(file)) == table


def test_the_name_of_a_file_need_not_be_text(run, tmp_path):
    path = tmp_path / os.fsdecode(b"\xff leads.csv")
    path.write_text("phone\n+447415550012\n")

    (found,), code = run(path, "--table-dir", tmp_path / "out")
    (missing,), _ = run(tmp_path / os.fsdecode(b"\xff.csv"))

    assert (found["file"], found["ready"], code) == (str(path), 1, 0)
    assert (tmp_path / "out" / f"{path.name}.csv").exists()
    assert missing["error"] == "No such file: “?.csv”."


def test_a_line_break_of_any_kind_stays_in_its_cell_of_the_table(run, tmp_path):
    path = tmp_path / "breaks.csv"
    path.write_bytes(b'Phone,Note\n+447415550012,"a\rb"\n+447415550013,"c\nd"\n+447415550014,"e\r\nf"\n')

    run(path, "--table-dir", tmp_path / "out")

    with (tmp_path / "out" / "breaks.csv.csv").open(encoding="utf-8", newline="") as file:
        assert [row[1] for row in csv.reader(file)] == ["Note", "a\rb", "c\nd", "e\r\nf"]


def test_a_table_that_cannot_be_written_is_reported_and_the_next_file_is_read(run, leads, tmp_path):
    (tmp_path / "out" / "other.csv.csv").mkdir(parents=True)
    other = tmp_path / "other.csv"
    other.write_bytes(leads.read_bytes())

    (refused, found), code = run(other, leads, "--region", "DE", "--table-dir", tmp_path / "out")

    assert code == 2
    assert refused["error"].startswith("Can't write the table to “")
    assert found["rows"] == 5


def test_an_input_file_is_never_replaced_by_a_table(run, tmp_path):
    for name in ("leads", "leads.csv"):
        (tmp_path / name).write_text("phone\n+447415550012\n")

    records, code = run(tmp_path / "leads", tmp_path / "leads.csv", "--table-dir", tmp_path)

    assert (records, code) == ([], 2)
    assert (tmp_path / "leads.csv").read_text() == "phone\n+447415550012\n"


def test_how_bare_digits_are_read_is_decided_by_the_whole_file(run, tmp_path):
    path = tmp_path / "late.csv"
    path.write_text(
        "phone\n447415550012\n1714471500\n" + "\n" * 10 + "".join(f"1212555{at:04d}\n" for at in range(3000)), "utf-8"
    )

    (auto,), _ = run(path, "--region", "DE")
    (national,), _ = run(path, "--region", "DE", "--numbers", "national")
    (international,), _ = run(path, "--region", "DE", "--numbers", "international")

    assert auto["reasons"] == {"ambiguous_number": 1}
    assert auto["ready"] == 3001
    assert national["ready"] < 100
    assert international["reasons"] == {"not_in_use": 1}


def test_without_json_it_prints_text(capsys, leads):
    call_command("inspect", str(leads), "--region", "DE")

    words = capsys.readouterr().out
    assert "header in row 1" in words
    assert "“Rufnummer” is phone (by name)" in words
    assert "5 rows: 2 ready, 2 invalid, 1 repeated" in words
    assert "Repeated in file: 1\n" in words
    assert not re.search(r"[a-z]_[a-z]|cp\d+", words.replace(str(leads), "")), "a code instead of words"
    assert "1 of 5 phone numbers was damaged by a spreadsheet program." in words


def test_a_header_without_rows_is_reported_and_still_written_as_a_table(run, tmp_path):
    path = tmp_path / "header.csv"
    path.write_text("Phone,Name\n", "utf-8")

    (found,), code = run(path, "--table-dir", tmp_path / "tables")

    assert code == 2
    assert found == {"file": found["file"], "error": found["error"], "error_code": "no_rows", "questions": []}
    assert found["error"].startswith("The file has a header but no rows.")
    assert (tmp_path / "tables" / "header.csv.csv").read_text("utf-8") == "Phone,Name\n"


def test_which_of_two_columns_is_called_is_asked_and_answered(run, tmp_path):
    path = tmp_path / "two.csv"
    path.write_text("Phone,Telephone\n+447415550012,+447415550013\n,+447415550014\n", "utf-8")

    (asked,), code = run(path)

    assert (code, asked["error_code"]) == (2, "several_phone_columns")
    (question,) = asked["questions"]
    assert question == {
        "code": "several_phone_columns",
        "column": "",
        "count": 2,
        "answers": [{"value": "Phone", "ready": 1}, {"value": "Telephone", "ready": 2}],
        "sentence": "Several columns could be the phone number: “Phone” and “Telephone”. Choose the one to call.",
    }

    (found,), code = run(path, "--answer", "several_phone_columns=Telephone")

    assert (code, found["ready"], found["mapping"]["phone"], found["questions"]) == (0, 2, "Telephone", [])


def test_two_columns_of_one_name_are_distinguished_by_their_numbers(run, tmp_path):
    path = tmp_path / "two.csv"
    path.write_text("Phone,Phone,Name\n+447415550012,+447415550013,Zoë\n", "utf-8")

    (asked,), _ = run(path)
    (found,), _ = run(path, "--answer", "several_phone_columns=2", "--rows-dir", tmp_path / "rows")

    assert [answer["value"] for answer in asked["questions"][0]["answers"]] == ["1", "2"]
    assert found["ready"] == 1
    assert "447415550013" in (tmp_path / "rows" / "two.csv.csv").read_text("utf-8")


@pytest.mark.parametrize("answer", ["several_phone_columns", "several_phone_columns=", "who=me", "=x"])
def test_an_answer_to_no_known_question_is_bad_usage(tmp_path, answer):
    with pytest.raises(CommandError, match="is not CODE=VALUE") as refused:
        call_command("inspect", str(tmp_path / "leads.csv"), "--answer", answer)

    assert refused.value.returncode == 2


def test_an_answer_that_is_not_offered_refuses_the_file(run, tmp_path):
    path = tmp_path / "two.csv"
    path.write_text("Phone,Telephone\n+447415550012,+447415550013\n", "utf-8")

    (found,), code = run(path, "--answer", "several_phone_columns=Fax")

    assert (code, found["error_code"]) == (2, "unknown_answer")
    assert found["error"] == "“Fax” doesn't answer several_phone_columns. Answers: “Phone”, “Telephone”."


def test_what_became_of_each_row_is_written(run, leads, tmp_path):
    run(leads, "--region", "DE", "--rows-dir", tmp_path / "rows")

    with (tmp_path / "rows" / "leads.csv.csv").open(encoding="utf-8", newline="") as file:
        rows = [list(row.values()) for row in csv.DictReader(file)]
    assert rows == [
        ["2", "ready", "", "491714471500", "Zoë Müller", "", "https://crm.example/1", "1", "yes", ""],
        ["3", "invalid", "damaged_scientific", "", "Bo", "", "", "", "", ""],
        ["4", "ready", "", "447415550012", "Al", "", "", "0", "yes", ""],
        ["5", "duplicate_in_file", "same_number_in_file", "491714471500", "Again", "", "", "5", "", ""],
        ["6", "invalid", "no_digits", "", "Nemo", "", "", "", "", ""],
    ]
