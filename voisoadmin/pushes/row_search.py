"""Finds rows to fix by phone, name or row number, without case and accents, in the order in which a list shows them."""

import heapq
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from django.db.models import QuerySet, Value
from django.db.models.functions import StrIndex

from voisoadmin.lib.letters import plain_letters
from voisoadmin.lib.numbers import whole_number
from voisoadmin.pushes.models import RejectedRecord, SearchBlock
from voisoadmin.pushes.search_blocks import last_record, line_of

MOST_ROWS = 2**31 - 1  # in the column of row numbers
AT_ONCE = 2000
Place = tuple[int, int]  # of a row in the list
Found = tuple[Place, int]  # and its record's ID


@dataclass(frozen=True, kw_only=True, slots=True)
class RowSearch:
    query: str  # words apart by single blanks
    takes: Callable[[str], bool]  # whether rows with this reason are wanted
    push_places: Mapping[int, int] = field(default_factory=dict)  # of pushes that follow one another; otherwise only by row
    is_from_last: bool = False  # each push from its last row up

    def one_by_one(self, records: QuerySet[RejectedRecord]) -> list[int]:
        """IDs of those that match, without blocks: for a few thousand."""
        return [pk for _, pk in sorted(self._matching(records))]

    def in_blocks(self, blocks: QuerySet[SearchBlock], records: QuerySet[RejectedRecord]) -> Iterator[int]:
        """The same for any number, with the blocks of the same pushes. A record may be gone, or be none of `records`."""
        heap = self._outside(records)
        heapq.heapify(heap)
        passed: set[int] = set()
        for place, block in self._hits(blocks):
            while heap and heap[0][0] < place:
                yield from _new(heapq.heappop(heap)[1], passed)
            for found in self._in_block(block):
                heapq.heappush(heap, found)
        while heap:
            yield from _new(heapq.heappop(heap)[1], passed)

    @property
    def _needle(self) -> str:
        return plain_letters(self.query)

    @property
    def _row(self) -> int | None:
        return whole_number(self.query.replace(",", ""), most=MOST_ROWS)

    def _place(self, push: int, row: int) -> Place:
        return self.push_places.get(push, 0), -row if self.is_from_last else row

    def _matching(self, records: QuerySet[RejectedRecord]) -> Iterator[Found]:
        needle, row = self._needle, self._row
        rows = records.order_by("pk").values_list("pk", "push", "row_number", "phone", "name")
        for pk, push, number, phone, name in rows.iterator(chunk_size=AT_ONCE):
            if number == row or needle in line_of(phone, name):
                yield self._place(push, number), pk

    def _outside(self, records: QuerySet[RejectedRecord]) -> list[Found]:
        """What is found without blocks: the record with this row number, and those that are in no block yet."""
        found = list(self._matching(records.filter(pk__gt=last_record())))
        if self._row is not None:
            with_number = records.filter(row_number=self._row).order_by().values_list("pk", "push")
            found += [(self._place(push, self._row), pk) for pk, push in with_number]
        return found

    def _hits(self, blocks: QuerySet[SearchBlock]) -> Iterator[tuple[Place, SearchBlock]]:
        """The blocks that may hold a match, by the place of their first row; each is loaded only when its turn comes."""
        found = blocks.annotate(at=StrIndex("text", Value(self._needle))).filter(at__gt=0).order_by()
        edge = "last_row" if self.is_from_last else "first_row"
        places = sorted((self._place(push, row), pk) for pk, push, row in found.values_list("pk", "push", edge))
        for place, pk in places:
            block = SearchBlock.objects.filter(pk=pk).first()
            if block is not None:
                yield place, block

    def _in_block(self, block: SearchBlock) -> Iterator[Found]:
        needle = self._needle
        for line, (pk, number, reason) in zip(block.text.split("\n"), block.rows, strict=True):
            if needle in line and self.takes(reason):
                yield self._place(block.push_id, number), pk


def records_among(records: QuerySet[RejectedRecord], ids: Iterable[int], *, most: int) -> list[int]:
    """The first of these IDs whose record is one of `records`."""
    found: list[int] = []
    chunk: list[int] = []

    def take() -> None:
        there = set(records.filter(pk__in=chunk).order_by().values_list("pk", flat=True))
        found.extend(pk for pk in chunk if pk in there)
        chunk.clear()

    size = 2 * most
    for pk in ids:
        chunk.append(pk)
        if len(chunk) >= size:
            take()
            size = AT_ONCE
            if len(found) >= most:
                break
    take()
    return found[:most]


def _new(pk: int, passed: set[int]) -> Iterator[int]:
    if pk not in passed:
        passed.add(pk)
        yield pk
