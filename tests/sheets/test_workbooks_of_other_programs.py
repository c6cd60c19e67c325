"""Workbooks as other programs write them: parts that no one reads, odd names, covers, and tables far down."""

import struct

import pytest

from tests.sheets.reading import at_most, read_bytes
from tests.sheets.test_dirty_workbooks import ODS_CONTENT, ROW, TEXT, ods
from tests.sheets.test_foreign_files import label, ole, record
from tests.sheets.workbooks import DOCUMENT, contacts, text_cell, xlsx, xlsx_parts, zipped
from voisoadmin.sheets import Limits, ReadChoices, Unreadable, open_table
from voisoadmin.sheets.book.sheetxml import column_name

pytestmark = [pytest.mark.once, pytest.mark.slow]

GOOD = f"<sheetData>{contacts(3)}</sheetData>"
COLUMNS = ("Phone", "Name")
CELLS = [[f"+44741500{row:04}", f"Name {row}"] for row in (2, 3, 4)]


@pytest.mark.parametrize("part", ["customXml/item1.xml", "docProps/app.xml", "xl/theme/theme1.xml", "xl/comments1.xml"])
@pytest.mark.parametrize("content", ["<!DOCTYPE x [<!ENTITY a 'x'>]><x/>", '<?xml version="1.0" encoding="UTF-16"?><x/>', "<x"])
def test_a_part_that_no_one_reads_refuses_no_workbook(part, content, tmp_path):
    encoded = content.encode("utf-16") if "UTF-16" in content else content.encode()

    table = read_bytes(tmp_path, zipped({**xlsx_parts(GOOD), part: encoded}), "file.xlsx")

    assert table.cells == CELLS


@pytest.mark.parametrize(
    "renamed",
    [
        lambda name: name.replace("[Content_Types]", "[content_types]"),
        lambda name: name.replace("/", "\\"),
        lambda name: name.replace("[Content_Types]", "[content_types]").replace("/", "\\"),
        lambda name: name.upper() if "sheet1" in name else name,
    ],
)
def test_parts_may_be_named_in_other_letters_and_with_other_slashes(renamed, tmp_path):
    parts = {renamed(name): content for name, content in xlsx_parts(GOOD).items()}

    assert read_bytes(tmp_path, zipped(parts), "file.xlsx").cells == CELLS


SHEET_THAT_IS_NONE = {
    "a module without a part": ('<sheet name="Module1" sheetId="9" r:id=""/>', ""),
    "a module that leads nowhere": ('<sheet name="Module1" sheetId="9" r:id="rId77"></sheet>', ""),
    "a sheet of macros": (
        '<sheet name="Macro1" sheetId="9" state="hidden" r:id="rId99"/>',
        '<Relationship Id="rId99" Type="http://schemas.microsoft.com/office/2006/relationships/xlMacrosheet" '
        'Target="macrosheets/sheet1.xml"/>',
    ),
}


@pytest.mark.parametrize("name", SHEET_THAT_IS_NONE)
@pytest.mark.parametrize("is_first", [True, False])
def test_a_sheet_that_holds_no_cells_is_passed_over(name, is_first, tmp_path):
    tag, relation = SHEET_THAT_IS_NONE[name]
    parts = xlsx_parts(GOOD)
    where = "<sheets>" if is_first else "</sheets>"
    parts["xl/workbook.xml"] = parts["xl/workbook.xml"].replace(where, where + tag if is_first else tag + where)
    rels = "xl/_rels/workbook.xml.rels"
    parts[rels] = parts[rels].replace("</Relationships>", f"{relation}</Relationships>")
    parts["xl/macrosheets/sheet1.xml"] = "<xm:macrosheet xmlns:xm='http://x'/>"

    table = read_bytes(tmp_path, zipped(parts), "file.xlsx")

    assert (table.facts.sheet, table.cells) == ("Sheet1", CELLS)


def test_a_workbook_with_macros_only_says_so(tmp_path):
    tag, relation = SHEET_THAT_IS_NONE["a sheet of macros"]
    parts = xlsx_parts(GOOD)
    parts["xl/workbook.xml"] = (
        f'<workbook xmlns="{DOCUMENT[: -len("officeDocument/2006/relationships")]}spreadsheetml/2006/main" '
        f'xmlns:r="{DOCUMENT}"><sheets>{tag}</sheets></workbook>'
    )
    rels = "xl/_rels/workbook.xml.rels"
    parts[rels] = parts[rels].replace("</Relationships>", f"{relation}</Relationships>")
    parts["xl/macrosheets/sheet1.xml"] = "<x/>"

    with pytest.raises(Unreadable, match="no sheets with data"):
        read_bytes(tmp_path, zipped(parts), "file.xlsm")


@pytest.mark.parametrize("first", [201, 5_000, 300_000])
def test_a_table_may_begin_far_down(first, tmp_path):
    formatted = "".join(f'<row r="{row}"><c r="A{row}" s="0"/></row>' for row in range(1, min(first, 3_000) - 1))
    sheet = f"<sheetData>{formatted}{contacts(3, first + 1)}</sheetData>"

    table = read_bytes(tmp_path, xlsx(sheet), "file.xlsx")

    assert (table.facts.header_row, table.facts.raw_columns) == (first, COLUMNS)
    assert table.numbers == [first + 1, first + 2, first + 3]


def rows(*lines: list[str]) -> str:
    cells = "".join(
        f'<row r="{row}">{"".join(text_cell(f"{chr(65 + at)}{row}", text) for at, text in enumerate(texts))}</row>'
        for row, texts in enumerate(lines, start=1)
    )
    return f"<sheetData>{cells}</sheetData>"


COVERS = {
    "a title": rows(["Leads of November"]),
    "a blank": rows([" "]),
    "who wrote it": rows(["Prepared by", "Ines"], ["Phone", "+44 20 7946 1234"], ["Date", "2026-11-30"]),
    "sums": rows(["Region", "Calls", "Revenue"], ["North", "120", "4500000.50"], ["South", "80", "12"]),
    "a table of regions": rows(["City", "Manager"], ["Leeds", "Ann"], ["York", "Bo"], ["Hull", "Cy"]),
    "an empty table of contacts": rows(["Phone", "Name"]),
}


@pytest.mark.parametrize("name", COVERS)
def test_the_sheet_that_holds_phones_is_read(name, tmp_path):
    table = read_bytes(tmp_path, xlsx(COVERS[name], GOOD, names=("Cover", "Leads")), "file.xlsx")

    assert (table.facts.sheet, table.cells) == ("Leads", CELLS)


def test_a_sheet_of_contacts_that_is_too_wide_is_named_for_that(tmp_path):
    cells = [f'<c r="{column_name(at)}{{0}}" t="inlineStr"><is><t>{{1}}</t></is></c>' for at in range(1, 122)]
    table = [
        f'<row r="{row}">{"".join(cell.format(row, text) for cell in cells)}</row>'
        for row, text in ((1, "Phone"), (2, "+447415001234"))
    ]
    wide = f"<sheetData>{''.join(table)}</sheetData>"

    with pytest.raises(Unreadable, match="121 columns"):
        read_bytes(tmp_path, xlsx(COVERS["a title"], wide), "file.xlsx")


def test_a_hidden_sheet_is_read_only_if_no_other_holds_phones(tmp_path):
    seen = xlsx(rows(["Phone", "Name"], ["+447415001234", "Ann"]), GOOD, names=("Seen", "Old"), states=("visible", "hidden"))
    cover = xlsx(COVERS["a title"], GOOD, names=("Cover", "Leads"), states=("visible", "hidden"))

    assert read_bytes(tmp_path, seen, "file.xlsx").facts.sheet == "Seen"
    assert read_bytes(tmp_path, cover, "file.xlsx").facts.sheet == "Leads"


def test_sheets_with_the_same_columns_are_named_with_their_rows(tmp_path):
    long = f"<sheetData>{contacts(500)}</sheetData>"
    other = rows(["City", "Manager"], ["Leeds", "Ann"])
    book = xlsx(GOOD, other, long, rows(["Phone", "Name"]), names=("January", "Cities", "February", "March"))

    table = read_bytes(tmp_path, book, "file.xlsx")

    assert table.facts.sheet == "January"
    assert [(sheet.name, sheet.rows) for sheet in table.facts.other_sheets] == [("February", 500), ("March", 0)]


def old_book(
    *records: bytes, code_page: int = 1200, more: bytes = b"", version: int = 0x0600, stream: str = "Workbook"
) -> bytes:
    """A workbook of Excel 97 whose sheet has these records."""
    book = record(0x0809, struct.pack("<HHHHII", version, 0x0005, 0, 0, 0, 0)) + more
    book += record(0x0042, struct.pack("<H", code_page))
    at = len(book) + 4 + 8 + len("Leads") + 4
    book += record(0x0085, struct.pack("<IBBBB", at, 0, 0, len("Leads"), 0) + b"Leads") + record(0x000A, b"")
    sheet = record(0x0809, struct.pack("<HHHHII", version, 0x0010, 0, 0, 0, 0)) + b"".join(records) + record(0x000A, b"")
    return ole({stream: book + sheet})


def table_of(*names: str) -> list[bytes]:
    cells = [label(0, 0, "Phone"), label(0, 1, "Name")]
    for row, name in enumerate(names, start=1):
        cells += [label(row, 0, f"+44741500{row:04}"), label(row, 1, name)]
    return cells


@pytest.mark.parametrize("stream", ["Workbook", "WORKBOOK"])
@pytest.mark.parametrize("code_page", [1200, 1252, 1251, 10000, 437])
def test_texts_since_excel_97_are_read_whatever_code_page_is_named(stream, code_page, tmp_path):
    content = old_book(*table_of("Žofie", "Иван"), code_page=code_page, stream=stream)

    table = read_bytes(tmp_path, content, "file.xls")

    assert table.facts.raw_columns == COLUMNS
    assert [cells[1] for cells in table.cells] == ["Žofie", "Иван"]


@pytest.mark.parametrize("length", [6, 54])
def test_an_old_workbook_with_a_password_is_named_for_that(length, tmp_path):
    with pytest.raises(Unreadable, match="password-protected"):
        read_bytes(tmp_path, old_book(*table_of("Ann"), more=record(0x002F, bytes(length))), "file.xls")


@pytest.mark.parametrize("content", [old_book(*table_of("Ann"))[:cut] for cut in (300, 600, 1100, 2000, 2600)])
def test_a_damaged_old_workbook_is_a_sentence(content, tmp_path):
    with at_most(5), pytest.raises(Unreadable) as refusal:
        read_bytes(tmp_path, content, "file.xls")
    assert str(refusal.value).endswith(".")


END = "</table:table></office:spreadsheet></office:body></office:document-content>"
FORMATS = ["0", '"+44 "0', "00000000000"]
SHOWN = [["7415550012", "Ann"], ["+44 7415550012", "Bo"], ["07415550012", "Cy"]]


def styles_of_97() -> bytes:
    """A style for each format, and one of a font that is struck out."""
    fonts = [record(0x0031, struct.pack("<HHHHHBBBBBB", 200, struck, 0, 400, 0, 0, 0, 0, 0, 0, 0)) for struck in [0] * 4 + [8]]
    formats = [record(0x041E, struct.pack("<HHB", 164 + at, len(code), 0) + code.encode()) for at, code in enumerate(FORMATS)]
    styles = [struct.pack("<HH16x", 0, 164 + at) for at in range(len(FORMATS))] + [struct.pack("<HH16x", 5, 0)]
    return b"".join([*fonts, *formats, *(record(0x00E0, style) for style in styles)])


def number_97(row: int, style: int) -> bytes:
    return record(0x0203, struct.pack("<HHHd", row, 0, style, 7415550012.0))


def test_numbers_of_an_old_workbook_are_read_as_it_shows_them(tmp_path):
    cells = [label(0, 0, "Phone"), label(0, 1, "Name")]
    for row, name in enumerate(["Ann", "Bo", "Cy"], start=1):
        cells += [number_97(row, row - 1), label(row, 1, name)]

    table = read_bytes(tmp_path, old_book(*cells, more=styles_of_97()), "file.xls")

    assert table.cells == SHOWN
    assert "shows with +44 or a leading zero: read as shown" in " ".join(table.facts.notes)


def test_rows_of_an_old_workbook_that_are_struck_out_are_known(tmp_path):
    cells = [label(0, 0, "Phone"), label(0, 1, "Name")]
    for row, style in ((1, 0), (2, 3), (3, 0)):
        name = record(0x0204, struct.pack("<HHHHB", row, 1, style, 3, 0) + b"Ann")
        cells += [number_97(row, style), name]
    path = tmp_path / "file.xls"
    path.write_bytes(old_book(*cells, more=styles_of_97()))

    with open_table(path, ReadChoices(), Limits()) as table:
        assert len([row for chunk in table.chunks() for row in chunk]) == 3
        assert [tuple(found) for found in table.marks.struck] == [(3, 3)]


def binary_record(kind: int, content: bytes) -> bytes:
    """Of an .xlsb: numbers of seven bits a byte."""
    head = bytes([kind]) if kind < 128 else bytes([kind & 127 | 128, kind >> 7])
    length = len(content)
    return head + (bytes([length]) if length < 128 else bytes([length & 127 | 128, length >> 7])) + content


def wide(text: str) -> bytes:
    return struct.pack("<I", len(text)) + text.encode("utf-16-le")


def binary_book(struck: int = -1) -> bytes:
    """An .xlsb with a number in each of the formats; the cells of one row are struck out."""
    sheet = binary_record(129, b"") + binary_record(148, struct.pack("<IIII", 0, 3, 0, 1)) + binary_record(145, b"")
    for row, name in enumerate(["Name", "Ann", "Bo", "Cy"]):
        sheet += binary_record(0, struct.pack("<IIHBBB", row, 0, 300, 0, 0, 0) + struct.pack("<I", 0))
        if row:
            sheet += binary_record(5, struct.pack("<IId", 0, 3 if row == struck else row - 1, 7415550012.0))
        else:
            sheet += binary_record(6, struct.pack("<II", 0, 0) + wide("Phone"))
        sheet += binary_record(6, struct.pack("<II", 1, 3 if row in {0, struck} else 0) + wide(name))
    sheet += binary_record(146, b"") + binary_record(130, b"")
    styles = binary_record(278, b"") + binary_record(611, struct.pack("<I", 2))
    styles += b"".join(binary_record(43, struct.pack("<HH", 220, 8 * at) + bytes(21)) for at in range(2))
    styles += binary_record(612, b"") + binary_record(615, struct.pack("<I", len(FORMATS)))
    styles += b"".join(binary_record(44, struct.pack("<H", 164 + at) + wide(code)) for at, code in enumerate(FORMATS))
    styles += binary_record(616, b"") + binary_record(617, struct.pack("<I", len(FORMATS)))
    formats = [(164, 0), (165, 0), (166, 0), (164, 1)]
    styles += b"".join(binary_record(47, struct.pack("<HHHHHBBHH", 0xFFFF, *both, 0, 0, 0, 0, 0, 0)) for both in formats)
    styles += binary_record(618, b"") + binary_record(279, b"")
    book = binary_record(131, b"") + binary_record(143, b"")
    book += binary_record(156, struct.pack("<II", 0, 1) + wide("rId1") + wide("Leads")) + binary_record(144, b"")
    relations = (
        '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
        f'<Relationship Id="rId1" Type="{DOCUMENT}/worksheet" Target="worksheets/sheet1.bin"/></Relationships>'
    )
    return zipped(
        {
            "[Content_Types].xml": '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"/>',
            "xl/workbook.bin": book + binary_record(132, b""),
            "xl/_rels/workbook.bin.rels": relations,
            "xl/styles.bin": styles,
            "xl/worksheets/sheet1.bin": sheet,
        }
    )


def test_numbers_of_a_binary_workbook_are_read_as_it_shows_them(tmp_path):
    assert read_bytes(tmp_path, binary_book(), "file.xlsb").cells == SHOWN


def opendocument_book() -> bytes:
    """An .ods whose second contact is struck out; of the third only the name is."""
    cell = '<table:table-cell{} office:value-type="string"><text:p>{}</text:p></table:table-cell>'
    struck = ' table:style-name="ce2"'
    cells = [("", "Name", "", "Phone"), ("", "Ann", "", "1"), (struck, "Bo", struck, "2"), (struck, "Cy", "", "3")]
    rows = "".join(f"<table:table-row>{cell.format(*row[:2])}{cell.format(*row[2:])}</table:table-row>" for row in cells)
    styles = (
        '<office:automatic-styles xmlns:style="urn:oasis:names:tc:opendocument:xmlns:style:1.0"><style:style style:name="ce1"/>'
        '<style:style style:name="ce2" style:family="table-cell"><style:text-properties style:text-line-through-style="solid"/>'
        "</style:style></office:automatic-styles><office:body>"
    )
    content = ODS_CONTENT.replace("<office:body>", styles)
    first, last = content.index("<table:table-row"), content.index("</table:table>")
    return ods(content=content[:first] + rows + content[last:])


@pytest.mark.parametrize(("name", "rows"), [("file.xlsb", (3, 3)), ("file.ods", (3, 3))])
def test_struck_out_rows_of_other_workbooks_are_known(name, rows, tmp_path):
    path = tmp_path / name
    path.write_bytes(binary_book(struck=2) if name == "file.xlsb" else opendocument_book())

    with open_table(path, ReadChoices(), Limits()) as table:
        assert len([row for chunk in table.chunks() for row in chunk]) == 3
        assert [tuple(found) for found in table.marks.struck] == [rows]


@pytest.mark.parametrize("blank", ["", "\n  "])
def test_numbers_of_an_opendocument_sheet_are_read_as_it_shows_them(blank, tmp_path):
    number = (
        '<table:table-cell table:style-name="ce1" office:value-type="float" office:value="7415550012">'
        "<text:p>{}</text:p></table:table-cell>"
    )
    texts = ["7415550012", "+44 7415 550012", "07415 550012", "0044 7415550012", "7,415,550,012"]
    rows = "".join(ROW.format("", TEXT.format("x") + number.format(text)) for text in texts)
    hidden = ROW.format(' table:number-rows-repeated="2"', '<table:table-cell table:number-columns-repeated="3"/>')
    begun, _, end = ODS_CONTENT.partition(ROW.format("", TEXT.format("Phone") + TEXT.format("Name")))
    content = begun + ROW.format("", TEXT.format("Name") + TEXT.format("Phone")) + hidden + rows + end[-len(END) :]

    table = read_bytes(tmp_path, ods(content=indented(content, blank)), "file.ods")

    shown = ["7415550012", "+447415550012", "07415550012", "00447415550012", "7415550012"]
    assert [cells[1] for cells in table.cells] == shown
    assert "shows with +44 or 0044 or a leading zero: read as shown" in " ".join(table.facts.notes)


def indented(xml: str, blank: str) -> str:
    """The XML with white space between all tags that aren't inside a paragraph."""
    return (
        xml.replace("<table:", f"{blank}<table:")
        .replace("</table:", f"{blank}</table:")
        .replace("<text:p>", f"{blank}<text:p>")
    )


@pytest.mark.parametrize("blank", ["\n", "\n      ", "\t", "\r\n \t"])
def test_blanks_between_the_tags_of_an_opendocument_sheet_are_no_text(blank, tmp_path):
    cells = ROW.format("", TEXT.format("Phone") + TEXT.format("Name")) + ROW.format(
        "", TEXT.format("+447415001234") + TEXT.format("Ann <text:span>Lee</text:span> <text:span>Ode</text:span>")
    )
    content = ODS_CONTENT[: ODS_CONTENT.index("<table:table-row")] + cells + ODS_CONTENT[ODS_CONTENT.rindex("</table:table>") :]

    table = read_bytes(tmp_path, ods(content=indented(content, blank)), "file.ods")

    assert table.rows == [(2, ["+447415001234", "Ann Lee Ode"])]
