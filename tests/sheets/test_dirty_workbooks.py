"""Workbooks as exporters write them, each with the table a careful reader sees in it."""

import datetime

import pytest
from openpyxl import Workbook
from openpyxl.cell.rich_text import CellRichText, TextBlock
from openpyxl.cell.text import InlineFont

from tests.sheets.reading import read, read_bytes
from tests.sheets.workbooks import contacts, number_cell, text_cell, xlsx, xlsx_parts, zipped
from voisoadmin.sheets import Limits, SheetName, Unreadable

pytestmark = pytest.mark.slow

HEADER = f'<row r="1">{text_cell("A1", "Phone")}{text_cell("B1", "Name")}</row>'


def sheet(*rows: str) -> bytes:
    return xlsx(f"<sheetData>{HEADER}{''.join(rows)}</sheetData>")


CELLS = {
    "whole number": ("<v>447415000001</v>", "", "447415000001"),
    "whole number written as a float": ("<v>447415000001.0</v>", "", "447415000001"),
    "scientific notation in full": ("<v>4.47415E+11</v>", "", "447415000000"),
    "more than 15 digits": ("<v>1.23456789012345E+17</v>", "", "123456789012345000"),
    "huge": ("<v>1E+30</v>", "", "1" + "0" * 30),
    "fraction": ("<v>0.1</v>", "", "0.1"),
    "small fraction": ("<v>1E-7</v>", "", "0.0000001"),
    "negative": ("<v>-5</v>", "", "-5"),
    "zero": ("<v>0</v>", "", "0"),
    "text with its blanks": ("<is><t xml:space='preserve'> 07415 000001 </t></is>", "inlineStr", " 07415 000001 "),
    "text of digits keeps its zeros": ("<is><t>007415000001</t></is>", "inlineStr", "007415000001"),
    "rich text": ("<is><r><t xml:space='preserve'>Ann </t></r><r><b/><t>Lee</t></r></is>", "inlineStr", "Ann Lee"),
    "phonetic hints are no text": ('<is><t>山田</t><rPh sb="0" eb="2"><t>ヤマダ</t></rPh></is>', "inlineStr", "山田"),
    "entities": ("<is><t>A &amp; B &lt;c&gt; &#252;</t></is>", "inlineStr", "A & B <c> ü"),
    "line break": ("<is><t>Ann&#10;Lee</t></is>", "inlineStr", "Ann\nLee"),
    "escaped control character": ("<is><t>a_x000D_b</t></is>", "inlineStr", "a\rb"),
    "yes": ("<v>1</v>", "b", "TRUE"),
    "no": ("<v>0</v>", "b", "FALSE"),
    "error": ("<v>#N/A</v>", "e", ""),
    "error of a formula": ("<f>1/0</f><v>#DIV/0!</v>", "e", ""),
    "result of a formula": ("<f>A1&amp;A2</f><v>Ann Lee</v>", "str", "Ann Lee"),
    "number of a formula": ("<f>1+1</f><v>2</v>", "", "2"),
    "formula without its result": ("<f>1+1</f>", "", ""),
    "formula with an empty result": ("<f>1+1</f><v></v>", "", ""),
    "text that looks like a formula": ("<is><t>=1+1</t></is>", "inlineStr", "=1+1"),
    "ISO date": ("<v>2024-03-01T00:00:00</v>", "d", "2024-03-01"),
    "emoji": ("<is><t>😀</t></is>", "inlineStr", "😀"),
}


@pytest.mark.parametrize("name", CELLS)
def test_a_cell_is_the_text_a_spreadsheet_shows(name, tmp_path):
    inside, kind, text = CELLS[name]
    cell = f'<c r="B2"{f" t={chr(34)}{kind}{chr(34)}" if kind else ""}>{inside}</c>'

    table = read_bytes(tmp_path, sheet(f'<row r="2">{text_cell("A2", "+447415000001")}{cell}</row>'), "file.xlsx")

    assert table.rows == [(2, ["+447415000001", text])]


def test_errors_and_formulas_without_a_result_are_reported(tmp_path):
    table = read_bytes(
        tmp_path,
        sheet(f'<row r="2">{text_cell("A2", "x")}<c r="B2" t="e"><v>#N/A</v></c><c r="C2"><f>1+1</f></c></row>'),
        "file.xlsx",
    )

    notes = " ".join(table.facts.notes)
    assert "1 cell holds an error" in notes
    assert "1 cell holds a formula without its result" in notes


def test_dates_and_times_are_written_out(tmp_path):
    book = Workbook()
    for row in [
        ["Phone", "When"],
        ["+447415000001", datetime.date(2024, 3, 1)],
        ["+447415000002", datetime.datetime(2024, 3, 1, 10, 30)],
        ["+447415000003", datetime.time(10, 30, 5)],
        ["+447415000004", datetime.timedelta(hours=30, minutes=5)],
    ]:
        book.active.append(row)
    book.save(tmp_path / "file.xlsx")

    table = read(tmp_path / "file.xlsx")

    assert [row[1] for row in table.cells] == ["2024-03-01", "2024-03-01 10:30:00", "10:30:05", "30:05:00"]


def test_rich_text_of_a_library_is_read_whole(tmp_path):
    book = Workbook()
    book.active.append(["Phone", "Name"])
    book.active.append(["+447415000001", CellRichText("Ann ", TextBlock(InlineFont(b=True), "Lee"))])
    book.save(tmp_path / "file.xlsx")

    assert read(tmp_path / "file.xlsx").cells == [["+447415000001", "Ann Lee"]]


def test_merged_cells_are_their_top_left_cell(tmp_path):
    book = Workbook()
    for row in [["Phone", "Name", "City"], ["+447415000001", "Ann", "Ely"], ["+447415000002", "Ben", "Bath"]]:
        book.active.append(row)
    book.active.merge_cells("C2:C3")
    book.save(tmp_path / "file.xlsx")

    table = read(tmp_path / "file.xlsx")

    assert table.cells == [["+447415000001", "Ann", "Ely"], ["+447415000002", "Ben", ""]]
    assert any("In merged cells" in note for note in table.facts.notes)


DIMENSIONS = ["A1", "A1:A1", "A1:B2", "A1:XFD1048576", "C7:D9", "B2", "A1:B1048576", "B4:A1", "a1:b2"]
ODD_DIMENSIONS = ["", " ", "A:B", "1:4", "$A$1:$B$2", "Sheet1!A1:B2", "A0:B0", "A1:", "R1C1:R2C2", "none"]


@pytest.mark.parametrize("count", [1, 200, 201, 4321])
@pytest.mark.parametrize("dimension", DIMENSIONS)
def test_no_row_is_lost_whatever_the_dimension_says(dimension, count, tmp_path):
    content = xlsx(f'<dimension ref="{dimension}"/><sheetData>{contacts(count)}</sheetData>')

    table = read_bytes(tmp_path, content, "file.xlsx")

    assert table.rows == [(row, [f"+44741500{row:04}", f"Name {row}"]) for row in range(2, count + 2)]


@pytest.mark.parametrize("dimension", ODD_DIMENSIONS)
def test_a_dimension_that_names_no_cells_is_ignored(dimension, tmp_path):
    content = xlsx(f'<dimension ref="{dimension}"/><sheetData>{contacts(201)}</sheetData>')

    table = read_bytes(tmp_path, content, "file.xlsx")

    assert table.rows == [(row, [f"+44741500{row:04}", f"Name {row}"]) for row in range(2, 203)]


def test_a_dimension_may_say_nothing_at_all(tmp_path):
    table = read_bytes(tmp_path, xlsx(f"<dimension></dimension><sheetData>{contacts(3)}</sheetData>"), "file.xlsx")

    assert len(table.rows) == 3


def test_rows_and_cells_need_no_reference(tmp_path):
    rows = "".join(
        f'<row><c t="inlineStr"><is><t>{cell}</t></is></c><c><v>5</v></c></row>' for cell in ("Phone", "+447415000001")
    )

    table = read_bytes(tmp_path, xlsx(f"<sheetData>{rows}</sheetData>"), "file.xlsx", header_row=1)

    assert table.rows == [(2, ["+447415000001", "5"])]


def test_a_prefixed_namespace_is_understood(tmp_path):
    parts = xlsx_parts(f"<sheetData>{contacts(400)}</sheetData>")
    part = parts["xl/worksheets/sheet1.xml"].replace("<?xml", "\0").replace("</", "\1").replace("<", "<x:")
    part = part.replace("\1", "</x:").replace("\0", "<?xml").replace("<x:?xml", "<?xml").replace(" xmlns=", " xmlns:x=")

    table = read_bytes(tmp_path, zipped({**parts, "xl/worksheets/sheet1.xml": part}), "file.xlsx")

    assert table.numbers == list(range(2, 402))


def test_parts_may_be_named_with_backslashes(tmp_path):
    parts = xlsx_parts(f"<sheetData>{contacts(2)}</sheetData>")
    moved = {name.replace("/", "\\") if name.startswith("xl") else name: content for name, content in parts.items()}

    assert len(read_bytes(tmp_path, zipped(moved), "backslashes.xlsx").rows) == 2


def test_leading_empty_columns_and_rows_shift_nothing(tmp_path):
    header = f'<row r="4">{text_cell("C4", "Phone")}{text_cell("D4", "Name")}</row>'
    row = f'<row r="6">{number_cell("C6", "447415000001")}{text_cell("D6", "Ann")}</row>'

    table = read_bytes(tmp_path, xlsx(f"<sheetData>{header}{row}</sheetData>"), "file.xlsx")

    assert table.facts.header_row == 4
    assert table.facts.raw_columns == ("", "", "Phone", "Name")
    assert table.rows == [(6, ["", "", "447415000001", "Ann"])]


SHEETS = ("<sheetData></sheetData>", f"<sheetData>{contacts(1)}</sheetData>", f"<sheetData>{contacts(2)}</sheetData>")


def test_the_first_visible_sheet_with_a_table_is_read_and_hidden_ones_are_named(tmp_path):
    content = xlsx(*SHEETS, names=("Empty", "Old", "Leads"), states=("visible", "hidden", "visible"))

    table = read_bytes(tmp_path, content, "file.xlsx")

    assert table.facts.sheet == "Leads"
    assert table.facts.sheets == (
        SheetName(name="Empty", hidden=False),
        SheetName(name="Old", hidden=True),
        SheetName(name="Leads", hidden=False),
    )
    assert "Hidden sheets: “Old”." in table.facts.notes
    assert len(table.rows) == 2


def test_a_person_may_choose_the_sheet(tmp_path):
    content = xlsx(*SHEETS, names=("Empty", "Old", "Leads"), states=("visible", "veryHidden", "visible"))

    assert len(read_bytes(tmp_path, content, "file.xlsx", sheet="Old").rows) == 1
    with pytest.raises(Unreadable, match=r"The workbook has no sheet “Gone”\. Sheets: “Empty”, “Old”, “Leads”"):
        read_bytes(tmp_path, content, "file.xlsx", sheet="Gone")


def test_only_a_header_is_a_table_without_rows(tmp_path):
    table = read_bytes(tmp_path, sheet(), "file.xlsx")

    assert (table.facts.header_row, table.facts.raw_columns, table.rows) == (1, ("Phone", "Name"), [])


def test_a_workbook_without_values_says_so(tmp_path):
    with pytest.raises(Unreadable, match="The file is empty: every cell is blank"):
        read_bytes(tmp_path, xlsx("<sheetData/>"), "file.xlsx")


def test_blank_rows_count_in_the_numbering(tmp_path):
    rows = "".join(f'<row r="{row}">{text_cell(f"A{row}", "+447415000001")}</row>' for row in (2, 5, 9))
    blank = f'<row r="7">{text_cell("A7", "  ")}</row>'

    table = read_bytes(
        tmp_path, sheet(rows[: rows.index('<row r="9">')], blank, rows[rows.index('<row r="9">') :]), "file.xlsx"
    )

    assert table.numbers == [2, 5, 9]


def test_the_type_is_detected_from_the_content_and_not_the_name(tmp_path):
    assert read_bytes(tmp_path, sheet(), "file.csv").facts.format == "xlsx"
    assert read_bytes(tmp_path, b"Phone,Name\n1,Ann\n", "file.xlsx").facts.format == "csv"


def test_a_workbook_with_macros_is_read_as_cells(tmp_path):
    parts = xlsx_parts(f"<sheetData>{contacts(1)}</sheetData>")
    types = parts["[Content_Types].xml"].replace(
        "openxmlformats-officedocument.spreadsheetml.sheet.main", "ms-excel.sheet.macroEnabled.main"
    )

    table = read_bytes(tmp_path, zipped({**parts, "[Content_Types].xml": types, "xl/vbaProject.bin": b"\0" * 99}), "file.xlsm")

    assert table.facts.format == "xlsm"
    assert len(table.rows) == 1


TEXT = '<table:table-cell office:value-type="string"><text:p>{}</text:p></table:table-cell>'
NUMBER = '<table:table-cell office:value-type="float" office:value="{}"><text:p>4.47E+11</text:p></table:table-cell>'
ROW = "<table:table-row{}>{}</table:table-row>"
NAMESPACE = "urn:oasis:names:tc:opendocument:xmlns"
ODS_CONTENT = (
    '<?xml version="1.0" encoding="UTF-8"?>'
    f'<office:document-content xmlns:office="{NAMESPACE}:office:1.0" xmlns:table="{NAMESPACE}:table:1.0" '
    f'xmlns:text="{NAMESPACE}:text:1.0"><office:body><office:spreadsheet><table:table table:name="Leads">'
    + ROW.format("", TEXT.format("Phone") + TEXT.format("Name"))
    + ROW.format(' table:number-rows-repeated="2"', "<table:table-cell/>")
    + ROW.format("", NUMBER.format("447415000001") + TEXT.format("Ann"))
    + ROW.format(' table:number-rows-repeated="1048570"', '<table:table-cell table:number-columns-repeated="16384"/>')
    + "</table:table></office:spreadsheet></office:body></office:document-content>"
)
ODS_MANIFEST = '<manifest:manifest xmlns:manifest="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0"/>'


def ods(manifest: str = ODS_MANIFEST, content: str = ODS_CONTENT) -> bytes:
    return zipped(
        {
            "mimetype": "application/vnd.oasis.opendocument.spreadsheet",
            "content.xml": content,
            "META-INF/manifest.xml": manifest,
        }
    )


def test_an_opendocument_sheet_is_read(tmp_path):
    table = read_bytes(tmp_path, ods(), "file.ods")

    assert (table.facts.format, table.facts.sheet, table.facts.raw_columns) == ("ods", "Leads", ("Phone", "Name"))
    assert table.rows == [(4, ["447415000001", "Ann"])]


def test_a_limit_of_rows_ignores_blank_rows(tmp_path):
    content = xlsx(f"<sheetData>{contacts(30)}</sheetData>")

    assert len(read_bytes(tmp_path, content, "file.xlsx", Limits(max_rows=30)).rows) == 30
    with pytest.raises(Unreadable, match="more than 29 rows"):
        read_bytes(tmp_path, content, "file.xlsx", Limits(max_rows=29))


def test_rows_that_are_whole_lines_in_column_a_are_parted(tmp_path):
    lines = ["Name,Phone,City", 'Zoë,+447415000001,"Leeds, UK"', "Bo,+447415000002,Hull"]
    rows = "".join(
        f'<row r="{at}"><c r="A{at}" t="inlineStr"><is><t>{line}</t></is></c></row>' for at, line in enumerate(lines, 1)
    )

    table = read_bytes(tmp_path, xlsx(f"<sheetData>{rows}</sheetData>"), "file.xlsx")

    assert (table.facts.raw_columns, table.facts.header_row) == (("Name", "Phone", "City"), 1)
    assert table.rows == [(2, ["Zoë", "+447415000001", "Leeds, UK"]), (3, ["Bo", "+447415000002", "Hull"])]
    assert "Each row was in column A. Its cells are parted at each comma." in table.facts.notes
