"""A fax, a pager or the phone of someone else is never called because the phone of a row is blank or missing."""

import pytest

from tests.support.inspecting import inspect_text
from voisoadmin.contacts.checker import Checker
from voisoadmin.contacts.mapped import By, from_column
from voisoadmin.contacts.mapping import map_columns
from voisoadmin.contacts.number_types import TypeColumn
from voisoadmin.contacts.packing import PackedRow
from voisoadmin.contacts.repaired_checker import RepairedChecker
from voisoadmin.contacts.repairs import Repairs, RowEdit, hash_of
from voisoadmin.contacts.shifted import Layout
from voisoadmin.phones import Reader

pytestmark = pytest.mark.once

HEADERS = [
    "Company,Phone,Fax",
    "Name,Mobile,Fax",
    "Name,Phone,Pager",
    "Name,Cell,Beeper",
    "Company,Tel.,Telex",
    "Company,Phone No.,Fx",
    "Firma,Tel,Telefax",
    "Firma,Handy,Funkruf",
    "Firma,Rufnummer,Faxnummer",
    "Société,Téléphone,Télécopie",
    "Nom,Portable,Bip",
    "Empresa,Teléfono,Buscapersonas",
    "Naam,Telefoon,Semafoon",
    "Компания,Телефон,Пейджер",
    "Firma,Telefon,Faks",
    "公司,电话,传真",
    "会社名,電話番号,ポケベル",
    "회사,전화,팩스",
    "الشركة,الهاتف,الفاكس",
    "Name,Phone,Agent phone",
    "Nome,Celular,Telefone do vendedor",
    "Name,Telefon,Kundennummer",
]
PHONE, FAX = "020 7946 00{:02}", "020 7946 01{:02}"
WHOLE = [["Firm {}", PHONE, FAX]] * 3
ROWS = {
    "some phones are blank": [*WHOLE, ["Firm {}", "", FAX]],
    "most phones are blank": [["Firm {}", PHONE, FAX], *[["Firm {}", "", FAX]] * 5],
    "all phones are blank": [["Firm {}", "", FAX]] * 4,
    "some phones are missing": [*WHOLE, ["Firm {}", FAX]],
    "a phone is missing before a delimiter at the end": [*[[*row, ""] for row in WHOLE], ["Firm {}", FAX, ""]],
    "all phones are missing": [["Firm {}", FAX]] * 4,
}


def _filled(rows):
    """The rows, each with different numbers."""
    return [[cell.format(at) for cell in row] for at, row in enumerate(rows, 10)]


def _called(columns, rows):
    """The numbers of a text's rows that would be sent."""
    mapping = map_columns(columns, rows, region="GB")
    if mapping.needs_mapping:
        return []
    layout = Layout(columns, mapping.fields["phone"].columns, rows, ",", "", mapping.deciding)
    checker = Checker(mapping.fields, Reader("GB"), names=columns, layout=layout)
    return [row.number for row in checker.check(list(enumerate(rows, 2))) if isinstance(row, PackedRow)]


@pytest.mark.parametrize("header", HEADERS)
@pytest.mark.parametrize("name", ROWS)
def test_no_fax_is_called(header, name):
    columns = header.split(",")
    rows = _filled(ROWS[name])
    turned = [[row[0], row[2], row[1], *row[3:]] if len(row) > 2 and row[2] else row for row in rows]

    fax_last = _called(columns, rows)
    fax_first = _called([columns[0], columns[2], columns[1]], turned)

    assert not [number for number in (*fax_last, *fax_first) if number.startswith("4420794601")]
    assert len(fax_last) == len(fax_first) == sum(PHONE in row for row in ROWS[name])


@pytest.fixture
def inspect(tmp_path):
    """Inspect a text; return its record."""

    def run(header, rows, *answers):
        lines = [header, *map(",".join, _filled(rows))]
        return inspect_text(tmp_path, "\n".join(lines) + "\n", *answers, region="GB", raises=False)[0]

    return run


def test_a_row_with_too_few_cells_asks_whose_number_it_has(inspect):
    rows = [*WHOLE, ["Firm {}", FAX]]

    record = inspect("Company,Phone,Fax", rows)
    kept = inspect("Company,Phone,Fax", rows, "shifted_rows=keep")
    missing = inspect("Company,Phone,Fax", rows, "shifted_rows=blank:2")

    (question,) = record["questions"]
    assert question["sentence"] == "1 row has too few cells, so the number below “Phone” may be of “Fax”. What is right?"
    assert [tuple(answer.values()) for answer in question["answers"]] == [("keep", 4), ("blank:2", 3), ("leave_out", 3)]
    assert (kept["ready"], missing["ready"], missing["reasons"]) == (4, 3, {"phone_missing": 1})


def test_a_row_with_too_few_cells_is_ready_where_nothing_else_is_a_number(inspect):
    by_date = inspect("Company,Phone,Created", [*[["Firm {}", PHONE, "2026-11-{}"]] * 3, ["Firm {}", PHONE]])
    never_filled = inspect("Company,Phone,Fax", [*[["Firm {}", PHONE, ""]] * 20, ["Firm {}", PHONE]])

    own = inspect(
        "Name,Contact No,Alt Contact No", [["Ann Lee", PHONE, FAX], ["Ann Lee", PHONE]], "several_phone_columns=Contact No"
    )

    assert (by_date["ready"], by_date["questions"]) == (4, [])
    assert (own["ready"], own["questions"]) == (2, [])
    assert (never_filled["ready"], never_filled["questions"]) == (21, [])


def test_a_do_not_call_word_below_another_column_asks(inspect):
    callable_ones = [["Firm {}", PHONE, "Ely", "no"]] * 3
    rows = [*callable_ones, ["Firm {}", PHONE, "Ely", "yes"], ["Firm {}", PHONE, "yes"]]

    record = inspect("Company,Phone,City,Do not call", rows)

    assert record["reasons"] == {"flagged_in_file": 1, "shifted_row": 1}
    assert ([question["code"] for question in record["questions"]], record["ready"]) == (["shifted_rows"], 3)


TYPES = {
    "Name,Phone 1 - Type,Phone 1 - Value": ["Mobile", "Work Fax", "Pager", "Assistant"],
    "Name,Number type,Phone number": ["Cell", "FAX", "Fax (home)", "Telefax"],
    "Nom,Type de téléphone,Téléphone": ["Portable", "Fax", "Télécopie", "Fax bureau"],
    "姓名,电话类型,电话": ["手机", "传真", "传真", "传真"],
}


@pytest.mark.parametrize("header", TYPES)
def test_a_number_whose_type_says_fax_is_not_called(inspect, header):
    record = inspect(header, [["Ann Lee", kind, PHONE] for kind in TYPES[header]])

    assert (record["ready"], record["buckets"]["invalid"]) == (1, 3)
    assert record["reasons"]["fax_number"] >= 2


def test_a_type_of_contacts_is_no_type_of_numbers(inspect):
    record = inspect("Name,Type,Phone", [["Ann Lee", kind, PHONE] for kind in ["Partner", "Agent", "Private", "Business"]])

    assert (record["ready"], record["reasons"]) == (4, {})


def test_a_number_that_a_person_entered_for_a_fax_is_called():
    row = ["Ann Lee", "Fax", "020 7946 0010"]
    types, edit = {2: TypeColumn(1, is_of_phones=True)}, RowEdit(hash_of(row), {2: "020 7946 0011"})
    fields = {"phone": from_column(2, By.NAME)}

    before = Checker(fields, Reader("GB"), types=types).check([(2, row)])
    after = RepairedChecker(fields, Reader("GB"), types=types, repairs=Repairs({2: edit})).check([(2, row)])

    assert before[0].problems[0].code == "fax_number"
    assert after[0].number == "442079460011"


def test_a_blank_phone_column_beside_numbers_of_another_name_asks(inspect):
    record = inspect("Company,Phone,Details", [["Firm {}", "", FAX]] * 3)

    assert record["error_code"] == "several_phone_columns"
