"""Which rows of a checked file have which number: a sorted array beside the stored file, 16 bytes a row.

An edit of one row asks it which other rows have the number. It belongs to one draft; another check writes it again.
"""

from __future__ import annotations

import mmap
import os
from array import array
from bisect import bisect_left
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from enum import IntFlag

from voisoadmin.uploads.intake import spool

MAGIC = 0x31_42_4D_55_4E_41_56  # of this form of the file; on a machine with another order of bytes it is another number
WORDS = 2  # of 8 bytes, in the head and for each row
FLAG_BITS = 56


class Flag(IntFlag):
    """What a row of the file says about a number, for all its rows."""

    DO_NOT_CALL = 1
    ASKED = 2  # with a word that is still asked about


class NumberIndexWriter:
    """Collects the numbers of a check. The rows of each number must come in file order."""

    def __init__(self) -> None:
        self._numbers, self._rows = array("Q"), array("Q")

    def add(self, number: int, row: int) -> None:
        self._numbers.append(number)
        self._rows.append(row)

    def say(self, numbers: Iterable[int], flag: Flag) -> None:
        for number in numbers:
            self.add(number, int(flag) << FLAG_BITS)

    def write(self, stored_name: str, draft_id: int) -> None:
        count = len(self._numbers)
        order = sorted(range(count), key=self._numbers.__getitem__)
        pairs = array("Q", bytes(8 * WORDS * count))
        pairs[0::WORDS] = array("Q", map(self._numbers.__getitem__, order))
        pairs[1::WORDS] = array("Q", map(self._rows.__getitem__, order))
        path = spool.numbers_path(stored_name)
        part = path.with_suffix(f".{draft_id}.part")
        try:
            with part.open("wb") as file:
                array("Q", [MAGIC, draft_id]).tofile(file)
                pairs.tofile(file)
            part.rename(path)
        finally:
            part.unlink(missing_ok=True)


class NumberIndex:
    def __init__(self, words: memoryview) -> None:
        self._words = words
        self._count = len(words) // WORDS - 1

    def rows(self, number: int, *, most: int) -> list[int]:
        """The first rows with this number, in file order."""
        found: list[int] = []
        for word in self._words_of(number):
            if not word >> FLAG_BITS:
                found.append(word)
                if len(found) == most:
                    break
        return found

    def said(self, number: int) -> Flag:
        """What the file says about this number."""
        end = bisect_left(range(self._count), number + 1, key=self._number)
        said = Flag(0)
        # Flags are behind the rows of their number, one word for each.
        for at in range(max(end - len(Flag), 0), end):
            if self._number(at) == number:
                said |= Flag(self._word(at) >> FLAG_BITS)
        return said

    def _words_of(self, number: int) -> Iterator[int]:
        at = bisect_left(range(self._count), number, key=self._number)
        while at < self._count and self._number(at) == number:
            yield self._word(at)
            at += 1

    def _word(self, at: int) -> int:
        return self._words[WORDS * (at + 1) + 1]

    def _number(self, at: int) -> int:
        return self._words[WORDS * (at + 1)]


NO_ROWS = NumberIndex(memoryview(array("Q", [MAGIC, 0])))


@contextmanager
def opened(stored_name: str, draft_id: int) -> Iterator[NumberIndex | None]:
    """The array of this draft; None if it isn't there, so that only a check can say who else has a number."""
    try:
        descriptor = os.open(spool.numbers_path(stored_name), os.O_RDONLY)
    except FileNotFoundError:
        yield None
        return
    try:
        size = os.fstat(descriptor).st_size
        if size < 8 * WORDS or size % (8 * WORDS):
            yield None
            return
        with mmap.mmap(descriptor, 0, access=mmap.ACCESS_READ) as data, memoryview(data) as raw, raw.cast("Q") as words:
            yield NumberIndex(words) if (words[0], words[1]) == (MAGIC, draft_id) else None
    finally:
        os.close(descriptor)
