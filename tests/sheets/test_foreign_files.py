"""What people upload instead of a table: each file is named for what it is, with what to do, at once."""

import gzip
import struct

import pytest

from tests.sheets.reading import read_bytes
from tests.sheets.workbooks import contacts, xlsx, zipped
from voisoadmin.sheets import Limits, Unreadable

pytestmark = pytest.mark.slow

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
    "XML": (b'<?xml version="1.0"?><contacts></contacts>', "file.xls", "XML file"),
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


VCARD = "BEGIN:VCARD\r\nVERSION:3.0\r\nFN:Zoë Marsh\r\nTEL;TYPE=CELL:+447415550012\r\nEND:VCARD\r\n"
MAIL = "From: Ines <ines@example.com>\nTo: omar@example.com\nSubject: Leads\nMIME-Version: 1.0\n"
LOCK = b"\x05Ines " + b" " * 49 + b"\x05\x00" + "Ines ".ljust(54).encode("utf-16-le")
CODES = {
    "vCard 3.0": (VCARD, "vcard", "address book"),
    "vCard 2.1": (
        VCARD.replace("3.0", "2.1").replace("FN:Zoë", "FN;CHARSET=UTF-8;ENCODING=QUOTED-PRINTABLE:Zo=C3=AB"),
        "vcard",
        "",
    ),
    "vCard 4.0 with a mark and blank lines": ("\ufeff\r\n" + VCARD.replace("3.0", "4.0"), "vcard", "vCard"),
    "vCard in small letters": (VCARD.lower(), "vcard", "vCard"),
    "vCard in UTF-16": (("\ufeff" + VCARD).encode("utf-16-le"), "vcard", "vCard"),
    "calendar": ("BEGIN:VCALENDAR\nVERSION:2.0\n", "calendar", "calendar"),
    "LDIF": ("dn: cn=Zoe\ncn: Zoe\nmobile: +447415550012\n\ndn: cn=Bo\ncn: Bo\n", "ldif", "LDIF"),
    "LDIF with a version and folded lines": (
        "# from the directory\nversion: 1\n\ndn: cn=Zoe Marsh,ou=People,dc=example,\n dc=com\nobjectClass: person\n",
        "ldif",
        "address book",
    ),
    "LDIF in base 64": ("dn:: Y249Wm/DqyBNYXJzaA==\ncn:: Wm/DqyBNYXJzaA==\n", "ldif", "LDIF"),
    "SYLK": ('ID;PWXL;N;E\nP;PGeneral\nB;Y3;X2;D0 0 2 1\nC;Y1;X1;K"Phone"\nC;X2;K"Name"\nE\n', "sylk", "SYLK"),
    "SYLK of another program": ('ID;PCALCOOO32\nC;Y1;X1;K"Phone"\nC;X2;K"Name"\nE\n', "sylk", "SYLK"),
    "DIF": ('TABLE\n0,1\n"EXCEL"\nVECTORS\n0,3\n""\n', "dif", "DIF"),
    "web page named .xls": ("<html><body><table><tr><td>Phone</td></tr></table></body></html>", "html", "save it as .xlsx"),
    "sign-in page": ("<!DOCTYPE html><html><form>Password</form></html>", "html", "Sign in"),
    "web page in one file": (
        'MIME-Version: 1.0\nX-Document-Type: Workbook\nContent-Type: multipart/related; boundary="x"\n\n--x\n',
        "html",
        "MHTML",
    ),
    "XML spreadsheet": (
        '<?xml version="1.0"?>\n<Workbook xmlns="urn:schemas-microsoft-com:office:spreadsheet"></Workbook>',
        "xml_spreadsheet",
        "Excel 2003",
    ),
    "JSON in lines": ('{"phone": "+447415550012", "name": "Ann"}\n{"phone": "+447415550013"}\n', "json", "JSON"),
    "JSON on many lines": ('[\n  {\n    "phone": "+447415550012"\n  }\n]\n', "json", "JSON"),
    "JSON of rows": ('[["Phone", "Name"], ["+447415550012", "Ann"]]', "json", "JSON"),
    "link to a sheet": ('{"url": "https://docs.google.com/open?id=abc", "doc_id": "abc"}', "link", "Google Sheet"),
    "shortcut": ("[InternetShortcut]\nURL=https://example.com/leads.csv\n", "link", "link"),
    "RTF": ("{\\rtf1\\ansi Phone\\cell Name\\cell}", "rtf", "RTF"),
    "email": (MAIL + "\nThe leads are attached.\n", "email", "attachment"),
    "email as servers keep it": ("Return-Path: <ines@example.com>\nReceived: from a\n by b\n" + MAIL, "email", "attachment"),
    "mailbox": ("From ines@example.com Fri Nov 20 09:12:00 2026\n" + MAIL, "mbox", "mailbox"),
    "dump of MySQL": ("-- MySQL dump 10.13\n--\n/*!40101 SET NAMES utf8 */;\nCREATE TABLE `leads` (\n", "sql", "SQL"),
    "dump of PostgreSQL": ("--\n-- PostgreSQL database dump\n--\n\nSET statement_timeout = 0;\n", "sql", "SQL"),
    "statements": ("INSERT INTO leads (phone, name) VALUES ('+447415550012', 'Ann');\n", "sql", "Export the table"),
    "lock file of Excel": (LOCK, "lock_file", "choose the file without ~$"),
    "lock file of LibreOffice": (",ines,desk,20.11.2026 09:12,file:///home/ines/libreoffice/4;", "lock_file", "without .~lock"),
    "companion of macOS": (b"\x00\x05\x16\x07\x00\x02\x00\x00Mac OS X        " + bytes(60), "companion", "without ._"),
    "ISO-2022-CN": (b"name,phone\n\x1b$)A\x0eMu\x0f,+8613812345678\n", "encoding", "Save it as UTF-8"),
    "Outlook email": (ole({"__substg1.0_0037001F": b"x"}), "email", "attachment"),
    "ZIP of a CSV": (zipped({"leads.csv": TEXT}), "archive", "Unpack it"),
    "recording": (b"RIFF\x00\x00\x00\x00WAVEfmt " + bytes(50), "recording", "recording"),
}


@pytest.mark.parametrize("name", CODES)
def test_another_kind_of_file_has_a_code_and_says_what_to_do(name, tmp_path):
    content, code, words = CODES[name]

    with pytest.raises(Unreadable) as refusal:
        read_bytes(tmp_path, content.encode() if isinstance(content, str) else content, "file.csv")

    assert refusal.value.code == code
    assert words in str(refusal.value)


TABLES = {
    "ID and a column that begins with P": "ID;Phone;Name\n1;+447415550012;Ann\n2;+447415550013;Ben\n",
    "columns of a directory": "dn,cn,mobile\nx,Zoe,+447415550012\n",
    "a report with its dates above": "From: 2026-01-01\nTo: 2026-01-31\nDate: 2026-02-01\nPhone,Name\n+447415550012,Ann\n",
    "a first column of emails": "From,Subject,Phone\na@example.com,Hello,+447415550012\n",
    "a name in brackets": "[Phone],[Name]\n+447415550012,Ann\n",
    "a name in angle brackets": "<Phone>,<Name>\n+447415550012,Ann\n",
    "tasks": "Table,Phone\n1,+447415550012\n2,+447415550013\n",
    "a comment above": "# exported; insert into nothing\nPhone,Name\n+447415550012,Ann\n",
    "a first cell of JSON": 'key,Phone\n"{""type"": ""Point"", ""city"": 3}",+447415550012\n',
    "letters like the mark of a picture": "BMW number,Phone\n1,+447415550012\n",
    "letters like the mark of a sound": "ID3,Phone\n1,+447415550012\n",
}


@pytest.mark.parametrize("name", TABLES)
def test_a_table_that_begins_like_another_kind_of_file_is_read(name, tmp_path):
    table = read_bytes(tmp_path, TABLES[name].encode())

    assert any("+447415550012" in cells for cells in table.cells)


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
