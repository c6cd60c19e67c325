"""Sample spreadsheets of the demo: consecutive numbers, people who don't exist, addresses below example.com.

The numbers are valid, so that the check passes, and lead nowhere but into the sandbox.
"""

import csv
from collections.abc import Iterator
from pathlib import Path

from openpyxl import Workbook

CLEAN_ROWS, MESSY_ROWS, BIG_ROWS, WORKBOOK_ROWS = 2_000, 1_000, 100_000, 500
HEADER = ["Phone", "Name", "Source", "URL", "Priority", "Active"]
FIRST = ("Amelia", "Björn", "Chloé", "Dario", "Eileen", "Farid", "Grete", "Hamza", "Inès", "Jakub", "Katja", "Luís", "Maud")
LAST = ("Ashby", "Bélanger", "Castro", "Dünnwald", "Ekström", "Farrell", "García", "Huang", "Iversen", "Jansen", "Kovács")
SOURCES = ("Spring fair", "Webinar", "Web form", "Referral", "Renewals list")
# The numbering plans used by the samples: the first number of each, and how many follow it.
UK, IRELAND, FRANCE, GERMANY, US = 447400000000, 353850000000, 33612000000, 4915120000000, 12015550100
BIG_FROM = UK + 200_000


def write_all(folder: Path) -> list[Path]:
    """Write what is missing; return all of them."""
    folder.mkdir(parents=True, exist_ok=True)
    writers = {"clean.csv": _clean, "messy.csv": _messy, "contacts.xlsx": _workbook, "big.csv": _big}
    for name, write in writers.items():
        path = folder / name
        if not path.exists():
            temporary = folder / f".{name}"
            write(temporary)
            temporary.replace(path)
    return [folder / name for name in writers]


def person(number: int) -> str:
    return f"{FIRST[number % len(FIRST)]} {LAST[number % len(LAST)]}"


def clean_rows() -> Iterator[list[str]]:
    for n in range(CLEAN_ROWS):
        # Most from one country, as in real lists; every tenth from elsewhere.
        start = UK if n % 10 else (IRELAND, FRANCE, GERMANY)[n // 10 % 3]
        yield contact_row(start + n, n)


def contact_row(number: int, n: int) -> list[str]:
    url = f"https://crm.example.com/lead/{10_000 + n}"
    return [f"+{number}", person(n), SOURCES[n % len(SOURCES)], url, str(n % 10 + 1), "no" if n % 50 == 49 else "yes"]


def _clean(path: Path) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(HEADER)
        writer.writerows(clean_rows())


def _big(path: Path) -> None:
    """A hundred thousand rows: mostly new, one in a hundred repeated, one in two hundred unusable."""
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(HEADER)
        for n in range(BIG_ROWS):
            row = contact_row(BIG_FROM + (n - 40 if n % 100 == 99 else n), n)
            if n % 200 == 150:
                row[0] = row[0][:8]
            writer.writerow(row)


# What people write into a phone column. `{}` is a number of the sample, national or international.
_SPELLINGS = (
    "+44 {a} {b} {c}",
    "+44 (0){a} {b} {c}",
    "0044{a}{b}{c}",
    "+44-{a}-{b}-{c}",
    "0{a} {b}{c}",
    "44{a}{b}{c}",
    "+44\xa0{a}\xa0{b}\xa0{c}",  # no-break spaces of a web page
    "tel:+44{a}{b}{c}",
)
_UNUSABLE = (
    "",
    "n/a",
    "call the office",
    "+44 74",
    "+44 7400 100 200 300 400 500",
    "4.474E+11",
    "447410000000.5",
    "07400 300400 / 07400 300401",
    "+44 7400 300402 ext. 12",
    "+999 123 456 789",
    "555-O123",
    '=HYPERLINK("https://example.com";"447400300403")',
    "0000000000",
)
_ODD_FIELDS: tuple[tuple[int, str], ...] = (
    (3, "crm.example.com/lead/9"),
    (3, "javascript:alert(1)"),
    (4, "high"),
    (4, "-1"),
    (4, "20000"),
    (5, "perhaps"),
    (1, "=1+1"),
    (1, "A name without an end " * 60),
    (1, "Renée “Reno” O’Neil"),
    (2, "Fair; Berlin\nhall 3"),
)


def messy_rows() -> Iterator[list[str]]:
    for n in range(MESSY_ROWS):
        digits = str(7400_300_000 + n)
        parts = {"a": digits[:4], "b": digits[4:7], "c": digits[7:]}
        row = contact_row(UK, n)
        row[0] = _SPELLINGS[n % len(_SPELLINGS)].format(**parts)
        if n % 9 == 4:
            row[0] = _UNUSABLE[n // 9 % len(_UNUSABLE)]
        elif n % 14 == 6:
            # The number of some rows above, spelled another way.
            earlier = str(7400_300_000 + n - 6)
            row[0] = f"+44 {earlier[:4]}/{earlier[4:]}"
        elif n % 11 == 7:
            column, value = _ODD_FIELDS[n // 11 % len(_ODD_FIELDS)]
            row[column] = value
        yield row[: 4 if n % 97 == 60 else 6] + (["left over", "from somewhere"] if n % 101 == 70 else [])


def _messy(path: Path) -> None:
    """As an office program in Western Europe exports it: semicolons, Windows-1252, a title above the header, blank lines."""
    with path.open("w", encoding="cp1252", newline="") as file:
        writer = csv.writer(file, delimiter=";")
        writer.writerow(["Prospects for the spring campaign – exported by Zoë"])
        writer.writerow([])
        writer.writerow(["Mobile phone", "Full name", "Lead source", "Web page", "Prio", "Active?"])
        for n, row in enumerate(messy_rows()):
            writer.writerow(row)
            if n % 250 == 200:
                writer.writerow([])


def _workbook(path: Path) -> None:
    """Two sheets; half of the phone numbers are stored as numbers, so some lost digits."""
    book = Workbook(write_only=True)
    sheet = book.create_sheet("Contacts")
    sheet.append(HEADER)
    for n in range(WORKBOOK_ROWS):
        _, *rest = contact_row(0, n)
        number = UK + 400_000 + n
        phone: object = number if n % 2 else f"+{number}"
        if n % 60 == 31:
            phone = round(number, -8)  # the rest of a number that was shown as 4.474E+11 and saved
        sheet.append([phone, *rest])
    book.create_sheet("Notes").append(["Collected at the spring fair. The contacts are on the first sheet."])
    book.save(path)
