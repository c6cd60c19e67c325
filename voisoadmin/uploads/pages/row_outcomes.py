"""The rows of an upload as a table to download: its own columns, then the outcome of each row, why, and what to do."""

from __future__ import annotations

import heapq
import itertools
from collections.abc import Collection, Iterator

from voisoadmin.contacts.reasons import IN_CAMPAIGN, Bucket
from voisoadmin.contacts.wording import title_of
from voisoadmin.pushes.rows import RowOutcome, iter_rows
from voisoadmin.sheets.formula_guard import unguarded
from voisoadmin.uploads.models import Upload
from voisoadmin.uploads.pages import rejects
from voisoadmin.uploads.pages.buckets import label_of

ALL = frozenset(Bucket)
NOT_ADDED = ALL - IN_CAMPAIGN
"""The buckets of rows that were not added."""

ADDED_COLUMNS = ["Row", "Outcome", "Reason", "What happened", "What to do", "Code"]


def table(upload: Upload, *, buckets: Collection[str] = NOT_ADDED) -> tuple[list[str], Iterator[list[str]]]:
    """The header and the rows of these buckets, streamed: a million rows need no memory."""
    columns = list(upload.facts.get("columns", []))
    width = len(columns)
    # A cell from an earlier download still has its guard; with a second one each round would add an apostrophe.
    rows = ([*map(unguarded, _exactly(row.cells, width)), *_told(row)] for row in _rows(upload) if row.bucket in buckets)
    return [*columns, *ADDED_COLUMNS], rows


def _rows(upload: Upload) -> Iterator[RowOutcome]:
    """All rows in file order, each once: one that was sent again has the outcome of its latest push."""
    in_order = heapq.merge(*(iter_rows(push) for push in rejects.pushes_of(upload)), key=lambda row: row.row_number)
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
