"""Rows of a text file whose cells aren't in their columns: a delimiter in a cell without quotes, or a missing cell.

In such a row the cell below “Phone” may be a fax, so it isn't sent before a person has said how its cells belong together.
"""

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple, Self

from voisoadmin.contacts.mapped import Mapped
from voisoadmin.contacts.questions import ANSWERS, DELIMITER, LEAVE_OUT, SENTENCES, SHIFTED, Answer, Question
from voisoadmin.phones import Reader
from voisoadmin.sheets import SheetFacts

KEEP = "keep"
JOIN = "join"  # followed by the number of the column, from 1, whose cell was parted
BLANK = "blank"  # followed by the number of the column, from 1, whose cell is missing
MANY = 0.2  # share of the rows from which the delimiter is asked about
SEVERAL = 5
MOST_ANSWERS = 3
SURELY, HARDLY = 0.9, 0.1  # shares of phone numbers in a column that holds them, and in one that doesn't
SHOWN = 40
PHONE_LIKE = re.compile(r"(?=(?:\D*\d){7})[\d\s+()./-]{7,30}")
NAMES = {",": "comma", ";": "semicolon", "\t": "tab", "|": "pipe", " ": "space"}
MOST_COLUMNS = 60  # in wider tables no cells are joined


class RowReading(NamedTuple):
    """One way to read a single shifted row."""

    value: str
    label: str
    cells: list[str]


@dataclass(slots=True)
class Fit:
    """A way to read shifted rows: an example, and the numbers that it would make ready."""

    example: str = ""
    numbers: set[int] = field(default_factory=set)


def layout_of(facts: SheetFacts, sample: Sequence[Sequence[str]], phone: Mapped, answers: Mapping[str, str]) -> "Layout | None":
    """None where no delimiter can move a cell, or no header says where the cells belong."""
    delimiter = facts.delimiter or facts.parted_at
    if not delimiter or facts.header_row is None or not facts.raw_columns:
        return None
    names = facts.columns[: len(facts.raw_columns)]
    layout = Layout(names, phone.column, sample, delimiter, answers.get(SHIFTED, ""))
    layout.delimiters = (delimiter, *facts.other_delimiters)
    layout.chosen_delimiter = answers.get(DELIMITER, "")
    return layout


class Layout:
    """The columns of a table with a header, and the rows that don't fit them."""

    def __init__(self, columns: Sequence[str], phone: int | None, sample: Iterable[Sequence[str]], delimiter: str, answer: str):
        self.width = len(columns)
        self.rows = 0  # that don't fit, and aren't read by an answer
        self.read = 0  # by the answer
        self.delimiters: tuple[str, ...] = ()  # the one in force, then others that a person may choose
        self.chosen_delimiter = ""  # the answer
        self._columns, self._phone, self._answer = columns, phone, answer
        self._joint = f"{delimiter.strip()} " if delimiter.strip() else " "
        whole = [cells for cells in sample if len(cells) == self.width]
        self._phones = [_share(cells[at] for cells in whole) for at in range(self.width)]
        self._fits: dict[str, Fit] = {}

    def to_json(self) -> dict[str, Any]:
        """What is needed to read a single row later as this layout does."""
        return {"columns": list(self._columns), "phone": self._phone, "joint": self._joint, "phones": self._phones}

    @classmethod
    def from_json(cls, stored: Mapping[str, Any], answer: str) -> Self:
        layout = cls(stored["columns"], stored["phone"], (), stored["joint"], answer)
        layout._phones = list(stored["phones"])
        return layout

    def is_suspect(self, cells: Sequence[str]) -> bool:
        """Whether a cell isn't blank beyond the header's width, or a short row has a number where none belongs."""
        if len(cells) > self.width:
            return any(text.strip() for text in cells[self.width :])
        return len(cells) < self.width and not self._fit(cells)

    def straight(self, cells: list[str]) -> list[str] | None:
        """The cells as they belong to the columns; None if only a person can say it, or this row doesn't fit the answer."""
        if len(cells) == self.width or not self.is_suspect(cells):
            return cells
        if not self._answer or self._answer == LEAVE_OUT:
            return None
        found = self._read_as(self._answer, cells)
        return found if found is not None and self._fit(found) else None

    def readings(self, cells: list[str]) -> list[RowReading]:
        """The ways to read this suspect row in which its numbers are where other rows have them; the likeliest first."""
        found = {value: self._read_as(value, cells) for value in self._ways(cells)}
        fitting = [(value, row) for value, row in found.items() if row is not None and self._fit(row)]
        # A phone says where the cells belong; without one, a cell that stays in its column is as good a guess as any.
        fitting.sort(key=lambda pair: (pair[0] == KEEP, not self._has_phone(pair[1])))
        return [RowReading(value, self._label(value, row), row) for value, row in fitting[:MOST_ANSWERS]]

    def _has_phone(self, cells: Sequence[str]) -> bool:
        return self._phone is not None and self._phone < len(cells) and bool(PHONE_LIKE.fullmatch(cells[self._phone].strip()))

    def count_read(self, rows: Iterable[list[str]], reader: Reader) -> None:
        """Count the rows that are read by the answer of a person, which may still be changed for another one."""
        if not self._answer:
            return
        for cells in rows:
            if len(cells) != self.width and self.is_suspect(cells):
                self.read += 1
                self._note_ways(cells, reader)

    def note(self, cells: list[str], reader: Reader) -> None:
        """Count a row that isn't straight, with what each way of reading it would make ready."""
        self.rows += 1
        self._note_ways(cells, reader)

    def _note_ways(self, cells: list[str], reader: Reader) -> None:
        for value in self._ways(cells):
            found = self._read_as(value, cells)
            if found is None or not self._fit(found) or self._phone is None or self._phone >= len(found):
                continue
            number = reader.read(found[self._phone]).number
            if number:
                fit = self._fits.setdefault(value, Fit())
                fit.example = fit.example or self._example(value, found)
                fit.numbers.add(int(number))

    def question(self, rows: int, ready: Collection[int]) -> list[Question]:
        """`rows`: of the file; `ready`: the numbers that are sent anyway."""
        count = self.rows + self.read
        is_many = count > MANY * rows and count >= SEVERAL
        asked = self._about_the_delimiter(count, rows, len(ready)) if is_many else []
        if not count or (not self._answer and not (self._fits or is_many)):
            return asked
        best = sorted(self._fits, key=lambda value: (-len(self._fits[value].numbers), value == KEEP, value))[:MOST_ANSWERS]
        more = {value: sum(number not in ready for number in self._fits[value].numbers) for value in best}
        values = dict.fromkeys([*best, self._answer or LEAVE_OUT, LEAVE_OUT])
        known = {self._answer} if self._answer not in {"", LEAVE_OUT} else values
        answers = tuple(
            Answer(value, self._label(value), len(ready) + more.get(value, 0) if value in known else None) for value in values
        )
        many = " Check the delimiter first." if is_many else ""
        have = "row has" if count == 1 else "rows have"
        sentence = SENTENCES[SHIFTED].format(rows=f"{count:,} {have}", many=many)
        return [*asked, Question(SHIFTED, "", count, sentence, answers, self._answer)]

    def _about_the_delimiter(self, count: int, rows: int, ready: int) -> list[Question]:
        """More than a fifth of the rows don't fit: another delimiter may be right, if the lines have one."""
        names = {NAMES[character]: character for character in self.delimiters if character in NAMES}
        if len(names) < 2:
            return []
        answers = tuple(
            Answer(name, ANSWERS[DELIMITER][name], ready if character == self.delimiters[0] else None)
            for name, character in names.items()
        )
        sentence = SENTENCES[DELIMITER].format(count=f"{count:,}", all=f"{rows:,}")
        chosen = self.chosen_delimiter if self.chosen_delimiter in names else ""
        return [Question(DELIMITER, "", count, sentence, answers, chosen)]

    def _ways(self, cells: Sequence[str]) -> list[str]:
        if self.width > MOST_COLUMNS or len(cells) == self.width:
            return [KEEP]
        if len(cells) < self.width:
            return [KEEP, *(f"{BLANK}:{at + 1}" for at in range(len(cells) + 1))]
        return [KEEP, *(f"{JOIN}:{at + 1}" for at in range(self.width))]

    def _read_as(self, value: str, cells: list[str]) -> list[str] | None:
        if value == KEEP:
            return cells
        kind, at = value.partition(":")[0], self._column_of(value)
        if kind == BLANK and at <= len(cells) < self.width:
            return [*cells[:at], *[""] * (self.width - len(cells)), *cells[at:]]
        if kind != JOIN or len(cells) <= self.width:
            return None
        last = len(cells)
        while last > self.width and not cells[last - 1].strip():
            last -= 1
        parts = last - self.width + 1
        joined = self._joint.join(text.strip() for text in cells[at : at + parts])
        return [*cells[:at], joined, *cells[at + parts : last]]

    def _column_of(self, value: str) -> int:
        number = value.partition(":")[2]
        return int(number) - 1 if number.isdecimal() else 0

    def _example(self, value: str, cells: Sequence[str]) -> str:
        """The cell that was put together; or the one that came to the place of a missing one."""
        at = self._column_of(value)
        return cells[at][:SHOWN] if value != KEEP and at < len(cells) else ""

    def _label(self, value: str, cells: Sequence[str] = ()) -> str:
        if value == KEEP:
            return "The cells are in their columns"
        if value == LEAVE_OUT:
            return "Leave them out"
        at = self._column_of(value)
        name = self._columns[at] if at < self.width else ""
        if value.startswith(BLANK):
            return f"“{name}” is missing"
        example = self._example(value, cells) or (self._fits[value].example if value in self._fits else "")
        return f"“{example}” is one cell of “{name}”" if example else f"The parted cell is of “{name}”"

    def _fit(self, cells: Sequence[str]) -> bool:
        """Whether phone numbers are where the other rows have them, and nowhere else."""
        for text, share in zip(cells, self._phones, strict=False):
            if text.strip():
                is_phone = bool(PHONE_LIKE.fullmatch(text.strip()))
                if (is_phone and share <= HARDLY) or (not is_phone and share >= SURELY):
                    return False
        return True


def _share(cells: Iterable[str]) -> float:
    filled = [text for cell in cells if (text := cell.strip())]
    # A column without any cell may hold whatever it likes.
    return sum(bool(PHONE_LIKE.fullmatch(text)) for text in filled) / len(filled) if filled else 0.5
