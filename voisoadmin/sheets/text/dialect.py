"""Which character separates the cells: the one that splits the lines into the same number of clean cells."""

from __future__ import annotations

import csv
import re
from collections import Counter
from dataclasses import dataclass, replace

from voisoadmin.sheets.facts import Unreadable
from voisoadmin.sheets.text.apostrophes import are_quotes, with_inner_ones_doubled
from voisoadmin.sheets.text.blanks import Columns, aligned_columns, are_cells

DELIMITERS = ("\t", ";", "|", ",")  # on a tie the first: a comma is the likeliest to appear inside a cell
NAMES = {"comma": ",", "semicolon": ";", "tab": "\t", "\\t": "\t", "pipe": "|", "space": " "}
SAMPLE_LINES = 300
# A cell in which another delimiter comes right before a letter or digit should have been split there.
UNPARTED = {delimiter: re.compile(rf"[{re.escape(''.join(set(DELIMITERS) - {delimiter}))}](?=\S)") for delimiter in DELIMITERS}
NUMBER = re.compile(r"[-+]?\d[\d.,]*$")
LONG_NUMBER = re.compile(r"\d(?:[ ()./-]{0,3}\d){6}")  # like a telephone number
MOST_COLUMNS = 100  # that are sampled
DIGITS_SHARE = 0.6  # of a column's cells


@dataclass(frozen=True, slots=True)
class Dialect:
    delimiter: str
    width: int  # cells most records have
    blanks: bool = False  # each delimiter is followed by a blank, even before a quotation mark
    announced: bool = False  # by a first line "sep=;", which Excel writes and doesn't show
    quote: str = '"'
    aligned: Columns | None = None  # of a table whose columns are aligned by blanks; its lines are read with tabs
    others: tuple[str, ...] = ()  # delimiters that would part the lines as well, the likeliest first
    digits: tuple[int, ...] = ()  # columns, from 0, that hold long numbers: they distinguish a record from a line of text

    @property
    def shown(self) -> str:
        """The delimiter for a person."""
        return " " if self.aligned else self.delimiter

    def plain(self, line: str) -> str:
        """The line as the csv module can read it."""
        if self.aligned:
            return self.aligned.with_tabs(line)
        return with_inner_ones_doubled(line, self.delimiter) if self.quote == "'" else line


@dataclass(frozen=True, slots=True)
class Parting:
    """How one delimiter splits a sample."""

    share: float  # of the records that have the usual number of cells
    clean: float  # share of the cells that hold no other delimiter
    width: int
    first: list[str]  # record
    table: list[list[str]]  # the sampled records

    @property
    def score(self) -> tuple[float, int]:
        return round(self.share * self.clean, 2), self.width


def find_dialect(sample: str, chosen: str, *, whole: bool) -> Dialect:
    lines = sample.splitlines(keepends=True)
    if len(lines) > 1 and not whole:
        lines.pop()  # it may be cut off
    announced = _announced(lines[0]) if lines else ""
    if announced:
        del lines[0]
    lines = [line for line in lines if line.strip()][:SAMPLE_LINES]
    if chosen:
        delimiter = NAMES.get(chosen.lower(), chosen)
        if len(delimiter) != 1 or delimiter in '"\r\n':
            raise Unreadable(f"“{chosen}” can't be a delimiter. Use one character, for example a semicolon.")
    else:
        delimiter = announced or _best(lines)
    aligned = aligned_columns(lines) if delimiter == " " and not are_cells(lines) else None
    if aligned:
        delimiter, lines = "\t", [aligned.with_tabs(line) for line in lines]
    quote = '"'
    if are_quotes(lines, delimiter) and not _is_better_with_marks(lines, delimiter):
        quote, lines = "'", [with_inner_ones_doubled(line, delimiter) for line in lines]
    plain = parted(lines, delimiter, quote=quote)
    blanks = False
    if delimiter != " " and any(f"{delimiter} {quote}" in line for line in lines):
        spaced = parted(lines, delimiter, quote=quote, blanks=True)
        blanks = spaced.share > plain.share or (spaced.share == plain.share and _are_quoted(plain.table, quote))
        plain = spaced if blanks else plain
    others = tuple(other for other in _likeliest(lines) if other != delimiter)
    dialect = Dialect(delimiter, plain.width, blanks, bool(announced), quote, aligned, others)
    return replace(dialect, digits=_columns_of_numbers(lines, dialect, plain.table))


def _is_better_with_marks(lines: list[str], delimiter: str) -> bool:
    """Whether quotation marks split the lines into more equal records than apostrophes do."""
    doubled = [with_inner_ones_doubled(line, delimiter) for line in lines]
    return parted(lines, delimiter).share > parted(doubled, delimiter, quote="'").share


def _are_quoted(table: list[list[str]], quote: str) -> bool:
    """Whether the cells that begin with a blank and a quote end with a quote: then the blank belongs to the delimiter."""
    spaced = [cell for row in table for cell in row if cell.startswith(f" {quote}")]
    return bool(spaced) and all(len(cell) > 2 and cell.endswith(quote) for cell in spaced)


def _columns_of_numbers(lines: list[str], dialect: Dialect, table: list[list[str]]) -> tuple[int, ...]:
    """Judged by the records below the first, or only by lines: an unclosed quote may have joined many records into one."""
    alone = [row for line in lines for row in csv.reader([line], delimiter=dialect.delimiter, quotechar=dialect.quote)]
    found: set[int] = set()
    for rows in (table, alone):
        usual = [row for row in (rows[1:] or rows) if len(row) == dialect.width]
        for at in range(min(dialect.width, MOST_COLUMNS)):
            count = sum(1 for row in usual if LONG_NUMBER.search(row[at]))
            if count and count >= DIGITS_SHARE * len(usual):
                found.add(at)
    return tuple(sorted(found))


def _announced(line: str) -> str:
    line = line.strip("\r\n").strip('"')
    if line[:4].lower() != "sep=" or len(line) != 5 or line[4] in '"\r\n':
        return ""
    return line[4]


def _likeliest(lines: list[str]) -> list[str]:
    """The delimiters that part most lines, the likeliest first."""
    several = _partings(lines)
    return sorted(several, key=lambda delimiter: several[delimiter].score, reverse=True)


def _partings(lines: list[str]) -> dict[str, Parting]:
    partings = {delimiter: parted(lines, delimiter) for delimiter in DELIMITERS}
    return {delimiter: parting for delimiter, parting in partings.items() if parting.width > 1}


def _best(lines: list[str]) -> str:
    several = _partings(lines)
    if not several:
        return " " if are_cells(lines) or aligned_columns(lines) else ","
    best = max(several, key=lambda delimiter: several[delimiter].score)
    # "Phone,Tags" above lines such as "+44...,a;b;c": a delimiter that doesn't split the header separates lists inside
    # cells.
    for rival, parting in several.items():
        parts_first = len(parting.first) == parting.width and best not in lines[0]
        if parts_first and not lines[0].count(f"{rival} ") and parting.share >= several[best].share:
            return rival
    return best


def parted(lines: list[str], delimiter: str, *, quote: str = '"', blanks: bool = False) -> Parting:
    """The usual width is that of most records; titles above a table are narrower and weigh less than the rows below."""
    rows = [row for row in csv.reader(lines, delimiter=delimiter, quotechar=quote, skipinitialspace=blanks) if row]
    if not rows:
        return Parting(0, 0, 0, [], [])
    table = rows[len(rows) // 3 :] if len(rows) > 3 else rows
    widths = Counter(map(len, table))
    width = max(widths, key=lambda width: (widths[width], width))
    unparted = UNPARTED.get(delimiter)
    cells = [cell for row in table for cell in row if cell]
    clean = sum(1 for cell in cells if not unparted or NUMBER.match(cell) or not unparted.search(cell))
    return Parting(widths[width] / len(table), clean / max(len(cells), 1), width, rows[0], table)
