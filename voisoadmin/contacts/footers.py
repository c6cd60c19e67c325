"""Rows of a table that are no contacts: sums among them and below, and lines such as “Confidential” or “Page 1 of 3”."""

import re
from collections.abc import Iterable, Sequence

from voisoadmin.contacts.footer_words import BEGINNINGS, ROWS, SUMS
from voisoadmin.contacts.mapped import Mapped, cell_reader
from voisoadmin.contacts.short_rows import is_phone_like

Row = tuple[int, list[str]]

MOST_FOOTERS = 20  # rows below the contacts
FEWEST_SUMMED = 2  # a sum of one number is that number
LONGEST_SUM = 18  # digits
LONG_LINE = 40  # characters: more than a row with a single cell has, if it is a contact


def _any_of(words: Iterable[str]) -> str:
    return "|".join(re.escape(word) for word in words)


SUM = re.compile(rf"(?:{_any_of(SUMS)})(?: (?:of )?(?:{_any_of(ROWS)}))?[\s:=]*[\d.,\s]*", re.IGNORECASE)
COUNT = re.compile(rf"[\d.,]+ (?:{_any_of(ROWS)})(?: in total)?\.?", re.IGNORECASE)
LINE = re.compile(rf"[-–—=*#\s]*(?:(?:{_any_of(BEGINNINGS)})(?![^\W_])|\(c\) )|[-–—=_*]{{3,}}\Z", re.IGNORECASE)
BARE = re.compile(r"\d{1,17}(?:\.0)?")


class Sums:
    """Finds rows whose phone is the sum of those above it: such a number may well be a valid one."""

    def __init__(self, phone: Mapped) -> None:
        self._phone_of = cell_reader(phone)
        self._total = self._block = 0  # of all rows, and of those since the last sum
        self._in_total = self._in_block = 0

    def among(self, rows: Sequence[Row]) -> set[int]:
        found = set()
        for number, cells in rows:
            text = self._phone_of(cells)
            if not text.isdecimal() or len(text) > LONGEST_SUM:
                continue
            value = int(text)
            of_block = value == self._block and self._in_block >= FEWEST_SUMMED
            if of_block or (value == self._total and self._in_total >= FEWEST_SUMMED):
                found.add(number)
                self._block = self._in_block = 0
                continue
            self._block, self._total = self._block + value, self._total + value
            self._in_block, self._in_total = self._in_block + 1, self._in_total + 1
        return found


def footers_of(last: Sequence[Row], phone: Mapped) -> set[int]:
    """The numbers of the rows at the end of a table that are no contacts."""
    phone_of = cell_reader(phone)
    is_wide = any(len(_filled(cells)) > 1 for _, cells in last)
    first_column = min((_column(cells) for _, cells in last), default=0)
    found, open_ones = set[int](), list[int]()
    for at in range(len(last) - 1, max(-1, len(last) - 1 - MOST_FOOTERS), -1):
        number, cells = last[at]
        filled, text = _filled(cells), phone_of(cells).strip()
        is_footer = _is_footer(filled, text, is_wide=is_wide)
        may_be_a_line = is_wide and len(filled) == 1 and _column(cells) == first_column and not is_phone_like(text)
        if not (is_footer or may_be_a_line):
            break
        open_ones.append(number)
        # A blank row above them, or a footer among them, parts them from the contacts.
        if is_footer or (at and number > last[at - 1][0] + 1):
            found.update(open_ones)
            open_ones = []
    return found


def _filled(cells: Sequence[str]) -> list[str]:
    return [text for cell in cells if (text := cell.strip())]


def _column(cells: Sequence[str]) -> int:
    """The first with something in it."""
    return next((at for at, cell in enumerate(cells) if cell.strip()), len(cells))


def _is_footer(filled: Sequence[str], phone: str, *, is_wide: bool) -> bool:
    says_sum = any(len(text) <= LONG_LINE and SUM.fullmatch(text) for text in filled)
    if is_phone_like(phone):
        is_line = len(filled) == 2 and LINE.match(filled[0][:LONG_LINE]) is not None
        return (says_sum or is_line) and BARE.fullmatch(phone) is not None  # a number with a + is a contact's
    if says_sum or LINE.match(filled[0][:LONG_LINE]) or COUNT.fullmatch(filled[0][:LONG_LINE]):
        return True
    return is_wide and len(filled) == 1 and len(filled[0]) > LONG_LINE
