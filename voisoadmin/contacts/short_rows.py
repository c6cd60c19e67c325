"""Rows with too few cells: which of the missing ones may be further left than the end.

A row that ends early reads well as long as its last cells are blank. If another cell is missing, the ones behind it have come
one place to the left: the cell below “Phone” may be a fax, and a “yes” below “City” may mean “do not call”.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple, Self

from voisoadmin.contacts.column_scores import scores_of
from voisoadmin.contacts.fields import PHONE
from voisoadmin.contacts.phone_columns import POOR, Kind, is_named_phone, is_never_called, kind_of, may_be_their_phone

PHONE_LIKE = re.compile(r"(?=(?:\D*\d){7})[\d\s+()./-]{7,30}")
SURELY, HARDLY = 0.9, 0.1  # shares of phone numbers in a column that holds them, and in one that doesn't
ALWAYS_BLANK = 20  # rows from which a column without any cell stays blank
MOST_FORMS = 50


def is_phone_like(text: str) -> bool:
    return bool(PHONE_LIKE.fullmatch(text.strip()))


def form_of(text: str) -> str:
    """`020 7946 0958` is written as `999 9999 9999`."""
    return re.sub(r"\d", "9", text.strip().casefold())


class ShortRows(NamedTuple):
    """What whole rows of the table show about the cells of its columns."""

    length: int  # cells of a whole row
    called: tuple[int, ...]  # columns with the phone; the first cell that isn't blank is called
    shares: Sequence[float]  # of phone numbers in each column
    strangers: Mapping[int, Sequence[str] | None]  # columns of other numbers, and the forms of these; None: any
    flags: Mapping[int, Sequence[str]]  # columns that decide whether one is called, and their cells

    @classmethod
    def of(
        cls, columns: Sequence[str], whole: Sequence[Sequence[str]], called: Sequence[int], deciding: Iterable[int], length: int
    ) -> Self:
        """`whole`: rows with all their cells. `deciding`: columns that say who must not be called, or isn't active."""
        cells = [[text for row in whole if at < len(row) and (text := row[at].strip())] for at in range(len(columns))]
        shares = [sum(map(is_phone_like, found)) / len(found) if found else 0.5 for found in cells]
        scores = scores_of(columns)[PHONE]
        own = {
            at for at, name in enumerate(columns) if may_be_their_phone(name) and (scores[at] > POOR or is_named_phone(name))
        }
        strangers = {
            at: forms
            for at, name in enumerate(columns)
            if at not in called and at not in own and (forms := _forms_of_others(name, cells[at], shares[at], len(whole))) != []
        }
        flags = {at: sorted({text.casefold() for text in cells[at]})[:MOST_FORMS] for at in deciding if at < len(columns)}
        return cls(length, tuple(called), shares, strangers, flags)

    def to_json(self) -> dict[str, Any]:
        return self._asdict()

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> Self:
        strangers, flags = ({int(at): found for at, found in stored[name].items()} for name in ("strangers", "flags"))
        return cls(stored["length"], tuple(stored["called"]), stored["shares"], strangers, flags)

    def stranger(self, cells: Sequence[str]) -> int | None:
        """The column of someone else's number to which the number that would be called may belong."""
        missing = self.length - len(cells)
        at = next((at for at in self.called if at < len(cells) and cells[at].strip()), None)
        if at is None or missing < 1:
            return None
        return next((other for other in self.strangers if self._may_be(cells, at, other) and other - at <= missing), None)

    def is_flagged_elsewhere(self, cells: Sequence[str]) -> bool:
        """Whether a cell that may belong to a column of flags is below another one."""
        missing = self.length - len(cells)
        return any(
            text.strip().casefold() in said and self._may_be(cells, at, flag)
            for flag, said in self.flags.items()
            for at, text in enumerate(cells[max(0, flag - missing) : flag], max(0, flag - missing))
        )

    def fits(self, text: str, at: int) -> bool:
        """Whether this column may hold this cell: phone numbers where other rows have them, and nowhere else."""
        if not text.strip() or at >= len(self.shares):
            return True
        share = self.shares[at]
        return share > HARDLY if is_phone_like(text) else share < SURELY

    def _may_be(self, cells: Sequence[str], at: int, other: int) -> bool:
        """Whether the cell may belong to the other column, further right, and all behind it find a place."""
        if other <= at or not self._is_like(cells[at], other):
            return False
        place = other + 1
        for text in cells[at + 1 :]:
            while place < self.length and not self.fits(text, place):
                place += 1
            if place >= self.length:
                return False
            place += 1
        return True

    def _is_like(self, text: str, at: int) -> bool:
        forms = self.strangers.get(at)
        return self.fits(text, at) if forms is None else form_of(text) in forms


def _forms_of_others(name: str, cells: Sequence[str], share: float, rows: int) -> list[str] | None:
    """How the numbers in a column that isn't to be called are written; none if it holds none, None for any."""
    if (not cells and rows >= ALWAYS_BLANK) or (cells and share <= HARDLY):
        return []
    if is_never_called(name) or (not cells and kind_of(name) is Kind.NEVER):
        return None
    return sorted({form_of(text) for text in cells if is_phone_like(text)})[:MOST_FORMS]
