"""From table rows to contacts ready to send, repeated rows, or reasons. Pure: no database, no request, no clock."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

from voisoadmin.contacts.bare_digits import OPEN_CODES
from voisoadmin.contacts.cleaning import ACTIVE_UNCLEAR, Clean, ContactLimits, Value
from voisoadmin.contacts.country_column import CountryColumn
from voisoadmin.contacts.do_not_call import Flags
from voisoadmin.contacts.example_row import IN_USE, is_example
from voisoadmin.contacts.fields import NAME, OPTIONAL, PHONE, PUT_BACK_AS, Problem, problem
from voisoadmin.contacts.file_questions import About, FileQuestions
from voisoadmin.contacts.mapped import Mapped, Mappings, cell_reader
from voisoadmin.contacts.number_types import NO_TYPES, Types, problem_of_type
from voisoadmin.contacts.other_phones import OtherPhones
from voisoadmin.contacts.packing import PackedRow
from voisoadmin.contacts.phone_cells import NOT_STRAIGHT, PhoneCells
from voisoadmin.contacts.questions import LEAVE_OUT, Note, Question
from voisoadmin.contacts.shifted import Layout
from voisoadmin.contacts.tally import Tally
from voisoadmin.contacts.verdicts import (
    EXAMPLE_ROW,
    FLAGGED,
    LEFT_OUT,
    MISSING,
    SAME_NUMBER,
    SHIFTED_ROW,
    SHOWN,
    UNANSWERED,
    WITHOUT_FIELD,
    CheckedRow,
    Duplicate,
    Invalid,
    LeftOut,
    PlainResult,
    Row,
    Verdict,
)
from voisoadmin.phones import PhoneCell, Reader
from voisoadmin.phones.marks import UNKNOWN_LABEL
from voisoadmin.sheets import RowMarks

ACTIVE_ANSWERS = {"active": True, "inactive": False}
NO_FLAGS = Flags([])
NO_MARKS = RowMarks()
NO_ROWS = "The file has a header but no rows. Choose another header row, another sheet or another file."
BEYOND = 1 << 30  # no table is so wide
Warnings = tuple[str, ...]  # codes
OptionalColumn = tuple[str, int, Callable[[list[str]], str] | None, Clean]
"""A field's name, its column, how its cells are joined if it isn't one column (then BEYOND), and what is valid in them."""


class Checker(Tally):
    """Checks the rows of one table in order, and counts them.

    What `reader` infers about bare digits from the first rows may turn out wrong at the end; see `again`.
    """

    def __init__(
        self,
        fields: Mappings,
        reader: Reader,
        *,
        lowest_priority: int = 0,
        flags: Flags = NO_FLAGS,
        answers: Mapping[str, str] | None = None,
        names: Sequence[str] = (),
        country: CountryColumn | None = None,
        layout: Layout | None = None,
        types: Types = NO_TYPES,
        other_phones: Sequence[int] = (),
        offers: Sequence[Question] = (),
        marks: RowMarks = NO_MARKS,
    ) -> None:
        super().__init__()
        self.reader = reader
        self.warned: dict[int, Warnings] = {}  # of the rows checked last: row number to the codes of its warnings
        self._beside = reader.twin()  # reads numbers that say nothing about the column
        others = OtherPhones(fields[PHONE], other_phones, names, country) if other_phones else None
        about = About(fields, names, answers or {}, flags, country, layout, offers, marks)
        self._asked = FileQuestions(about, others)
        self._phones = PhoneCells(fields[PHONE], reader, country=country, layout=layout, other_phones=others)
        self._phone = fields[PHONE]
        self._types = types
        # Asked for in every row, so they are kept here as well.
        self._flags, self._unusable, self._put_back = flags, self._asked.unusable, self._asked.put_back
        self._name_of = cell_reader(fields[NAME]) if NAME in fields else None
        limits = ContactLimits(lowest_priority, self._put_back)
        mapped = [spec for spec in OPTIONAL if spec.name in fields]
        self._optional = [_column_of(spec.name, spec.cleaner(limits), fields[spec.name]) for spec in mapped]

    def to_the_end(self, chunks: Iterable[list[Row]]) -> Iterator[list[Row]]:
        """All rows of the table, as they must be given to `check`: what its last rows are is known only at its end."""
        return self._asked.aside.to_the_end(chunks)

    def check(self, rows: Sequence[Row], phones: Sequence[PlainResult] | None = None) -> list[Verdict]:
        """The results of the next rows, in order. `phones`: their `phone_cells`, if already read."""
        return [outcome for outcome, _ in self._checked(rows, phones)]

    def phone_cells(self, rows: Sequence[Row]) -> Sequence[PhoneCell]:
        return self._phones.of(rows)

    def preview(self, rows: Sequence[Row]) -> list[CheckedRow]:
        """Like `check`, with the warnings of each row."""
        return [CheckedRow(*checked) for checked in self._checked(rows)]

    def again(self) -> Reader | None:
        """After the last row: the reader for a second check of the table, or None if none is needed.

        The second one never asks for a third check.
        """
        judgement = self.reader.unsettled()
        if judgement is None:
            return None
        reader = self.reader.twin()
        reader.settle(judgement)
        return reader

    def questions(self) -> list[Question]:
        """After the last row: what a person must answer before anything is sent, and what was answered."""
        return self._asked.questions(self, self.reader)

    def notes(self) -> list[Note]:
        """After the last row: about the file as a whole."""
        return self._asked.notes(self, self.reader, self._phones.by_country)

    def _checked(self, rows: Sequence[Row], phones: Sequence[PlainResult] | None = None) -> list[tuple[Verdict, Warnings]]:
        if phones is None:
            phones = list(map(self.reader.read_cell, self.phone_cells(rows)))
        self.rows += len(rows)
        self.warned = {}
        straight = self._phones.straight(rows)
        aside = self._asked.aside.reasons_of(rows)
        if straight is rows and not aside:
            return [self._check(number, cells, phone) for (number, cells), phone in zip(rows, phones, strict=True)]
        pairs = list(zip(rows, straight, strict=True))
        if self._asked.layout is not None:
            read = (cells for (_, cells), (_, whole) in pairs if whole is not NOT_STRAIGHT)
            self._asked.layout.count_read(read, self._beside)
        return [
            self._check_aside(row, whole, phone, aside.get(row[0], ""))
            for (row, (_, whole)), phone in zip(pairs, phones, strict=True)
        ]

    def _check_aside(self, row: Row, whole: list[str], phone: PlainResult, reason: str) -> tuple[Verdict, Warnings]:
        """Like `_check`, where rows may have their cells elsewhere, or a reason not to be sent."""
        number, cells = row
        if reason:
            if phone[0] and not self._is_flagged(int(phone[0])):
                self._asked.aside.note_number(reason, int(phone[0]))
            if self._asked.aside.keeps_out(reason):
                return self._set_aside(number, cells, phone[0], reason), ()
        if whole is NOT_STRAIGHT:
            return self._shifted(number, cells), ()
        return self._check(number, whole, phone)

    def _is_flagged(self, number: int) -> bool:
        return number in self._flags.blocked or number in self._flags.unread

    def _shifted(self, row_number: int, cells: list[str]) -> Invalid:
        if self._asked.layout is not None:
            self._asked.layout.note(cells, self._beside)
        return self._refused(row_number, cells, [problem(PHONE, SHIFTED_ROW)])

    def _check(self, row_number: int, cells: list[str], phone: PlainResult) -> tuple[Verdict, Warnings]:
        # Runs a million times: no calls for blank cells, no objects for nothing.
        width = len(cells)
        problems: list[Problem] = []
        number, code, warning = phone
        if (code or number == IN_USE) and self._is_example(cells):
            return self._set_aside(row_number, cells, number, EXAMPLE_ROW), ()
        asked = answer = ""
        if code:
            number, code, warning, asked, answer = self._without_number(cells, code)
        elif (self._types or warning in self._put_back) and (code := self._problem_of_number(cells, warning)):
            number = warning = ""
        if code:
            problems.append(problem(PHONE, code))
        warnings = (warning,) if warning else ()
        fields: dict[str, Value] = {}
        unusable: tuple[str, ...] = ()
        for name, at, joined, clean in self._optional:
            if at < width:
                text = cells[at]
            elif joined is not None:
                text = joined(cells)
            else:
                continue
            if not text:
                continue
            value, code, warning = clean(text)
            if code == ACTIVE_UNCLEAR:
                value, code, answer = self._answered(text, answer, "" if problems or asked else number)
            if code:
                problems.append(problem(name, code))
                continue
            if value is not None:
                fields[name] = value
            if warning:
                warnings = (*warnings, warning)
                if value is None:
                    unusable = (*unusable, name)
        row = PackedRow(row_number, cells, number, fields)
        digits = int(number) if number else 0
        if problems or asked or answer or digits in self._flags.blocked or digits in self._flags.unread:
            kept_back = self._kept_back(row, digits, problems, asked, answer)
            if kept_back is not None:
                return kept_back, ()
        return self._sendable(row, digits, warnings, unusable), warnings

    def _kept_back(self, row: PackedRow, digits: int, problems: list[Problem], asked: str, answer: str) -> Verdict | None:
        """None if it is sent after all. `asked`: an open question about the row; `answer`: to one that was asked."""
        if digits in self._flags.blocked:
            self.suppressed += 1
            self.reasons[FLAGGED] += 1
            return LeftOut(row, FLAGGED)
        unread = self._flags.unread.get(digits, "")
        for question in (unread, asked):
            if question:
                if not problems:
                    self.wait(question, digits)
                problems.append(problem(PHONE, UNANSWERED))
        if problems:
            return self._refused(row.row_number, row.cells, problems)
        return self._leave_out(row, LEFT_OUT) if answer == LEAVE_OUT else None

    def _sendable(self, row: PackedRow, digits: int, warnings: Warnings, unusable: tuple[str, ...]) -> Verdict:
        """The result of a row without problems. `unusable`: the fields that it is sent without."""
        if unusable and self._unusable.keeps_out(unusable):
            return self._leave_out(row, WITHOUT_FIELD)
        if warnings:
            self.warnings.update(warnings)
            self.warned[row.row_number] = warnings
        first_row = self.first_rows.setdefault(digits, row.row_number)
        if first_row == row.row_number:
            if unusable:
                self._unusable.sent_without(unusable, digits)
            return row
        self.duplicates += 1
        self._unusable.sent_with(unusable, digits)
        self.reasons[SAME_NUMBER] += 1
        return Duplicate(row, first_row)

    def _problem_of_number(self, cells: list[str], warning: str) -> str:
        """Why a number that was read isn't called: what the file says it is, or a repair that a person took back."""
        found = problem_of_type(self._types, self._phone.columns, cells) if self._types else ""
        return found or (PUT_BACK_AS[warning] if warning in self._put_back else "")

    def _without_number(self, cells: list[str], code: str) -> tuple[str, str, str, str, str]:
        """What the cell gives after all: number, code, warning; then the open question about its label, and the answer."""
        text, region = self._phones.text_of(cells), self._phones.region_of(cells)
        number = warning = asked = answer = ""
        if code == UNKNOWN_LABEL:
            text, (number, code, warning), asked, answer = self._asked.labels.read(text, region, self.reader)
        if code in OPEN_CODES and not region:
            self.waiting_cells.add(text)
        if code == MISSING and self._asked.other_phones is not None:
            self._asked.other_phones.note_missing(cells)
        return number, code, warning, "" if answer else asked, answer

    def _answered(self, text: str, earlier: str, number: str) -> tuple[bool | None, str, str]:
        """The value of this word by its answer, or a problem's code as long as there is none; and the answer for the row.

        `earlier`: an answer about another cell of the row. `number`: of a row that only this question keeps back.
        """
        question = self._asked.active_words.count(text)
        answer = self._asked.active_words.answer(question)
        if answer:
            return ACTIVE_ANSWERS.get(answer), "", LEAVE_OUT if LEAVE_OUT in {answer, earlier} else earlier
        if number:
            self.wait(question, int(number))
        return None, UNANSWERED, earlier

    def _is_example(self, cells: list[str]) -> bool:
        return self._name_of is not None and is_example(self._phones.text_of(cells), self._name_of(cells), cells)

    def _set_aside(self, row_number: int, cells: list[str], number: str, code: str) -> LeftOut:
        name = " ".join(self._name_of(cells)[:SHOWN].split()) if self._name_of else ""
        return self._leave_out(PackedRow(row_number, cells, number, {NAME: name} if name else {}), code)

    def _leave_out(self, row: PackedRow, code: str) -> LeftOut:
        self.left_out += 1
        self.reasons[code] += 1
        return LeftOut(row, code)

    def _refused(self, row_number: int, cells: list[str], problems: list[Problem]) -> Invalid:
        self.invalid += 1
        self.reasons[problems[0].code] += 1
        phone, name = self._phones.text_of(cells), self._name_of(cells) if self._name_of else ""
        return Invalid(row_number, cells, tuple(problems), phone[:SHOWN], " ".join(name[:SHOWN].split()))


def _column_of(name: str, clean: Clean, mapped: Mapped) -> OptionalColumn:
    if mapped.only is None:
        return name, BEYOND, cell_reader(mapped), clean
    return name, mapped.only, None, clean
