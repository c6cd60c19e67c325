"""What became of every row of an inspected file, as CSV for other programs."""

import csv
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from voisoadmin.contacts.checker import SAME_NUMBER, Checked, Duplicate, Invalid, LeftOut
from voisoadmin.contacts.packing import PackedRow
from voisoadmin.contacts.reasons import BY_CODE
from voisoadmin.sheets import Unreadable

COLUMNS = ("row", "bucket", "reason", "number", "name", "source", "url", "priority", "active", "warnings")
Write = Callable[[Sequence[Checked]], None]


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


def _line(checked: Checked) -> tuple[object, ...]:
    outcome = checked.outcome
    if isinstance(outcome, Invalid):
        codes = ";".join(problem.code for problem in outcome.problems)
        return (outcome.row_number, "invalid", codes, "", outcome.name, "", "", "", "", "")
    if isinstance(outcome, Duplicate):
        return _contact(outcome.row, "duplicate_in_file", SAME_NUMBER, checked.warnings)
    if isinstance(outcome, LeftOut):
        return _contact(outcome.row, BY_CODE[outcome.code].bucket, outcome.code, checked.warnings)
    return _contact(outcome, "ready", "", checked.warnings)


def _contact(row: PackedRow, bucket: str, reason: str, warnings: Sequence[str]) -> tuple[object, ...]:
    priority = "" if row.priority is None else row.priority
    active = {True: "yes", False: "no", None: ""}[row.active]
    return (row.row_number, bucket, reason, row.number, row.name, row.source, row.url, priority, active, ";".join(warnings))
