"""Files in which apostrophes are the quotation marks, as some databases write them."""

from __future__ import annotations

import re
from functools import cache

FEW = 2  # quoted cells that show it


@cache
def _cells(delimiter: str) -> tuple[re.Pattern[str], re.Pattern[str]]:
    """Cells that an apostrophe begins and ends; and those that one begins."""
    after = rf" *(?={re.escape(delimiter)}|\r?\n?\Z)"
    begins = rf"(?:\A|(?<={re.escape(delimiter)})) *"
    return re.compile(rf"({begins}')((?:[^']|'(?!{after}))*)('{after})"), re.compile(rf"{begins}'")


def are_quotes(lines: list[str], delimiter: str) -> bool:
    """Whether every cell that an apostrophe begins also ends with one, and there are such cells. "'t Hooft" doesn't."""
    quoted, begun = _cells(delimiter)
    found = sum(len(quoted.findall(line)) for line in lines)
    opened = sum(len(begun.findall(quoted.sub("", line))) for line in lines)
    return found >= FEW and not opened


def with_inner_ones_doubled(line: str, delimiter: str) -> str:
    """A line whose quoted cells may hold apostrophes of names: 'O'Brien' as 'O''Brien'."""
    return _cells(delimiter)[0].sub(_doubled, line) if "'" in line else line


def _doubled(match: re.Match[str]) -> str:
    opening, text, closing = match.groups()
    return opening + re.sub("''?", "''", text) + closing
