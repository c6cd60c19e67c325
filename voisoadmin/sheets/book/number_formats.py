"""Number formats that show more than the digits of a cell, a calling code or a leading zero.

The cell holds 7415550012, and people see +44 7415550012, or 07415 550012.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from typing import NamedTuple
from xml.etree.ElementTree import Element, ParseError

from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import fromstring

from voisoadmin.sheets.archive import SMALL_PART_BYTES, Archive
from voisoadmin.sheets.book.sheetxml import Tags, column_name, column_number, tag_pieces

MOST_FORMATS = 255  # one byte a cell says which
LONGEST_FORMAT = 200
SHORTEST_NUMBER, LONGEST_NUMBER = 7, 15  # digits: fewer are a difference shown with its sign, more are rounded
MOST_TAGS = 200_000  # of the styles: a tree takes hundreds of bytes for each
SHOWS_A_CODE = re.compile(r"[^+]*\+|[\s(]*00")
SHOWN_CODE = re.compile(r"(?:\+|00)[\d ]*")
TOKEN = re.compile(r'"([^"]*)"|\\(.)|_.|\*.|\[([^\]]*)\]|(.)', re.DOTALL)
CONDITION = re.compile(r"(<=|>=|<>|<|>|=)(\d+)")
SHOWN_AS_THEY_ARE = frozenset(" +-()123456789'$:")
PLACEHOLDERS = frozenset("0#?")
COMPARED = {
    "<": lambda number, limit: number < limit,
    ">": lambda number, limit: number > limit,
    "=": lambda number, limit: number == limit,
    "<=": lambda number, limit: number <= limit,
    ">=": lambda number, limit: number >= limit,
    "<>": lambda number, limit: number != limit,
}
STYLES = re.compile(r"(?:^|[\\/])styles\.xml$", re.IGNORECASE)
CELL_ROW = re.compile(rb'(?:^|\s)r="([A-Z]{1,3})([1-9]\d{0,6})"')
CELL_STYLE = re.compile(rb'(?:^|\s)s="(\d{1,5})"')
CELL_TYPE = re.compile(rb'(?:^|\s)t="(\w+)"')


class Section(NamedTuple):
    """A part of a format, for the numbers that meet its condition."""

    condition: tuple[str, int] | None
    parts: tuple[str, ...]  # texts that are shown as they are, and "#" or "0" for a digit
    is_digit: tuple[bool, ...]


def formats_with_code(styles: bytes) -> dict[int, str]:
    """The formats that show a calling code, by the style of their cells."""
    if styles.count(b"<") > MOST_TAGS:
        return {}
    try:
        root: Element = fromstring(styles, forbid_dtd=True)
    except (DefusedXmlException, ParseError, ValueError, LookupError):
        return {}
    formats: dict[str, str] = {}
    styled: list[str] = []
    for element in root.iter():
        kind = element.tag.rpartition("}")[2]
        if kind == "numFmt":
            formats[element.get("numFmtId", "")] = element.get("formatCode", "")
        elif kind == "cellXfs":
            styled = [one.get("numFmtId", "") for one in element]
    shown = {number for number, code in formats.items() if may_show_a_code(code)}
    return {style: formats[number] for style, number in enumerate(styled) if number in shown}


def may_show_a_code(code: str) -> bool:
    """Whether it may show a calling code, or a zero before the digits of a phone number."""
    return any(_begins_with_code(section) or _may_pad(section) for section in sections_of(code))


def _may_pad(section: Section) -> bool:
    """`0# ## ## ## ##`, as Excel has it for French phone numbers, or `00000000000`."""
    return sum(section.is_digit) > SHORTEST_NUMBER and section.parts[section.is_digit.index(True)] == "0"


def as_shown(code: str, digits: str) -> str:
    """A whole number as a spreadsheet shows it in this format; unchanged if that adds neither a calling code nor one zero.

    Two zeros that only fill the places would look like the beginning of an international number.
    """
    if len(digits) > LONGEST_NUMBER:
        return digits
    section = _section_for(sections_of(code), int(digits))
    if section is None or not (_begins_with_code(section) or _may_pad(section)):
        return digits
    places = sum(section.is_digit)
    # The digits fill the places from the right; those beyond the places come before the first one.
    kept = digits.lstrip("0").rjust(places, " ")
    beyond, rest = kept[: len(kept) - places], iter(kept[len(kept) - places :])
    text, zeros = [], 0
    for part, is_digit in zip(section.parts, section.is_digit, strict=True):
        if not is_digit:
            text.append(part)
            continue
        digit = beyond + next(rest)
        beyond = ""
        zeros += not digit.strip() and part == "0"
        text.append(digit if digit.strip() else "0" if part == "0" else "")
    return "".join(text).strip() if _begins_with_code(section) or zeros == 1 else digits


@lru_cache(maxsize=MOST_FORMATS)
def sections_of(code: str) -> tuple[Section, ...]:
    """The parts of a format; one that isn't for whole numbers is empty."""
    if len(code) > LONGEST_FORMAT:
        return ()
    found: list[Section] = []
    condition: tuple[str, int] | None = None
    parts: list[tuple[str, bool]] = []
    is_whole = True
    for token in [*TOKEN.finditer(code), None]:
        char = token[4] if token else ";"
        if char == ";":
            found.append(Section(condition, *_columns(parts if is_whole else ())))
            condition, parts, is_whole = None, [], True
        elif token is None or token[3] is not None:
            bracket = token[3] if token else ""
            compared = CONDITION.fullmatch(bracket)
            condition = (compared[1], int(compared[2])) if compared else condition
            if bracket.startswith("$"):  # a currency, which may well be +44
                parts.append((bracket[1:].partition("-")[0], False))
        elif token[1] is not None or token[2] is not None:
            parts.append((token[1] or token[2] or "", False))
        elif char in PLACEHOLDERS:
            parts.append((char, True))
        elif char in SHOWN_AS_THEY_ARE:
            parts.append((char, False))
        elif char is not None:
            is_whole = False  # a decimal, a date, a percentage
    return tuple(found)


def _columns(parts: Iterable[tuple[str, bool]]) -> tuple[tuple[str, ...], tuple[bool, ...]]:
    listed = list(parts)
    return tuple(part for part, _ in listed), tuple(is_digit for _, is_digit in listed)


def _section_for(sections: Sequence[Section], number: int) -> Section | None:
    """Numbers here are never negative, and zero is no phone number."""
    conditional = any(section.condition for section in sections)
    for section in sections:
        if section.condition is None or COMPARED[section.condition[0]](number, section.condition[1]):
            return section
        if not conditional:
            return section
    return None


def _begins_with_code(section: Section) -> bool:
    first = next((at for at, is_digit in enumerate(section.is_digit) if is_digit), None)
    return first is not None and bool(SHOWS_A_CODE.match("".join(section.parts[:first])))


class ShownNumbers:
    """Which cells of a sheet have a format that shows more than their digits."""

    def __init__(self, formats: dict[int, str]) -> None:
        self._formats = list(dict.fromkeys(formats.values()))[:MOST_FORMATS]
        self._codes = {style: self._formats.index(code) + 1 for style, code in formats.items() if code in self._formats}
        self._own: dict[str, int] = {}  # formats of cells -> style
        self._marks: dict[int, bytearray] = {}  # column from 0 -> for each row, its format from 1
        self._used: dict[int, Counter[str]] = {}  # column from 0 -> codes shown, with their cells

    def __bool__(self) -> bool:
        return bool(self._codes)

    def note(self, xml: bytes, prefix: bytes) -> None:
        """The next piece of the sheet, which ends with a whole tag. `prefix`: of its namespace, with its colon."""
        for tag in re.finditer(b"<" + re.escape(prefix) + rb"c\s([^<>]*)>", xml):
            if tag[1].endswith(b"/"):
                continue  # blank
            style = CELL_STYLE.search(tag[1])
            code = self._codes.get(int(style[1])) if style else None
            kind = CELL_TYPE.search(tag[1])
            place = CELL_ROW.search(tag[1]) if code and (kind is None or kind[1] == b"n") else None
            if place and style:
                self.mark(column_number(place[1]) - 1, int(place[2]), int(style[1]))

    def mark(self, column: int, row: int, style: int) -> None:
        """A cell with a number. `column` from 0, `row` from 1."""
        code = self._codes.get(style)
        if code:
            marks = self._marks.setdefault(column, bytearray())
            if len(marks) <= row:
                marks.extend(bytes(row + 1 - len(marks)))
            marks[row] = code

    def mark_as(self, column: int, row: int, code: str) -> None:
        """The same for a cell of which only its own format is known."""
        style = self._own.get(code)
        if style is None:
            if len(self._formats) >= MOST_FORMATS:
                return
            self._formats.append(code)
            style = self._own[code] = -len(self._formats)  # no style of the workbook
            self._codes[style] = len(self._formats)
        self.mark(column, row, style)

    def shown(self, number: int, row: list[str]) -> list[str]:
        """The cells of a row as the spreadsheet shows them."""
        for column, marks in self._marks.items():
            code = marks[number] if number < len(marks) and column < len(row) else 0
            if code and row[column].isdecimal() and len(row[column]) >= SHORTEST_NUMBER:
                text = as_shown(self._formats[code - 1], row[column])
                if text != row[column]:
                    row[column] = text
                    self._used.setdefault(column, Counter())[_code_of(self._formats[code - 1], text)] += 1
        return row

    def sentences(self) -> Iterator[str]:
        """What a person must know about the cells that were changed."""
        for column, codes in sorted(self._used.items()):
            cells = codes.total()
            numbers = "1 number" if cells == 1 else f"{cells:,} numbers"
            shown = " or ".join(sorted(codes))
            yield f"Column {column_name(column + 1)} holds {numbers} that the workbook shows with {shown}: read as shown."

    def forget(self) -> None:
        """Count the cells from here on."""
        self._used.clear()


def _code_of(code: str, text: str) -> str:
    """What the format adds. `text`: as shown."""
    section = next((section for section in sections_of(code) if _begins_with_code(section)), None)
    if section is None or (text.startswith("0") and not text.startswith("00")):
        return "a leading zero"
    code_shown = SHOWN_CODE.search("".join(section.parts[: section.is_digit.index(True)]))
    return code_shown[0].strip() if code_shown else "+"


def shown_numbers(archive: Archive, part: str) -> ShownNumbers:
    """Looks through the whole sheet, but only if the workbook has such a format at all."""
    styles = next((name for name in archive.namelist() if STYLES.search(name)), "")
    small = bool(styles) and archive.size(styles) <= SMALL_PART_BYTES
    shown = ShownNumbers(formats_with_code(archive.read_small(styles)) if small else {})
    if shown:
        tags: Tags | None = None
        for piece in tag_pieces(archive, part):
            tags = tags or Tags(piece)
            shown.note(piece, tags.prefix)
    return shown
