"""Text files as people have them, each with the table a careful reader sees in it."""

import codecs
from dataclasses import dataclass, field

import pytest

from tests.sheets.reading import read, read_bytes

pytestmark = pytest.mark.slow

Rows = list[tuple[int, list[str]]]


@dataclass(frozen=True)
class File:
    content: bytes | str
    columns: list[str]  # the header as read; empty without one
    rows: Rows
    header_row: int | None = 1
    delimiter: str = ","
    encoding: str = "utf-8"
    note: str = ""  # some words of a note; without them there must be no note
    choices: dict[str, object] = field(default_factory=dict)


ANN, BEN = (2, ["+447415000001", "Ann"]), (3, ["+447415000002", "Ben"])
PLAIN = "Phone,Name\n+447415000001,Ann\n+447415000002,Ben\n"
HEADER = ["Phone", "Name"]
LONG_LINE = f"+447415000003,{'x' * 6000}\n"
UMLAUTS = "Phone,Name\n+447415000001,Jörg Müller\n+447415000002,Zoë\n"
UMLAUT_ROWS = [(2, ["+447415000001", "Jörg Müller"]), (3, ["+447415000002", "Zoë"])]
RUSSIAN = "Телефон;Имя\n+447415000001;Иван Петров\n+447415000002;Ольга\n"
RUSSIAN_ROWS = [(2, ["+447415000001", "Иван Петров"]), (3, ["+447415000002", "Ольга"])]
LIKE_RECORDS = "".join(f"line {line}, of, many\n" for line in range(120))

FILES = {
    # Line ends and delimiters
    "plain": File(PLAIN, HEADER, [ANN, BEN]),
    "no line end at the end": File(PLAIN.rstrip("\n"), HEADER, [ANN, BEN]),
    "CRLF": File(PLAIN.replace("\n", "\r\n"), HEADER, [ANN, BEN]),
    "only CR": File(PLAIN.replace("\n", "\r"), HEADER, [ANN, BEN]),
    "line ends mixed": File("Phone,Name\r\n+447415000001,Ann\r+447415000002,Ben\n", HEADER, [ANN, BEN]),
    "semicolon": File(PLAIN.replace(",", ";"), HEADER, [ANN, BEN], delimiter=";"),
    "tab": File(PLAIN.replace(",", "\t"), HEADER, [ANN, BEN], delimiter="\t"),
    "pipe": File(PLAIN.replace(",", "|"), HEADER, [ANN, BEN], delimiter="|"),
    "decimal commas": File(
        "Phone;Price;Rate\n+447415000001;1,50;2,5\n+447415000002;3,75;4,5\n",
        ["Phone", "Price", "Rate"],
        [(2, ["+447415000001", "1,50", "2,5"]), (3, ["+447415000002", "3,75", "4,5"])],
        delimiter=";",
    ),
    "decimal commas without a header": File(
        "447415000001;1,50\n447415000002;3,75\n",
        [],
        [(1, ["447415000001", "1,50"]), (2, ["447415000002", "3,75"])],
        header_row=None,
        delimiter=";",
    ),
    "surname, forename in one cell": File(
        "Name;Phone\nSmith, Ann;+447415000001\nJones, Ben;+447415000002\n",
        ["Name", "Phone"],
        [(2, ["Smith, Ann", "+447415000001"]), (3, ["Jones, Ben", "+447415000002"])],
        delimiter=";",
    ),
    "sep= line, which a spreadsheet does not show": File(
        "sep=;\r\n" + PLAIN.replace(",", ";"), HEADER, [ANN, BEN], delimiter=";"
    ),
    "sep= line with a rare delimiter": File("sep=^\n" + PLAIN.replace(",", "^"), HEADER, [ANN, BEN], delimiter="^"),
    "one column": File("Phone\n+447415000001\n+447415000002\n", ["Phone"], [(2, ["+447415000001"]), (3, ["+447415000002"])]),
    "one column with spaces": File(
        "Phone\n+44 7415 000001\n+44 7415 000002\n", ["Phone"], [(2, ["+44 7415 000001"]), (3, ["+44 7415 000002"])]
    ),
    "one column without a header": File(
        "+447415000001\n+447415000002\n", [], [(1, ["+447415000001"]), (2, ["+447415000002"])], header_row=None
    ),
    "one number, nothing else": File("+447415000001", [], [(1, ["+447415000001"])], header_row=None),
    "a chosen delimiter": File(
        "Phone;Name,Note\n1;2,3\n", ["Phone;Name", "Note"], [(2, ["1;2", "3"])], choices={"delimiter": ",", "header_row": 1}
    ),
    # Encodings
    "UTF-8 with a mark": File(codecs.BOM_UTF8 + UMLAUTS.encode(), HEADER, UMLAUT_ROWS),
    "UTF-8": File(UMLAUTS, HEADER, UMLAUT_ROWS),
    "UTF-16 LE with a mark": File(codecs.BOM_UTF16_LE + UMLAUTS.encode("utf-16-le"), HEADER, UMLAUT_ROWS, encoding="utf-16-le"),
    "UTF-16 BE with a mark": File(codecs.BOM_UTF16_BE + UMLAUTS.encode("utf-16-be"), HEADER, UMLAUT_ROWS, encoding="utf-16-be"),
    "UTF-16 LE without a mark": File(UMLAUTS.encode("utf-16-le"), HEADER, UMLAUT_ROWS, encoding="utf-16-le"),
    "UTF-16 BE without a mark": File(UMLAUTS.encode("utf-16-be"), HEADER, UMLAUT_ROWS, encoding="utf-16-be"),
    "UTF-16 with tabs, as Excel writes Unicode text": File(
        codecs.BOM_UTF16_LE + UMLAUTS.replace(",", "\t").replace("\n", "\r\n").encode("utf-16-le"),
        HEADER,
        UMLAUT_ROWS,
        delimiter="\t",
        encoding="utf-16-le",
    ),
    "UTF-32 with a mark": File(codecs.BOM_UTF32_LE + UMLAUTS.encode("utf-32-le"), HEADER, UMLAUT_ROWS, encoding="utf-32-le"),
    "Windows-1252": File(UMLAUTS.encode("cp1252"), HEADER, UMLAUT_ROWS, encoding="cp1252"),
    "Windows-1252 with curly quotes and a euro": File(
        "Phone,Name\n+447415000001,Pat O’Neil – 10 €\n".encode("cp1252"),
        HEADER,
        [(2, ["+447415000001", "Pat O’Neil – 10 €"])],
        encoding="cp1252",
    ),
    "Windows-1250": File(
        "Phone,Name\n+447415000001,Łukasz Żółć\n+447415000002,Świątek\n".encode("cp1250"),
        HEADER,
        [(2, ["+447415000001", "Łukasz Żółć"]), (3, ["+447415000002", "Świątek"])],
        encoding="cp1250",
        note="Encoding guessed: Windows-1250, Central Europe.",
    ),
    "Windows-1251": File(
        RUSSIAN.encode("cp1251"),
        ["Телефон", "Имя"],
        RUSSIAN_ROWS,
        delimiter=";",
        encoding="cp1251",
        note="Encoding guessed: Windows-1251, Cyrillic.",
    ),
    "Windows-1254": File(
        "Phone,Name\n+447415000001,Işıl Yıldırım\n+447415000002,Ayşe Çağlar\n".encode("cp1254"),
        HEADER,
        [(2, ["+447415000001", "Işıl Yıldırım"]), (3, ["+447415000002", "Ayşe Çağlar"])],
        encoding="cp1254",
        note="Encoding guessed: Windows-1254, Turkish.",
    ),
    "Shift-JIS": File(
        "電話番号,名前\n+819012345678,山田太郎\n+819012345679,スズキ\n".encode("cp932"),
        ["電話番号", "名前"],
        [(2, ["+819012345678", "山田太郎"]), (3, ["+819012345679", "スズキ"])],
        encoding="cp932",
        note="Encoding guessed: Shift JIS, Japanese.",
    ),
    "a chosen encoding": File(
        RUSSIAN.encode("koi8-r"),
        ["Телефон", "Имя"],
        RUSSIAN_ROWS,
        delimiter=";",
        encoding="koi8-r",
        choices={"encoding": "KOI8-R"},
    ),
    "UTF-8 with one line of Windows-1252": File(
        UMLAUTS.encode() + "+447415000003,Søren\n".encode("cp1252"),
        HEADER,
        [*UMLAUT_ROWS, (4, ["+447415000003", "Søren"])],
        note="first on line 4",
    ),
    "UTF-8 with a mark, and a broken byte": File(
        codecs.BOM_UTF8 + b"Phone,Name\n+447415000001,Ann\xe9\n",
        HEADER,
        [(2, ["+447415000001", "Anné"])],
        note="first on line 2",
    ),
    "Windows-1252 only far down": File(
        # Behind the first block that is read.
        PLAIN.encode() + LONG_LINE.encode() * 1000 + b"+447415000004,Ren\xe9\n",
        HEADER,
        [ANN, BEN, *((number, LONG_LINE.strip().split(",")) for number in range(4, 1004)), (1004, ["+447415000004", "René"])],
        encoding="cp1252",
    ),
    "NUL characters stay": File("Phone,Name\n+447415000001,An\0n\n", HEADER, [(2, ["+447415000001", "An\0n"])], note="NUL"),
    "the end mark of DOS": File(PLAIN + "\x1a", HEADER, [ANN, BEN]),
    # Quotes
    "everything quoted": File('"Phone","Name"\n"+447415000001","Ann"\n', HEADER, [ANN]),
    "doubled quotes": File('Phone,Name\n+447415000001,"Ann ""Nan"" Lee"\n', HEADER, [(2, ["+447415000001", 'Ann "Nan" Lee'])]),
    "delimiter in quotes": File('Phone,Name\n+447415000001,"Lee, Ann"\n', HEADER, [(2, ["+447415000001", "Lee, Ann"])]),
    "quotes inside a cell": File(
        'Phone,Name\n+447415000001,Ann "Nan" Lee\n', HEADER, [(2, ["+447415000001", 'Ann "Nan" Lee'])]
    ),
    "a blank behind each delimiter, also before quotes": File(
        'Phone, Name\n+447415000001, "Lee, Ann"\n+447415000002, "Li, Ben"\n',
        HEADER,
        [(2, ["+447415000001", "Lee, Ann"]), (3, ["+447415000002", "Li, Ben"])],
    ),
    "an inch sign": File(
        'Phone,Name\n+447415000001,19" rack\n+447415000002,Ben\n', HEADER, [(2, ["+447415000001", '19" rack']), BEN]
    ),
    "an apostrophe": File("Phone,Name\n'+447415000001,O'Neil\n", HEADER, [(2, ["'+447415000001", "O'Neil"])]),
    "line break in quotes starts no row": File(
        'Phone,Name\n+447415000001,"Ann\nLee"\n+447415000002,Ben\n', HEADER, [(2, ["+447415000001", "Ann\nLee"]), BEN]
    ),
    "CRLF in quotes is kept": File(
        'Phone,Name\r\n+447415000001,"Ann\r\nLee"\r\n+447415000002,Ben\r\n', HEADER, [(2, ["+447415000001", "Ann\r\nLee"]), BEN]
    ),
    "blank lines in quotes": File(
        'Phone,Name\n+447415000001,"Ann\n\n\nLee"\n+447415000002,Ben\n', HEADER, [(2, ["+447415000001", "Ann\n\n\nLee"]), BEN]
    ),
    "a quote that is never closed": File(
        'Phone,Name\n+447415000001,"Ann\n+447415000002,Ben\n', HEADER, [(2, ["+447415000001", '"Ann']), BEN], note="Line 2 has"
    ),
    "a quote never closed in the last line": File(
        'Phone,Name\n+447415000001,Ann\n+447415000002,"Ben\n', HEADER, [ANN, (3, ["+447415000002", '"Ben'])], note="Line 3 has"
    ),
    "a quote never closed before 50,000 rows": File(
        'Phone,Name\n+447415000001,"Ann\n' + "+447415000002,Ben\n" * 50_000,
        HEADER,
        [(2, ["+447415000001", '"Ann']), *((number, BEN[1]) for number in range(3, 50_003))],
        note="Line 2 has",
    ),
    "a quote never closed before a quoted row": File(
        'Phone,Name\n+447415000001,"Ann\n+447415000002,"Ben"\n+447415000003,Cy\n',
        HEADER,
        [(2, ["+447415000001", '"Ann']), BEN, (4, ["+447415000003", "Cy"])],
        note="Line 2 has",
    ),
    "a quote never closed where everything is quoted": File(
        '"Phone","Name"\n"+447415000001","Ann\n"+447415000002","Ben"\n"+447415000003","Cy"\n',
        HEADER,
        [(2, ["+447415000001", '"Ann']), BEN, (4, ["+447415000003", "Cy"])],
        note="Line 2 has",
    ),
    "quoted cells before the quote never closed": File(
        'Name,Note,Phone\n"Lee, Ann","x,+447415000001\nBen,y,+447415000002\n',
        ["Name", "Note", "Phone"],
        [(2, ["Lee, Ann", '"x', "+447415000001"]), (3, ["Ben", "y", "+447415000002"])],
        note="Line 2 has",
    ),
    "a lost quote that swallows the next cell": File(
        'Phone,Name\n"+447415000001,"Ann\n+447415000002,Ben\n+447415000003,Cy\n+447415000004,Di\n',
        HEADER,
        [(2, ['"+447415000001', '"Ann']), BEN, (4, ["+447415000003", "Cy"]), (5, ["+447415000004", "Di"])],
        note="Line 2 has",
    ),
    "many quotes never closed": File(
        "Phone,Name\n" + '+447415000001,"Ann\n' * 8,
        HEADER,
        [(number, ["+447415000001", '"Ann']) for number in range(2, 10)],
        note="Lines 2, 3, 4, 5, 6 and 3 more have",
    ),
    "one column, a quote never closed": File(
        "Phone\n" + '"+447415000001\n' + "+447415000002\n" * 60,
        ["Phone"],
        [(2, ['"+447415000001']), *((number, ["+447415000002"]) for number in range(3, 63))],
        note="Line 2 has",
    ),
    "a long note of many lines": File(
        'Phone,Name\n+447415000001,"' + "very many words\n" * 3000 + 'end"\n+447415000002,Ben\n',
        HEADER,
        [(2, ["+447415000001", "very many words\n" * 3000 + "end"]), BEN],
    ),
    "a list with semicolons in a cell": File(
        "Phone,Tags\n+447415000001,a;b;c\n+447415000002,d;e;f\n+447415000003,g;h;i\n",
        ["Phone", "Tags"],
        [(2, ["+447415000001", "a;b;c"]), (3, ["+447415000002", "d;e;f"]), (4, ["+447415000003", "g;h;i"])],
    ),
    "a blank before every quoted cell": File(
        '"Phone", "Name"\n"+447415000001", "Lee, Ann"\n"+447415000002", "Ben"\n',
        HEADER,
        [(2, ["+447415000001", "Lee, Ann"]), BEN],
    ),
    "a blank before a name in marks": File(
        'Phone, Name\n+447415000001, "Ann" Lee\n',
        ["Phone", " Name"],
        [(2, ["+447415000001", ' "Ann" Lee'])],
    ),
    "apostrophes for quotation marks": File(
        "'Phone','Name'\n'+447415000001','Lee, Ann'\n'+447415000002','O''Neil'\n",
        HEADER,
        [(2, ["+447415000001", "Lee, Ann"]), (3, ["+447415000002", "O'Neil"])],
    ),
    "apostrophes around some cells": File(
        "Phone,Name,Town\n+447415000001,Ann,Leeds\n+447415000002,'Smith, Bob',Hull\n+447415000003,'Cy Young',Bath\n",
        ["Phone", "Name", "Town"],
        [
            (2, ["+447415000001", "Ann", "Leeds"]),
            (3, ["+447415000002", "Smith, Bob", "Hull"]),
            (4, ["+447415000003", "Cy Young", "Bath"]),
        ],
    ),
    "apostrophes around cells before the phone, with apostrophes in names": File(
        "Name;Phone\n'O'Brien; Ann';'+447415000001'\n'D''Arcy; Bo';'+447415000002'\nCy;+447415000003\n",
        ["Name", "Phone"],
        [
            (2, ["O'Brien; Ann", "+447415000001"]),
            (3, ["D'Arcy; Bo", "+447415000002"]),
            (4, ["Cy", "+447415000003"]),
        ],
        delimiter=";",
    ),
    "apostrophes in tabs": File(
        "Name\tPhone\n'Ann'\t'+447415000001'\n'Ben O'Neil'\t'+447415000002'\n",
        ["Name", "Phone"],
        [(2, ["Ann", "+447415000001"]), (3, ["Ben O'Neil", "+447415000002"])],
        delimiter="\t",
    ),
    "Dutch names with an apostrophe": File(
        "Name,Phone\n't Hooft,+447415000001\nJan van 's-Gravesande,+447415000002\n'Bo','+447415000003'\n",
        ["Name", "Phone"],
        [
            (2, ["'t Hooft", "+447415000001"]),
            (3, ["Jan van 's-Gravesande", "+447415000002"]),
            (4, ["'Bo'", "'+447415000003'"]),
        ],
    ),
    "marks around cells, and nicknames in apostrophes": File(
        "Name,Phone\n\"'Bo', 'Bob'\",+447415000001\n'Al','+447415000002'\n",
        ["Name", "Phone"],
        [(2, ["'Bo', 'Bob'", "+447415000001"]), (3, ["'Al'", "'+447415000002'"])],
    ),
    "blanks between cells": File(
        'Phone Name City\n+447415000001 Ann Ely\n+447415000002 "Ben Cox" Bath\n',
        ["Phone", "Name", "City"],
        [(2, ["+447415000001", "Ann", "Ely"]), (3, ["+447415000002", "Ben Cox", "Bath"])],
        delimiter=" ",
    ),
    "columns aligned by blanks": File(
        "Name          Phone            City\n"
        "Ann Lee       +44 7415 000001  Ely\n"
        "Ben           +447415000002\n"
        "              +447415000003    Bath\n",
        ["Name", "Phone", "City"],
        [
            (2, ["Ann Lee", "+44 7415 000001", "Ely"]),
            (3, ["Ben", "+447415000002", ""]),
            (4, ["", "+447415000003", "Bath"]),
        ],
        delimiter=" ",
    ),
    "columns aligned to the right": File(
        "   Name             Phone\nAnn Lee     +447415000001\n    Ben  +44 7415 0000 02\n",
        ["Name", "Phone"],
        [(2, ["Ann Lee", "+447415000001"]), (3, ["Ben", "+44 7415 0000 02"])],
        delimiter=" ",
    ),
    "numbers with blanks are one column": File(
        "Mobile Number\n+447415 000001\n+447415 000002\n",
        ["Mobile Number"],
        [(2, ["+447415 000001"]), (3, ["+447415 000002"])],
    ),
    "numbers with blanks and no header": File(
        "07415 000001\n07415 000002\n", [], [(1, ["07415 000001"]), (2, ["07415 000002"])], header_row=None
    ),
    "country codes and numbers below three words": File(
        "My Phone List\n+44 7415 000001\n+44 7415 000002\n",
        ["My Phone List"],
        [(2, ["+44 7415 000001"]), (3, ["+44 7415 000002"])],
    ),
    "whole lines in quotation marks": File(
        '"Name,Phone,""City"""\n"Zoë,+447415000001,""London"""\n"Bo,+447415000002,""Leeds, UK"""\n',
        ["Name", "Phone", "City"],
        [(2, ["Zoë", "+447415000001", "London"]), (3, ["Bo", "+447415000002", "Leeds, UK"])],
        note="Each row was in one cell, in quotation marks. Its cells are parted at each comma.",
    ),
    "whole lines with semicolons in quotation marks, below a title": File(
        'Export\n"Name;Phone"\n"Zoë;+447415000001"\n"Bo;+447415000002"\n"Cy;+447415000003"\n',
        ["Name", "Phone"],
        [(3, ["Zoë", "+447415000001"]), (4, ["Bo", "+447415000002"]), (5, ["Cy", "+447415000003"])],
        header_row=2,
        delimiter=";",
        note="parted at each semicolon",
    ),
    "whole lines with tabs in quotation marks": File(
        '"Name\tPhone"\n"Zoë\t+447415000001"\n',
        ["Name", "Phone"],
        [(2, ["Zoë", "+447415000001"])],
        delimiter="\t",
        note="each tab",
    ),
    "whole lines in quotation marks, with semicolons behind them": File(
        '"Name,Phone,""City""";;\n"Zoë,+447415000001,""London; UK""";;\n"Bo,+447415000002,Leeds";;\n',
        ["Name", "Phone", "City"],
        [(2, ["Zoë", "+447415000001", "London; UK"]), (3, ["Bo", "+447415000002", "Leeds"])],
        note="parted at each comma",
    ),
    "whole rows in quotation marks below a header without": File(
        'Name,Phone\n"Zoë,+447415000001"\n"Bo,+447415000002"\n"""Cy, Jr"",+447415000003"\n',
        ["Name", "Phone"],
        [(2, ["Zoë", "+447415000001"]), (3, ["Bo", "+447415000002"]), (4, ["Cy, Jr", "+447415000003"])],
        note="Each row was in one cell, in quotation marks.",
    ),
    "a few whole rows in quotation marks": File(
        "Name,Phone\n" + "".join(f"Ann,+4474150001{at}\n" for at in range(10, 15)) + '"Bo,+447415000002"\n"Smith, Bob"\n',
        ["Name", "Phone"],
        [
            *((at - 8, ["Ann", f"+4474150001{at}"]) for at in range(10, 15)),
            (7, ["Bo", "+447415000002"]),
            (8, ["Smith, Bob"]),
        ],
        note="Line 7 has all its cells in one pair of quotation marks.",
    ),
    "names and values in lines": File(
        "name: Ann\nphone: +447415000001\n\nname: Bo\nphone: +447415000002\n",
        ["name: Ann"],
        [(2, ["phone: +447415000001"]), (4, ["name: Bo"]), (5, ["phone: +447415000002"])],
    ),
    "a row delimited otherwise than the rest": File(
        "Name,Phone\n"
        + "".join(f"Ann,+4474150001{at}\n" for at in range(10, 15))
        + "Ben;+447415000002\nCy\t+447415000003\na; b\n",
        ["Name", "Phone"],
        [
            *((at - 8, ["Ann", f"+4474150001{at}"]) for at in range(10, 15)),
            (7, ["Ben", "+447415000002"]),
            (8, ["Cy", "+447415000003"]),
            (9, ["a; b"]),
        ],
        note="Lines 7, 8 have another delimiter than the rest, which is used.",
    ),
    "one column of texts with commas": File(
        'Note\n"Leeds, UK"\n"Hull, UK"\n', ["Note"], [(2, ["Leeds, UK"]), (3, ["Hull, UK"])]
    ),
    "apostrophes in names": File(
        "Phone,Name\n'+447415000001,O'Neil\n+447415000002,Ben'\n",
        HEADER,
        [(2, ["'+447415000001", "O'Neil"]), (3, ["+447415000002", "Ben'"])],
    ),
    "marks escaped by backslashes": File(
        'Name,Phone\n"Lee \\"A, B\\" Ann",+447415000001\n"Ben \\"BB\\" Cox",+447415000002\n"C:\\x\\",+447415000003\n',
        ["Name", "Phone"],
        [
            (2, ['Lee "A, B" Ann', "+447415000001"]),
            (3, ['Ben "BB" Cox', "+447415000002"]),
            (4, ["C:\\x\\", "+447415000003"]),
        ],
    ),
    "a lost mark among quoted cells": File(
        '"Name","Phone","City"\n"Ann","+447415000001","Ely"\n"Ben,"+447415000002","Bath"\n"Cy","+447415000003","Ely"\n',
        ["Name", "Phone", "City"],
        [
            (2, ["Ann", "+447415000001", "Ely"]),
            (3, ['"Ben', "+447415000002", "Bath"]),
            (4, ["Cy", "+447415000003", "Ely"]),
        ],
        note="Line 3 has an unmatched quotation mark",
    ),
    "an unclosed mark that a later one seems to close": File(
        'Phone,Size\n+447415000001,"six\n'
        + "".join(f"+4474150001{number:02},x\n" for number in range(40))
        + '+447415000002,7"\n',
        ["Phone", "Size"],
        [
            (2, ["+447415000001", '"six']),
            *((3 + number, [f"+4474150001{number:02}", "x"]) for number in range(40)),
            (43, ["+447415000002", '7"']),
        ],
        note="Line 2 has",
    ),
    "a note whose lines look like records": File(
        "Phone,Name,Note\n" + "".join(f'+44741500000{number},Ann,"{LIKE_RECORDS}end"\n' for number in range(3)),
        ["Phone", "Name", "Note"],
        [(2 + number, [f"+44741500000{number}", "Ann", f"{LIKE_RECORDS}end"]) for number in range(3)],
    ),
    "a note of 60,000 lines": File(
        'Phone,Note\n+447415000001,"' + "x,\n" * 60_000 + '"\n+447415000002,Ben\n',
        ["Phone", "Note"],
        [(2, ["+447415000001", "x,\n" * 60_000]), (3, BEN[1])],
    ),
    "a cell of 200 kB": File(
        "Phone,Name\n+447415000001," + "x" * 200_000 + "\n", HEADER, [(2, ["+447415000001", "x" * 200_000])]
    ),
    "letters that were lost before": File(
        "Phone,Name\n+447415000001,J\ufffdrg\n",
        HEADER,
        [(2, ["+447415000001", "J\ufffdrg"])],
        note="Some letters were lost before this upload (“\ufffd”), first on line 2.",
    ),
    "UTF-8 that was encoded twice": File(
        UMLAUTS.encode().decode("cp1252"),
        HEADER,
        [(2, ["+447415000001", "JÃ¶rg MÃ¼ller"]), (3, ["+447415000002", "ZoÃ«"])],
        note="(“JÃ¶rg” instead of “Jörg”)",
    ),
    "a mark put in front twice": File(codecs.BOM_UTF8 * 2 + PLAIN.encode(), HEADER, [ANN, BEN]),
    "a lone letter of Western Europe": File(
        "Phone,Name\n+447415000001,Zoë\n".encode("cp1252"), HEADER, [(2, ["+447415000001", "Zoë"])], encoding="cp1252"
    ),
    "letters that two code pages share out differently": File(
        "Phone,Name\n+447415000001,Jiří Dvořák\n".encode("cp1250"),
        HEADER,
        [(2, ["+447415000001", "Jiøí Dvoøák"])],
        encoding="cp1252",
        note="Encoding guessed: Windows-1252, Western Europe. It reads “Jiøí”; Windows-1250, Central Europe would read “Jiří”.",
    ),
    "one Chinese name": File(
        "name,phone\n王,+8613812345678\nBo,+447415550013\n".encode("gb18030"),
        ["name", "phone"],
        [(2, ["王", "+8613812345678"]), (3, ["Bo", "+447415550013"])],
        encoding="gb18030",
        note="It reads “王”; Windows-1252, Western Europe would read “Íõ”.",
    ),
    "one Chinese name without numbers of China": File(
        "name,phone\n李娜,+447415550012\nBo,+447415550013\n".encode("gb18030"),
        ["name", "phone"],
        [(2, ["李娜", "+447415550012"]), (3, ["Bo", "+447415550013"])],
        encoding="gb18030",
        note="Encoding guessed: GB 18030, Chinese.",
    ),
    "one Chinese name that is valid UTF-8 as well": File(
        "name,phone\n史,+8613812345678\n".encode("gb18030"),
        ["name", "phone"],
        [(2, ["史", "+8613812345678"])],
        encoding="gb18030",
        note="Encoding guessed: GB 18030, Chinese.",
    ),
    "one name of Taiwan": File(
        "name,phone\n林美玲,+886922345678\n".encode("big5"),
        ["name", "phone"],
        [(2, ["林美玲", "+886922345678"])],
        encoding="big5",
        note="Encoding guessed: Big5, Chinese.",
    ),
    "one name of Japan in EUC": File(
        "name,phone\n鈴木一郎,+819012345678\n".encode("euc_jp"),
        ["name", "phone"],
        [(2, ["鈴木一郎", "+819012345678"])],
        encoding="euc_jp",
        note="Encoding guessed: EUC-JP, Japanese.",
    ),
    "one name of Korea": File(
        "name,phone\n김민준,+821012345678\n".encode("cp949"),
        ["name", "phone"],
        [(2, ["김민준", "+821012345678"])],
        encoding="cp949",
        note="Encoding guessed: EUC-KR, Korean.",
    ),
    "one Polish name of marked letters only": File(
        "Phone,Name\n+48601234567,Żółć\n".encode("cp1250"),
        HEADER,
        [(2, ["+48601234567", "Żółć"])],
        encoding="cp1250",
        note="Encoding guessed: Windows-1250, Central Europe.",
    ),
    "one Russian name": File(
        "Phone,Name\n+79161234567,Цой\n".encode("cp1251"),
        HEADER,
        [(2, ["+79161234567", "Цой"])],
        encoding="cp1251",
        note="Encoding guessed: Windows-1251, Cyrillic.",
    ),
    "ISO-2022-JP": File(
        "氏名,電話番号\n佐藤花子,+819012345678\n".encode("iso2022_jp"),
        ["氏名", "電話番号"],
        [(2, ["佐藤花子", "+819012345678"])],
        encoding="iso2022_jp",
        note="Encoding: ISO-2022-JP, Japanese.",
    ),
    "ISO-2022-KR": File(
        "이름,전화\n김민준,+821012345678\n".encode("iso2022_kr"),
        ["이름", "전화"],
        [(2, ["김민준", "+821012345678"])],
        encoding="iso2022_kr",
        note="Encoding: ISO-2022-KR, Korean.",
    ),
    "Mac Roman": File(
        "Phone,Name\n+447415550012,Jörg Weiß\n+447415550013,Zoë Müller\n+447415550014,Käthe\n".encode("mac-roman"),
        HEADER,
        [(2, ["+447415550012", "Jörg Weiß"]), (3, ["+447415550013", "Zoë Müller"]), (4, ["+447415550014", "Käthe"])],
        encoding="mac-roman",
        note="Encoding guessed: Mac Roman.",
    ),
    "UTF-32 without a mark": File(UMLAUTS.encode("utf-32-le"), HEADER, UMLAUT_ROWS, encoding="utf-32-le"),
    "UTF-32 BE without a mark": File(UMLAUTS.encode("utf-32-be"), HEADER, UMLAUT_ROWS, encoding="utf-32-be"),
    "marks of Windows that were taken for Latin-1": File(
        "Phone,Name\n+44 7415\x96000001,O\x92Brien\n",
        HEADER,
        [(2, ["+44 7415–000001", "O’Brien"])],
        note="were damaged before this upload, first on line 2, and are repaired",
    ),
    # Shapes
    "ragged rows are as they are": File(
        "Phone,Name,City\n+447415000001\n+447415000002,Ben,Ely,more,and more\n+447415000003,Cy,Bath\n",
        ["Phone", "Name", "City"],
        [
            (2, ["+447415000001"]),
            (3, ["+447415000002", "Ben", "Ely", "more", "and more"]),
            (4, ["+447415000003", "Cy", "Bath"]),
        ],
    ),
    "blank lines count in the numbering": File(
        "Phone,Name\n\n+447415000001,Ann\n,\n  ,\t\n+447415000002,Ben\n\n", HEADER, [(3, ANN[1]), (6, BEN[1])]
    ),
    "blank lines before the header": File("\n\n" + PLAIN, HEADER, [(4, ANN[1]), (5, BEN[1])], header_row=3),
    "cells are not trimmed": File(
        "Phone , Name\n +447415000001 ,Ann \n", ["Phone ", " Name"], [(2, [" +447415000001 ", "Ann "])]
    ),
    "titles above the header": File(
        "Leads of March\nExported by: Ines\n\nPhone,Name,City\n+447415000001,Ann,Ely\n+447415000002,Ben,Bath\n",
        ["Phone", "Name", "City"],
        [(5, ["+447415000001", "Ann", "Ely"]), (6, ["+447415000002", "Ben", "Bath"])],
        header_row=4,
        note="2 lines above the header are left out",
    ),
    "facts about the export above the header": File(
        "Contact list 2024,,\nExported,2024-03-01,\n,,\nFull Name,Mobile No.,E-mail\nAnn,+447415000001,a@b.example\n",
        ["Full Name", "Mobile No.", "E-mail"],
        [(5, ["Ann", "+447415000001", "a@b.example"])],
        header_row=4,
        note="2 lines above the header are left out",
    ),
    "two columns, a title of two cells": File(
        "Report,March\nName,Phone\nAnn,+447415000001\n",
        ["Name", "Phone"],
        [(3, ["Ann", "+447415000001"])],
        header_row=2,
        note="1 line above the header is left out",
    ),
    "a title of two cells, and facts about the export": File(
        "Campaign,Spring 2024\nExported,2024-03-01\nName,Phone\nAnn,+447415000001\nBen,+447415000002\n",
        ["Name", "Phone"],
        [(4, ["Ann", "+447415000001"]), (5, ["Ben", "+447415000002"])],
        header_row=3,
        note="2 lines above the header are left out",
    ),
    "no header, and the first row lacks its phone": File(
        "Ann,,Ely\nBen,+447415000002,Bath\nCy,+447415000003,Ely\n",
        [],
        [(1, ["Ann", "", "Ely"]), (2, ["Ben", "+447415000002", "Bath"]), (3, ["Cy", "+447415000003", "Ely"])],
        header_row=None,
    ),
    "no header, and the first phone is unknown": File(
        "Ann,unknown,Ely\nBen,+447415000002,Bath\n",
        [],
        [(1, ["Ann", "unknown", "Ely"]), (2, ["Ben", "+447415000002", "Bath"])],
        header_row=None,
    ),
    "a name of 200 kB in the header": File(
        "Phone,Name," + "x" * 200_000 + "\n+447415000001,Ann,y\n",
        [*HEADER, "x" * 200_000],
        [(2, [*ANN[1], "y"])],
    ),
    "no header, and rows that lack cells": File(
        "Ann,,07415000001\nBen,Bath,\nCy,Ely,07415000003\nDi,Ely,07415000004\n",
        [],
        [
            (1, ["Ann", "", "07415000001"]),
            (2, ["Ben", "Bath", ""]),
            (3, ["Cy", "Ely", "07415000003"]),
            (4, ["Di", "Ely", "07415000004"]),
        ],
        header_row=None,
    ),
    "no header": File("+447415000001,Ann\n+447415000002,Ben\n", [], [(1, ANN[1]), (2, BEN[1])], header_row=None),
    "no header, and the phone is the last column": File(
        "Ann,Ely,07415000001\nBen,Bath,07415000002\n",
        [],
        [(1, ["Ann", "Ely", "07415000001"]), (2, ["Ben", "Bath", "07415000002"])],
        header_row=None,
    ),
    "a person says there is no header": File(PLAIN, [], [(1, HEADER), ANN, BEN], header_row=None, choices={"no_header": True}),
    "a person says where the header is": File(
        "Phone,Name\nTelefon,Name\n+447415000002,Ben\n",
        ["Telefon", "Name"],
        [BEN],
        header_row=2,
        note="1 line above",
        choices={"header_row": 2},
    ),
    "a header in two languages": File(
        "Telefon,Name\nPhone,Name\n+447415000001,Ann\n+447415000002,Ben\n",
        ["Telefon Phone", "Name"],
        [(3, ANN[1]), (4, BEN[1])],
        header_row=2,
        note="The header has 2 rows, 1 to 2.",
    ),
    "a header of three rows below a title": File(
        "Export\nTelefono,Nome,Città\nPhone,Name,City\nTelefon,Name,Ort\n+447415000001,Ann,Ely\n",
        ["Telefono Phone Telefon", "Nome Name", "Città City Ort"],
        [(5, ["+447415000001", "Ann", "Ely"])],
        header_row=4,
        note="The header has 3 rows, 2 to 4.",
    ),
    "a header that is repeated at once": File(
        "DATE,Qty,Phone\nDATE,Qty,Phone\n2018-01-28,2,+447415000001\n",
        ["DATE", "Qty", "Phone"],
        [(3, ["2018-01-28", "2", "+447415000001"])],
        header_row=2,
        note="The header has 2 rows",
    ),
    "names of groups above the header": File(
        "Person,,Phones,\nFirst name,Last name,Mobile,Office\nZoë,Marsh,+447415000001,+442079460001\n",
        ["First name", "Last name", "Mobile", "Office"],
        [(3, ["Zoë", "Marsh", "+447415000001", "+442079460001"])],
        header_row=2,
        note="The header is in row 2; 1 line above the header is left out.",
    ),
    "a company whose name is a word of headers": File(
        "Company,Phone\nMobile Phones Ltd,\nLead Contacts,+447415000002\n",
        ["Company", "Phone"],
        [(2, ["Mobile Phones Ltd", ""]), (3, ["Lead Contacts", "+447415000002"])],
    ),
    "a cell of JSON in the first row": File(
        'key,val\n1,"{""type"": ""Point"", ""city"": 3}"\n2,x\n3,y\n',
        ["key", "val"],
        [(2, ["1", '{"type": "Point", "city": 3}']), (3, ["2", "x"]), (4, ["3", "y"])],
    ),
    "header only": File("Phone,Name\n", HEADER, []),
    "repeated names": File("Phone,Phone\n+447415000001,Ann\n", ["Phone", "Phone"], [ANN]),
    "a blank name": File("Phone,\n+447415000001,Ann\n", ["Phone", ""], [ANN]),
    "a header in another language": File(
        "Vorname;Nachname;Telefonnummer\nAnn;Lee;+447415000001\n",
        ["Vorname", "Nachname", "Telefonnummer"],
        [(2, ["Ann", "Lee", "+447415000001"])],
        delimiter=";",
    ),
    "a header with years": File(
        "Name,Phone,2023,2024\nAnn,+447415000001,5,6\n",
        ["Name", "Phone", "2023", "2024"],
        [(2, ["Ann", "+447415000001", "5", "6"])],
    ),
    "a first row that lacks its phone": File(
        "Name,City,Phone\nAnn,Ely,\nBen,Bath,+447415000002\n",
        ["Name", "City", "Phone"],
        [(2, ["Ann", "Ely", ""]), (3, ["Ben", "Bath", "+447415000002"])],
    ),
    "Arabic digits are data": File("٠٧٤١٥٠٠٠٠٠١,علي\n", [], [(1, ["٠٧٤١٥٠٠٠٠٠١", "علي"])], header_row=None),
}


@pytest.mark.parametrize("name", FILES)
def test_the_table_is_what_a_careful_reader_sees(name, tmp_path):
    file = FILES[name]
    content = file.content.encode() if isinstance(file.content, str) else file.content

    table = read_bytes(tmp_path, content, **file.choices)

    assert table.rows == file.rows
    assert list(table.facts.raw_columns) == file.columns
    assert table.facts.header_row == file.header_row
    assert (table.facts.format, table.facts.delimiter, table.facts.encoding) == ("csv", file.delimiter, file.encoding)
    notes = " ".join(table.facts.notes)
    assert file.note in notes if file.note else not notes


def test_a_column_without_a_name_is_named_by_its_place(tmp_path):
    table = read_bytes(tmp_path, b"Phone,,Name\n+447415000001,x,Ann,more\n+447415000002,y,Ben,more\n")

    assert table.facts.raw_columns == ("Phone", "", "Name")
    assert table.facts.columns == ("Phone", "(column 2, no header)", "Name", "(column 4, no header)")


def test_columns_of_a_table_without_a_header_are_named_by_their_place(tmp_path):
    table = read_bytes(tmp_path, b"+447415000001,Ann\n")

    assert table.facts.raw_columns == ()
    assert table.facts.columns == ("(column 1, no header)", "(column 2, no header)")


def test_the_same_file_is_read_in_the_same_chunks_every_time(tmp_path):
    path = tmp_path / "file.csv"
    path.write_text("Phone,Name\n" + "".join(f'+4474{n:08},"Name\n{n}"\n{chr(10) * (n % 3)}' for n in range(7000)))

    first, second = (read(path) for _ in range(2))

    assert first.rows == second.rows
    assert len(first.rows) == 7000


def test_trailing_blank_names_make_no_columns(tmp_path):
    table = read_bytes(tmp_path, b"Phone,Name" + b"," * 20_000 + b"\n+447415000001,Ann" + b"," * 20_000 + b"\n")

    assert table.facts.columns == ("Phone", "Name")
    assert table.facts.raw_columns == ("Phone", "Name", *[""] * 20_000)
    assert table.rows == [(2, ["+447415000001", "Ann", *[""] * 20_000])]
