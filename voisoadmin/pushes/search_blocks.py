"""Fills the blocks in which rows to fix are searched, some time after the rows are stored: sending never waits for it."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from itertools import groupby
from typing import NamedTuple

from django.db import transaction

from voisoadmin.lib.clock import monotonic
from voisoadmin.lib.letters import search_text
from voisoadmin.lib.stopping import stop_requested
from voisoadmin.pushes.models import RejectedRecord, SearchBlock, SearchProgress

BLOCK = 1000  # rows
AT_ONCE = 5000  # rows in one transaction
SETTLED_AFTER = timedelta(seconds=60)  # longer than a transaction that stores rows: none with a lower ID appears later


class Row(NamedTuple):
    pk: int
    push: int
    number: int
    reason: str
    phone: str
    name: str
    created_at: datetime


FIELDS = ("pk", "push", "row_number", "reason", "phone", "name", "created_at")


def line_of(phone: str, name: str) -> str:
    """What a row is found by. A line break or a tab in it would begin another row."""
    return "\t".join(search_text(" ".join(phone.split()), " ".join(name.split())).split("\n"))


def last_record() -> int:
    """Records with a higher ID are in no block yet."""
    return SearchProgress.objects.values_list("last_record", flat=True).first() or 0


def is_due(*, at: datetime) -> bool:
    oldest = RejectedRecord.objects.filter(pk__gt=last_record()).order_by("pk").values_list("created_at", flat=True).first()
    return oldest is not None and _is_settled(oldest, at)


def fill(*, at: datetime, seconds: float) -> bool:
    """Put rows into blocks for about this long; whether none is left."""
    until = monotonic() + seconds
    while monotonic() < until and not stop_requested():
        if not _fill_some(at=at):
            return True
    return False


@transaction.atomic
def _fill_some(*, at: datetime) -> int:
    SearchProgress.objects.get_or_create(pk=1)
    progress = SearchProgress.objects.select_for_update().get(pk=1)
    found = RejectedRecord.objects.filter(pk__gt=progress.last_record).order_by("pk").values_list(*FIELDS)[:AT_ONCE]
    rows: list[Row] = []
    for row in map(Row._make, found):
        if not _is_settled(row.created_at, at):
            break
        rows.append(row)
    by_push = sorted(rows, key=lambda row: (row.push, row.pk))
    for push, some in groupby(by_push, key=lambda row: row.push):
        _add(push, list(some))
    if rows:
        SearchProgress.objects.filter(pk=progress.pk).update(last_record=rows[-1].pk)
    return len(rows)


def _add(push: int, rows: list[Row]) -> None:
    last = SearchBlock.objects.filter(push=push).order_by("-pk").first()
    if last is not None and last.size < BLOCK:
        some, rows = rows[: BLOCK - last.size], rows[BLOCK - last.size :]
        more = _block(push, some)
        SearchBlock.objects.filter(pk=last.pk).update(
            first_row=min(last.first_row, more.first_row),
            last_row=max(last.last_row, more.last_row),
            size=last.size + more.size,
            text=f"{last.text}\n{more.text}",
            rows=[*last.rows, *more.rows],
        )
    SearchBlock.objects.bulk_create(_block(push, rows[start : start + BLOCK]) for start in range(0, len(rows), BLOCK))


def _block(push: int, rows: Iterable[Row]) -> SearchBlock:
    rows = list(rows)
    return SearchBlock(
        push_id=push,
        first_row=min(row.number for row in rows),
        last_row=max(row.number for row in rows),
        size=len(rows),
        text="\n".join(line_of(row.phone, row.name) for row in rows),
        rows=[[row.pk, row.number, row.reason] for row in rows],
    )


def _is_settled(created_at: datetime, at: datetime) -> bool:
    # A moment in the future was written before the clock was set back.
    return created_at < at - SETTLED_AFTER or created_at > at + SETTLED_AFTER
