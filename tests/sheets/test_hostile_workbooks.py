"""Hostile workbooks: each ends in a sentence, at once, without using much of the reader's memory."""

import io
import struct
import zipfile
import zlib

import pytest

from tests.sheets.reading import at_most, read_bytes
from tests.sheets.workbooks import MAIN, XML, contacts, number_cell, text_cell, with_lied_sizes, xlsx, xlsx_parts, zipped
from voisoadmin.sheets import Limits, Unreadable

pytestmark = pytest.mark.slow

MIB = 1024 * 1024
SHEET = "xl/worksheets/sheet1.xml"
GOOD = f"<sheetData>{contacts(3)}</sheetData>"


def parts_with(name: str, content: str | bytes) -> dict[str, str | bytes]:
    return {**xlsx_parts(GOOD, strings="<si><t>a</t></si>"), name: content}


def streamed(parts: dict[str, str], name: str, piece: bytes, times: int, begin: bytes = b"", end: bytes = b"") -> bytes:
    """An archive with one part of a repeated piece, without ever holding the whole part."""
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        for other, content in parts.items():
            if other != name:
                archive.writestr(other, content)
        with archive.open(name, "w", force_zip64=True) as part:
            part.write(begin)
            for _ in range(times):
                part.write(piece)
            part.write(end)
    return target.getvalue()


def overlapping() -> bytes:
    """Forty names in the directory for the same compressed bytes."""
    name = "xl/worksheets/sheet2.xml"
    whole = zipped(parts_with(name, "x" * MIB))
    end = whole.rfind(b"PK\x05\x06")
    start = struct.unpack_from("<I", whole, end + 16)[0]
    at = whole.index(name.encode(), start) - 46
    entry = whole[at : at + 46 + len(name)]
    copies = b"".join(entry.replace(b"sheet2", f"sh{number:04}".encode()) for number in range(40))
    directory = whole[start:end] + copies
    count = struct.unpack_from("<H", whole, end + 10)[0] + 40
    return whole[:start] + directory + struct.pack("<4s4H2IH", b"PK\x05\x06", 0, 0, count, count, len(directory), start, 0)


def cut_stream() -> bytes:
    whole = bytearray(zipped(parts_with(SHEET, f'<worksheet xmlns="{MAIN}">{GOOD}</worksheet>')))
    at = whole.index(SHEET.encode()) + len(SHEET)
    whole[at + 5 : at + 60] = bytes(55)
    return bytes(whole)


def in_a_folder(name: str, relations: int) -> bytes:
    """A workbook whose parts are in a folder of this name, which is written before each relation's target."""
    moved = {part.replace("xl/", f"{name}/"): content for part, content in xlsx_parts(GOOD).items()}
    moved["_rels/.rels"] = moved["_rels/.rels"].replace("xl/workbook", f"{name}/workbook")
    rels = f"{name}/_rels/workbook.xml.rels"
    more = "".join(f'<Relationship Id="x{number}" Target="x"/>' for number in range(relations))
    return zipped({**moved, rels: moved[rels].replace("</Relationships>", f"{more}</Relationships>")})


def with_more_sheets(names: list[str]) -> bytes:
    book = xlsx_parts(GOOD)["xl/workbook.xml"]
    sheets = "".join(f'<sheet name="{name}" sheetId="{9 + at}" r:id="rId1"/>' for at, name in enumerate(names))
    return zipped(parts_with("xl/workbook.xml", book.replace("</sheets>", f"{sheets}</sheets>")))


def repeating(text: str, cells: int, rows: int) -> bytes:
    """Cells that all name the one text of the workbook."""
    row = '<c t="s"><v>0</v></c>' * cells
    return xlsx(f"<sheetData>{f'<row>{row}</row>' * rows}</sheetData>", strings=f"<si><t>{text}</t></si>")


BLANKS = b" " * MIB
BOMBS = {
    "a sheet that is 400 times smaller packed": lambda: streamed(xlsx_parts(GOOD), SHEET, BLANKS, 60),
    "a sheet of 1.6 GiB": lambda: with_lied_sizes(xlsx(GOOD), SHEET, 1600 * MIB),
    "shared strings of 300 MiB": lambda: with_lied_sizes(
        zipped(parts_with("xl/sharedStrings.xml", "x")), "xl/sharedStrings.xml", 300 * MIB
    ),
    "many parts, large together": lambda: with_lied_sizes(
        with_lied_sizes(zipped({**xlsx_parts(GOOD), "a.xml": "x", "b.xml": "x"}), "a.xml", 800 * MIB), "b.xml", 800 * MIB
    ),
    "a directory that understates a size": lambda: with_lied_sizes(
        zipped(parts_with("xl/sharedStrings.xml", b"x" * (30 * MIB))), "xl/sharedStrings.xml", 1000
    ),
    "a sheet that is longer than it says": lambda: with_lied_sizes(
        xlsx(f"<sheetData>{contacts(50_000)}</sheetData>"), SHEET, 5000
    ),
    "a sheet that is shorter than it says": lambda: with_lied_sizes(xlsx(GOOD), SHEET, 100_000),
    "100,000 parts": lambda: zipped(
        {**xlsx_parts(GOOD), **{f"x{number}": "" for number in range(100_000)}}, zipfile.ZIP_STORED
    ),
    "parts that share their bytes": overlapping,
    "the same name twice": lambda: zipped(parts_with("xl/workbopk.xml", "x")).replace(b"xl/workbopk.xml", b"xl/workbook.xml"),
    "broken packed data": cut_stream,
    "only the first half": lambda: xlsx(f"<sheetData>{contacts(500)}</sheetData>")[:8000],
    "a list of sheets with a million tags": lambda: zipped(parts_with("xl/workbook.xml", "<workbook>" + "<a>" * 1_000_000)),
    "a folder with a name of 65,000 letters, and 190,000 relations": lambda: in_a_folder("a" * 65_000, 190_000),
    "folders in folders in folders, and 190,000 relations": lambda: in_a_folder("a/" * 16_000 + "a", 190_000),
    "90 parts of 10 MB each": lambda: zipped({**xlsx_parts(GOOD), **{f"{at}.xml": "x" * 9_999_999 for at in range(90)}}),
    "900 sheets with names of 9,000 letters": lambda: with_more_sheets([f"{'n' * 9000}{at}" for at in range(900)]),
    "a cell of 9 MB": lambda: repeating("x" * 9_000_000, 1, 1),
    "a text of 3,000 letters in 50,000 cells": lambda: repeating("x" * 3000, 1, 50_000),
    "a text of 30,000 letters in a million cells": lambda: repeating("x" * 30_000, 100, 10_000),
    "an archive inside": lambda: zipped({"inner.zip": xlsx(GOOD)}),
    "random bytes behind the magic": lambda: b"PK\x03\x04" + zlib.compress(bytes(range(256)) * 100),
}


@pytest.mark.parametrize("name", BOMBS)
def test_a_bomb_is_refused_within_two_seconds(name, tmp_path):
    content = BOMBS[name]()

    with at_most(2), pytest.raises(Unreadable) as refusal:
        read_bytes(tmp_path, content, "file.xlsx")
    assert str(refusal.value).endswith(".")


DECLARATIONS = {
    "a billion laughs": '<!DOCTYPE x [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;">]>',
    "a long entity": f'<!DOCTYPE x [<!ENTITY a "{"x" * 50_000}">]>',
    "an external entity": '<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]>',
    "an external declaration": '<!DOCTYPE x SYSTEM "http://127.0.0.1:9/x.dtd">',
    "a parameter entity": '<!DOCTYPE x [<!ENTITY % a SYSTEM "http://127.0.0.1:9/x.dtd"> %a;]>',
    "one behind a long comment": f"<!--{'x' * 2_000_000}--><!DOCTYPE x [<!ENTITY a 'x'>]>",
}


@pytest.mark.parametrize("part", [SHEET, "xl/workbook.xml", "xl/sharedStrings.xml", "xl/styles.xml"])
@pytest.mark.parametrize("name", DECLARATIONS)
def test_a_document_type_is_refused_wherever_it_is(name, part, tmp_path):
    parts = xlsx_parts(GOOD, strings="<si><t>a</t></si>")
    whole = parts.get(part, f'{XML}<styleSheet xmlns="{MAIN}"/>')
    content = zipped({**parts, part: whole.replace(XML, XML + DECLARATIONS[name])})

    with at_most(1), pytest.raises(Unreadable, match="document type declaration"):
        read_bytes(tmp_path, content, "file.xlsx")


def test_a_sheet_in_utf16_cannot_hide_a_declaration(tmp_path):
    hidden = (XML.replace("UTF-8", "UTF-16") + DECLARATIONS["a billion laughs"] + f"<worksheet xmlns='{MAIN}'/>").encode(
        "utf-16"
    )

    with pytest.raises(Unreadable):
        read_bytes(tmp_path, zipped(parts_with(SHEET, hidden)), "file.xlsx")


FAR = {
    "a cell at ZZZZZ1": (
        f'<row r="1">{number_cell("A1", "1")}{number_cell("ZZZZZ1", "1")}</row>',
        "ZZZZZ1, outside any spreadsheet",
    ),
    "a cell in row 99,999,999": (
        f'<row r="1">{number_cell("CV99999999", "1")}{number_cell("DA99999999", "1")}</row>',
        "DA99999999",
    ),
    "a row beyond the last": (
        f'<row r="1">{number_cell("A1", "1")}</row><row r="9999999">{number_cell("A9999999", "1")}</row>',
        "a row below 1,048,576",
    ),
    "a row of twenty digits": (
        f'<row r="1">{number_cell("A1", "1")}</row><row r="{"9" * 20}">{number_cell("A" + "9" * 20, "1")}</row>',
        "a row below 1,048,576",
    ),
    "two cells in opposite corners": (
        f'<row r="1">{number_cell("A1", "1")}</row><row r="1048576">{number_cell("XFD1048576", "1")}</row>',
        "reaches to column XFD and row 1,048,576",
    ),
    "16,384 columns": ('<row r="1">{wide}</row>', "16,384 columns; the limit is 100"),
}


@pytest.mark.parametrize("name", FAR)
def test_a_sheet_that_reaches_too_far_is_refused(name, tmp_path):
    cells, words = FAR[name]
    wide = (
        "".join(text_cell(f"{column(number)}1", f"Column {number}") for number in range(1, 16_385)) if "{wide}" in cells else ""
    )

    with at_most(5), pytest.raises(Unreadable, match=words):
        read_bytes(tmp_path, xlsx(f"<sheetData>{cells.replace('{wide}', wide)}</sheetData>"), "file.xlsx")


def column(number: int) -> str:
    name = ""
    while number:
        number, letter = divmod(number - 1, 26)
        name = chr(65 + letter) + name
    return name


def test_formatted_rows_without_values_are_not_a_table(tmp_path):
    tail = "".join(f'<row r="{row}"><c r="A{row}" s="0"/><c r="XFD{row}" s="0"/></row>' for row in range(5, 60_000))

    table = read_bytes(tmp_path, xlsx(f"<sheetData>{contacts(3)}{tail}</sheetData>"), "file.xlsx")

    assert table.numbers == [2, 3, 4]


def test_a_single_value_in_the_last_row_is_not_lost(tmp_path):
    last = f'<row r="1048576">{text_cell("A1048576", "+447415000009")}</row>'

    table = read_bytes(tmp_path, xlsx(f"<sheetData>{contacts(2)}{last}</sheetData>"), "file.xlsx")

    assert table.rows[-1] == (1_048_576, ["+447415000009", ""])
    assert table.numbers == [2, 3, 1_048_576]


def test_too_many_cells_are_refused(tmp_path):
    content = xlsx(f"<sheetData>{contacts(6000)}</sheetData>")

    with pytest.raises(Unreadable, match=r"more than 12,000 cells\. Save it as CSV"):
        read_bytes(tmp_path, content, "file.xlsx", Limits(max_cells=12_000))


def test_twenty_thousand_columns_of_text_are_refused(tmp_path):
    line = ",".join(f"Column {number}" for number in range(20_000))

    with pytest.raises(Unreadable, match="20,000 columns; the limit is 100"):
        read_bytes(tmp_path, f"{line}\n{line}\n".encode())


def test_a_missing_sheet_is_not_called_blank(tmp_path):
    parts = {name: part for name, part in xlsx_parts(GOOD).items() if name != SHEET}

    with pytest.raises(Unreadable, match="damaged or incomplete"):
        read_bytes(tmp_path, zipped(parts), "file.xlsx")


def test_very_many_sheets_are_refused_before_they_are_scanned(tmp_path):
    """Fifty thousand names of one empty part took hours, because each was opened separately."""
    book = xlsx_parts("<sheetData/>")
    one = book["xl/workbook.xml"]
    sheet = one[one.index("<sheet ") : one.index("</sheets>")]
    names = "".join(sheet.replace("Sheet1", f"Sheet{number}") for number in range(50_000))

    with at_most(5), pytest.raises(Unreadable, match="50,000 sheets; the limit is 1,000"):
        read_bytes(tmp_path, zipped({**book, "xl/workbook.xml": one.replace(sheet, names)}), "file.xlsx")


def test_a_thousand_empty_sheets_are_skipped_quickly(tmp_path):
    sheets = ["<sheetData/>"] * 999

    with at_most(10):
        table = read_bytes(tmp_path, xlsx(*sheets, f"<sheetData>{contacts(3)}</sheetData>"), "file.xlsx")

    assert (table.facts.sheet, len(table.rows)) == ("Sheet1000", 3)


def test_blank_looking_sheets_do_not_copy_the_other_parts_again_each_time(tmp_path):
    sheets = ["<sheetData><row><c><v></v></c></row></sheetData>"] * 299
    text = f"<si><t>{'x' * 3_000_000}</t></si>"

    with at_most(3):
        table = read_bytes(tmp_path, xlsx(*sheets, GOOD, strings=text), "file.xlsx")

    assert (table.facts.sheet, len(table.rows)) == ("Sheet300", 3)


def test_a_damaged_sheet_behind_the_one_with_contacts_is_not_looked_at(tmp_path):
    blank = "<sheetData><row><c><v></v></c></row></sheetData>"
    parts = xlsx_parts(blank, GOOD, "<!DOCTYPE a>")

    table = read_bytes(tmp_path, zipped(parts), "file.xlsx")

    assert (table.facts.sheet, len(table.rows)) == ("Sheet2", 3)


def test_the_length_of_a_directory_is_read_from_the_end_record_of_zip64_too(tmp_path):
    content = xlsx(GOOD)
    at = content.rindex(b"PK\x05\x06")
    end = struct.pack("<4sQ2H2L4Q", b"PK\x06\x06", 44, 45, 45, 0, 0, 100_000, 100_000, 5 * MIB, 0)
    locator = struct.pack("<4sLQL", b"PK\x06\x07", 0, at, 1)

    with pytest.raises(Unreadable, match="unpacks to far more"):
        read_bytes(tmp_path, content[:at] + end + locator + content[at:], "file.xlsx")
