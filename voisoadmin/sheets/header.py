"""Finds the header of a table: the first full row of labels, or the candidate with the most words that are usual in
headers, unless a person chose one."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, field, replace
from itertools import zip_longest

from voisoadmin.sheets.facts import Limits, ReadChoices, Unreadable
from voisoadmin.sheets.protocol import Notes

LOOK_AT = 30  # rows that may be the header
MAX_HEADER_ROWS = 3
MAX_LABEL = 80  # characters
MAX_LABEL_DIGITS = 6
DIGIT = re.compile(r"\d")
DATA_LIKE = re.compile(
    r"""^[\s'+(]*[\d٠-٩۰-۹０-９][\d\s().,:/+\-٠-٩۰-۹０-９'’eE]*%?$   # a number, a telephone number, a date, a time
    | ^(?:https?://|www\.)\S+  # an address for the web
    | ^\{.*\}$ | ^\[.*\]$  # an object or a list of JSON
    | ^(?:true|false|yes|no|y|n|null|none|n/?a|\#n/a|unknown|unbekannt|inconnu|desconocido|tbc|tbd|\?+|-+)$""",
    re.VERBOSE | re.IGNORECASE,
)
DATE_LIKE = re.compile(r"\d{1,4}([./-])\d{1,2}\1\d{1,4}\b")
WORD = re.compile(r"[^\W\d_]+")
# fmt: off
PHONE_WORDS = frozenset({
    "phone", "telephone", "tel", "mobile", "msisdn", "number", "phone number", "mobile number",
    "telefon", "telefonnummer", "rufnummer", "handynummer", "telefono", "teléfono", "telefone", "téléphone",
    "телефон", "电话", "電話番号", "هاتف",
})
# fmt: on
KNOWN_WORDS = frozenset(
    word
    for line in (
        "phone phones telephone tel mobile cell cellphone msisdn number numbers nr no num contact contacts lead leads customer",
        "client name names firstname lastname forename surname full first last given family title company organisation",
        "organization account source campaign list origin url link website web site page priority prio rank active status",
        "enabled state city town street address country region zip post postcode postal code email mail date created updated",
        "time note notes comment comments id ref reference agent owner language birthday age gender type category amount value",
        "score description remark",
        "telefon telefonnummer rufnummer handy handynummer mobil mobilnummer nummer festnetz vorname nachname kunde firma",
        "anrede quelle ort stadt strasse straße plz land adresse bemerkung datum priorität kontakt ansprechpartner",
        "téléphone numéro numero portable nom prénom prenom société entreprise ville pays courriel priorité",
        "teléfono telefono móvil movil celular nombre apellido apellidos empresa cliente fuente prioridad ciudad correo",
        "dirección telefone nome sobrenome cidade origem prioridade endereço cellulare cognome azienda città indirizzo fonte",
        "telefoonnummer mobiel naam voornaam achternaam bedrijf bron plaats telefonu numer imię imie nazwisko źródło miasto",
        "telefonszám név telefonní číslo jméno příjmení telefón puhelin nimi navn telefonnumre efternavn fornavn namn mobilnr",
        "телефон номер имя фамилия мобильный компания источник город клиент контакт прізвище",
        "họ tên điện thoại sđt di động công ty khách hàng địa chỉ 이름 성명 성 전화 전화번호 휴대폰 연락처 회사 주소 이메일",
        "고객 姓 名 苗字 名字 会社 会社名 携帯番号 電話番号 住所 連絡先 公司 联系电话 联系人 客户 手机号 手机号码",
        "地址 备注 邮箱 soyad soyadı adı telefonu şirket",
        "firma adres vezetéknév keresztnév cég imiona etunimi sukunimi puhelinnumero yritys",
        "förnamn efternamn företag etternavn firmanavn prenume nume firmă priezvisko meno vardas pavardė įmonė vārds uzvārds",
        "eesnimi perekonnanimi ime prezime priimek broj επώνυμο όνομα τηλέφωνο εταιρεία фамилия отчество телефону ім'я",
        "الهاتف الجوال الشركة العائلة الأول פרטי משפחה חברה נייד ชื่อ นามสกุล โทรศัพท์ เบอร์โทร บริษัท nama telepon perusahaan",
        "电话 手机 姓名 名称 号码 電話 名前 電話番号 氏名 携帯 هاتف رقم اسم الاسم الهاتف טלפון שם",
    )
    for word in line.split()
)
"""Only words distinguish the names of columns from a title, from facts about the export and from a second row of names: without
them 8 tables of the tests get another header. Which field a column is, is decided above this floor (contacts/synonyms.py)."""


@dataclass(frozen=True, slots=True)
class Header:
    row: int | None  # as a spreadsheet shows it; None without a header
    names: list[str] = field(default_factory=list)  # as read
    width: int = 0  # columns of the table
    first_row: int = 1  # from here on rows are data


def find_header(
    rows: list[tuple[int, list[str]]], choices: ReadChoices, limits: Limits, notes: Notes, *, whole: bool
) -> Header:
    """Find the header among the first rows (blank ones left out). Raises Unreadable if there is no table at all."""
    if not rows:
        raise Unreadable("The file is empty: every cell is blank.")
    width = usual_width([row for _, row in rows])
    if choices.no_header:
        at = None
    elif choices.header_row is not None:
        at = _chosen(rows, choices.header_row)
    else:
        at = _found([row for _, row in rows])
    if at is None:
        header = Header(row=None, width=width, first_row=rows[0][0])
    else:
        first, last = (at, at) if choices.header_row is not None else _header_rows([row for _, row in rows], at)
        number, names = rows[last][0], _joined([row for _, row in rows[first : last + 1]])
        below = [row for _, row in rows[last + 1 :]]
        header = Header(row=number, names=names, width=max(len(names), usual_width(below)), first_row=number + 1)
        if first < last:
            notes.add(f"The header has {last + 1 - first} rows, {rows[first][0]} to {number}.")
        if first:
            above = "1 line above the header is" if first == 1 else f"{first} lines above the header are"
            notes.add(f"The header is in row {number}; {above} left out.")
    used = max(filled_width(header.names), width)
    if header.width > limits.max_columns >= used:
        header = replace(header, width=used)  # a stray cell far to the right gave the header trailing blanks
    if used > limits.max_columns:
        raise Unreadable(
            f"The table has {used:,} columns; the limit is {limits.max_columns}. "
            "Delete the columns you don't need and upload it again."
        )
    return header


def _header_rows(rows: list[list[str]], at: int) -> tuple[int, int]:
    """The first and the last row of a header: rows of names directly above and below it may be the same in other words."""
    first = last = at
    while last + 1 < min(len(rows), at + MAX_HEADER_ROWS) and _names_the_same(rows[last + 1], rows[at]):
        last += 1
    while first and last - first + 1 < MAX_HEADER_ROWS and _names_the_same(rows[first - 1], rows[at]):
        first -= 1
    return first, last


def _names_the_same(row: list[str], header: list[str]) -> bool:
    """Whether a row has a name for exactly the columns that the header names. A contact has a number or a person's name."""
    width = filled_width(header)
    if width < 2 or filled_width(row) != width:
        return False
    return all(
        bool(above.strip()) == bool(cell.strip())
        and (cell.strip().casefold() == above.strip().casefold() or (_has_known_word(cell) and not DIGIT.search(cell)))
        for cell, above in zip(row[:width], header[:width], strict=True)
    )


def _joined(rows: list[list[str]]) -> list[str]:
    """The names of a header of several rows, each word once."""
    if len(rows) == 1:
        return rows[0]
    joined = []
    for column in zip_longest(*rows, fillvalue=""):
        parts = {part.casefold(): part for cell in reversed(column) if (part := cell.strip())}
        joined.append(" ".join(reversed(parts.values())))
    return joined


def usual_width(rows: list[list[str]]) -> int:
    """The number of columns most rows fill; on a tie, the larger one."""
    widths = Counter(filled_width(row) for row in rows)
    return max(widths, key=lambda width: (widths[width], width), default=0)


def filled_width(row: list[str]) -> int:
    width = len(row)
    while width and not row[width - 1].strip():
        width -= 1
    return width


def _chosen(rows: list[tuple[int, list[str]]], wanted: int) -> int:
    for at, (number, _) in enumerate(rows):
        if number == wanted:
            return at
    raise Unreadable(f"Row {wanted} can't be the header: it is blank or too far down. Choose another row.")


def _found(rows: list[list[str]]) -> int | None:
    """The first row of labels that is about as full as most rows; None if data comes first."""
    fills = Counter(sum(1 for cell in row if cell.strip()) for row in rows)
    usual = max(fills, key=lambda fill: (fills[fill], fill))
    candidates: list[int] = []
    passed_over = False
    for at, row in enumerate(rows[:LOOK_AT]):
        filled = [cell for cell in row if cell.strip()]
        if len(filled) * 2 <= usual and usual > 1 and not _names_a_phone(filled):
            continue  # a title, or a line such as "Exported by: Ines"
        if is_label_row(filled):
            if not passed_over or known_words(filled) * 2 >= len(filled):
                candidates.append(at)
        elif len(filled) < usual and not candidates:
            passed_over = True  # "Exported", "2024-03-01": perhaps still above the table, if clear labels follow
        else:
            break
    if not candidates:
        return _clear_header(rows)
    if _is_first_contact(rows[candidates[0]], rows[candidates[0] + 1 :]):
        return None
    candidates = [at for at in candidates if at == candidates[0] or not _is_contact_without_number(rows, at)]
    clear = _clear_header(rows)
    if clear is not None and known_words(rows[clear]) > max(known_words(rows[at]) for at in candidates):
        return clear
    return max(candidates, key=lambda at: (known_words(rows[at]), -at))


def _clear_header(rows: list[list[str]]) -> int | None:
    """A row made only of words that are usual in headers, one of them for the phone, with no contact above it."""
    for at, row in enumerate(rows[:LOOK_AT]):
        filled = [cell for cell in row if cell.strip()]
        if len(filled) > 1 and _names_a_phone(filled) and known_words(filled) == len(filled):
            return at
        if any(is_long_number(cell) for cell in filled) and not _is_in_title(filled):
            return None
    return None


def _is_in_title(filled: list[str]) -> bool:
    """Whether a line with a number is part of a title: “Hotline”, or “Telefon Zentrale”, and nothing but the number."""
    labels = [cell for cell in filled if not is_long_number(cell)]
    return len(filled) == 2 and len(labels) == 1 and any(map(_has_known_word, labels)) and not DIGIT.search(labels[0])


def _is_first_contact(row: list[str], below: list[list[str]]) -> bool:
    """Whether a row with hardly any usual label is a contact without a number: like the rows below it in other columns."""
    known, filled = known_words(row), [cell for cell in row if cell.strip()]
    if not known and _lacks_a_number(row, below):
        return True
    return known * 4 <= len(filled) and not _names_a_phone(filled) and _recurs(row, below)


def _recurs(row: list[str], below: list[list[str]]) -> bool:
    """Whether a cell is also a value of its column; a header that is repeated as a whole isn't."""
    for at, cell in enumerate(row):
        text = cell.strip().casefold()
        if text and any(at < len(other) and other[at].strip().casefold() == text and other != row for other in below):
            return True
    return False


def _is_contact_without_number(rows: list[list[str]], at: int) -> bool:
    """Whether a row below labels is blank where the rows below it have long numbers, and doesn't only hold usual labels."""
    filled = [cell for cell in rows[at] if cell.strip()]
    return not all(map(_has_only_known_words, filled)) and _lacks_a_number(rows[at], rows[at + 1 :])


def _lacks_a_number(row: list[str], below: list[list[str]]) -> bool:
    """Whether a row is blank in exactly the columns that hold long numbers in the rows below."""
    counts = Counter(at for other in below for at, cell in enumerate(other) if is_long_number(cell))
    columns = [at for at, count in counts.items() if count * 10 >= len(below) * 6]
    return bool(columns) and all(at >= len(row) or not row[at].strip() for at in columns)


def is_long_number(cell: str) -> bool:
    text = cell.strip()
    return len(DIGIT.findall(text)) > MAX_LABEL_DIGITS and _is_data_like(text) and not DATE_LIKE.match(text)


def is_label_row(filled: list[str]) -> bool:
    if any(len(cell) > MAX_LABEL and not _has_known_word(cell) for cell in filled) and not _names_a_phone(filled):
        return False
    data = [cell for cell in filled if _is_data_like(cell.strip())]
    if any(len(DIGIT.findall(cell)) > MAX_LABEL_DIGITS for cell in data):
        return False
    # A year or a quarter can be a column's name if the other names are clear.
    return len(data) * 2 <= len(filled) and (not data or known_words(filled) >= len(filled) - len(data))


def _is_data_like(text: str) -> bool:
    return bool(DATA_LIKE.match(text)) or _is_mail_like(text)


def _is_mail_like(text: str) -> bool:
    """Whether it is one word with an @ and, later, a dot inside. A pattern would try each @ with each dot."""
    at = text.find("@", 1)
    return at > 0 and text.rfind(".", at + 2, len(text) - 1) > 0 and len(text.split(maxsplit=1)) == 1


def _names_a_phone(filled: list[str]) -> bool:
    return any(cell.strip().casefold() in PHONE_WORDS for cell in filled)


def known_words(row: list[str]) -> int:
    return sum(1 for cell in row if _has_known_word(cell))


def _has_known_word(cell: str) -> bool:
    return any(word in KNOWN_WORDS for word in _words_of(cell))


def _has_only_known_words(cell: str) -> bool:
    return all(word in KNOWN_WORDS for word in _words_of(cell))


def _words_of(cell: str) -> list[str]:
    text = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", cell)
    return [word.casefold() for word in WORD.findall(text.replace("_", " "))]
