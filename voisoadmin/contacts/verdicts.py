"""What a row of a file becomes: a contact to send, a repeated number, a row left out, or reasons why it can't be sent."""

from typing import NamedTuple

from voisoadmin.contacts.fields import Problem
from voisoadmin.contacts.packing import PackedRow
from voisoadmin.contacts.reasons import BY_CODE

Row = tuple[int, list[str]]
PlainResult = tuple[str, str, str]
"""A PhoneResult, or its form between processes: number, code, warning."""

SHOWN = 200  # characters of a phone or name that lists of rejected records show
SAME_NUMBER = BY_CODE["same_number_in_file"].code
FLAGGED = BY_CODE["flagged_in_file"].code
LEFT_OUT = BY_CODE["left_out"].code
EXAMPLE_ROW = BY_CODE["example_row"].code
WITHOUT_FIELD = BY_CODE["optional_field"].code
UNANSWERED = "unanswered"
SHIFTED_ROW = "shifted_row"
MISSING = "phone_missing"


class Duplicate(NamedTuple):
    """A good row whose number is in an earlier row."""

    row: PackedRow
    first_row: int  # as a spreadsheet shows it


class Invalid(NamedTuple):
    """A row that can't be sent as it is, with all its problems; the first one is its reason."""

    row_number: int
    cells: list[str]
    problems: tuple[Problem, ...]
    phone: str  # as read
    name: str

    def problems_json(self) -> list[dict[str, str]]:
        return [found._asdict() for found in self.problems]


class LeftOut(NamedTuple):
    """A good row that isn't sent, with its reason."""

    row: PackedRow
    code: str


Verdict = PackedRow | Duplicate | LeftOut | Invalid


class CheckedRow(NamedTuple):
    """One row with its result and notes; for previews."""

    outcome: Verdict
    warnings: tuple[str, ...]  # codes
