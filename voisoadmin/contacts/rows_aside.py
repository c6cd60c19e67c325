"""Rows of a table that aren't sent, whatever is in them: hidden ones, and sums and lines below the table.

They may be taken in by an answer, and rows that are struck out may be left out. Footers must be known before their rows are
checked: see `to_the_end`.
"""

from bisect import bisect_left, bisect_right
from collections import deque
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from voisoadmin.contacts.footers import MOST_FOOTERS, Sums, footers_of
from voisoadmin.contacts.mapped import Mapped
from voisoadmin.contacts.questions import (
    FOOTERS,
    HIDDEN_ROWS,
    LEAVE_OUT,
    OFFERS,
    SENTENCES,
    STRUCK_ROWS,
    TAKE_IN,
    Answer,
    Note,
    Question,
)
from voisoadmin.contacts.reasons import BY_CODE
from voisoadmin.sheets import RowMarks

Row = tuple[int, list[str]]
FOOTER, HIDDEN_ROW, STRUCK_ROW = (BY_CODE[code].code for code in ("footer", "hidden_row", "struck_row"))
ASIDE = frozenset({FOOTER, HIDDEN_ROW, STRUCK_ROW})
CODES = {HIDDEN_ROW: HIDDEN_ROWS, STRUCK_ROW: STRUCK_ROWS, FOOTER: FOOTERS}
"""The reason of a row, and the offer to take such rows in."""


@dataclass(slots=True)
class Found:
    """The rows of one kind."""

    rows: int = 0
    numbers: set[int] = field(default_factory=set)  # those that would be sent if the rows were taken in


class InOrder:
    """Ranges of rows that are asked for in the order of the table."""

    def __init__(self, ranges: Sequence[tuple[int, int]]) -> None:
        self._ranges, self._at = ranges, 0

    def among(self, numbers: Sequence[int]) -> Iterator[int]:
        while self._at < len(self._ranges) and self._ranges[self._at][0] <= numbers[-1]:
            first, last = self._ranges[self._at]
            yield from numbers[bisect_left(numbers, first) : bisect_right(numbers, last)]
            if last > numbers[-1]:
                return
            self._at += 1


class RowsAside:
    def __init__(self, marks: RowMarks, phone: Mapped, answers: Mapping[str, str]) -> None:
        self._phone = phone
        self._taken_in = {reason for reason, offer in CODES.items() if answers.get(offer, next(iter(OFFERS[offer]))) == TAKE_IN}
        self._footers: set[int] = set()
        self._found = {reason: Found() for reason in CODES}
        self._hidden, self._struck = InOrder(marks.hidden), InOrder(marks.struck)

    def to_the_end(self, chunks: Iterable[list[Row]]) -> Iterator[list[Row]]:
        """The same chunks, each once its footers are known: so the last ones come when the table has ended."""
        sums, held = Sums(self._phone), deque[list[Row]]()
        for rows in chunks:
            self._footers |= sums.among(rows)
            held.append(rows)
            while len(held) > 1 and sum(map(len, held)) - len(held[0]) >= MOST_FOOTERS:
                yield held.popleft()
        self._footers |= footers_of([row for rows in held for row in rows], self._phone)
        yield from held

    def reasons_of(self, rows: Sequence[Row]) -> dict[int, str]:
        """Row number to reason, for those of the next rows that aren't sent, or would not be without an answer."""
        if not rows:
            return {}
        numbers = [number for number, _ in rows]
        found = dict.fromkeys(self._footers.intersection(numbers), FOOTER) if self._footers else {}
        found |= dict.fromkeys(self._struck.among(numbers), STRUCK_ROW)
        found |= dict.fromkeys(self._hidden.among(numbers), HIDDEN_ROW)
        for reason in found.values():
            self._found[reason].rows += 1
        return found

    def keeps_out(self, reason: str) -> bool:
        return reason not in self._taken_in

    def note_number(self, reason: str, number: int) -> None:
        """Count a number that would be sent if such rows were."""
        self._found[reason].numbers.add(number)

    def offers(self, ready: Collection[int]) -> list[Question]:
        return [self._offer(reason, offer, ready) for reason, offer in CODES.items() if self._found[reason].rows]

    def _offer(self, reason: str, offer: str, ready: Collection[int]) -> Question:
        found, chosen = self._found[reason], LEAVE_OUT if self.keeps_out(reason) else TAKE_IN
        more = sum(number not in ready for number in found.numbers)
        counts = {chosen: len(ready), TAKE_IN: len(ready) + more if chosen == LEAVE_OUT else len(ready)}
        answers = tuple(Answer(value, label, counts.get(value)) for value, label in OFFERS[offer].items())
        return Question(offer, "", found.rows, SENTENCES[offer].format(**_counted(found.rows)), answers, chosen, is_offer=True)

    def notes(self) -> list[Note]:
        return [
            Note(offer, found.rows, NOTES[offer, self.keeps_out(reason)].format(**_counted(found.rows)))
            for reason, offer in CODES.items()
            if (found := self._found[reason]).rows
        ]


NOTES = {
    (HIDDEN_ROWS, True): "{rows} {are} hidden in the workbook, by a filter or by hand, and {are} not sent.",
    (HIDDEN_ROWS, False): "{rows} {are} hidden in the workbook, and read like the others, as you chose.",
    (STRUCK_ROWS, True): "{rows} {are} struck out in the workbook, and {are} not sent, as you chose.",
    (STRUCK_ROWS, False): "{rows} {are} struck out in the workbook, and read like the others.",
    (FOOTERS, True): "{rows} {are} a sum or a line below the table, and {are} not sent.",
    (FOOTERS, False): "{rows} {look} like a sum or a line below the table, and {are} read like the others, as you chose.",
}


def _counted(count: int) -> dict[str, str]:
    one = count == 1
    return {
        "rows": f"{count:,} row{'' if one else 's'}",
        "are": "is" if one else "are",
        "look": "looks" if one else "look",
    }
