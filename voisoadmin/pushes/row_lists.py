"""Row numbers by reason and warning, written while a draft is made: a few bytes for thousands of rows in a row."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import orjson

from voisoadmin.lib.row_inserts import insert_rows
from voisoadmin.pushes.models import RowList

WINDOW = 10_000  # row numbers in one list
_FETCHED = 16  # lists at a time


class RowListWriter:
    """Collects the lists of one push. The row numbers of each code must come in file order."""

    def __init__(self, push_id: int) -> None:
        self._push_id = push_id
        self._open: dict[str, tuple[int, list[list[int]]]] = {}
        self._closed: list[tuple[int | str, ...]] = []

    def add(self, code: str, row_number: int) -> None:
        window = row_number // WINDOW
        at, ranges = self._open.get(code, (-1, []))
        if at != window:
            if ranges:
                self._close(code, at, ranges)
            ranges = []
            self._open[code] = (window, ranges)
        if ranges and ranges[-1][1] + 1 == row_number:
            ranges[-1][1] = row_number
        else:
            ranges.append([row_number, row_number])

    def write(self, *, rest: bool = False) -> None:
        """Write what is complete; with `rest` everything."""
        if rest:
            for code, (window, ranges) in self._open.items():
                self._close(code, window, ranges)
            self._open = {}
        insert_rows(RowList, ("code", "window", "ranges"), self._closed, same={"push": self._push_id})
        self._closed = []

    def _close(self, code: str, window: int, ranges: list[list[int]]) -> None:
        self._closed.append((code, window, orjson.dumps(ranges).decode()))


def rows_listed(push_id: int, codes: Sequence[str], *, after: int) -> Iterator[int]:
    """The numbers of the rows after this one with any of these codes, in order."""
    lists = RowList.objects.filter(push=push_id, code__in=codes).order_by("window").values_list("window", "ranges")
    window, last = (after + 1) // WINDOW, after
    while found := list(lists.filter(window__gte=window)[:_FETCHED]):
        # The last window may have more lists than were fetched.
        complete = found if len(found) < _FETCHED else [one for one in found if one[0] < found[-1][0]]
        if not complete:
            complete = list(lists.filter(window=found[0][0]))
        for at in dict.fromkeys(at for at, _ in complete):
            numbers = {
                number for own, ranges in complete if own == at for first, end in ranges for number in range(first, end + 1)
            }
            yield from (number for number in sorted(numbers) if number > last)
        window = complete[-1][0] + 1


def codes_of_rows(push_id: int, codes: Sequence[str], *, first: int, last: int) -> dict[int, list[str]]:
    """Which of these codes the rows between these two have."""
    windows = range(first // WINDOW, last // WINDOW + 1)
    lists = RowList.objects.filter(push=push_id, code__in=codes, window__in=windows)
    found: dict[int, list[str]] = {}
    for code, ranges in lists.order_by("code").values_list("code", "ranges"):
        for begin, end in ranges:
            for number in range(max(begin, first), min(end, last) + 1):
                found.setdefault(number, []).append(code)
    return found
