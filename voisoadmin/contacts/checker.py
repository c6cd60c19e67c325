"""From table rows to contacts ready to send, repeated rows, or reasons. Pure: no database, no request, no clock."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

from voisoadmin.contacts.asked_words import AskedWords
from voisoadmin.contacts.bare_digits import OPEN_CODES, ask_for_country, notes_on
from voisoadmin.contacts.cleaning import ACTIVE_UNCLEAR, Clean, ContactLimits, Value
from voisoadmin.contacts.country_column import CountryColumn, note_on_country
from voisoadmin.contacts.do_not_call import Flags
from voisoadmin.contacts.example_row import IN_USE, is_example
from voisoadmin.contacts.fields import ACTIVE, LABELS, NAME, OPTIONAL, PHONE, PUT_BACK_AS, Problem, problem
from voisoadmin.contacts.labels import Labels
from voisoadmin.contacts.mapped import Mapped, Mappings, cell_reader
from voisoadmin.contacts.number_types import NO_TYPES, Types, problem_of_type
from voisoadmin.contacts.optional_fields import Unusable, offers_to_put_back, put_back
from voisoadmin.contacts.other_phones import OtherPhones
from voisoadmin.contacts.packing import PackedRow
from voisoadmin.contacts.questions import (
    ACTIVE_WORD,
    ANSWERS,
    COUNTRY,
    FLAG_WORD,
    LABEL,
    LEAVE_OUT,
    SENTENCES,
    Answer,
    Note,
    Question,
    in_rows,
)
from voisoadmin.contacts.rows_aside import RowsAside
from voisoadmin.contacts.shifted import Layout
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
from voisoadmin.phones import DAMAGED, PhoneCell, Reader
from voisoadmin.phones.marks import UNKNOWN_LABEL
from voisoadmin.sheets import RowMarks

ACTIVE_ANSWERS = {"active": True, "inactive": False}
NOT_STRAIGHT: list[str] = []
NO_FLAGS = Flags([])
NO_MARKS = RowMarks()
BEYOND = 1 << 30  # no table is so wide
OptionalColumn = tuple[str, int, Callable[[list[str]], str] | None, Clean]
"""A field's name, its column, how its cells are joined if it isn't one column (then BEYOND), and what is valid in them."""

EXAMPLE_NOTE = "The example of the template is still in the file; it isn't sent."
NO_ROWS = "The file has a header but no rows. Choose another header row, another sheet or another file."
DAMAGED_SHARE = 0.01  # share of the rows from which the file as a whole gets a note


class Checker:
    """Checks the rows of one table in order, and counts them.

    It keeps all numbers seen: about 105 MB for a million. What `reader` infers about bare digits from the first rows may
    turn out wrong at the end; see `again`.
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
        self.reader = reader
        self.country = country
        self._layout = layout
        self._types = types
        self.rows = self.invalid = self.duplicates = self.suppressed = self.left_out = 0
        self.waiting: dict[str, set[int]] = {}  # question -> numbers that only its answer keeps back
        self._flags = flags
        self._answers = answers or {}
        self._active_words = AskedWords(ACTIVE_WORD, self._answers)
        self._labels = Labels(self._answers)
        self._unusable = Unusable(self._answers)
        self._offers = offers
        self._aside = RowsAside(marks, fields[PHONE], self._answers)
        self._active_name, self._phone_name = (
            names[at] if name in fields and (at := fields[name].column) is not None and at < len(names) else LABELS[name]
            for name in (ACTIVE, PHONE)
        )
        self.reasons = Counter[str]()  # first problem's code, or same_number_in_file, to rows
        self.warnings = Counter[str]()  # code to rows
        self.warned: dict[int, tuple[str, ...]] = {}  # of the rows checked last: row number to the codes of its warnings
        self._first_rows: dict[int, int] = {}
        self._beside = reader.twin()  # reads numbers that say nothing about the column
        self.by_country = 0  # rows whose country the file says
        self._waiting_cells: set[str] = set()  # phone cells that only the country of their numbers keeps back
        self._phone = fields[PHONE]
        self._phone_of = cell_reader(self._phone)
        self._other_phones = OtherPhones(self._phone, other_phones, names, country) if other_phones else None
        self._name_of = cell_reader(fields[NAME]) if NAME in fields else None
        self._put_back = put_back(self._answers)
        limits = ContactLimits(lowest_priority, self._put_back)
        mapped = [spec for spec in OPTIONAL if spec.name in fields]
        self._optional = [_column_of(spec.name, spec.cleaner(limits), fields[spec.name]) for spec in mapped]

    @property
    def ready(self) -> int:
        return len(self._first_rows)

    def to_the_end(self, chunks: Iterable[list[Row]]) -> Iterator[list[Row]]:
        """All rows of the table, as they must be given to `check`: what its last rows are is known only at its end."""
        return self._aside.to_the_end(chunks)

    def check(self, rows: Sequence[Row], phones: Sequence[PlainResult] | None = None) -> list[Verdict]:
        """The results of the next rows, in order. `phones`: their `phone_cells`, if already read."""
        return [outcome for outcome, _ in self._checked(rows, phones)]

    def phone_cells(self, rows: Sequence[Row]) -> Sequence[PhoneCell]:
        at, phone_of, rows = self._phone.only, self._phone_of, self._straight(rows)
        if at is None:
            found = [phone_of(cells) for _, cells in rows]
        else:
            found = [cells[at] if at < len(cells) else "" for _, cells in rows]
        if self._other_phones is not None:
            self._other_phones.note_called(rows)
        if self.country is not None:
            return self._with_countries(rows, found, self.country)
        self.reader.learn(found)
        self.reader.keep_some(found)
        return found

    def _straight(self, rows: Sequence[Row]) -> Sequence[Row]:
        """The rows with their cells in their columns; NOT_STRAIGHT for cells of which only a person can say it."""
        layout = self._layout
        if layout is None or all(layout.is_whole(cells) for _, cells in rows):
            return rows
        straight = []
        for number, cells in rows:
            whole = layout.straight(cells)
            straight.append((number, NOT_STRAIGHT if whole is None else whole))
        return straight

    def _with_countries(self, rows: Sequence[Row], found: Sequence[str], country: CountryColumn) -> list[PhoneCell]:
        """The cells with the countries that their rows say; the others are judged without them."""
        regions = [country.region_of(cells) for _, cells in rows]
        self.by_country += sum(map(bool, regions))
        alone = [text for text, region in zip(found, regions, strict=True) if not region]
        self.reader.learn(alone)
        self.reader.keep_some(alone)
        return [(text, region) if region else text for text, region in zip(found, regions, strict=True)]

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
        asked = ask_for_country(
            self.reader,
            self._waiting_cells,
            column=self._phone_name,
            waiting=self._without_country,
            ready=self._first_rows,
            chosen=self._answers.get(COUNTRY, ""),
        )
        if self._layout is not None:
            asked += self._layout.question(self.rows, self._first_rows)
        asked += [
            self._question(FLAG_WORD, code, column, word, self._flags.counts[code], self._flags.chosen[code])
            for code, (column, word) in self._flags.words.items()
        ]
        asked += [self._question(ACTIVE_WORD, one.code, self._active_name, *one[1:]) for one in self._active_words]
        asked += [self._question(LABEL, one.code, self._phone_name, *one[1:]) for one in self._labels.words]
        return [*sorted(asked, key=lambda question: -question.count), *self._offered()]

    def _offered(self) -> list[Question]:
        """What was decided without a person, and may be decided otherwise."""
        return [
            *self._aside.offers(self._first_rows),
            *(self._other_phones.offer(self.reader, self._first_rows) if self._other_phones is not None else ()),
            *(offer.counted(self.ready) for offer in self._offers),
            *self._unusable.offers(self.ready),
            *offers_to_put_back(self.warnings, self._put_back, self.ready),
        ]

    @property
    def _without_country(self) -> int:
        return sum(self.reasons[code] for code in OPEN_CODES)

    def _question(self, kind: str, code: str, column: str, word: str, count: int, chosen: str) -> Question:
        """About one word of a column. What an answer makes ready isn't counted once another one was chosen."""
        sentence = SENTENCES[kind].format(**in_rows(count), word=word, column=column)
        more = sum(number not in self._first_rows for number in self.waiting.get(code, ()))
        answers = tuple(
            Answer(value, label, (self.ready + (more if value != LEAVE_OUT else 0)) if chosen in {"", value} else None)
            for value, label in ANSWERS[kind].items()
        )
        return Question(code, column, count, sentence, answers, chosen)

    def notes(self) -> list[Note]:
        """About the file as a whole."""
        notes = [
            *([Note(EXAMPLE_ROW, count, EXAMPLE_NOTE)] if (count := self.reasons[EXAMPLE_ROW]) else []),
            *self._aside.notes(),
            *self._flags.notes(),
            *note_on_country(self.country, self.by_country),
            *notes_on(self.reader, self._without_country),
        ]
        damaged = sum(count for code, count in self.reasons.items() if code in DAMAGED)
        if self.rows and damaged / self.rows > DAMAGED_SHARE:
            were = "was" if damaged == 1 else "were"
            sentence = (
                f"{damaged:,} of {self.rows:,} phone numbers {were} damaged by a spreadsheet program. "
                "Export the file again with the phone column as text."
            )
            notes.append(Note("damaged_numbers", damaged, sentence))
        return notes

    def _checked(
        self, rows: Sequence[Row], phones: Sequence[PlainResult] | None = None
    ) -> list[tuple[Verdict, tuple[str, ...]]]:
        if phones is None:
            phones = list(map(self.reader.read_cell, self.phone_cells(rows)))
        self.rows += len(rows)
        self.warned = {}
        straight = self._straight(rows)
        aside = self._aside.reasons_of(rows)
        if straight is rows and not aside:
            return [self._check(number, cells, phone) for (number, cells), phone in zip(rows, phones, strict=True)]
        pairs = list(zip(rows, straight, strict=True))
        if self._layout is not None:
            read = (cells for (_, cells), (_, whole) in pairs if whole is not NOT_STRAIGHT)
            self._layout.count_read(read, self._beside)
        return [
            self._check_aside(row, whole, phone, aside.get(row[0], ""))
            for (row, (_, whole)), phone in zip(pairs, phones, strict=True)
        ]

    def _check_aside(self, row: Row, whole: list[str], phone: PlainResult, reason: str) -> tuple[Verdict, tuple[str, ...]]:
        """Like `_check`, where rows may have their cells elsewhere, or a reason not to be sent."""
        number, cells = row
        if reason:
            if phone[0] and not self._is_flagged(int(phone[0])):
                self._aside.note_number(reason, int(phone[0]))
            if self._aside.keeps_out(reason):
                return self._set_aside(number, cells, phone[0], reason), ()
        if whole is NOT_STRAIGHT:
            return self._shifted(number, cells), ()
        return self._check(number, whole, phone)

    def _is_flagged(self, number: int) -> bool:
        return number in self._flags.blocked or number in self._flags.unread

    def _shifted(self, row_number: int, cells: list[str]) -> Invalid:
        if self._layout is not None:
            self._layout.note(cells, self._beside)
        return self._refused(row_number, cells, [problem(PHONE, SHIFTED_ROW)])

    def _check(self, row_number: int, cells: list[str], phone: PlainResult) -> tuple[Verdict, tuple[str, ...]]:
        # Runs a million times: no calls for blank cells, no objects for nothing.
        width = len(cells)
        problems: list[Problem] = []
        number, code, warning = phone
        if (code or number == IN_USE) and self._is_example(cells):
            return self._set_aside(row_number, cells, number, EXAMPLE_ROW), ()
        asked = answer = ""
        if code:
            number, code, warning, asked, answer = self._without_number(cells, code)
            if code:
                problems.append(problem(PHONE, code))
        elif self._types and (code := problem_of_type(self._types, self._phone.columns, cells)):
            problems.append(problem(PHONE, code))
            number = warning = ""
        elif warning and warning in self._put_back:
            problems.append(problem(PHONE, PUT_BACK_AS[warning]))
            number = warning = ""
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
            if code:
                if code == ACTIVE_UNCLEAR:
                    active, value, code = self._answered(text, number if not (problems or asked) else "")
                    answer = LEAVE_OUT if LEAVE_OUT in {active, answer} else answer
                if code:
                    problems.append(problem(name, code))
                    continue
            if value is not None:
                fields[name] = value
            if warning:
                warnings = (*warnings, warning)
                if value is None:
                    unusable = (*unusable, name)

        digits = int(number) if number else 0
        if digits in self._flags.blocked:
            self.suppressed += 1
            self.reasons[FLAGGED] += 1
            return LeftOut(PackedRow(row_number, cells, number, fields), FLAGGED), ()
        unread = self._flags.unread.get(digits)
        if unread:
            if not problems:
                self.waiting.setdefault(unread, set()).add(digits)
            problems.append(problem(PHONE, UNANSWERED))
        if asked:
            if not problems:
                self.waiting.setdefault(asked, set()).add(digits)
            problems.append(problem(PHONE, UNANSWERED))
        if problems:
            return self._refused(row_number, cells, problems), ()
        if answer == LEAVE_OUT:
            self.left_out += 1
            self.reasons[LEFT_OUT] += 1
            return LeftOut(PackedRow(row_number, cells, number, fields), LEFT_OUT), ()
        if unusable and self._unusable.keeps_out(unusable):
            self.left_out += 1
            self.reasons[WITHOUT_FIELD] += 1
            return LeftOut(PackedRow(row_number, cells, number, fields), WITHOUT_FIELD), warnings
        if warnings:
            self.warnings.update(warnings)
            self.warned[row_number] = warnings
        row = PackedRow(row_number, cells, number, fields)
        first_row = self._first_rows.setdefault(digits, row_number)
        if first_row == row_number:
            if unusable:
                self._unusable.sent_without(unusable, digits)
            return row, warnings
        self.duplicates += 1
        self._unusable.sent_with(unusable, digits)
        self.reasons[SAME_NUMBER] += 1
        return Duplicate(row, first_row), warnings

    def _without_number(self, cells: list[str], code: str) -> tuple[str, str, str, str, str]:
        """What the cell gives after all: number, code, warning; then the open question about its label, and the answer."""
        text, region = self._phone_of(cells), self.country.region_of(cells) if self.country else ""
        number = warning = asked = answer = ""
        if code == UNKNOWN_LABEL:
            text, (number, code, warning), asked, answer = self._labels.read(text, region, self.reader)
        if code in OPEN_CODES and not region:
            self._waiting_cells.add(text)
        if code == MISSING and self._other_phones is not None:
            self._other_phones.note_missing(cells)
        return number, code, warning, "" if answer else asked, answer

    def _answered(self, text: str, number: str) -> tuple[str, bool | None, str]:
        """The answer to the question about this word, its value, and a problem's code as long as there is none.

        `number`: of a row that only this question keeps back.
        """
        question = self._active_words.count(text)
        answer = self._active_words.answer(question)
        if answer:
            return answer, ACTIVE_ANSWERS.get(answer), ""
        if number:
            self.waiting.setdefault(question, set()).add(int(number))
        return "", None, UNANSWERED

    def _is_example(self, cells: list[str]) -> bool:
        return self._name_of is not None and is_example(self._phone_of(cells), self._name_of(cells), cells)

    def _set_aside(self, row_number: int, cells: list[str], number: str, code: str) -> LeftOut:
        self.left_out += 1
        self.reasons[code] += 1
        name = " ".join(self._name_of(cells)[:SHOWN].split()) if self._name_of else ""
        return LeftOut(PackedRow(row_number, cells, number, {NAME: name} if name else {}), code)

    def _refused(self, row_number: int, cells: list[str], problems: list[Problem]) -> Invalid:
        self.invalid += 1
        self.reasons[problems[0].code] += 1
        phone, name = self._phone_of(cells), self._name_of(cells) if self._name_of else ""
        return Invalid(row_number, cells, tuple(problems), phone[:SHOWN], " ".join(name[:SHOWN].split()))


def _column_of(name: str, clean: Clean, mapped: Mapped) -> OptionalColumn:
    if mapped.only is None:
        return name, BEYOND, cell_reader(mapped), clean
    return name, mapped.only, None, clean
