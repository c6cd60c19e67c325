"""Every row of a push with its outcome, in file order. Memory stays constant whatever the number of rows."""

import heapq
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

from django.db.models import QuerySet

from voisoadmin.contacts.fields import PHONE
from voisoadmin.contacts.packing import PackedRow, unpack
from voisoadmin.contacts.reasons import BY_BYTE, BY_CODE, MOVED, Bucket, worded
from voisoadmin.lib.times import exact
from voisoadmin.pushes.draft_places import packed
from voisoadmin.pushes.known_contacts import known_numbers
from voisoadmin.pushes.models import Batch, EditedRow, Push, RejectedRecord

_WAITING, _KNOWN_HERE = BY_CODE["waiting"].byte, BY_CODE["known_here"].byte
OF_ALL_ROWS = frozenset({"refused_alone", "voiso_named_nothing"})  # Voiso's words about a batch are about each of its rows
_CHUNK = 10  # batches in memory at once


@dataclass(frozen=True, slots=True)
class RowOutcome:
    row_number: int
    cells: list[str]  # as read
    number: str  # E.164 digits; empty for an invalid row
    name: str
    bucket: Bucket
    reason: str  # code
    sentence: str  # what happened
    advice: str  # what to do
    answer: str  # Voiso's words about this row, if it had any
    problem_fields: tuple[str, ...] = ()  # whose cells are the problem


def iter_rows(push: Push) -> Iterator[RowOutcome]:
    """Stream the rows of a push. Read-only; safe while it is being sent."""
    roots = Batch.objects.filter(push=push, root=None)
    streams = [_invalid(push), _edited(push)]
    for batches in (roots.exclude(state=Batch.State.LEFT_OUT), roots.filter(state=Batch.State.LEFT_OUT)):
        streams += [_in_batches(batches), _in_old_batches(batches)]
    yield from heapq.merge(*streams, key=lambda row: row.row_number)


def _in_batches(batches: QuerySet[Batch]) -> Iterator[RowOutcome]:
    """The rows of root batches in file order, opening a batch when its first row is due.

    Batches may overlap: edited rows, and rows that are sent again, come in separate batches.
    """
    open_ones: list[tuple[int, int, RowOutcome, Iterator[RowOutcome]]] = []  # a heap: next row number, batch, its row, the rest

    def open_batch(key: int) -> None:
        rest = outcomes_of_batch(Batch.objects.get(pk=key))
        row = next(rest)
        heapq.heappush(open_ones, (row.row_number, key, row, rest))

    for first_row, key in batches.exclude(first_row=None).order_by("first_row", "pk").values_list("first_row", "pk"):
        yield from _until(open_ones, first_row)
        open_batch(key)
    yield from _until(open_ones, None)


def _until(open_ones: list[tuple[int, int, RowOutcome, Iterator[RowOutcome]]], row_number: int | None) -> Iterator[RowOutcome]:
    """The rows before this one."""
    while open_ones and (row_number is None or open_ones[0][0] < row_number):
        _, key, row, rest = open_ones[0]
        yield row
        following = next(rest, None)
        if following is None:
            heapq.heappop(open_ones)
        else:
            heapq.heapreplace(open_ones, (following.row_number, key, following, rest))


def _in_old_batches(batches: QuerySet[Batch]) -> Iterator[RowOutcome]:
    """The same for batches of earlier versions, which were planned in file order and never overlap."""
    last = 0
    while chunk := list(batches.filter(first_row=None, number__gt=last).order_by("number", "pk")[:_CHUNK]):
        for batch in chunk:
            yield from outcomes_of_batch(batch)
        last = chunk[-1].number


def outcomes_of_batch(batch: Batch) -> Iterator[RowOutcome]:
    """Of a root batch, those of its pieces included."""
    return _left_out(batch) if batch.state == Batch.State.LEFT_OUT else _sent(batch)


def _left_out(batch: Batch) -> Iterator[RowOutcome]:
    rows, codes = unpack(batch.rows), bytes(batch.outcomes)
    known = [row.number for row, code in zip(rows, codes, strict=True) if code == _KNOWN_HERE]
    since = known_numbers(batch.lane, known) if known else {}
    for row, code in zip(rows, codes, strict=True):
        yield _outcome(row, code, "", why=_why_left_out(row, code, since))


def _why_left_out(row: PackedRow, code: int, since: Mapping[str, datetime]) -> str:
    """The sentence with this row's own facts: the row that is sent instead, or since when the number is known."""
    if code == _KNOWN_HERE and row.number in since:
        return f"Known to be in the campaign since {exact(since[row.number])}; not sent again."
    if row.first_row is not None:
        return f"Same number as row {row.first_row}."
    return ""


def _edited(push: Push) -> Iterator[RowOutcome]:
    """Rows of a draft that a person's change made ready or left out."""
    edited = EditedRow.objects.filter(push=push).order_by("row_number")
    last = -1
    while chunk := list(edited.filter(row_number__gt=last)[:1000]):
        known = [row.number for row in chunk if row.reason == "known_here"]
        since = known_numbers(push.lane, known) if known else {}
        for one in chunk:
            row, code = packed(one), BY_CODE[one.reason].byte
            yield _outcome(row, code, "", why=_why_left_out(row, code, since))
        last = chunk[-1].row_number


def _sent(batch: Batch) -> Iterator[RowOutcome]:
    codes = bytes(batch.outcomes) or bytes([_WAITING]) * batch.size
    later = _later_outcomes(batch) if MOVED in codes else {}
    for row, code in zip(unpack(batch.rows), codes, strict=True):
        yield _outcome(row, *later.get(row.number, (code, _words(batch, row, code))))


def _later_outcomes(root: Batch) -> dict[str, tuple[int, str]]:
    """The outcomes of rows that were sent again in halves and follow-ups."""
    found: dict[str, tuple[int, str]] = {}
    for batch in root.descendants.order_by("number"):
        codes = bytes(batch.outcomes) or bytes([_WAITING]) * batch.size
        for row, code in zip(unpack(batch.rows), codes, strict=True):
            if code != MOVED:
                found[row.number] = (code, _words(batch, row, code))
    return found


def _words(batch: Batch, row: PackedRow, code: int) -> str:
    """Voiso's words about this row. Those of its batch are otherwise of an earlier refusal, of all rows."""
    of_all = batch.answer if BY_BYTE[code].code in OF_ALL_ROWS else ""
    return str(batch.row_answers.get(row.number, of_all))


def _invalid(push: Push) -> Iterator[RowOutcome]:
    records = RejectedRecord.objects.filter(push=push, bucket=Bucket.INVALID).order_by("row_number")
    last = -1
    while chunk := list(records.filter(row_number__gt=last)[:1000]):
        yield from map(outcome_of_record, chunk)
        last = chunk[-1].row_number


def _outcome(row: PackedRow, code: int, answer: str, *, why: str = "") -> RowOutcome:
    reason = BY_BYTE[code]
    sentence, advice = worded(reason, explained=bool(answer))
    return RowOutcome(
        row.row_number,
        row.cells,
        row.number,
        row.name,
        reason.bucket,
        reason.code,
        why or sentence,
        advice,
        answer,
        (PHONE,) if reason.bucket == Bucket.REJECTED else (),
    )


def waiting_row(row: PackedRow) -> RowOutcome:
    """A row that is in no push yet."""
    return _outcome(row, _WAITING, "")


def outcome_of_record(record: RejectedRecord) -> RowOutcome:
    problems = [problem for problem in record.problems if isinstance(problem, dict)]
    sentences, advice = ([str(problem.get(part, "")) for problem in problems] for part in ("sentence", "advice"))
    return RowOutcome(
        record.row_number,
        record.cells,
        record.phone if record.batch_id is not None else "",
        record.name,
        Bucket(record.bucket),
        record.reason,
        " ".join(filter(None, sentences)),
        " ".join(filter(None, dict.fromkeys(advice))),
        record.answer,
        tuple(str(problem.get("field", "")) for problem in problems),
    )
