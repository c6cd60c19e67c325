"""Reads, matches and checks a file without keeping or sending it: the work of `manage.py inspect`."""

import csv
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, TextIO

from voisoadmin.lib import processor_time
from voisoadmin.phones import Numbers, Reader
from voisoadmin.sheets import Limits, ReadChoices, SheetFacts, Table, Unreadable, open_table
from voisoadmin.uploads.checking import NO_ROWS, Checker, Row
from voisoadmin.uploads.mapping import SAMPLE_ROWS, ColumnMapping, UnknownColumn, map_columns
from voisoadmin.uploads.side_reader import CPU_SECONDS, TOO_SLOW, check_all

SHEETS_NAMED = 5
MOST_COLUMNS_COPIED = 1_000  # two thousand rows of it are in memory at a time


@dataclass(frozen=True, kw_only=True, slots=True)
class Wish:
    """How to read and check files."""

    region: str = ""
    numbers: Numbers = "auto"
    sheet: str = ""
    chosen: Mapping[str, str]  # field -> column's name; "" omits the field
    table_dir: Path | None = None


@dataclass(frozen=True, slots=True)
class Inspected:
    facts: SheetFacts
    mapping: ColumnMapping
    checker: Checker
    seconds: float

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
            "mapping": {field.value: facts.columns[column] for field, column in self.mapping.columns.items()},
            "rows": checker.rows,
            "ready": checker.ready,
            "buckets": {"invalid": checker.invalid, "duplicate_in_file": checker.duplicates},
            "reasons": dict(checker.reasons.most_common()),
            "seconds": round(self.seconds, 3),
        }


def inspect_file(path: Path, wish: Wish, limits: Limits) -> Inspected:
    """Read and check one file. Raises Unreadable, also without rows or phone numbers; the table is written even then."""
    with processor_time.at_most(CPU_SECONDS, Unreadable(TOO_SLOW)):
        return _inspected(path, wish, limits)


def _inspected(path: Path, wish: Wish, limits: Limits) -> Inspected:
    began = time.monotonic()
    choices = ReadChoices(sheet=wish.sheet)
    reader = Reader(wish.region, wish.numbers)
    with opened(path, choices, limits, wish) as table, table_file(wish.table_dir, path.name) as copy:
        rows = copied(table, copy)
        try:
            mapping = mapped(table, wish)
        except Unreadable:
            for _ in rows:
                pass
            raise
        checker = Checker(mapping.columns, reader)
        for _ in check_all(checker, rows):
            pass
        facts = table.facts
    if not checker.rows:
        raise Unreadable(NO_ROWS)
    again = checker.again_as()
    if again is not None:
        # The whole column disagrees with its beginning about digits without +.
        reader = Reader(wish.region, wish.numbers)
        reader.settle(again)
        checker = Checker(mapping.columns, reader)
        with open_table(path, choices, limits) as table:
            for _ in check_all(checker, table.chunks()):
                pass
    return Inspected(facts, mapping, checker, time.monotonic() - began)


def opened(path: Path, choices: ReadChoices, limits: Limits, wish: Wish) -> Table:
    try:
        return open_table(path, choices, limits)
    except Unreadable:
        if wish.table_dir is not None:
            copy_wide(path, choices, limits, wish.table_dir)
        raise


def copy_wide(path: Path, choices: ReadChoices, limits: Limits, folder: Path) -> None:
    """Write a table that is only unusable because of its many columns: the copy shows what was read."""
    wide = replace(limits, max_columns=max(MOST_COLUMNS_COPIED, limits.max_columns))
    # The first attempt has already reported anything else that is wrong with the file.
    with suppress(Unreadable), open_table(path, choices, wide) as table, table_file(folder, path.name) as copy:
        for _ in copied(table, copy):
            pass


def mapped(table: Table, wish: Wish) -> ColumnMapping:
    facts = table.facts
    sample = [cells for _, cells in table.preview(SAMPLE_ROWS)]
    try:
        mapping = map_columns(facts.columns, sample, chosen=wish.chosen, region=wish.region, named=facts.header_row is not None)
    except UnknownColumn as problem:
        raise Unreadable(str(problem)) from None
    if mapping.needs_mapping:
        raise Unreadable(f"{mapping.problem} Set it with --map phone=COLUMN.{other_sheets(facts)}")
    return mapping


def other_sheets(facts: SheetFacts) -> str:
    """A hint for a workbook whose first sheet has no data but that has other sheets."""
    others = [f"“{sheet.name}”" for sheet in facts.sheets if sheet.name != facts.sheet]
    if not others:
        return ""
    named = ", ".join(others[:SHEETS_NAMED]) + (f" and {len(others) - SHEETS_NAMED} more" if len(others) > SHEETS_NAMED else "")
    return f" Only sheet “{facts.sheet}” was read. Other sheets: {named}. Choose one with --sheet."


@contextmanager
def table_file(folder: Path | None, name: str) -> Iterator[TextIO | None]:
    """The file for the copy of the table; None if no copy is wanted."""
    if folder is None:
        yield None
        return
    path = copy_of(name, folder)
    try:
        file = path.open("w", encoding="utf-8", newline="")
    except OSError as problem:
        raise Unreadable(f"Can't write the table to “{path}”: {problem.strerror}.") from None
    with file:
        yield file


def copy_of(name: str, folder: Path) -> Path:
    return folder / f"{name}.csv"


def copied(table: Table, copy: TextIO | None) -> Iterator[list[Row]]:
    """The rows of the table, each written as it was read."""
    # Keep the csv module's own line ending: with another one it doesn't quote a cell with a lone CR.
    writer = csv.writer(copy) if copy is not None else None
    if writer and table.facts.header_row is not None:
        writer.writerow(table.facts.raw_columns)
    for rows in table.chunks():
        if writer:
            writer.writerows(cells for _, cells in rows)
        yield rows
