"""What people upload instead of a table: each file is named for what it is, with what to do, at once."""

import gzip
import struct

import pytest

from tests.sheets.reading import read_bytes
from tests.sheets.workbooks import contacts, xlsx, zipped
from voisoadmin.sheets import Limits, Unreadable

SECTOR = 512
FREE, END_OF_CHAIN, FAT_SECTOR = 0xFFFFFFFF, 0xFFFFFFFE, 0xFFFFFFFD


def ole(streams: dict[str, bytes]) -> bytes:
    """A compound file, the envelope of old Excel workbooks and of encrypted new ones."""
    fat = [FAT_SECTOR, END_OF_CHAIN]
    body = b""
    entries = [_entry("Root Entry", 5, FREE, 0, child=1)]
    for number, (name, content) in enumerate(streams.items(), start=1):
        content = content.ljust(4096, b"\0")  # a shorter one would be stored elsewhere
        sectors = -(-len(content) // SECTOR)
        start = len(fat)
        fat += [*range(start + 1, start + sectors), END_OF_CHAIN]
        body += content.ljust(sectors * SECTOR, b"\0")
        entries.append(_entry(name, 2, start, len(content), right=number + 1 if number < len(streams) else FREE))
    entries += [bytes(128)] * (-len(entries) % 4)
    assert len(entries) == 4
    header = struct.pack(
        "<8s16sHHHHH6xIIIIIIIIII",
        bytes.fromhex("D0CF11E0A1B11AE1"), bytes(16), 0x3E, 3, 0xFFFE, 9, 6,
        0, 1, 1, 0, 4096, END_OF_CHAIN, 0, END_OF_CHAIN, 0, 0,
    )  # fmt: skip
    fat += [FREE] * (128 - len(fat))
    return header.ljust(SECTOR, b"\xff") + struct.pack("<128I", *fat) + b"".join(entries) + body


def _entry(name: str, kind: int, start: int, size: int, *, child: int = FREE, right: int = FREE) -> bytes:
    encoded = (name + "\0").encode("utf-16-le")
    return struct.pack(
        "<64sHBBIII16xI16xIQ", encoded, len(encoded), kind, 1, FREE, right, child, 0, start if kind == 2 else END_OF_CHAIN, size
    )


def record(kind: int, content: bytes) -> bytes:
    return struct.pack("<HH", kind, len(content)) + content


def label(row: int, column: int, text: str) -> bytes:
    return record(0x0204, struct.pack("<HHHHB", row, column, 0, len(text), 1) + text.encode("utf-16-le"))


def xls() -> bytes:
    """A workbook of Excel 97 with one sheet."""
    opening = struct.pack("<HHHHII", 0x0600, 0x0005, 0, 0, 0, 0)
    name = "Leads"
    book = record(0x0809, opening) + record(0x0042, struct.pack("<H", 1200))
    at = len(book) + 4 + 8 + len(name) + 4
    book += record(0x0085, struct.pack("<IBBBB", at, 0, 0, len(name), 0) + name.encode()) + record(0x000A, b"")
    sheet = record(0x0809, struct.pack("<HHHHII", 0x0600, 0x0010, 0, 0, 0, 0))
    sheet += label(0, 0, "Phone") + label(0, 1, "Name")
    sheet += record(0x0203, struct.pack("<HHHd", 2, 0, 0, 447415000001.0)) + label(2, 1, "Jörg")
    return ole({"Workbook": book + sheet + record(0x000A, b"")})


def test_a_workbook_of_excel_97_is_read(tmp_path):
    table = read_bytes(tmp_path, xls(), "file.xlsx")

    assert (table.facts.format, table.facts.sheet, table.facts.raw_columns) == ("xls", "Leads", ("Phone", "Name"))
    assert table.rows == [(3, ["447415000001", "Jörg"])]


WORKBOOK = xlsx(f"<sheetData>{contacts(400)}</sheetData>")
TEXT = b"Phone,Name\n+447415000001,Ann\n"
FOREIGN = {
    "nothing": (b"", "file.csv", "The file is empty."),
    "blank lines": (b"\n \n,,\n\n", "file.csv", "The file is empty: every cell is blank"),
    "a mark and nothing": (b"\xef\xbb\xbf", "file.csv", "The file is empty: every cell is blank."),
    "encrypted workbook": (ole({"EncryptionInfo": b"x", "EncryptedPackage": b"y"}), "file.xlsx", "Save it without a password"),
    "old workbook cut off": (xls()[:1400], "file.xls", "damaged"),
    "Word document of old": (ole({"WordDocument": b"x"}), "file.xls", "Word document"),
    "unknown compound file": (ole({"Other": b"x"}), "file.xls", "isn't a workbook"),
    "web page named .xls": (b"<html><body><table><tr><td>Phone</td></tr></table></body></html>", "file.xls", "web page (HTML)"),
    "web page with blanks before": (b"\xef\xbb\xbf\r\n  <!DOCTYPE html><html></html>", "file.xls", "web page (HTML)"),
    "table of a web page": (b"<table border=1><tr><td>Phone</td></tr></table>", "file.xls", "web page (HTML)"),
    "web page in UTF-16": (
        "\ufeff<html><table><tr><td>Phone</td></tr></table>".encode("utf-16-le"),
        "f.xls",
        "web page (HTML)",
    ),
    "XML spreadsheet": (b'<?xml version="1.0"?><Workbook></Workbook>', "file.xls", "XML file"),
    "JSON": (b'[{"phone": "+447415000001"}]', "file.csv", "JSON"),
    "PDF": (b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n", "file.pdf", "PDF"),
    "picture": (b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 20, "file.csv", "a picture"),
    "gzip": (gzip.compress(TEXT), "file.csv.gz", "compressed file (gzip)"),
    "program": (b"\x7fELF\x02\x01\x01" + bytes(100), "file.csv", "a program"),
    "database": (b"SQLite format 3\x00" + bytes(100), "file.csv", "a database"),
    "random bytes": (
        bytes((number * 97 + number // 7) % 256 for number in range(5000)),
        "file.csv",
        "isn't a readable text file or workbook",
    ),
    "zip archive": (zipped({"leads.csv": TEXT}), "file.zip", "Unpack it"),
    "Word document": (zipped({"[Content_Types].xml": "<Types/>", "word/document.xml": "<x/>"}), "file.docx", "Word document"),
    "presentation": (zipped({"[Content_Types].xml": "<Types/>", "ppt/presentation.xml": "<x/>"}), "file.pptx", "presentation"),
    "Numbers": (zipped({"Index/Document.iwa": b"x"}), "file.numbers", "Apple Numbers"),
    "text document": (zipped({"mimetype": "application/vnd.oasis.opendocument.text"}), "file.odt", "not a spreadsheet"),
    "encrypted OpenDocument": (
        zipped(
            {
                "mimetype": "application/vnd.oasis.opendocument.spreadsheet",
                "META-INF/manifest.xml": "<manifest:manifest><manifest:encryption-data/></manifest:manifest>",
                "content.xml": b"\x00\x01",
            }
        ),
        "file.ods",
        "Save it without a password",
    ),
    "workbook cut off": (WORKBOOK[: len(WORKBOOK) // 2], "file.xlsx", "damaged or incomplete"),
    "workbook of which the beginning is missing": (WORKBOOK[1000:], "file.xlsx", "isn't a readable text file or workbook"),
    "workbook of Excel 4": (b"\x09\x04\x06\x00\x00\x00\x10\x00" + bytes(100), "file.xls", "very old Excel"),
    "UTF-16 cut off": (b"\xff\xfe" + "Phone\n".encode("utf-16-le") + b"\x00\xd8", "file.csv", "damaged"),
    "one line without an end": (b"x" * 9_000_000, "file.csv", "this isn't a table"),
}


@pytest.mark.parametrize("name", FOREIGN)
def test_a_file_that_is_not_a_table_is_named_for_what_it_is(name, tmp_path):
    content, file_name, words = FOREIGN[name]

    with pytest.raises(Unreadable) as refusal:
        read_bytes(tmp_path, content, file_name)

    assert words in str(refusal.value)
    assert str(refusal.value).endswith(".")


@pytest.mark.parametrize(
    ("content", "limits", "words"),
    [
        (TEXT * 90_000, Limits(max_csv_bytes=1024 * 1024), "larger than 1 MB, the limit for a text file"),
        (
            WORKBOOK + bytes(2 * 1024 * 1024),
            Limits(max_workbook_bytes=1024 * 1024),
            "larger than 1 MB, the limit for a workbook",
        ),
        (TEXT + TEXT, Limits(max_rows=2), "more than 2 rows"),
        (TEXT, Limits(max_columns=1), "2 columns; the limit is 1"),
    ],
    ids=["a large text", "a large workbook", "many rows", "many columns"],
)
def test_a_limit_is_named_when_it_refuses(content, limits, words, tmp_path):
    with pytest.raises(Unreadable) as refusal:
        read_bytes(tmp_path, content, "file.bin", limits)

    assert words in str(refusal.value)


@pytest.mark.parametrize(
    ("choices", "words"),
    [
        ({"encoding": "klingon"}, "no text encoding “klingon”"),
        ({"encoding": "base64"}, "no text encoding “base64”"),
        ({"encoding": "ascii"}, "The file is not ASCII: reading fails from line 2 on"),
        ({"delimiter": ";;"}, "“;;” can't be a delimiter. Use one character"),
        ({"delimiter": '"'}, "“\"” can't be a delimiter. Use one character"),
        ({"header_row": 99}, "Row 99 can't be the header"),
    ],
)
def test_an_impossible_choice_is_explained(choices, words, tmp_path):
    with pytest.raises(Unreadable) as refusal:
        read_bytes(tmp_path, "Phone,Name\n+447415000001,Jörg\n".encode(), **choices)

    assert words in str(refusal.value)
