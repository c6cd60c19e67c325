"""Lines into records. One quote that is never closed must not swallow the rest of the file.

A record of one line is accepted as it is. A record of several lines is accepted only if its quotes are closed properly
and the lines it took in don't look like records themselves; otherwise the quote that opened it is an ordinary letter.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator
from typing import Any, TextIO

from voisoadmin.sheets.dialect import LONG_NUMBER, Dialect
from voisoadmin.sheets.facts import MIB, Unreadable
from voisoadmin.sheets.reading import ROWS_PER_FRAME, Notes

LOOK_AFTER = 50  # lines of one record before we check whether they are records themselves
FEW_LINES = 3  # in closed quotes; this few are accepted as one cell whatever they look like
MOST_LINES = 100_000  # of one record
MOST_MARKS = 100  # of one line that are tried as the extra one
MOST_CHARS = 4 * MIB  # of one record
LONGEST_LINE = 8 * MIB  # characters
END = "\0end of lines\0"
HELD = "\uf8ff"  # replaces a quotation mark that is an ordinary letter while its line is parsed


class Records:
    """Blocks of records with the number of the first, counted as a spreadsheet counts rows: a line break in quotes starts
    no row."""

    def __init__(self, text: TextIO, dialect: Dialect, notes: Notes, *, lines_at_once: int = ROWS_PER_FRAME) -> None:
        self._text, self._dialect, self._notes = text, dialect, notes
        self._quote, self._escaped = dialect.quote, f"\\{dialect.quote}"
        self._lines_at_once = lines_at_once
        self._record = 1  # the next one
        self._line = 1  # the next one, of the file
        self._ended = False

    def __iter__(self) -> Iterator[tuple[int, list[list[str]]]]:
        if self._dialect.announced:
            # A spreadsheet program takes "sep=;" as an instruction and shows the next line as row 1.
            self._text.readline(64)
            self._line += 1
        carried: list[str] = []
        while True:
            # Twice as many each time, because a long open record is parsed again from its beginning.
            lines = carried + self._more_lines(max(self._lines_at_once, len(carried)))
            if not lines:
                return
            rows, used = self._parse(lines)
            carried = lines[used:]
            if rows:
                yield self._record, rows
            self._record += len(rows)
            self._line += used

    def _more_lines(self, most: int) -> list[str]:
        lines: list[str] = []
        readline = self._text.readline
        while len(lines) < most and not self._ended:
            line = readline(LONGEST_LINE)
            if len(line) >= LONGEST_LINE:
                raise Unreadable(
                    f"A line after line {self._line:,} is longer than {LONGEST_LINE // MIB} MiB: this is not a table."
                )
            if line:
                lines.append(line)
            self._ended = not line
        if self._ended and lines and lines[-1] == "\x1a":
            lines.pop()  # the end-of-file mark of DOS programs
        return lines

    def _parse(self, lines: list[str]) -> tuple[list[list[str]], int]:
        """Records of whole lines, and how many lines they took; an open one at the end is left for the next block."""
        rows = self._csv(lines)
        if len(rows) == len(lines) and (self._quote not in lines[-1] or not self._is_open(lines[-1:])):
            escaped = self._escaped in "".join(lines)
            for at, row in enumerate(rows):
                if (len(row) < self._dialect.width or escaped) and self._quote in lines[at]:
                    rows[at] = self._mended(row, lines[at], at)
            return rows, len(lines)
        rows = []
        start = 0
        while start < len(lines):
            row, taken = self._record_at(lines, start)
            if not taken:
                break
            rows.append(row)
            start += taken
        return rows, start

    def _record_at(self, lines: list[str], start: int) -> tuple[list[str], int]:
        """The record that begins at a line, and how many lines it takes: 0 if it may end beyond what was read."""
        reader = self._reader(_from(lines, start))
        row = next(reader)
        taken = reader.line_num
        record = lines[start : start + taken]
        is_open = start + taken == len(lines) and self._is_open(record)
        if taken == 1 and not is_open:
            return self._mended(row, lines[start], start), 1
        too_long = taken > MOST_LINES or sum(map(len, record)) > MOST_CHARS
        if is_open and not self._ended and not too_long and not self._are_contacts(record):
            return [], 0
        if is_open or too_long or not self._is_sound(record, row):
            return self._with_literal_quote(lines[start], start), 1
        return row, taken

    def _mended(self, row: list[str], line: str, at: int) -> list[str]:
        """The record of one line as it was meant, if its quotes are escaped by backslashes or one extra quote made a cell
        swallow the next."""
        if self._quote not in line:
            return row
        well = self._closes_well([line])
        if self._escaped in line and not (well and len(row) == self._dialect.width):
            doubled = line.replace(self._escaped, self._quote * 2)
            unescaped = self._csv([doubled])[0]
            if len(unescaped) == self._dialect.width and self._closes_well([doubled]):
                return unescaped
        if well or len(row) >= self._dialect.width:
            return row
        plain = self._with_one_mark_held(line) or self._unquoted(line)
        if len(plain) != self._dialect.width:
            return row
        self._notes.add_line(self._line + at, "a quotation mark too many or too few; it was read as an ordinary letter")
        return plain

    def _unquoted(self, line: str) -> list[str]:
        return next(csv.reader([line], delimiter=self._dialect.delimiter, quoting=csv.QUOTE_NONE))

    def _closes_well(self, record: list[str]) -> bool:
        """Whether the next cell begins right after each closing quote, and the last one is closed."""
        try:
            list(self._reader(record, strict=True))
        except csv.Error:
            return False
        return True

    def _is_sound(self, record: list[str], row: list[str]) -> bool:
        """Whether several lines really are one record."""
        if not self._closes_well(record):
            return False
        if len(row) != self._dialect.width:
            return not self._are_records(record)
        return len(record) <= FEW_LINES or not self._dialect.digits or not self._are_contacts(record)

    def _are_records(self, record: list[str]) -> bool:
        """Whether each line after the first would be a record of the usual width by itself."""
        behind = [line for line in record[1 : LOOK_AFTER + 1] if line.strip()]
        if self._dialect.width < 2:
            return len(behind) >= LOOK_AFTER
        if not behind or (len(behind) < LOOK_AFTER and not self._ended and self._is_open(record)):
            return False
        usual = sum(1 for line in behind if len(self._csv([line])[0]) == self._dialect.width)
        return usual * 10 >= len(behind) * 8

    def _are_contacts(self, record: list[str]) -> bool:
        """Whether they also hold a number where records of this table do; in a table without numbers the width is enough."""
        if not self._dialect.digits:
            return self._are_records(record)
        behind = [line for line in record[1 : LOOK_AFTER + 1] if line.strip()]
        if len(behind) < LOOK_AFTER and not self._ended and self._is_open(record):
            return False
        rows = [row for line in behind if len(row := self._csv([line])[0]) == self._dialect.width]
        alike = sum(1 for row in rows if any(LONG_NUMBER.search(row[at]) for at in self._dialect.digits))
        return alike > 0 and alike * 10 >= len(behind) * 8

    def _csv(self, lines: list[str]) -> list[list[str]]:
        return list(self._reader(lines))

    def _reader(self, lines: Iterable[str], *, strict: bool = False) -> Any:
        return csv.reader(
            lines,
            delimiter=self._dialect.delimiter,
            quotechar=self._quote,
            skipinitialspace=self._dialect.blanks,
            strict=strict,
        )

    def _is_open(self, lines: list[str]) -> bool:
        """Whether a quoted cell is still open after these lines of one record."""
        return len(self._csv([*lines, END])) == 1

    def _with_literal_quote(self, line: str, at: int) -> list[str]:
        """Only the first line, its last opening quote taken as an ordinary letter; other quoted cells stay quoted."""
        self._notes.add_line(
            self._line + at, "a quotation mark that is never closed; it was read as an ordinary letter, and the line as one row"
        )
        return self._with_one_mark_held(line) or self._unquoted(line)

    def _with_one_mark_held(self, line: str) -> list[str]:
        """The record of one line with one opening quote taken as a letter: the quote that makes everything else fit, or
        the last one that leaves no cell open. Empty if there is none."""
        found: list[str] = []
        end = len(line)
        for _ in range(MOST_MARKS):
            end = line.rfind(self._quote, 0, end)
            if end < 0:
                break
            before = line[:end].rstrip(" ") if self._dialect.blanks else line[:end]
            if before and before[-1] != self._dialect.delimiter:
                continue
            held = f"{line[:end]}{HELD}{line[end + 1 :]}"
            if self._is_open([held]):
                continue
            row = [cell.replace(HELD, self._quote) for cell in self._csv([held])[0]]
            if len(row) == self._dialect.width and self._closes_well([held]):
                return row
            found = found or row
        return found


def _from(lines: list[str], start: int) -> Iterator[str]:
    for at in range(start, len(lines)):
        yield lines[at]
