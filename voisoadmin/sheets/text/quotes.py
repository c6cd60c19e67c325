"""How quotation marks affect the lines of a file: where an open cell may end, and what such a record holds.

Each line is examined only a few times, however many lines above it leave a cell open, because its effect on an open cell
doesn't depend on where that cell began. A file may open one in each of a million lines.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable
from itertools import accumulate
from typing import Any, NamedTuple

from voisoadmin.sheets.text.dialect import LONG_NUMBER, Dialect

LOOK_AFTER = 50  # lines of one record before we check whether they are records themselves
END = "\0end of lines\0"


class Parser:
    """Python's csv module with one dialect."""

    def __init__(self, dialect: Dialect) -> None:
        self.dialect = dialect

    def rows(self, lines: Iterable[str], *, strict: bool = False) -> list[list[str]]:
        """Raises csv.Error, if `strict`, unless the next cell begins right after each closing mark and the last one is
        closed."""
        return list(self._reader(lines, strict=strict))

    def first_row(self, lines: list[str]) -> tuple[list[str], int]:
        """The first record and how many lines it takes. Raises like `rows` when strict."""
        reader = self._reader(lines, strict=True)
        return next(reader), reader.line_num

    def row(self, line: str) -> list[str]:
        """The record of a single line."""
        return self.rows([line])[0]

    def is_open(self, line: str) -> bool:
        """Whether a quoted cell is still open after the line."""
        return self.dialect.quote in line and len(self.rows([line, END])) == 1

    def closes_well(self, *lines: str) -> bool:
        try:
            self.rows(lines, strict=True)
        except csv.Error:
            return False
        return True

    def unquoted(self, line: str) -> list[str]:
        return next(csv.reader([line], delimiter=self.dialect.delimiter, quoting=csv.QUOTE_NONE))

    def _reader(self, lines: Iterable[str], *, strict: bool) -> Any:
        return csv.reader(
            lines,
            delimiter=self.dialect.delimiter,
            quotechar=self.dialect.quote,
            skipinitialspace=self.dialect.blanks,
            strict=strict,
        )


class Effect(NamedTuple):
    """The effect of a line, at the beginning of a record or within a quoted cell."""

    is_open: bool  # after it
    is_clean: bool  # the next cell begins right after each closing mark
    cells: int  # begun in it, except the one it begins with


WITHIN = Effect(is_open=True, is_clean=True, cells=0)


class Alone(NamedTuple):
    """A line read as a separate record."""

    is_blank: bool
    is_usual: bool  # as wide as most records
    has_number: bool  # in the columns where records of this table have one


class Block:
    """Consecutive lines. Ask for records by the line they begin in, in ascending order."""

    def __init__(self, lines: list[str], parser: Parser, *, is_last: bool) -> None:
        self.is_last = is_last
        self._lines, self._parser = lines, parser
        self._chars = [0, *accumulate(map(len, lines))]  # above each line
        self._alone: list[Alone | None] = [None] * len(lines)
        self._end = -1  # of the open cell that was searched last
        self._cells = [0] * (len(lines) + 1)  # begun above each line, as far as its open cell was followed
        self._spoiled = -1  # the last line, before that end, with a closing mark inside a cell

    @property
    def dialect(self) -> Dialect:
        return self._parser.dialect

    def record(self, start: int) -> Record:
        first = self._effect(self._lines[start], within=False)
        end = self._end_of(start) if first.is_open else start
        is_open = end == len(self._lines)
        last = end - is_open
        return Record(
            self,
            start,
            lines=last + 1 - start,
            chars=self._chars[last + 1] - self._chars[start],
            is_open=is_open,
            is_clean=not is_open and first.is_clean and self._spoiled <= start,
            width=1 + first.cells + self._cells[last + 1] - self._cells[start + 1],
        )

    def cells(self, start: int, lines: int) -> list[str]:
        return self._parser.rows(self._lines[start : start + lines])[0]

    def _end_of(self, start: int) -> int:
        """The line that closes the cell left open by this line; the number of lines if none does."""
        if self._end <= start:
            at = start + 1
            self._cells[at] = 0
            while at < len(self._lines):
                effect = self._effect(self._lines[at], within=True)
                self._cells[at + 1] = self._cells[at] + effect.cells
                if not effect.is_clean:
                    self._spoiled = at
                if not effect.is_open:
                    break
                at += 1
            self._end = at
        return self._end

    def _effect(self, line: str, *, within: bool) -> Effect:
        quote = self._parser.dialect.quote
        if quote not in line:
            return WITHIN if within else Effect(is_open=False, is_clean=True, cells=0)
        # A line within a quoted cell is parsed as if that cell had begun right before it.
        text = f"{quote}{line}" if within else line
        try:
            # A line with only a mark closes an open cell correctly.
            row, lines = self._parser.first_row([text, quote])
        except csv.Error:
            rows = self._parser.rows([text, END])
            return Effect(len(rows) == 1, is_clean=False, cells=len(rows[0]) - 1)
        return Effect(lines == 2, is_clean=True, cells=len(row) - 1)

    def alone(self, start: int, end: int) -> list[Alone]:
        """Each line as a separate record, without blank ones."""
        found = []
        for at in range(start, end):
            line = self._alone[at]
            if line is None:
                line = self._alone[at] = self._look_at(self._lines[at])
            if not line.is_blank:
                found.append(line)
        return found

    def _look_at(self, line: str) -> Alone:
        if not line.strip():
            return Alone(is_blank=True, is_usual=False, has_number=False)
        dialect, row = self._parser.dialect, self._parser.row(line)
        is_usual = len(row) == dialect.width
        has_number = is_usual and any(LONG_NUMBER.search(row[at]) for at in dialect.digits)
        return Alone(is_blank=False, is_usual=is_usual, has_number=has_number)


class Record(NamedTuple):
    """The record that begins in a line, if the mark that leaves its cell open is taken as a quote."""

    block: Block
    start: int
    lines: int
    chars: int
    is_open: bool  # after the last line of the block
    is_clean: bool
    width: int  # cells

    def cells(self) -> list[str]:
        return self.block.cells(self.start, self.lines)

    def are_records(self) -> bool:
        """Whether each line after the first would be a separate record of the usual width."""
        behind = self._behind()
        if self.block.dialect.width < 2:
            return len(behind) >= LOOK_AFTER
        if not behind or self._may_be_few(behind):
            return False
        return sum(line.is_usual for line in behind) * 10 >= len(behind) * 8

    def are_contacts(self) -> bool:
        """Whether they also hold a number where records of this table do; in a table without numbers the width is enough."""
        if not self.block.dialect.digits:
            return self.are_records()
        behind = self._behind()
        if self._may_be_few(behind):
            return False
        alike = sum(line.has_number for line in behind)
        return alike > 0 and alike * 10 >= len(behind) * 8

    def _behind(self) -> list[Alone]:
        return self.block.alone(self.start + 1, self.start + min(self.lines, LOOK_AFTER + 1))

    def _may_be_few(self, behind: list[Alone]) -> bool:
        """Whether more lines may follow that must be examined first."""
        return len(behind) < LOOK_AFTER and self.is_open and not self.block.is_last
