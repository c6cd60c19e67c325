"""The copy of a table that `manage.py inspect --table-dir` writes: what was read, before anything is matched or checked."""

import csv
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path
from typing import TextIO

from voisoadmin.contacts.verdicts import Row
from voisoadmin.sheets import Limits, ReadChoices, Table, Unreadable, open_table
from voisoadmin.sheets.reader.helper import Meanwhile

MOST_COLUMNS_COPIED = 1_000  # two thousand rows of it are in memory at a time


def copy_wide(path: Path, choices: ReadChoices, limits: Limits, folder: Path, meanwhile: Meanwhile) -> None:
    """Write a table that is only unusable because of its many columns: the copy shows what was read."""
    wide = replace(limits, max_columns=max(MOST_COLUMNS_COPIED, limits.max_columns))
    # The first attempt has already reported anything else that is wrong with the file.
    with (
        suppress(Unreadable),
        open_table(path, choices, wide, meanwhile=meanwhile) as table,
        table_file(folder, path.name) as copy,
    ):
        for _ in copied(table, copy):
            pass


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
