"""What people upload instead of a spreadsheet, recognised by how the file begins: its name for a person, its code, and what to
do."""

from __future__ import annotations

import re

from voisoadmin.sheets.facts import Unreadable

UTF16_MARKS = (b"\xff\xfe", b"\xfe\xff")
UPLOAD = "Upload a CSV or Excel file."
SAVE = "Open it in a spreadsheet program and save it as .xlsx."
UNPACK = "Unpack it and upload the file inside."

MAGICS = (
    (b"%PDF-", "a PDF document", "pdf", UPLOAD),
    (b"\x89PNG", "a picture", "picture", UPLOAD),
    (b"\xff\xd8\xff", "a picture", "picture", UPLOAD),
    (b"GIF8", "a picture", "picture", UPLOAD),
    (b"BM", "a picture", "picture", UPLOAD),
    (b"II*\x00", "a picture", "picture", UPLOAD),
    (b"MM\x00*", "a picture", "picture", UPLOAD),
    (
        b"{\\rtf",
        "a text document (RTF)",
        "rtf",
        "Open it in a word processor, copy the table into a spreadsheet and save that as .xlsx.",
    ),
    (b"\x1f\x8b", "a compressed file (gzip)", "archive", UNPACK),
    (b"7z\xbc\xaf\x27\x1c", "a compressed file (7z)", "archive", UNPACK),
    (b"Rar!", "a compressed file (RAR)", "archive", UNPACK),
    (b"\xfd7zXZ\x00", "a compressed file (xz)", "archive", UNPACK),
    (b"\x28\xb5\x2f\xfd", "a compressed file (zstd)", "archive", UNPACK),
    (b"BZh", "a compressed file (bzip2)", "archive", UNPACK),
    (b"SQLite format 3\x00", "a database", "database", "Export the table with the contacts as CSV and upload that."),
    (
        b"\x00\x01\x00\x00Standard ",
        "an Access database",
        "database",
        "Export the table with the contacts as .xlsx and upload that.",
    ),
    (b"!BDN", "an Outlook data file", "outlook", "Export the contacts from Outlook as CSV and upload that."),
    (b"bplist00", "a property list of macOS", "property_list", UPLOAD),
    (
        b"\x00\x05\x16\x07",
        "a companion file that macOS writes (its name begins with ._)",
        "companion",
        "Choose the file of the same name without ._ instead.",
    ),
    (b"L\x00\x00\x00\x01\x14\x02\x00", "a Windows shortcut", "shortcut", "Upload the file that it points to."),
    (b"\x7fELF", "a program", "program", UPLOAD),
    (b"MZ", "a program", "program", UPLOAD),
    (b"PAR1", "a Parquet file", "parquet", "Convert it to CSV and upload that."),
    (b"ID3", "a sound recording", "recording", UPLOAD),
    (b"OggS", "a sound recording", "recording", UPLOAD),
)
"""How a file begins, what it is, its code, and what to do."""
SHORT_MAGIC = 4  # letters; a text may begin with fewer

LOCK_NAME = 54  # bytes of the first name in a lock file
LONGEST_LOCK = 256
LOCK_FILE = (
    "This is Excel's lock file, which exists while a workbook is open. Close the workbook and choose the file without ~$."
)
LIBREOFFICE_LOCK = (
    "This is LibreOffice's lock file, which exists while a file is open. "
    "Close the file there and choose the one without .~lock."
)
WEB_PAGE = f"This is a web page (HTML), despite its name. {SAVE}"
WEB_PAGE_WITHOUT_TABLE = (
    "This is a web page (HTML) without a table, perhaps a page to sign in. "
    "Sign in where the file comes from and download it again."
)

HEADER_LINE = re.compile(r"[A-Za-z][A-Za-z-]{1,40}: ?\S")
ONLY_IN_MAIL = frozenset(["received", "return-path", "delivered-to", "message-id", "mime-version", "content-type", "x-mailer"])
MAIL_HEADERS = ONLY_IN_MAIL | frozenset(["from", "to", "cc", "subject", "date", "reply-to"])
SYLK_RECORD = re.compile(r"(?:ID|P|B|F|C|O|N[NEU]|W|E);[A-Z]?|E$")
SQL = re.compile(
    r"(?:create (?:table|database|temporary table)|insert into|drop table|set (?:names|sql_mode|statement_timeout)|copy \S+ "
    r"\(|pragma \w|begin transaction|lock tables|use `|/\*!\d|replace into|if object_id|use \[)",
    re.IGNORECASE,
)
SQL_COMMENT = re.compile(r"(?:--(?:\s|$)|/\*|#(?:\s|$))")
LOCK_OF_LIBREOFFICE = re.compile(r",[^,\n]*,[^,\n]*,[^,\n]*,(?:file:|/)[^\n]*;\s*\Z")


def looks_like_text(head: bytes) -> bool:
    """Control characters that no text has show a binary file; NUL is left to the encoding check."""
    if head.startswith((*UTF16_MARKS, b"\xef\xbb\xbf", b"\xff\xfe\x00\x00")) or b"\x1b$)" in head:
        return True  # ISO-2022-KR shifts in and out of its letters by control characters
    odd = sum(head.count(bytes([code])) for code in (*range(1, 9), *range(14, 26), 28, 29, 30, 31))
    return odd * 50 <= len(head)


def refuse_foreign(head: bytes, *, is_whole: bool) -> None:
    """Raises Unreadable if the beginning of a file, which isn't a workbook, is one of another kind of file."""
    for magic, what, code, advice in MAGICS:
        if head.startswith(magic) and not (len(magic) < SHORT_MAGIC and looks_like_text(head)):
            raise Unreadable(f"This is {what}, not a spreadsheet. {advice}", code)
    if _is_lock_file(head):
        raise Unreadable(LOCK_FILE, "lock_file")
    if head[:4] == b"RIFF" and head[8:12] in {b"WAVE", b"WEBP", b"AVI "}:
        raise Unreadable(f"This is a recording or a picture, not a spreadsheet. {UPLOAD}", "recording")
    if head[4:8] == b"ftyp":
        raise Unreadable(f"This is a recording or a picture, not a spreadsheet. {UPLOAD}", "recording")
    text = head.decode("utf-16" if head.startswith(UTF16_MARKS) else "utf-8", "replace").lstrip("\ufeff \t\r\n")
    _refuse_markup(text, is_whole=is_whole)
    _refuse_lines(text)


def _refuse_markup(text: str, *, is_whole: bool) -> None:
    small = text.lower()
    if small.startswith(("<!doctype html", "<html", "<table", "<head", "<meta", "<style", "<body", "<div")) or (
        small.startswith(("<", "<!--")) and "<table" in small
    ):
        raise Unreadable(WEB_PAGE_WITHOUT_TABLE if is_whole and "<table" not in small else WEB_PAGE, "html")
    if small.startswith("<?xml") or (small.startswith("<") and "xmlns" in small):
        if "urn:schemas-microsoft-com:office:spreadsheet" in small:
            raise Unreadable(f"This is an XML spreadsheet of Excel 2003. {SAVE}", "xml_spreadsheet")
        raise Unreadable("This is an XML file. Open it in a spreadsheet program and save it as .xlsx or CSV.", "xml")
    if small.startswith(("{", "[")) and _is_json(small):
        if "docs.google.com" in small and len(text) < 1000:
            raise Unreadable("This is a link to a Google Sheet. Open the sheet, download it as .xlsx and upload that.", "link")
        raise Unreadable(f"This is a JSON file, not a spreadsheet. {UPLOAD}", "json")
    if small.startswith(("[internetshortcut]", "[desktop entry]")):
        raise Unreadable("This is a link, not a file. Upload the file that it points to.", "link")


def _is_json(text: str) -> bool:
    """A name in quotation marks, or another opening bracket, follows the first bracket; a name is followed by a colon."""
    rest = text[1:].lstrip()
    if text.startswith("["):
        return rest.startswith(("{", "[")) and (":" in rest or rest.startswith("[")) and '"' in rest
    name = re.match(r'"(?:[^"\\\n]|\\.){0,200}"\s*:', rest)
    return name is not None or rest.startswith("}")


def _refuse_lines(text: str) -> None:
    """Formats that are lines of text, and which a reader would take for a table of one or two columns."""
    lines = [line.strip() for line in text.splitlines()[:60]]
    filled = [line for line in lines if line]
    if not filled:
        return
    first = filled[0].lower()
    if first == "begin:vcard":
        raise Unreadable(
            "This is a vCard file, not a spreadsheet. Import it into an address book, export that as CSV and upload it.",
            "vcard",
        )
    if first == "begin:vcalendar":
        raise Unreadable(f"This is a calendar, not a spreadsheet. {UPLOAD}", "calendar")
    if _is_ldif(filled):
        raise Unreadable(
            "This is an LDIF file of an address book, not a spreadsheet. Export the address book as CSV and upload that.",
            "ldif",
        )
    if _is_sylk(filled):
        raise Unreadable(f"This is a SYLK file (.slk), not CSV. {SAVE}", "sylk")
    if first == "table" and len(filled) > 3 and filled[1].startswith("0,1") and "VECTORS" in filled:
        raise Unreadable(f"This is a DIF file, not CSV. {SAVE}", "dif")
    if re.match(r"mime-version:|from: <saved by", first) and "multipart/related" in text:
        raise Unreadable(f"This is a web page in one file (MHTML), despite its name. {SAVE}", "html")
    if _is_mail(filled):
        if first.startswith("from "):
            raise Unreadable(
                "This is a mailbox (mbox), not a spreadsheet. Save the attachment of the email and upload that.", "mbox"
            )
        raise Unreadable("This is an email, not a spreadsheet. Save its attachment and upload that.", "email")
    if _is_sql(filled):
        raise Unreadable(
            "This is a database dump (SQL), not a spreadsheet. Export the table with the contacts as CSV and upload that.",
            "sql",
        )
    if len(filled) == 1 and LOCK_OF_LIBREOFFICE.fullmatch(filled[0]):
        raise Unreadable(LIBREOFFICE_LOCK, "lock_file")


def _is_ldif(lines: list[str]) -> bool:
    entries = [line for line in lines if not line.startswith("#")]
    if entries and re.match(r"version: ?\d+$", entries[0]):
        del entries[0]
    attributes = [line for line in entries[1:6] if re.match(r"[A-Za-z][\w.;-]*::?(?: |$)", line)]
    return bool(attributes) and re.match(r"dn::? ?\S", entries[0]) is not None


def _is_sylk(lines: list[str]) -> bool:
    """`ID;P` and records below it. A table may have a column "ID" and one that begins with P."""
    below = lines[1:20]
    return (
        bool(below)
        and lines[0].startswith("ID;")
        and all(SYLK_RECORD.match(line) for line in below)
        and any(re.match(r"(?:C|F|B|P);[XYKPFBRCDE]", line) for line in below)
    )


def _is_mail(lines: list[str]) -> bool:
    if lines[0].startswith("From ") and len(lines) > 1 and HEADER_LINE.match(lines[1]):
        return True
    names = {line.partition(":")[0].lower() for line in lines if HEADER_LINE.match(line)}
    # "From:", "To:" and "Date:" may also be lines of a report above its table.
    return HEADER_LINE.match(lines[0]) is not None and len(MAIL_HEADERS & names) >= 3 and bool(ONLY_IN_MAIL & names)


def _is_sql(lines: list[str]) -> bool:
    statements = [line for line in lines if not SQL_COMMENT.match(line) or line.startswith("/*!")]
    return bool(statements) and SQL.match(statements[0]) is not None


def _is_lock_file(head: bytes) -> bool:
    """The name of the person who has the workbook open: its length, one byte a letter, blanks, then the same in two bytes."""
    if not LOCK_NAME < len(head) <= LONGEST_LOCK or not 0 < head[0] <= LOCK_NAME:
        return False
    name, padding = head[1 : head[0] + 1], head[head[0] + 1 : LOCK_NAME + 1]
    return not padding.strip(b" \0") and min(name) >= 32 and head[LOCK_NAME + 1] == head[0]
