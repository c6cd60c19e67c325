"""Hidden rows, sums and lines below a table are left out, said, and taken in by one answer; other sheets are offered."""

import re
import struct
import uuid

import openpyxl
import pytest
from django.urls import reverse

from tests.sheets.test_dirty_workbooks import ODS_CONTENT, ROW, TEXT, ods
from tests.sheets.test_foreign_files import record
from tests.sheets.test_workbooks_of_other_programs import old_book, table_of
from tests.sheets.workbooks import xlsx_parts, zipped
from tests.support.inspecting import inspect_file
from tests.support.markup import markup
from tests.support.queue import run_jobs
from voisoadmin.pushes.audit import audit

pytestmark = pytest.mark.slow

once = pytest.mark.once

HIDDEN, FOOTER, READY = ("not_sent", "hidden_row"), ("not_sent", "footer"), ("ready", "")
NUMBERS = [f"+4474155500{at:02}" for at in range(10, 40)]


@pytest.fixture
def inspect(tmp_path):
    """Inspect a file with this content; return its record and the fates of its rows."""

    def run(content, name="leads.csv", *answers, region="GB"):
        path = tmp_path / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        record, rows = inspect_file(path, *answers, region=region)
        return record, [(row["bucket"], row["reason"]) for row in rows]

    return run


def book_of(tmp_path, change, rows=5) -> bytes:
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.title = "Leads"
    sheet.append(["Name", "Phone", "Fax"])
    for at in range(rows):
        sheet.append([f"Name {at}", NUMBERS[at], None])
    change(book, sheet)
    path = tmp_path / "made.xlsx"
    book.save(path)
    return path.read_bytes()


def hide(*rows):
    def change(_, sheet):
        for row in rows:
            sheet.row_dimensions[row].hidden = True

    return change


@once
def test_rows_hidden_by_a_filter_are_left_out_and_said(inspect, tmp_path):
    record, fates = inspect(book_of(tmp_path, hide(3, 4)), "leads.xlsx")

    assert fates == [READY, HIDDEN, HIDDEN, READY, READY]
    assert (record["ready"], record["buckets"]["not_sent"], record["reasons"]) == (3, 2, {"hidden_row": 2})
    assert [note["sentence"] for note in record["notes"] if note["code"] == "hidden_rows"] == [
        "2 rows are hidden in the workbook, by a filter or by hand, and are not sent."
    ]
    assert record["questions"] == []
    (offer,) = (offer for offer in record["offers"] if offer["code"] == "hidden_rows")
    assert (offer["count"], offer["chosen"]) == (2, "leave_out")
    assert offer["answers"] == [{"value": "leave_out", "ready": 3}, {"value": "take_in", "ready": 5}]


@once
def test_hidden_rows_are_taken_in_by_one_answer(inspect, tmp_path):
    record, fates = inspect(book_of(tmp_path, hide(3, 4)), "leads.xlsx", "hidden_rows=take_in")

    assert fates == [READY] * 5
    assert [note["count"] for note in record["notes"] if note["code"] == "hidden_rows"] == [2]


@once
def test_a_hidden_row_neither_repeats_a_number_nor_hides_a_flag(inspect, tmp_path):
    def change(book, sheet):
        sheet["C1"] = "Do not call"
        sheet["B3"], sheet["B4"] = sheet["B2"].value, sheet["B5"].value
        sheet["C4"] = "yes"
        hide(2, 4)(book, sheet)

    _, fates = inspect(book_of(tmp_path, change), "leads.xlsx")

    assert fates == [HIDDEN, READY, HIDDEN, ("suppressed", "flagged_in_file"), READY]


@once
def test_rows_hidden_in_an_opendocument_sheet_are_left_out(inspect):
    rows = [
        ROW.format("", TEXT.format("Phone") + TEXT.format("Name")),
        ROW.format(' table:visibility="filter"', TEXT.format(NUMBERS[0]) + TEXT.format("Ann")),
        ROW.format(' table:number-rows-repeated="3"', "<table:table-cell/>"),
        ROW.format("", TEXT.format(NUMBERS[1]) + TEXT.format("Bo")),
        ROW.format(" table:style-name='ro1' table:visibility='collapse'", TEXT.format(NUMBERS[2]) + TEXT.format("Cy")),
    ]
    content = (
        ODS_CONTENT[: ODS_CONTENT.index("<table:table-row")]
        + "".join(rows)
        + ODS_CONTENT[ODS_CONTENT.rindex("</table:table>") :]
    )

    _, fates = inspect(ods(content=content), "leads.ods")

    assert fates == [HIDDEN, READY, HIDDEN]


def part_of(*records: tuple[int, bytes]) -> bytes:
    """Records of a binary workbook: kind and length in seven bits a byte."""
    return b"".join(
        (bytes([kind]) if kind < 128 else bytes([kind & 127 | 128, kind >> 7])) + bytes([len(data)]) + data
        for kind, data in records
    )


def wide(text: str) -> bytes:
    return struct.pack("<I", len(text)) + text.encode("utf-16-le")


def xlsb(rows: list[list[str]], hidden: int) -> bytes:
    cells = []
    for at, texts in enumerate(rows):
        cells.append((0, struct.pack("<IIHBBBI", at, 0, 300, 0, 0x10 if at == hidden else 0, 0, 0)))
        cells += [(6, struct.pack("<II", column, 0) + wide(text)) for column, text in enumerate(texts)]
    size = struct.pack("<IIII", 0, len(rows) - 1, 0, 1)
    column = struct.pack("<IIIIH", 1, 1, 2560, 0, 1)
    sheet = part_of((129, b""), (148, size), (60, column), (145, b""), *cells, (146, b""), (130, b""))
    bundle = struct.pack("<II", 0, 1) + wide("rId1") + wide("Leads")
    parts = xlsx_parts("")
    return zipped(
        {
            "[Content_Types].xml": parts["[Content_Types].xml"],
            "_rels/.rels": parts["_rels/.rels"].replace("workbook.xml", "workbook.bin"),
            "xl/workbook.bin": part_of((131, b""), (143, b""), (156, bundle), (144, b""), (132, b"")),
            "xl/_rels/workbook.bin.rels": parts["xl/_rels/workbook.xml.rels"].replace("sheet1.xml", "sheet1.bin"),
            "xl/worksheets/sheet1.bin": sheet,
        }
    )


@once
def test_rows_and_columns_hidden_in_a_binary_workbook_are_known(inspect):
    rows = [["Phone", "Name"], *([NUMBERS[at], f"Name {at}"] for at in range(3))]

    record, fates = inspect(xlsb(rows, hidden=2), "leads.xlsb")

    assert (record["format"], fates) == ("xlsb", [READY, HIDDEN, READY])
    assert [note["count"] for note in record["notes"] if note["code"] == "hidden_columns"] == [1]


@once
def test_rows_hidden_in_an_old_workbook_are_left_out(inspect):
    def row(number, hidden):
        return record(
            0x0208, number.to_bytes(2, "little") + bytes(10) + (0x20 if hidden else 0).to_bytes(2, "little") + bytes(2)
        )

    content = old_book(*(row(number, number == 2) for number in range(4)), *table_of("Ann", "Bo", "Cy"))

    _, fates = inspect(content, "leads.xls")

    assert fates == [READY, HIDDEN, READY]


def strike(row, columns="ABC"):
    def change(_, sheet):
        for column in columns:
            sheet[f"{column}{row}"].font = openpyxl.styles.Font(strike=True)

    return change


@once
@pytest.mark.parametrize(("columns", "is_said"), [("ABC", True), ("AB", True), ("A", False)])
def test_rows_that_are_struck_out_are_said_and_may_be_left_out(inspect, tmp_path, columns, is_said):
    content = book_of(tmp_path, strike(3, columns))

    record, fates = inspect(content, "leads.xlsx")
    _, without = inspect(content, "leads.xlsx", "struck_rows=leave_out")

    assert fates == [READY] * 5
    assert [note["sentence"] for note in record["notes"] if note["code"] == "struck_rows"] == (
        ["1 row is struck out in the workbook, and read like the others."] if is_said else []
    )
    assert without[1] == (("not_sent", "struck_row") if is_said else READY)


@once
def test_a_hidden_column_is_said(inspect, tmp_path):
    def change(_, sheet):
        sheet.column_dimensions["C"].hidden = True

    record, _ = inspect(book_of(tmp_path, change), "leads.xlsx")

    assert [note["sentence"] for note in record["notes"] if note["code"] == "hidden_columns"] == [
        "Column “Fax” is hidden in the workbook. It's read like the others."
    ]


@once
def test_other_sheets_with_the_same_columns_are_said_and_offered(inspect, tmp_path):
    def change(book, sheet):
        for title, count in (("May", 2), ("June", 1)):
            other = book.create_sheet(title)
            other.append(["Name", "Phone", "Fax"])
            for at in range(count):
                other.append([f"Name {at}", NUMBERS[20 + at], None])
        book.create_sheet("Notes").append(["Remember to call"])

    content = book_of(tmp_path, change)
    record, _ = inspect(content, "leads.xlsx")
    other, fates = inspect(content, "leads.xlsx", "which_sheet=May")

    assert (record["sheet"], record["rows"]) == ("Leads", 5)
    assert [note["sentence"] for note in record["notes"] if note["code"] == "other_sheets"] == [
        "Only the sheet “Leads” is read. 2 other sheets have the same columns: “May” (2 rows), “June” (1 row)."
    ]
    (offer,) = (offer for offer in record["offers"] if offer["code"] == "which_sheet")
    assert ([answer["value"] for answer in offer["answers"]], offer["chosen"]) == (["Leads", "May", "June"], "Leads")
    assert (other["sheet"], fates) == ("May", [READY] * 2)


CONTACTS = "".join(f"Name {at},{NUMBERS[at]},Leeds\n" for at in range(3))
BARE = "".join(f"Name {at},{NUMBERS[at][1:]},Leeds\n" for at in range(3))
TOTAL = str(sum(int(number[1:]) for number in NUMBERS[:3]))
BELOW = {
    "a sum": f"Total,{TOTAL},\n",
    "a sum in German": f"Summe:,{TOTAL},\n",
    "a total in Vietnamese beside a number": "Tổng cộng,447415550039,\n",
    "the end of a report beside a number": "End of report,447415550039,\n",
    "a sum without a word": f",{TOTAL},\n",
    "a word without a number": "Grand total,,\n",
    "a count in a sentence": "3 contacts,,\n",
    "who made it": "Generated by CRM 7.1 on 2026-11-30,,\n",
    "a report's end": '\n\n"Lead report",,\n"Copyright (c) 2000-2026 example.com",,\n"Shop Ltd",,\n',
    "a page": "Page 1 of 3\n",
    "a line and a total": "-----,,\nTotal: 3,,\n",
    "a long line": "All numbers were collected at the fair and may be called until the end of May,,\n",
    "with a number to ask": '\n"Questions? Call +44 20 7946 1234",,\n',
}


@once
@pytest.mark.parametrize("name", BELOW)
def test_what_is_below_the_contacts_is_no_contact(inspect, name):
    record, fates = inspect("Name,Phone,City\n" + BARE + BELOW[name], region="GB")

    assert fates[:3] == [READY] * 3
    assert set(fates[3:]) == {FOOTER}
    assert record["reasons"] == {"footer": len(fates) - 3}
    assert [note["count"] for note in record["notes"] if note["code"] == "footers"] == [len(fates) - 3]


CONTACTS_AT_THE_END = {
    "a contact without a number": "Zoë Marsh,,York\n",
    "only a name": "Zoë Marsh,,\n",
    "a company of this name": "Total,+447415550099,Paris\n",
    "a contact behind a blank row": "\nZoë Marsh,+447415550099,York\n",
    "a contact with a city behind a blank row": "\nZoë Marsh,,York\n",
    "only a city behind a blank row": "\n,,York\n",
}


@once
@pytest.mark.parametrize("name", CONTACTS_AT_THE_END)
def test_a_contact_at_the_end_stays_one(inspect, name):
    _, fates = inspect("Name,Phone,City\n" + CONTACTS + CONTACTS_AT_THE_END[name])

    assert fates[3:] in ([READY], [("invalid", "phone_missing")])


@once
def test_a_sum_between_contacts_is_left_out_though_it_is_a_valid_number(inspect):
    table = "Phone,Name\n2079461230,Ann\n2079461231,Bo\n4158922461,\n2079461232,Cy\n2079461233,Di\n4158922465,\n8317844926,\n"

    _, fates = inspect(table, region="GB")

    assert [at for at, fate in enumerate(fates) if fate == FOOTER] == [2, 5, 6]


@once
def test_footers_are_found_where_they_begin_in_an_earlier_chunk(inspect):
    rows = "".join(f"Name {at},+44741555{at:04}\n" for at in range(1998))

    _, fates = inspect("Name,Phone\n" + rows + "Total,3\nCount,1998\nGenerated by Ines,\nPage 1 of 1,\n")

    assert fates[1998:] == [FOOTER] * 4
    assert set(fates[:1998]) == {READY}


def answer(page, upload, code, value):
    form = {"client_token": str(uuid.uuid4()), "code": code, "value": value}
    page.post(reverse("uploads:answer", args=[upload.pk]), form)
    run_jobs()
    upload.refresh_from_db()


def test_rows_that_are_left_out_are_counted_before_and_after_sending(give, page, tmp_path):
    def change(book, sheet):
        sheet.append(["Total", "=SUM(B2:B6)", None])
        hide(3)(book, sheet)

    upload = give(book_of(tmp_path, change), "leads.xlsx")
    send = {"client_token": str(uuid.uuid4()), "version": upload.version}
    page.post(reverse("uploads:send", args=[upload.pk]), send)
    run_jobs()

    push = upload.pushes.get()
    assert {name: rows for name, rows in push.buckets().items() if rows} == {"added": 4, "not_sent": 2}
    assert push.reasons == {"added": 4, "hidden_row": 1, "footer": 1}
    assert list(audit()) == []
    table = b"".join(page.get(reverse("uploads:download", args=[upload.pk, "all", "csv"])).streaming_content).decode()
    assert "Hidden row" in table
    assert "Footer or sum" in table


def test_the_page_takes_hidden_rows_in_and_reads_another_sheet(give, page, tmp_path):
    def change(book, sheet):
        other = book.create_sheet("May")
        other.append(["Name", "Phone", "Fax"])
        other.append(["Zoë", NUMBERS[20], None])
        hide(3)(book, sheet)

    upload = give(book_of(tmp_path, change), "leads.xlsx")
    assert (upload.draft.pending, upload.draft.not_sent) == (4, 1)
    shown = markup(page.get(reverse("uploads:detail", args=[upload.pk])))
    assert "1 row is hidden in the workbook. Send anyway?</span>" in shown
    assert "1 other sheet has the same columns as “Leads”. Which sheet do you want to send?</span>" in shown
    assert not re.findall("is not sent|Only the sheet", shown), "the offers have said it"

    answer(page, upload, "hidden_rows", "take_in")
    assert (upload.draft.pending, upload.draft.not_sent) == (5, 0)

    answer(page, upload, "which_sheet", "May")
    assert (upload.facts["sheet"], upload.draft.pending) == ("May", 1)

    answer(page, upload, "which_sheet", "Leads")
    assert (upload.facts["sheet"], upload.draft.pending) == ("Leads", 5)
