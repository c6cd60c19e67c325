"""Files in which apostrophes are the quotation marks, as some databases write them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache

FEW = 2  # quoted cells that show it


def are_quotes(lines: list[str], delimiter: str) -> bool:
    """Whether every cell that an apostrophe begins also ends with one, and there are such cells. "'t Hooft" doesn't."""
    spans = [span for line in lines if "'" in line for span in _quoted(line, delimiter)]
    return len(spans) >= FEW and all(end >= 0 for _, end in spans)


def with_inner_ones_doubled(line: str, delimiter: str) -> str:
    """A line whose quoted cells may hold apostrophes of names: 'O'Brien' as 'O''Brien'."""
    if line.count("'") < 3:
        return line
    pieces, at = [], 0
    for start, end in _quoted(line, delimiter):
        if end < 0:
            break
        pieces += [line[at:start], re.sub("''?", "''", line[start:end])]
        at = end
    return "".join([*pieces, line[at:]])


def _quoted(line: str, delimiter: str) -> Iterator[tuple[int, int]]:
    """Where the text within each pair of apostrophes begins and ends; -1 for the end of one that is never closed."""
    begins, ends = _marks(delimiter)
    at = 0
    while opening := begins.search(line, at):
        closing = ends.search(line, opening.end())
        if closing is None:
            yield opening.end(), -1
            return
        yield opening.end(), closing.start()
        at = closing.start() + 1


@cache
def _marks(delimiter: str) -> tuple[re.Pattern[str], re.Pattern[str]]:
    between, blanks = re.escape(delimiter), "" if delimiter == " " else " *"
    return re.compile(rf"(?:\A|{between}){blanks}'"), re.compile(rf"'(?={blanks}(?:{between}|\r?\n?\Z))")
