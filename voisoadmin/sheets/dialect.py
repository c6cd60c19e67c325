"""Which character parts the cells: the one by which the lines fall into the same number of cells."""

from __future__ import annotations

import csv
from collections import Counter
from dataclasses import dataclass

from voisoadmin.sheets.facts import Unreadable

DELIMITERS = (",", ";", "\t", "|")
NAMES = {"comma": ",", "semicolon": ";", "tab": "\t", "\\t": "\t", "pipe": "|"}
SAMPLE_LINES = 300


@dataclass(frozen=True, slots=True)
class Dialect:
    delimiter: str
    announced: bool = False  # by a first line "sep=;", which Excel writes and does not show


def find_dialect(sample: str, chosen: str) -> Dialect:
    lines = sample.splitlines(keepends=True)
    if len(lines) > 1 and len(sample) > 200_000:
        lines.pop()  # it may be cut off
    announced = _announced(lines[0]) if lines else ""
    if chosen:
        delimiter = NAMES.get(chosen.lower(), chosen)
        if len(delimiter) != 1 or delimiter in '"\r\n':
            raise Unreadable(f"“{chosen}” cannot part cells; it must be one character, for instance a semicolon.")
        return Dialect(delimiter, bool(announced))
    if announced:
        return Dialect(announced, True)
    lines = [line for line in lines if line.strip()][:SAMPLE_LINES]
    best = max(DELIMITERS, key=lambda delimiter: _score(lines, delimiter))
    return Dialect(best if _score(lines, best) > (0, 0) else ",")


def _announced(line: str) -> str:
    line = line.strip("\r\n").strip('"')
    return line[4] if line[:4].lower() == "sep=" and len(line) == 5 else ("\t" if line.lower() == "sep=" else "")


def _score(lines: list[str], delimiter: str) -> tuple[float, int]:
    """How much of the lines has the commonest number of cells, and how many cells that is; nothing for one cell a line."""
    widths = Counter(len(row) for row in csv.reader(lines, delimiter=delimiter) if row)
    several = {width: count for width, count in widths.items() if width > 1}
    if not several:
        return 0, 0
    width = max(several, key=lambda width: (several[width], width))
    share = several[width] / sum(widths.values())
    return round(share, 2), width
