"""The rows of an upload as a table to download: its own columns, then the outcome of each row, why, and what to do."""

from __future__ import annotations

import heapq
import itertools
from collections.abc import Collection, Iterable, Iterator

from voisoadmin.contacts.reasons import IN_CAMPAIGN, Bucket
from voisoadmin.contacts.wording import title_of
from voisoadmin.pushes.inbound import rows_of_intake
from voisoadmin.pushes.models import Push
from voisoadmin.pushes.rows import RowOutcome, iter_rows, outcome_of_record
from voisoadmin.sheets.formula_guard import unguarded
from voisoadmin.sheets.out import MarkedRow
from voisoadmin.uploads.models import Upload
from voisoadmin.uploads.pages import rejects
from voisoadmin.uploads.pages.buckets import label_of

ALL = frozenset(Bucket)
NOT_ADDED = ALL - IN_CAMPAIGN
"""The buckets of rows that were not added."""

ADDED_COLUMNS = ["Row", "Outcome", "Reason", "What happened", "What to do", "Code"]


def table(upload: Upload, *, buckets: Collection[str] = NOT_ADDED) -> tuple[list[str], Iterator[MarkedRow]]:
    """The header and the rows of these buckets, streamed: a million rows need no memory."""
    return _table(upload, (row for row in _rows(upload) if row.bucket in buckets))


def table_of_rows_to_fix(upload: Upload, wanted: rejects.ListFilter) -> tuple[list[str], Iterator[MarkedRow]]:
    """The same for the rows of a list of rows to fix, on all its pages."""
    return _table(upload, map(outcome_of_record, rejects.all_records(upload, wanted)))


def _table(upload: Upload, rows: Iterable[RowOutcome]) -> tuple[list[str], Iterator[MarkedRow]]:
    columns = list(upload.facts.get("columns", []))
    width, mapped = len(columns), upload.mapped

    def problems(row: RowOutcome) -> set[int]:
        named = (mapped[field].columns for field in row.problem_fields if field in mapped)
        return {min(at, width - 1) for columns in named for at in columns}

    # A cell from an earlier download still has its guard; with a second one each round would add an apostrophe.
    marked = (MarkedRow([*map(unguarded, _exactly(row.cells, width)), *_told(row)], problems(row)) for row in rows)
    return [*columns, *ADDED_COLUMNS], marked


def _rows(upload: Upload) -> Iterator[RowOutcome]:
    """All rows in file order, each once: one that was sent again has the outcome of its latest push."""
    if upload.intake is not None:
        yield from rows_of_intake(upload.intake)
        return
    pushes = upload.counters() if upload.stage == Upload.Stage.SENT else [upload.draft]
    in_order = heapq.merge(*(iter_rows(push) for push in pushes if isinstance(push, Push)), key=lambda row: row.row_number)
    for _, same in itertools.groupby(in_order, key=lambda row: row.row_number):
        # Of equal rows, merge gives those of the earlier push first.
        *_, latest = same
        yield latest


def _told(row: RowOutcome) -> list[str]:
    what = f"{row.sentence} Voiso: “{row.answer}”." if row.answer else row.sentence
    return [str(row.row_number), label_of(row.bucket), title_of(row.reason), what, row.advice, row.reason]


def _exactly(cells: list[str], width: int) -> list[str]:
    """Pad or join the cells to the table's width, so our columns stay aligned."""
    if len(cells) <= width:
        return [*cells, *[""] * (width - len(cells))]
    return [*cells[: width - 1], " ".join(filter(None, cells[width - 1 :]))] if width else []
