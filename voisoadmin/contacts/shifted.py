"""Rows of a text file whose cells aren't in their columns: a delimiter in a cell without quotes, or a missing cell.

In such a row the cell below “Phone” may be a fax, so it isn't sent before a person has said how its cells belong together.
"""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple, Self

from voisoadmin.contacts.mapped import Mapped
from voisoadmin.contacts.questions import (
    ANSWERS,
    DELIMITER,
    LEAVE_OUT,
    SENTENCES,
    SHIFTED,
    SHIFTED_FLAGS,
    SHIFTED_PHONES,
    Answer,
    Question,
    in_rows,
)
from voisoadmin.contacts.short_rows import ShortRows, is_phone_like
from voisoadmin.phones import Reader
from voisoadmin.sheets import SheetFacts

KEEP = "keep"
JOIN = "join"  # followed by the number of the column, from 1, whose cell was parted
BLANK = "blank"  # followed by the number of the column, from 1, whose cell is missing
MANY = 0.2  # share of the rows from which the delimiter is asked about
SEVERAL = 5
MOST_ANSWERS = 3
SHOWN = 40
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


def layout_of(
    facts: SheetFacts, sample: Sequence[Sequence[str]], phone: Mapped, answers: Mapping[str, str], deciding: Iterable[int] = ()
) -> "Layout | None":
    """None where no delimiter can move a cell, or no header says where the cells belong.

    `deciding`: the columns that say who must not be called, or isn't active.
    """
    delimiter = facts.delimiter or facts.parted_at
    if not delimiter or facts.header_row is None or not facts.raw_columns:
        return None
    names = facts.columns[: len(facts.raw_columns)]
    layout = Layout(names, phone.columns, sample, delimiter, answers.get(SHIFTED, ""), deciding)
    layout.delimiters = (delimiter, *facts.other_delimiters)
    layout.chosen_delimiter = answers.get(DELIMITER, "")
    return layout


class Layout:
    """The columns of a table with a header, and the rows that don't fit them."""

    def __init__(
        self,
        columns: Sequence[str],
        phones: Sequence[int],
        sample: Sequence[Sequence[str]],
        delimiter: str,
        answer: str,
        deciding: Iterable[int] = (),
        *,
        short: ShortRows | None = None,
    ) -> None:
        """`short`: what an earlier look at a sample found."""
        self.width = len(columns)
        self.rows = 0  # that don't fit, and aren't read by an answer
        self.read = 0  # by the answer
        self.delimiters: tuple[str, ...] = ()  # the one in force, then others that a person may choose
        self.chosen_delimiter = ""  # the answer
        self._columns, self._phone, self._answer = columns, next(iter(phones), None), answer
        self._joint = f"{delimiter.strip()} " if delimiter.strip() else " "
        if short is None:
            length = _usual_length(sample, self.width)
            whole = [cells for cells in sample if len(cells) == length]
            short = ShortRows.of(columns, whole, phones, deciding, length)
        self._short = short
        self._fits: dict[str, Fit] = {}
        self._misplaced = 0  # rows with a cell that can't belong to its column
        self._strangers = Counter[int | None]()  # rows by the column to which their phone may belong; None: no such column

    def to_json(self) -> dict[str, Any]:
        """What is needed to read a single row later as this layout does."""
        return {"columns": list(self._columns), "joint": self._joint, "short": self._short.to_json()}

    @classmethod
    def from_json(cls, stored: Mapping[str, Any], answer: str) -> Self:
        columns = stored["columns"]
        if "short" in stored:
            short = ShortRows.from_json(stored["short"])
        else:  # of a check from before short rows were looked at more closely
            called = () if stored["phone"] is None else (stored["phone"],)
            short = ShortRows(len(columns), called, stored["phones"], {}, {})
        return cls(columns, short.called, (), stored["joint"], answer, short=short)

    def is_suspect(self, cells: Sequence[str]) -> bool:
        """Whether a cell isn't blank beyond the header's width, or a short row may have a cell below another column."""
        if len(cells) > self.width and any(text.strip() for text in cells[self.width :]):
            return True
        return len(cells) < self._short.length and (not self._fit(cells) or self._is_unsure(cells))

    def is_whole(self, cells: Sequence[str]) -> bool:
        """Whether the number of its cells says that each is below its column."""
        return len(cells) == self.width == self._short.length

    def straight(self, cells: list[str]) -> list[str] | None:
        """The cells as they belong to the columns; None if only a person can say it, or this row doesn't fit the answer."""
        if self.is_whole(cells) or not self.is_suspect(cells):
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
        return self._phone is not None and self._phone < len(cells) and is_phone_like(cells[self._phone])

    def count_read(self, rows: Iterable[list[str]], reader: Reader) -> None:
        """Count the rows that are read by the answer of a person, which may still be changed for another one."""
        if not self._answer:
            return
        for cells in rows:
            if not self.is_whole(cells) and self.is_suspect(cells):
                self.read += 1
                self._note_ways(cells, reader)

    def note(self, cells: list[str], reader: Reader) -> None:
        """Count a row that isn't straight, with what each way of reading it would make ready."""
        self.rows += 1
        self._note_ways(cells, reader)

    def _note_ways(self, cells: list[str], reader: Reader) -> None:
        is_too_long = any(text.strip() for text in cells[self.width :])
        self._strangers[None if is_too_long or not self._fit(cells) else self._short.stranger(cells)] += 1
        self._misplaced += is_too_long or not self._fit(cells)
        for value in self._ways(cells):
            found = self._read_as(value, cells)
            if found is None or not self._fit(found) or self._phone is None or self._phone >= len(found):
                continue
            number = reader.read(found[self._phone]).number
            is_blank = value.startswith(BLANK) and not found[self._phone].strip()
            if number or is_blank:
                fit = self._fits.setdefault(value, Fit())
                fit.example = fit.example or self._example(value, found)
                fit.numbers.update([int(number)] if number else [])

    def question(self, rows: int, ready: Collection[int]) -> list[Question]:
        """`rows`: of the file; `ready`: the numbers that are sent anyway."""
        count = self.rows + self.read
        is_many = self._misplaced > MANY * rows and self._misplaced >= SEVERAL
        asked = self._about_the_delimiter(count, rows, len(ready)) if is_many else []
        if not count or (not self._answer and not (self._fits or is_many)):
            return asked
        best = sorted(self._different, key=lambda value: (-len(self._fits[value].numbers), value == KEEP, value))[:MOST_ANSWERS]
        more = {value: sum(number not in ready for number in self._fits[value].numbers) for value in best}
        values = dict.fromkeys([*best, self._answer or LEAVE_OUT, LEAVE_OUT])
        known = {self._answer} if self._answer not in {"", LEAVE_OUT} else values
        answers = tuple(
            Answer(value, self._label(value), len(ready) + more.get(value, 0) if value in known else None) for value in values
        )
        return [*asked, Question(SHIFTED, "", count, self._sentence(count, is_many), answers, self._answer)]

    @property
    def _different(self) -> list[str]:
        """The ways to read the rows; where they are read as they are, only those that call other numbers."""
        kept = self._fits.get(KEEP, Fit()).numbers
        return [way for way, fit in self._fits.items() if not way.startswith(BLANK) or not kept or fit.numbers != kept]

    def _sentence(self, count: int, is_many: bool) -> str:
        if self._misplaced:
            return SENTENCES[SHIFTED].format(**in_rows(count), many=" Check the delimiter first." if is_many else "")
        others = [self._columns[at] for at, _ in self._strangers.most_common() if at is not None]
        if not others or self._phone is None:
            return SHIFTED_FLAGS.format(**in_rows(count))
        return SHIFTED_PHONES.format(**in_rows(count), column=self._columns[self._phone], other=others[0])

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
        if self.width > MOST_COLUMNS or self.is_whole(cells):
            return [KEEP]
        if len(cells) < self._short.length:
            return [KEEP, *(f"{BLANK}:{at + 1}" for at in range(min(len(cells) + 1, self.width)))]
        return [KEEP, *(f"{JOIN}:{at + 1}" for at in range(self.width))]

    def _read_as(self, value: str, cells: list[str]) -> list[str] | None:
        if value == KEEP:
            return cells
        kind, at = value.partition(":")[0], self._column_of(value)
        if kind == BLANK and at <= len(cells) < self._short.length:
            return [*cells[:at], *[""] * (self._short.length - len(cells)), *cells[at:]]
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
        return all(self._short.fits(text, at) for at, text in enumerate(cells[: self.width]))

    def _is_unsure(self, cells: Sequence[str]) -> bool:
        """Whether a short row whose cells fit may have someone else's number below the phone, or a flag elsewhere."""
        return self._short.stranger(cells) is not None or self._short.is_flagged_elsewhere(cells)


def _usual_length(sample: Iterable[Sequence[str]], width: int) -> int:
    """The cells of a whole row: more than the header has, if most rows end with a delimiter."""
    lengths = Counter(len(cells) for cells in sample)
    longer = Counter({length: rows for length, rows in lengths.items() if length > width})
    for cells in sample:
        if len(cells) > width and any(text.strip() for text in cells[width:]):
            longer[len(cells)] -= 1
    length, rows = max(longer.items(), key=lambda found: found[1], default=(width, 0))
    return length if rows > lengths.total() / 2 else width
