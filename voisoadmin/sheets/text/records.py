"""Lines into records. One quote that is never closed must not swallow the rest of the file.

A record of one line is accepted as it is. A record of several lines is accepted only if its quotes are closed properly
and the lines it took in don't look like records themselves; otherwise the quote that opened it is an ordinary letter.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator
from typing import TextIO

from voisoadmin.sheets.facts import MIB, Unreadable
from voisoadmin.sheets.protocol import BLOCK_CHARS, LONGEST_LINE, ROWS_PER_FRAME, Notes
from voisoadmin.sheets.text.dialect import DELIMITERS, LONG_NUMBER, Dialect
from voisoadmin.sheets.text.quotes import Block, Parser, Record

FEW_LINES = 3  # in closed quotes; this few are accepted as one cell whatever they look like
MOST_LINES = 100_000  # of one record
MOST_MARKS = 100  # of one line that are tried as the extra one
MOST_CHARS = 4 * MIB  # of one record
HELD = "\uf8ff"  # replaces a quotation mark that is an ordinary letter while its line is parsed


class Records:
    """Blocks of records with the number of the first, counted as a spreadsheet counts rows: a line break in quotes starts
    no row."""

    def __init__(
        self, text: TextIO, dialect: Dialect, notes: Notes, *, are_apart: bool = False, lines_at_once: int = ROWS_PER_FRAME
    ) -> None:
        """`are_apart`: a person said that lines in quotation marks which look like rows are rows."""
        self._text, self._dialect, self._notes = text, dialect, notes
        self._parser = Parser(dialect)
        # Without long numbers nothing shows that another delimiter is meant.
        self._looks_for_others = dialect.width > 1 and bool(dialect.digits) and not dialect.aligned
        self._quote, self._escaped = dialect.quote, f"\\{dialect.quote}"
        self._are_apart = are_apart
        self.in_quotes = (0, 0)  # records of lines that look like rows themselves, and those lines
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
            lines = carried + self._more_lines(max(self._lines_at_once, len(carried)), max(BLOCK_CHARS, sum(map(len, carried))))
            if not lines:
                return
            rows, used = self._parse(lines)
            carried = lines[used:]
            if rows:
                yield self._record, rows
            self._record += len(rows)
            self._line += used

    def _more_lines(self, most: int, most_chars: int) -> list[str]:
        lines: list[str] = []
        chars = 0
        readline = self._text.readline
        plain = self._dialect.plain if self._dialect.aligned or self._dialect.quote == "'" else None
        while len(lines) < most and chars < most_chars and not self._ended:
            line = readline(LONGEST_LINE)
            if len(line) >= LONGEST_LINE:
                raise Unreadable(
                    f"A line after line {self._line:,} is longer than {LONGEST_LINE // MIB} MB: this isn't a table."
                )
            if line:
                lines.append(plain(line) if plain else line)
                chars += len(line)
            self._ended = not line
        if self._ended and lines and lines[-1] == "\x1a":
            lines.pop()  # the end-of-file mark of DOS programs
        return lines

    def _parse(self, lines: list[str]) -> tuple[list[list[str]], int]:
        """Records of whole lines, and how many lines they took; an open one at the end is left for the next block."""
        rows = self._parser.rows(lines)
        if len(rows) == len(lines) and not self._parser.is_open(lines[-1]):
            escaped = self._escaped in "".join(lines)
            for at, row in enumerate(rows):
                if len(row) == 1 and self._looks_for_others:
                    rows[at] = row = self._otherwise_delimited(row, lines[at], at)
                if (len(row) < self._dialect.width or escaped) and self._quote in lines[at]:
                    rows[at] = self._mended(row, lines[at], at)
            return rows, len(lines)
        block = Block(lines, self._parser, is_last=self._ended)
        rows = []
        start = 0
        while start < len(lines):
            marked = next((at for at in range(start, len(lines)) if self._quote in lines[at]), len(lines))
            plain = self._parser.rows(lines[start:marked])
            if self._looks_for_others and len(plain) == marked - start:
                plain = [self._otherwise_delimited(row, lines[start + at], start + at) for at, row in enumerate(plain)]
            rows += plain
            start = marked
            if start == len(lines):
                break
            row, taken = self._record_at(block, lines, start)
            if not taken:
                break
            rows.append(row)
            start += taken
        return rows, start

    def _record_at(self, block: Block, lines: list[str], start: int) -> tuple[list[str], int]:
        """The record that begins at a line, and how many lines it takes: 0 if it may end beyond what was read."""
        record = block.record(start)
        if record.lines == 1 and not record.is_open:
            row = self._otherwise_delimited(self._parser.row(lines[start]), lines[start], start)
            return self._mended(row, lines[start], start), 1
        too_long = record.lines > MOST_LINES or record.chars > MOST_CHARS
        if record.is_open and not self._ended and not too_long and not record.are_contacts():
            return [], 0
        if record.is_open or too_long or not self._is_sound(record):
            return self._with_literal_quote(lines[start], start), 1
        return record.cells(), record.lines

    def _is_sound(self, record: Record) -> bool:
        """Whether several lines really are one record."""
        if not record.is_clean:
            return False
        if record.width != self._dialect.width:
            return not record.are_records()
        if not self._dialect.digits or not record.are_contacts():
            return True
        if record.lines > FEW_LINES:
            return False
        # Both readings are plausible: a person decides.
        records, lines = self.in_quotes
        self.in_quotes = records + 1, lines + record.lines
        return not self._are_apart

    def _mended(self, row: list[str], line: str, at: int) -> list[str]:
        """The record of one line as it was meant, if its quotes are escaped by backslashes or one extra quote made a cell
        swallow the next."""
        if self._quote not in line:
            return row
        well = self._parser.closes_well(line)
        if self._escaped in line and not (well and len(row) == self._dialect.width):
            doubled = line.replace(self._escaped, self._quote * 2)
            unescaped = self._parser.row(doubled)
            if len(unescaped) == self._dialect.width and self._parser.closes_well(doubled):
                return unescaped
        if well or len(row) >= self._dialect.width:
            return row
        plain = self._with_one_mark_held(line) or self._parser.unquoted(line)
        if len(plain) != self._dialect.width:
            return row
        self._notes.add_line(self._line + at, "an unmatched quotation mark, read as an ordinary character")
        return plain

    def _otherwise_delimited(self, row: list[str], line: str, at: int) -> list[str]:
        """The record of a line that is one cell, but that another delimiter parts as most records are parted, with numbers
        where they have them; or its own delimiter, if the whole line is in quotation marks."""
        if len(row) != 1 or not row[0] or not self._looks_for_others:
            return row
        for delimiter in DELIMITERS:
            is_own = delimiter == self._dialect.delimiter
            text = row[0] if is_own else line
            if text.count(delimiter) < self._dialect.width - 1 or (is_own and not self._parser.closes_well(line)):
                continue
            parted = next(csv.reader([text.replace("\n", " ") if is_own else text], delimiter=delimiter, quotechar=self._quote))
            if self._is_like_others(parted):
                what = (
                    "all its cells in one pair of quotation marks"
                    if is_own
                    else "another delimiter than the rest, which is used"
                )
                self._notes.add_line(self._line + at, what)
                return parted
        return row

    def _is_like_others(self, row: list[str]) -> bool:
        return len(row) == self._dialect.width and all(LONG_NUMBER.search(row[column]) for column in self._dialect.digits)

    def _with_literal_quote(self, line: str, at: int) -> list[str]:
        """Only the first line, its last opening quote taken as an ordinary letter; other quoted cells stay quoted."""
        self._notes.add_line(
            self._line + at, "a quotation mark that is never closed, read as an ordinary character; the line is one row"
        )
        return self._with_one_mark_held(line) or self._parser.unquoted(line)

    def _with_one_mark_held(self, line: str) -> list[str]:
        """The record of one line with one opening quote taken as a letter: the quote that makes everything else fit, or
        the last one that leaves no cell open. Empty if there is none."""
        found: list[str] = []
        end = len(line)
        for _ in range(MOST_MARKS):
            end = line.rfind(self._quote, 0, end)
            if end < 0:
                break
            if not self._begins_a_cell(line, end):
                continue
            held = f"{line[:end]}{HELD}{line[end + 1 :]}"
            try:
                row = self._parser.rows([held], strict=True)[0]
            except csv.Error:
                if not found and not self._parser.is_open(held):
                    found = self._parser.row(held)
                continue
            if len(row) == self._dialect.width:
                return _released(row, self._quote)
            found = found or row
        return _released(found, self._quote)

    def _begins_a_cell(self, line: str, at: int) -> bool:
        before = at - 1
        while self._dialect.blanks and before >= 0 and line[before] == " ":
            before -= 1
        return before < 0 or line[before] == self._dialect.delimiter


def _released(row: list[str], quote: str) -> list[str]:
    return [cell.replace(HELD, quote) for cell in row]
