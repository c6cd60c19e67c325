"""Reads, matches and checks a file without keeping or sending it: the work of `manage.py inspect`."""

import time
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

from voisoadmin.contacts.bare_digits import reader_of
from voisoadmin.contacts.book_notes import notes_on_book, sheets_to_choose
from voisoadmin.contacts.checker import NO_ROWS, Checker
from voisoadmin.contacts.column_choices import UnknownColumn
from voisoadmin.contacts.do_not_call import Flags, flags_of
from voisoadmin.contacts.fields import PHONE
from voisoadmin.contacts.lines_in_quotes import ask_for_lines
from voisoadmin.contacts.mapped import in_words
from voisoadmin.contacts.mapping import SAMPLE_ROWS, ColumnMapping, map_columns
from voisoadmin.contacts.parallel import TOO_SLOW, check_all
from voisoadmin.contacts.phone_choice import ask_for_phone
from voisoadmin.contacts.questions import (
    DELIMITER,
    LINES_IN_QUOTES,
    UNKNOWN_ANSWER,
    UNKNOWN_COLUMN,
    WHICH_SHEET,
    Note,
    Question,
    UnknownAnswer,
)
from voisoadmin.contacts.shifted import Layout, layout_of
from voisoadmin.contacts.verdicts import Row
from voisoadmin.lib import processor_time
from voisoadmin.phones import Numbers, Reader
from voisoadmin.sheets import Limits, ReadChoices, RowMarks, SheetFacts, Table, Unreadable, open_table
from voisoadmin.sheets.reader.helper import Meanwhile
from voisoadmin.uploads.cli.rows_dir import verdict_file
from voisoadmin.uploads.cli.table_copy import copied, copy_wide, table_file

SHEETS_NAMED = 5


@dataclass(frozen=True, kw_only=True, slots=True)
class InspectOptions:
    """How to read and check files."""

    region: str = ""
    region_is_default: bool = False  # no person chose it for these files
    numbers: Numbers = "auto"
    sheet: str = ""
    chosen: Mapping[str, str]  # field -> column's name; "" omits the field
    answers: Mapping[str, str] = field(default_factory=dict)  # a question's code -> the chosen value
    table_dir: Path | None = None
    rows_dir: Path | None = None

    @property
    def choices(self) -> ReadChoices:
        return ReadChoices(
            sheet=self.sheet or self.answers.get(WHICH_SHEET, ""),
            delimiter=self.answers.get(DELIMITER, ""),
            lines=self.answers.get(LINES_IN_QUOTES, ""),
        )


class Undecided(Unreadable):
    """Only a person can decide which column is to be called."""

    def __init__(self, sentence: str, code: str, questions: tuple[Question, ...]) -> None:
        super().__init__(sentence, code)
        self.questions = questions


@dataclass(frozen=True, slots=True)
class Inspected:
    facts: SheetFacts
    mapping: ColumnMapping
    checker: Checker
    asked: list[Question]  # also what was answered; counting what answers make ready takes a while
    seconds: float

    @property
    def questions(self) -> list[Question]:
        return [question for question in self.asked if not question.chosen]

    @property
    def notes(self) -> list[Note]:
        facts = [Note("reading", None, sentence) for sentence in self.facts.notes]
        return [*facts, *notes_on_book(self.facts), *self.mapping.notes, *self.checker.notes()]

    def to_json(self, file: str) -> dict[str, Any]:
        facts, checker = self.facts, self.checker
        return {
            "file": file,
            "format": facts.format,
            "encoding": facts.encoding,
            "delimiter": facts.delimiter,
            "sheet": facts.sheet,
            "header_row": facts.header_row,
            "columns": list(facts.columns),
            "mapping": {name: in_words(mapped, facts.columns) for name, mapped in self.mapping.fields.items()},
            "rows": checker.rows,
            "ready": checker.ready,
            "buckets": {
                "invalid": checker.invalid,
                "duplicate_in_file": checker.duplicates,
                "suppressed": checker.suppressed,
                "not_sent": checker.left_out,
            },
            "reasons": dict(checker.reasons.most_common()),
            "warnings": dict(checker.warnings.most_common()),
            "questions": [question.to_json() for question in self.questions],
            "offers": [offer.offered() for offer in self.asked if offer.is_offer],
            "notes": [note.to_json() for note in self.notes],
            "seconds": round(self.seconds, 3),
        }


def inspect_file(path: Path, options: InspectOptions, limits: Limits) -> Inspected:
    """Read and check one file. Raises Unreadable, also without rows or phone numbers; the table is written even then."""
    size = path.stat().st_size if path.is_file() else 0
    with processor_time.at_most(limits.check_seconds_for(size), Unreadable(TOO_SLOW)) as look:
        return Inspection(path, options, limits, look).run()


class Columns(NamedTuple):
    """What is known of a table before its rows are checked."""

    mapping: ColumnMapping
    facts: SheetFacts
    sample: list[list[str]]
    marks: RowMarks


@dataclass(frozen=True, slots=True)
class Inspection:
    """One file, and how it is read."""

    path: Path
    options: InspectOptions
    limits: Limits
    meanwhile: Meanwhile

    def run(self) -> Inspected:
        began, options = time.monotonic(), self.options
        reader = reader_of(options.region, options.numbers, options.answers, suggested=options.region_is_default)
        with self._opened_first() as table, table_file(options.table_dir, self.path.name) as copy:
            rows = copied(table, copy)
            columns = self._columns(table, rows)
            checker = self._checker(columns, reader)
            self._check_rows(checker, rows)
            facts = table.facts
        if not checker.rows:
            raise Unreadable(NO_ROWS, "no_rows")
        again = checker.again()
        if again is not None:
            # The whole column disagrees with its beginning about digits without +.
            checker = self._checker(columns, again)
            with self._opened() as table:
                self._check_rows(checker, table.chunks())
        lines = ask_for_lines(facts, checker.rows, checker.ready, options.answers.get(LINES_IN_QUOTES, ""))
        asked = [*lines, *checker.questions(), *sheets_to_choose(facts, checker.rows, checker.ready)]
        return Inspected(facts, columns.mapping, checker, asked, time.monotonic() - began)

    def _opened(self) -> Table:
        return open_table(self.path, self.options.choices, self.limits, meanwhile=self.meanwhile)

    def _opened_first(self) -> Table:
        try:
            return self._opened()
        except Unreadable:
            if self.options.table_dir is not None:
                copy_wide(self.path, self.options.choices, self.limits, self.options.table_dir, self.meanwhile)
            raise

    def _columns(self, table: Table, rows: Iterator[list[Row]]) -> Columns:
        sample = [cells for _, cells in table.preview(SAMPLE_ROWS)]
        try:
            mapping = self._mapping(table.facts, sample)
        except Unreadable:
            for _ in rows:
                pass
            raise
        if mapping.needs_mapping:
            options = self.options
            questions = ask_for_phone(mapping, table.facts.columns, rows, region=options.region, numbers=options.numbers)
            hint = f"Set it with --map phone=COLUMN.{other_sheets(table.facts)}"
            raise Undecided(f"{mapping.problem} {hint}", mapping.code, questions)
        return Columns(mapping, table.facts, sample, table.marks)

    def _mapping(self, facts: SheetFacts, sample: list[list[str]]) -> ColumnMapping:
        options = self.options
        try:
            return map_columns(
                facts.columns,
                sample,
                chosen=options.chosen,
                answers=options.answers,
                region=options.region,
                named=facts.header_row is not None,
            )
        except UnknownColumn as problem:
            raise Unreadable(str(problem), UNKNOWN_COLUMN) from None
        except UnknownAnswer as problem:
            raise Unreadable(str(problem), UNKNOWN_ANSWER) from None

    def _checker(self, columns: Columns, reader: Reader) -> Checker:
        mapping, facts, answers = columns.mapping, columns.facts, self.options.answers
        layout = layout_of(facts, columns.sample, mapping.fields[PHONE], answers, mapping.deciding)
        return Checker(
            mapping.fields,
            reader,
            flags=self._flags(mapping, reader, layout),
            answers=answers,
            names=facts.columns,
            country=mapping.country,
            layout=layout,
            types=mapping.types,
            other_phones=mapping.other_phones,
            offers=mapping.offers,
            marks=columns.marks,
        )

    def _flags(self, mapping: ColumnMapping, reader: Reader, layout: Layout | None) -> Flags:
        try:
            return flags_of(
                mapping.flags,
                mapping.other_channels,
                phone=mapping.fields[PHONE],
                like=reader,
                answers=self.options.answers,
                open_again=self._opened,
                country=mapping.country,
                layout=layout,
            )
        except UnknownAnswer as problem:
            raise Unreadable(str(problem), UNKNOWN_ANSWER) from None

    def _check_rows(self, checker: Checker, chunks: Iterable[list[Row]]) -> None:
        """Check all rows, and write what became of each if that was asked for."""
        chunks = checker.to_the_end(chunks)
        if self.options.rows_dir is None:
            for _ in check_all(checker, chunks, meanwhile=self.meanwhile):
                pass
            return
        with verdict_file(self.options.rows_dir, self.path.name) as write:
            for rows in chunks:
                write(checker.preview(rows))


def other_sheets(facts: SheetFacts) -> str:
    """A hint for a workbook whose first sheet has no data but that has other sheets."""
    others = [f"“{sheet.name}”" for sheet in facts.sheets if sheet.name != facts.sheet]
    if not others:
        return ""
    named = ", ".join(others[:SHEETS_NAMED]) + (f" and {len(others) - SHEETS_NAMED} more" if len(others) > SHEETS_NAMED else "")
    return f" Only sheet “{facts.sheet}” was read. Other sheets: {named}. Choose one with --sheet."
