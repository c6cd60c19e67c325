"""What kind a file is, judged by its content and never by its name."""

from enum import StrEnum
from pathlib import Path

from voisoadmin.sheets.archive import open_archive
from voisoadmin.sheets.facts import MIB, Limits, Unreadable

OLE_MAGIC = bytes.fromhex("D0CF11E0A1B11AE1")
ZIP_MAGICS = (b"PK\x03\x04", b"PK\x05\x06", b"PK\x07\x08")
HEAD_BYTES = 4096
UTF16_MARKS = (b"\xff\xfe", b"\xfe\xff")

# What people upload instead of a spreadsheet: how the file begins, and what to call it.
FOREIGN = (
    (b"%PDF-", "a PDF document"),
    (b"\x89PNG", "a picture"),
    (b"\xff\xd8\xff", "a picture"),
    (b"GIF8", "a picture"),
    (b"BM", "a picture"),
    (b"{\\rtf", "a text document (RTF)"),
    (b"\x1f\x8b", "a compressed file (gzip)"),
    (b"7z\xbc\xaf\x27\x1c", "a compressed file (7z)"),
    (b"Rar!", "a compressed file (RAR)"),
    (b"\xfd7zXZ\x00", "a compressed file (xz)"),
    (b"BZh", "a compressed file (bzip2)"),
    (b"SQLite format 3\x00", "a database"),
    (b"\x7fELF", "a program"),
    (b"MZ", "a program"),
    (b"PAR1", "a Parquet file"),
)


class Kind(StrEnum):
    CSV = "csv"
    XLSX = "xlsx"
    XLSM = "xlsm"
    XLS = "xls"
    XLSB = "xlsb"
    ODS = "ods"


def kind_of(path: Path, file_name: str, limits: Limits, size: int) -> Kind:
    """Return the kind of a file; raise Unreadable if it isn't one we can read."""
    if size == 0:
        raise Unreadable("The file is empty.")
    with path.open("rb") as file:
        head = file.read(HEAD_BYTES)
    packed = head.startswith((OLE_MAGIC, *ZIP_MAGICS))
    limit = limits.max_workbook_bytes if packed else limits.max_csv_bytes
    if size > limit:
        what = "workbook" if packed else "text file"
        raise Unreadable(f"The file is larger than {limit // MIB} MB, the limit for a {what}. Split it and upload the parts.")
    return _kind_by_magic(path, head)


def _kind_by_magic(path: Path, head: bytes) -> Kind:
    if head.startswith(OLE_MAGIC):
        return _kind_of_ole(path)
    if head.startswith(ZIP_MAGICS):
        return _kind_of_zip(path)
    if head.startswith((b"\x09\x08", b"\x09\x04", b"\x09\x02", b"\x09\x00")) and head[2:4] in (
        b"\x10\x00",
        b"\x08\x00",
        b"\x06\x00",
        b"\x04\x00",
    ):
        raise Unreadable("This is a very old Excel workbook. Open it in a spreadsheet program and save it as .xlsx.")
    for magic, what in FOREIGN:
        if head.startswith(magic) and not (len(magic) == 2 and _looks_like_text(head)):
            raise Unreadable(f"This is {what}, not a spreadsheet. Upload a CSV or Excel file.")
    _refuse_markup(head.decode("utf-16", "ignore").encode() if head.startswith(UTF16_MARKS) else head)
    if not _looks_like_text(head):
        raise Unreadable("This isn't a readable text file or workbook. Save it as .xlsx or CSV and upload that.")
    return Kind.CSV


def _refuse_markup(head: bytes) -> None:
    text = head.removeprefix(b"\xef\xbb\xbf").lstrip().lower()
    if text.startswith((b"<!doctype html", b"<html", b"<table", b"<head", b"<meta", b"<style")) or (
        text.startswith(b"<") and b"<table" in text
    ):
        raise Unreadable("This is a web page (HTML), despite its name. Open it in a spreadsheet program and save it as .xlsx.")
    if text.startswith(b"<?xml"):
        raise Unreadable("This is an XML file. Open it in a spreadsheet program and save it as .xlsx or CSV.")
    if text.startswith((b'{"', b"[{", b"{\n", b"[\n")) and b":" in text:
        raise Unreadable("This is a JSON file, not a spreadsheet. Upload a CSV or Excel file.")


def _looks_like_text(head: bytes) -> bool:
    """Control characters that no text has show a binary file; NUL is left to the encoding check."""
    if head.startswith((*UTF16_MARKS, b"\xef\xbb\xbf", b"\xff\xfe\x00\x00")):
        return True
    odd = sum(head.count(bytes([code])) for code in (*range(1, 9), *range(14, 26), 28, 29, 30, 31))
    return odd * 50 <= len(head)


def _kind_of_ole(path: Path) -> Kind:
    """An old Excel workbook, or the envelope of an encrypted new one: both begin the same way."""
    content = path.read_bytes()

    def names(text: str) -> bool:
        return text.encode("utf-16-le") in content

    if names("EncryptedPackage") or names("EncryptionInfo"):
        raise Unreadable("The workbook is password-protected. Save it without a password and upload it again.")
    if names("Workbook") or names("Book"):
        return Kind.XLS
    if names("WordDocument"):
        raise Unreadable("This is a Word document, not a spreadsheet. Upload a CSV or Excel file.")
    if names("PowerPoint Document"):
        raise Unreadable("This is a presentation, not a spreadsheet. Upload a CSV or Excel file.")
    raise Unreadable("This Office file isn't a workbook, or it is damaged. Save it as .xlsx and upload that.")


def _kind_of_zip(path: Path) -> Kind:
    with open_archive(path) as archive:
        names = set(archive.namelist())
        types = archive.read_small("[Content_Types].xml") if "[Content_Types].xml" in names else b""
        if "xl/workbook.bin" in names or b"sheet.binary" in types:
            return Kind.XLSB
        if b"macroEnabled.main+xml" in types and any(name.startswith("xl/") for name in names):
            return Kind.XLSM
        if any(name.lower().startswith("xl/") for name in names) or b"spreadsheetml" in types:
            return Kind.XLSX
        if "mimetype" in names:
            mimetype = archive.read_small("mimetype")
            if b"opendocument.spreadsheet" in mimetype:
                if b"manifest:encryption-data" in archive.read_small("META-INF/manifest.xml"):
                    raise Unreadable("The workbook is password-protected. Save it without a password and upload it again.")
                return Kind.ODS
            if b"opendocument" in mimetype:
                raise Unreadable("This is an OpenDocument file, but not a spreadsheet. Save it as .ods, .xlsx or CSV.")
        if any(name.startswith("word/") for name in names):
            raise Unreadable("This is a Word document, not a spreadsheet. Upload a CSV or Excel file.")
        if any(name.startswith("ppt/") for name in names):
            raise Unreadable("This is a presentation, not a spreadsheet. Upload a CSV or Excel file.")
        if any(name.endswith((".numbers", ".iwa")) or name.startswith("Index/") for name in names):
            raise Unreadable("This is an Apple Numbers file. Export it as .xlsx or CSV and upload that.")
    raise Unreadable("This is a ZIP archive, not a spreadsheet. Unpack it and upload the file inside.")
