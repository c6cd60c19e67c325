"""What became of every row of an inspected file, as CSV for other programs."""

import csv
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from voisoadmin.contacts.fields import NAME, OPTIONAL, value_in_words
from voisoadmin.contacts.packing import PackedRow
from voisoadmin.contacts.reasons import BY_CODE
from voisoadmin.contacts.verdicts import SAME_NUMBER, CheckedRow, Duplicate, Invalid, LeftOut
from voisoadmin.sheets import Unreadable

FIELDS = [spec.name for spec in OPTIONAL]
COLUMNS = ("row", "bucket", "reason", "number", *FIELDS, "warnings")
Write = Callable[[Sequence[CheckedRow]], None]


def verdicts_of(name: str, folder: Path) -> Path:
    return folder / f"{name}.csv"


@contextmanager
def verdict_file(folder: Path, name: str) -> Iterator[Write]:
    """Write results with the function it gives; an earlier file is replaced."""
    path = verdicts_of(name, folder)
    try:
        file = path.open("w", encoding="utf-8", newline="")
    except OSError as problem:
        raise Unreadable(f"Can't write the rows to “{path}”: {problem.strerror}.") from None
    with file:
        writer = csv.writer(file)
        writer.writerow(COLUMNS)
        yield lambda checked: writer.writerows(map(_line, checked))


def _line(checked: CheckedRow) -> tuple[object, ...]:
    outcome = checked.outcome
    if isinstance(outcome, Invalid):
        codes = ";".join(problem.code for problem in outcome.problems)
        known = [outcome.name if name == NAME else "" for name in FIELDS]
        return (outcome.row_number, "invalid", codes, "", *known, "")
    if isinstance(outcome, Duplicate):
        return _contact(outcome.row, "duplicate_in_file", SAME_NUMBER, checked.warnings)
    if isinstance(outcome, LeftOut):
        return _contact(outcome.row, BY_CODE[outcome.code].bucket, outcome.code, checked.warnings)
    return _contact(outcome, "ready", "", checked.warnings)


def _contact(row: PackedRow, bucket: str, reason: str, warnings: Sequence[str]) -> tuple[object, ...]:
    values = [value_in_words(row.fields.get(name)) for name in FIELDS]
    return (row.row_number, bucket, reason, row.number, *values, ";".join(warnings))
