"""The first rows of a file with their results: stored with the upload, so that its page reads nothing else."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from voisoadmin.contacts.fields import FIELD_OF_WARNING, WARNINGS
from voisoadmin.contacts.packing import PackedRow
from voisoadmin.contacts.reasons import BY_CODE
from voisoadmin.contacts.verdicts import CheckedRow, Duplicate, Invalid, LeftOut
from voisoadmin.lib.times import exact
from voisoadmin.sheets import Table

ROWS = 50
COLUMNS = 100
CELL = 120  # characters
SAMPLES = 3


def before_check(table: Table) -> dict[str, Any]:
    """Three values of each column, and the first rows as read."""
    rows = table.preview(ROWS)
    width = min(len(table.facts.columns), COLUMNS)
    samples = []
    for at in range(width):
        values = (cells[at].strip() for _, cells in rows if at < len(cells))
        samples.append([value[:CELL] for value in dict.fromkeys(value for value in values if value)][:SAMPLES])
    return {"samples": samples, "rows": [{"row": number, "cells": _cut(cells), "state": "read"} for number, cells in rows]}


def rows_shown(checked: Sequence[CheckedRow]) -> list[dict[str, Any]]:
    return [_shown(one) for one in checked[:ROWS]]


def mark_known(rows: list[dict[str, Any]], known: Mapping[str, datetime]) -> list[dict[str, Any]]:
    """The same rows; those with a number known to be in the campaign say so, and since when."""
    return [
        {**row, "state": "known", "since": exact(known[row["phone"]])}
        if row["state"] == "ready" and row["phone"] in known
        else row
        for row in rows
    ]


def _shown(one: CheckedRow) -> dict[str, Any]:
    outcome = one.outcome
    if isinstance(outcome, Invalid):
        problems = [{"field": found.field, "sentence": found.sentence} for found in outcome.problems]
        return {"row": outcome.row_number, "cells": _cut(outcome.cells), "state": "invalid", "problems": problems}
    row = outcome.row if isinstance(outcome, Duplicate | LeftOut) else outcome
    shown: dict[str, Any] = {
        "row": row.row_number,
        "cells": _cut(row.cells),
        "state": _state(outcome),
        "phone": row.number,
        "fields": {name: value[:CELL] if isinstance(value, str) else value for name, value in row.fields.items()},
        "warned": [{"field": FIELD_OF_WARNING[code], "sentence": WARNINGS[code].sentence} for code in one.warnings],
    }
    if isinstance(outcome, Duplicate):
        shown["first_row"] = outcome.first_row
    return shown


def _state(outcome: Duplicate | LeftOut | PackedRow) -> str:
    if isinstance(outcome, LeftOut):
        return BY_CODE[outcome.code].bucket.value
    return "duplicate" if isinstance(outcome, Duplicate) else "ready"


def _cut(cells: Sequence[str]) -> list[str]:
    return [cell[:CELL] for cell in cells[:COLUMNS]]
