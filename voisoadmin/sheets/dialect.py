"""Which character parts the cells: the one by which the lines fall into the same number of clean cells."""

from __future__ import annotations

import csv
import re
from collections import Counter
from dataclasses import dataclass

from voisoadmin.sheets.facts import Unreadable

DELIMITERS = ("\t", ";", "|", ",")  # of equals the first: a comma is the likeliest to stand inside a cell
NAMES = {"comma": ",", "semicolon": ";", "tab": "\t", "\\t": "\t", "pipe": "|"}
SAMPLE_LINES = 300
# A cell in which another delimiter stands right before a letter or digit was not parted where it should have been.
UNPARTED = {delimiter: re.compile(rf"[{re.escape(''.join(set(DELIMITERS) - {delimiter}))}](?=\S)") for delimiter in DELIMITERS}
NUMBER = re.compile(r"[-+]?\d[\d.,]*$")


@dataclass(frozen=True, slots=True)
class Dialect:
    delimiter: str
    width: int  # cells most records have
    blanks: bool = False  # each delimiter is followed by a blank, also before a quotation mark
    announced: bool = False  # by a first line "sep=;", which Excel writes and does not show


@dataclass(frozen=True, slots=True)
class Parting:
    """How a sample falls apart by one delimiter."""

    share: float  # of the records that have the usual number of cells
    clean: float  # share of the cells that hold no other delimiter
    width: int

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
            raise Unreadable(f"“{chosen}” cannot part cells; it must be one character, for instance a semicolon.")
    else:
        delimiter = announced or _best(lines)
    plain = parted(lines, delimiter)
    if any(f'{delimiter} "' in line for line in lines):
        spaced = parted(lines, delimiter, blanks=True)
        if spaced.share > plain.share:
            return Dialect(delimiter, spaced.width, blanks=True, announced=bool(announced))
    return Dialect(delimiter, plain.width, announced=bool(announced))


def _announced(line: str) -> str:
    line = line.strip("\r\n").strip('"')
    if line[:4].lower() != "sep=" or len(line) != 5 or line[4] in '"\r\n':
        return ""
    return line[4]


def _best(lines: list[str]) -> str:
    partings = {delimiter: parted(lines, delimiter) for delimiter in DELIMITERS}
    several = {delimiter: parting for delimiter, parting in partings.items() if parting.width > 1}
    if not several:
        return ","
    return max(several, key=lambda delimiter: several[delimiter].score)


def parted(lines: list[str], delimiter: str, *, blanks: bool = False) -> Parting:
    """The usual width is that of most records; titles above a table are narrower and count less than what follows."""
    rows = [row for row in csv.reader(lines, delimiter=delimiter, skipinitialspace=blanks) if row]
    if not rows:
        return Parting(0, 0, 0)
    table = rows[len(rows) // 3 :] if len(rows) > 3 else rows
    widths = Counter(map(len, table))
    width = max(widths, key=lambda width: (widths[width], width))
    unparted = UNPARTED.get(delimiter)
    cells = [cell for row in table for cell in row if cell]
    clean = sum(1 for cell in cells if not unparted or NUMBER.match(cell) or not unparted.search(cell))
    return Parting(widths[width] / len(table), clean / max(len(cells), 1), width)
