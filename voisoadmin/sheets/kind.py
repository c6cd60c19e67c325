"""What kind a file is, judged by its content and never by its name."""

from enum import StrEnum
from pathlib import Path

from voisoadmin.sheets.archive import flat, open_archive
from voisoadmin.sheets.compound import root_names
from voisoadmin.sheets.facts import MIB, Limits, Unreadable
from voisoadmin.sheets.foreign import looks_like_text, refuse_foreign

OLE_MAGIC = bytes.fromhex("D0CF11E0A1B11AE1")
ZIP_MAGICS = (b"PK\x03\x04", b"PK\x05\x06", b"PK\x07\x08")
HEAD_BYTES = 4096


class FileKind(StrEnum):
    CSV = "csv"
    XLSX = "xlsx"
    XLSM = "xlsm"
    XLS = "xls"
    XLSB = "xlsb"
    ODS = "ods"


def kind_of(path: Path, file_name: str, limits: Limits, size: int) -> FileKind:
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


def _kind_by_magic(path: Path, head: bytes) -> FileKind:
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
        raise Unreadable(
            "This is a very old Excel workbook. Open it in a spreadsheet program and save it as .xlsx.", "old_excel"
        )
    refuse_foreign(head, is_whole=len(head) < HEAD_BYTES)
    if not looks_like_text(head):
        raise Unreadable("This isn't a readable text file or workbook. Save it as .xlsx or CSV and upload that.", "not_a_table")
    return FileKind.CSV


def _kind_of_ole(path: Path) -> FileKind:
    """An old Excel workbook, or the envelope of an encrypted new one: both begin the same way."""
    found = root_names(path)
    content = path.read_bytes().lower() if found is None else b""

    def names(text: str) -> bool:
        """Some programs write the names in capitals. What an embedded workbook is called doesn't count."""
        text = text.lower()
        return any(name.startswith(text) for name in found) if found is not None else text.encode("utf-16-le") in content

    if names("EncryptedPackage") or names("EncryptionInfo"):
        raise Unreadable("The workbook is password-protected. Save it without a password and upload it again.", "password")
    if names("Workbook") or names("Book"):
        return FileKind.XLS
    if names("WordDocument"):
        raise Unreadable("This is a Word document, not a spreadsheet. Upload a CSV or Excel file.", "document")
    if names("__substg1.0_") or names("__nameid_version1.0"):
        raise Unreadable("This is an email of Outlook, not a spreadsheet. Save its attachment and upload that.", "email")
    if names("PowerPoint Document"):
        raise Unreadable("This is a presentation, not a spreadsheet. Upload a CSV or Excel file.", "presentation")
    raise Unreadable("This Office file isn't a workbook, or it is damaged. Save it as .xlsx and upload that.")


def _kind_of_zip(path: Path) -> FileKind:
    with open_archive(path) as archive:
        names = {flat(name) for name in archive.namelist()}
        types = archive.read_small(archive.named("[Content_Types].xml"))
        if "xl/workbook.bin" in names or b"sheet.binary" in types:
            return FileKind.XLSB
        if b"macroEnabled.main+xml" in types and any(name.startswith("xl/") for name in names):
            return FileKind.XLSM
        if any(name.startswith("xl/") for name in names) or b"spreadsheetml" in types:
            return FileKind.XLSX
        if "mimetype" in names:
            mimetype = archive.read_small("mimetype")
            if b"opendocument.spreadsheet" in mimetype:
                if b"manifest:encryption-data" in archive.read_small("META-INF/manifest.xml"):
                    raise Unreadable(
                        "The workbook is password-protected. Save it without a password and upload it again.", "password"
                    )
                return FileKind.ODS
            if b"opendocument" in mimetype:
                raise Unreadable(
                    "This is an OpenDocument file, but not a spreadsheet. Save it as .ods, .xlsx or CSV.", "document"
                )
        if any(name.startswith("word/") for name in names):
            raise Unreadable("This is a Word document, not a spreadsheet. Upload a CSV or Excel file.", "document")
        if any(name.startswith("ppt/") for name in names):
            raise Unreadable("This is a presentation, not a spreadsheet. Upload a CSV or Excel file.", "presentation")
        if any(name.endswith((".numbers", ".iwa")) or name.startswith("index/") for name in names):
            raise Unreadable("This is an Apple Numbers file. Export it as .xlsx or CSV and upload that.", "numbers")
    raise Unreadable("This is a ZIP archive, not a spreadsheet. Unpack it and upload the file inside.", "archive")
