"""What a person changed in the rows of a file, applied to one row at a time. Pure.

A repair concerns all rows with one reason in one field. It gives a number, or leaves the row as it is: a repair that doesn't
fit a row changes nothing in it.
"""

import hashlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, NamedTuple

import orjson

from voisoadmin.contacts.fields import PHONE
from voisoadmin.phones import PhoneCell, PhoneResult, Reader
from voisoadmin.phones.pieces import numbers_in, without_extension, without_words
from voisoadmin.phones.plans import home_of
from voisoadmin.phones.spelling import spell

NO_LONGER_FITS = "edit_no_longer_fits"
LEAVE_ROWS_OUT = "leave_out"
COUNTRY_RULE = "country"


def hash_of(cells: Sequence[str]) -> str:
    """A short fingerprint of a row as read. Blank cells at its end don't count."""
    end = len(cells)
    while end and not cells[end - 1]:
        end -= 1
    return hashlib.blake2s(orjson.dumps(list(cells[:end])), digest_size=8).hexdigest()


class RowEdit(NamedTuple):
    """What a person changed in one row."""

    cells_hash: str  # of the row as read
    cells: Mapping[int, str]  # column to its new text
    is_left_out: bool = False

    def fits(self, cells: Sequence[str]) -> bool:
        return hash_of(cells) == self.cells_hash

    def applied(self, cells: Sequence[str]) -> list[str]:
        changed = list(cells)
        for column, text in self.cells.items():
            changed.extend([""] * (column + 1 - len(changed)))
            changed[column] = text
        return changed


class Rule(NamedTuple):
    """A repair of all rows with a reason."""

    kind: str
    reason: str
    field: str
    parameters: Mapping[str, Any] = {}


PhoneRepair = Callable[[str, Mapping[str, Any], Callable[[str], PhoneResult]], PhoneResult | None]


def _country(text: str, parameters: Mapping[str, Any], read: Callable[[str], PhoneResult]) -> PhoneResult | None:
    home = home_of(str(parameters["region"]))
    number = home.number_of(spell(text).digits) if home is not None and not spell(text).plus else ""
    return PhoneResult(number) if number else None


def _leading_zero(text: str, parameters: Mapping[str, Any], read: Callable[[str], PhoneResult]) -> PhoneResult | None:
    spelling = spell(text)
    return read(f"0{spelling.digits}") if spelling.digits and not spelling.plus and spelling.digits[0] != "0" else None


def _with_plus(text: str, parameters: Mapping[str, Any], read: Callable[[str], PhoneResult]) -> PhoneResult | None:
    digits = text.strip()
    return read(f"+{digits}") if digits.isdecimal() and digits.isascii() and digits[0] != "0" else None


def _one_of_two(at: int) -> PhoneRepair:
    def take(text: str, parameters: Mapping[str, Any], read: Callable[[str], PhoneResult]) -> PhoneResult | None:
        found = numbers_in(text)
        return read(found[at]) if len(found) > at else None

    return take


def _cut_extension(text: str, parameters: Mapping[str, Any], read: Callable[[str], PhoneResult]) -> PhoneResult | None:
    number = without_extension(text)
    return read(number) if number else None


def _number_only(text: str, parameters: Mapping[str, Any], read: Callable[[str], PhoneResult]) -> PhoneResult | None:
    number = without_words(text)
    return read(number) if number else None


PHONE_REPAIRS: Mapping[str, PhoneRepair] = {
    COUNTRY_RULE: _country,
    "leading_zero": _leading_zero,
    "with_plus": _with_plus,
    "first_number": _one_of_two(0),
    "second_number": _one_of_two(1),
    "cut_extension": _cut_extension,
    "number_only": _number_only,
}
"""Repairs that change who is called: each is asked about separately."""


class Repairs:
    """All changes of a person to the rows of one table."""

    def __init__(self, edits: Mapping[int, RowEdit] | None = None, rules: Iterable[Rule] = ()) -> None:
        self.edits = edits or {}
        rules = list(rules)
        self._phone: dict[str, list[Rule]] = {}
        for rule in rules:
            if rule.field == PHONE and rule.kind in PHONE_REPAIRS:
                self._phone.setdefault(rule.reason, []).append(rule)
        self._left_out = {(rule.field, rule.reason) for rule in rules if rule.kind == LEAVE_ROWS_OUT}

    def __bool__(self) -> bool:
        return bool(self.edits or self._phone or self._left_out)

    def cells_of(self, row_number: int, cells: list[str]) -> list[str]:
        """The row with its edits; as it is if it has none, or they were made for another row."""
        edit = self.edits.get(row_number)
        return edit.applied(cells) if edit is not None and edit.fits(cells) else cells

    def number(self, cell: PhoneCell, found: PhoneResult, reader: Reader) -> PhoneResult:
        """The result for this phone cell, repaired if a repair fits. `reader`: one whose evidence isn't used."""
        text, region = (cell, "") if isinstance(cell, str) else cell

        def read(part: str) -> PhoneResult:
            return reader.read_cell((part, region) if region else part)

        for rule in self._phone.get(found.code, ()):
            repaired = PHONE_REPAIRS[rule.kind](text, rule.parameters, read)
            if repaired is not None and repaired.number:
                return repaired
        return found

    def repairs_number(self, code: str) -> bool:
        return code in self._phone

    def leaves_out(self, field: str, reason: str) -> bool:
        return (field, reason) in self._left_out


NO_REPAIRS = Repairs()
