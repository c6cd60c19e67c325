"""One page of a draft's rows in file order. It opens at most three batches, however many rows the draft has."""

from __future__ import annotations

import heapq
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import islice
from typing import Any, NamedTuple

from django.db.models import QuerySet

from voisoadmin.contacts.cleaning import Value
from voisoadmin.contacts.packing import PackedRow, unpack
from voisoadmin.contacts.reasons import BY_BYTE
from voisoadmin.pushes.known_contacts import known_numbers
from voisoadmin.pushes.models import Batch, EditedRow, Push, RejectedRecord
from voisoadmin.pushes.row_lists import codes_of_rows, rows_listed

SIZE = 50
MOST_BATCHES = 3
READY, KNOWN = "waiting", "known_here"  # reasons of rows that wait to be sent, and of those known in the campaign


@dataclass(slots=True)
class DraftRow:
    row_number: int
    cells: list[str]  # as read
    reason: str  # code; READY if it would be sent
    number: str = ""  # E.164 digits; empty for a row to fix
    fields: dict[str, Value] = field(default_factory=dict)  # as they would be sent
    phone: str = ""  # of a row to fix: as read
    problems: list[dict[str, Any]] = field(default_factory=list)  # of a row to fix
    first_row: int | None = None  # of a repeated number: the row that is sent
    known_since: datetime | None = None
    warnings: list[str] = field(default_factory=list)  # codes


@dataclass(slots=True)
class RowsWanted:
    """Which rows a page has: those of batches in these states, those listed under these codes, those of these records."""

    states: Sequence[str] = ()
    codes: Sequence[str] = ()  # of `row_lists`
    codes_state: str = Batch.State.LEFT_OUT  # where rows with these codes are
    records: QuerySet[RejectedRecord] | None = None
    edited: QuerySet[EditedRow] | None = None  # rows that a person's change moved out of their batches


@dataclass(slots=True)
class RowsPage:
    rows: list[DraftRow] = field(default_factory=list)
    after: int | None = None  # where the next page begins; None on the last page
    batches: int = 0  # that were opened


Numbered = tuple[int, DraftRow | None]
"""A row number with its row; None: from this number on, a batch would have to be opened that this page may not open."""


def page_of_rows(
    push: Push, wanted: RowsWanted, *, after: int = -1, size: int = SIZE, warnings: Sequence[str] = ()
) -> RowsPage:
    """The rows after this row number. A page ends early rather than open a fourth batch. `warnings`: codes to look for."""
    page = RowsPage()
    sources = [_of_batches(push, state, after, page) for state in wanted.states]
    if wanted.codes:
        sources.append(_of_lists(push, wanted, after, size, page))
    if wanted.records is not None:
        sources.append(_of_records(wanted.records, after, size))
    if wanted.edited is not None:
        sources.append(_of_edits(wanted.edited, after, size))
    for _, row in heapq.merge(*sources, key=lambda numbered: numbered[0]):
        if row is None or len(page.rows) == size:
            page.after = page.rows[-1].row_number
            break
        page.rows.append(row)
    _add_known_since(push, page.rows)
    _add_warnings(push, page.rows, warnings)
    return page


def _may_open(page: RowsPage) -> bool:
    """A page that would be empty opens one more: rows of a batch can have moved since its bounds were written."""
    if page.batches >= MOST_BATCHES and page.rows:
        return False
    page.batches += 1
    return True


def _opened(batch_id: int) -> Iterator[DraftRow]:
    batch = Batch.objects.only("rows", "outcomes").get(pk=batch_id)
    rows = unpack(batch.rows)
    reasons = [BY_BYTE[code].code for code in bytes(batch.outcomes)] or [READY] * len(rows)
    return map(_row, rows, reasons)


def _row(row: PackedRow, reason: str) -> DraftRow:
    return DraftRow(row.row_number, row.cells, reason, row.number, row.fields, first_row=row.first_row)


def _of_batches(push: Push, state: str, after: int, page: RowsPage) -> Iterator[Numbered]:
    begin = after + 1
    own = _holding(push, state, begin)
    if own is not None and own.last_row > after:
        begin = own.first_row
    batches = Batch.objects.filter(push=push, state=state, first_row__gte=begin).order_by("first_row")
    for first_row, batch_id in batches.values_list("first_row", "pk")[: MOST_BATCHES + 2]:
        if not _may_open(page):
            yield max(first_row or 0, after + 1), None
            return
        yield from ((row.row_number, row) for row in _opened(batch_id) if row.row_number > after)


def _of_lists(push: Push, wanted: RowsWanted, after: int, size: int, page: RowsPage) -> Iterator[Numbered]:
    numbers = list(islice(rows_listed(push.pk, wanted.codes, after=after), size + 1))
    while numbers:
        own = _holding(push, wanted.codes_state, numbers[0])
        if own is None or own.last_row < numbers[0]:
            numbers.pop(0)  # the row has moved
            continue
        if not _may_open(page):
            yield numbers[0], None
            return
        inside = {number for number in numbers if number <= own.last_row}
        yield from ((row.row_number, row) for row in _opened(own.batch_id) if row.row_number in inside)
        numbers = numbers[len(inside) :]


class _Bounds(NamedTuple):
    batch_id: int
    first_row: int
    last_row: int


def _holding(push: Push, state: str, row_number: int) -> _Bounds | None:
    """The last batch in this state that begins at or before this row."""
    batches = Batch.objects.filter(push=push, state=state, first_row__lte=row_number, last_row__isnull=False)
    found = batches.order_by("first_row").values_list("pk", "first_row", "last_row").last()
    return None if found is None else _Bounds(found[0], found[1] or 0, found[2] or 0)


def _of_records(records: QuerySet[RejectedRecord], after: int, size: int) -> Iterator[Numbered]:
    found = records.filter(row_number__gt=after).order_by("row_number")
    for record in found[: size + 1]:
        row = DraftRow(record.row_number, record.cells, record.reason, phone=record.phone, problems=record.problems)
        yield record.row_number, row


def _of_edits(edited: QuerySet[EditedRow], after: int, size: int) -> Iterator[Numbered]:
    for one in edited.filter(row_number__gt=after).order_by("row_number")[: size + 1]:
        yield (
            one.row_number,
            DraftRow(one.row_number, one.cells, one.reason, one.number, one.fields, first_row=one.first_row),
        )


def _add_known_since(push: Push, rows: Sequence[DraftRow]) -> None:
    known = [row for row in rows if row.reason == KNOWN]
    since = known_numbers(push.lane, [row.number for row in known]) if known else {}
    for row in known:
        row.known_since = since.get(row.number)


def _add_warnings(push: Push, rows: Sequence[DraftRow], codes: Sequence[str]) -> None:
    if not rows or not codes:
        return
    found = codes_of_rows(push.pk, codes, first=rows[0].row_number, last=rows[-1].row_number)
    for row in rows:
        if row.reason == READY:
            row.warnings = found.get(row.row_number, [])
