"""The demo's spreadsheets: the clean one is clean, the messy one contains every problem."""

import csv

import openpyxl
import phonenumbers
import pytest

from voisoadmin.demo import centres, samples
from voisoadmin.sandbox import Sandbox


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("samples")
    samples.write_all(folder)
    return folder


def read(path, **options):
    with path.open(encoding=options.pop("encoding", "utf-8"), newline="") as file:
        return list(csv.reader(file, **options))


def test_every_number_of_the_clean_file_is_valid_and_unique(folder):
    header, *rows = read(folder / "clean.csv")

    numbers = [row[0] for row in rows]

    assert header == samples.HEADER
    assert len(set(numbers)) == len(rows) == 2_000
    assert all(phonenumbers.is_valid_number(phonenumbers.parse(number)) for number in numbers)


def test_the_big_file_has_a_hundred_thousand_rows_some_repeated_or_unusable(folder):
    _, *rows = read(folder / "big.csv")

    numbers = [row[0] for row in rows]

    assert len(rows) == 100_000
    assert len(numbers) - len(set(numbers)) > 900
    assert sum(len(number) < 10 for number in numbers) == 500


def test_the_messy_file_is_as_an_office_program_exports_it(folder):
    lines = read(folder / "messy.csv", encoding="cp1252", delimiter=";")

    assert "exported by Zoë" in lines[0][0]
    assert lines[1] == []
    assert lines[2][0] == "Mobile phone"
    rows = [line for line in lines[3:] if line]
    assert len(rows) == 1_000
    assert len(lines) - 3 - len(rows) == 4  # blank lines
    assert {len(row) for row in rows} == {4, 6, 8}
    for unusable in samples._UNUSABLE:
        assert any(row[0] == unusable for row in rows), unusable
    with pytest.raises(UnicodeDecodeError):
        (folder / "messy.csv").read_text(encoding="utf-8")


def test_the_workbook_holds_numbers_as_numbers_and_as_text(folder):
    book = openpyxl.load_workbook(folder / "contacts.xlsx", read_only=True)

    kinds = {type(row[0]) for row in book["Contacts"].iter_rows(min_row=2, values_only=True)}

    assert book.sheetnames == ["Contacts", "Notes"]
    assert kinds == {int, str}
    book.close()


def test_existing_samples_are_not_written_again(folder):
    changed = folder / "clean.csv"
    changed.write_text("mine")

    samples.write_all(folder)

    assert changed.read_text() == "mine"


def test_the_demo_has_a_campaign_in_every_lasting_state(tmp_path):
    v4, legacy = centres.CENTRES
    statuses = {}
    for centre in (v4, legacy):
        centres.build(centre, tmp_path / centre.slug, time_scale=1.0)
        sandbox = Sandbox.load(tmp_path / centre.slug)
        statuses[centre.generation] = {campaign.status for campaign in sandbox.centre.campaigns.values()}

    lasting = {"draft", "active", "paused", "auto_paused", "stopped", "processing", "import_error", "completed"}
    assert statuses["v4"] == lasting
    assert statuses["legacy"] == {"draft", "active", "paused", "auto_paused", "stopped"}
