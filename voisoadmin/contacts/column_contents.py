"""What is in the columns of a table: how many cells are filled, and how many of them are valid for each field."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from voisoadmin.contacts.cleaning import MAX_URL, PRIORITY_WORD, YES_OR_NO, ContactLimits, is_filled
from voisoadmin.contacts.fields import OPTIONAL, PHONE, REPAIRS, Cells, OptionalField
from voisoadmin.phones import DAMAGED, Reader
from voisoadmin.phones.marks import UNKNOWN_LABEL

PHONE_LIKE = {
    *DAMAGED,
    "too_short",
    "too_long",
    "not_in_use",
    "no_country",
    "ambiguous_number",
    "extension",
    "two_numbers",
    UNKNOWN_LABEL,
}
MIN_PHONE_DIGITS = 7
LONGEST_CELL = 2 * MAX_URL  # characters examined; no field takes more
WITHOUT_WORDS = ContactLimits(put_back=frozenset({PRIORITY_WORD}))
"""Words are no priorities: many programs write “Normal” into each row."""
AS_THEY_ARE = ContactLimits(put_back=REPAIRS)


class Content(NamedTuple):
    """Of a column: how many cells are filled, and the shares of them that are valid for a field."""

    filled: int
    phones: float
    phone_like: float
    valid: Mapping[str, float]  # of the fields whose cells say anything about them
    unmistakable: Mapping[str, float]  # the same without any repair
    words: float  # share of the cells with a letter that aren't yes or no

    def share(self, name: str) -> float:
        return self.valid.get(name, 1.0) if self.filled else 1.0


def content_of(rows: Sequence[Sequence[str]], at: int, region: str) -> Content:
    cells = [text for row in rows if at < len(row) and is_filled(text := row[at].strip()[:LONGEST_CELL])]
    if not cells:
        return Content(0, 0, 0, {}, {}, 1.0)
    reader = Reader(region)
    results = [reader.read(cell) for cell in cells]
    digits = [sum(char.isdecimal() for char in cell) for cell in cells]
    enough = [result for result, count in zip(results, digits, strict=True) if count >= MIN_PHONE_DIGITS]
    numbers = sum(bool(result.number) or result.code in {"ambiguous_number", "damaged_scientific"} for result in enough)
    if not region:
        # Without a country national numbers can't be judged; a leading zero shows that they are national.
        numbers += sum(_begins_with_zero(cell) and r.code == "no_country" for cell, r in zip(cells, results, strict=True))
    like = sum(bool(result.number) or result.code in PHONE_LIKE for result in enough)
    judged = [spec for spec in OPTIONAL if spec.cells is not Cells.NOTHING]
    return Content(
        filled=len(cells),
        phones=numbers / len(cells),
        phone_like=like / len(cells),
        valid={PHONE: like / len(cells), **{spec.name: _share_valid(spec, cells, WITHOUT_WORDS) for spec in judged}},
        words=sum(any(map(str.isalpha, cell)) and cell.casefold() not in YES_OR_NO for cell in cells) / len(cells),
        unmistakable={spec.name: _share_valid(spec, cells, AS_THEY_ARE) for spec in judged if spec.cells is Cells.UNMISTAKABLE},
    )


def _share_valid(spec: OptionalField, cells: Sequence[str], limits: ContactLimits) -> float:
    clean = spec.cleaner(limits)
    return sum(clean(cell)[0] is not None for cell in cells) / len(cells)


def _begins_with_zero(cell: str) -> bool:
    return next((char for char in cell if char.isdecimal()), "") == "0"
