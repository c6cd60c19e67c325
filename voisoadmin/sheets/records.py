"""Lines into records. One quote that is never closed must not swallow the rest of the file."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from typing import TextIO

from voisoadmin.sheets.dialect import Dialect
from voisoadmin.sheets.facts import MIB, Unreadable
from voisoadmin.sheets.reading import ROWS_PER_FRAME, Notes

LINES_IN_A_FIELD = 100  # more than this in one record, and its quote is taken for a lost one
LONGEST_LINE = 8 * MIB
END = "\0end of lines\0"


class Records:
    """Blocks of records with the number of the first, as a spreadsheet counts rows: a line break in quotes starts none."""

    def __init__(self, text: TextIO, dialect: Dialect, notes: Notes, *, lines_at_once: int = ROWS_PER_FRAME) -> None:
        self._text, self._dialect, self._notes = text, dialect, notes
        self._lines_at_once = lines_at_once
        self._record = 1  # the next one
        self._line = 1  # the next one, of the file

    def __iter__(self) -> Iterator[tuple[int, list[list[str]]]]:
        if self._dialect.announced:
            self._text.readline(64)
            self._line += 1
            self._record += 1
        carried: list[str] = []
        while True:
            new = self._more_lines()
            lines = carried + new
            if not lines:
                return
            rows, used = self._parse(lines, at_end=not new)
            carried = lines[used:]
            if rows:
                yield self._record, rows
            self._record += len(rows)
            self._line += used

    def _more_lines(self) -> list[str]:
        lines: list[str] = []
        for _ in range(self._lines_at_once):
            line = self._text.readline(LONGEST_LINE)
            if not line:
                break
            if len(line) >= LONGEST_LINE:
                raise Unreadable(
                    f"Line {self._line + len(lines):,} is longer than {LONGEST_LINE // MIB} MiB: this is not a table."
                )
            lines.append(line)
        return lines

    def _parse(self, lines: list[str], *, at_end: bool) -> tuple[list[list[str]], int]:
        """Records of whole lines, and how many lines they took; an open one at the end is left for later."""
        reader = csv.reader(lines, delimiter=self._dialect.delimiter)
        rows = list(reader)
        if len(rows) == len(lines) and ('"' not in lines[-1] or not self._is_open(lines[-1:])):
            return rows, len(lines)
        return self._parse_slowly(lines, at_end=at_end)

    def _is_open(self, lines: list[str]) -> bool:
        """Whether a quoted field goes on behind these lines of one record."""
        return len(list(csv.reader([*lines, END], delimiter=self._dialect.delimiter))) == 1

    def _parse_slowly(self, lines: list[str], *, at_end: bool) -> tuple[list[list[str]], int]:
        rows: list[list[str]] = []
        start = 0
        while start < len(lines):
            reader = csv.reader(lines[start : start + LINES_IN_A_FIELD], delimiter=self._dialect.delimiter)
            row = next(reader)
            taken = reader.line_num
            if start + taken == len(lines) or taken == LINES_IN_A_FIELD:
                if self._is_open(lines[start : start + taken]):
                    if taken < LINES_IN_A_FIELD and not at_end:
                        return rows, start  # its end may be among the lines to come
                    row, taken = self._without_quotes(lines[start], start), 1
            rows.append(row)
            start += taken
        return rows, start

    def _without_quotes(self, line: str, at: int) -> list[str]:
        self._notes.add(
            f"Line {self._line + at:,} has a quotation mark that is never closed; the line was read as if it were an ordinary letter."
        )
        return next(csv.reader([line], delimiter=self._dialect.delimiter, quoting=csv.QUOTE_NONE))
