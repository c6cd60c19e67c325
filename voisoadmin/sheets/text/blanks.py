"""Tables whose columns are separated by blanks: one between the cells, or as many as align the columns."""

from __future__ import annotations

import csv
import re
from dataclasses import dataclass

GAP = re.compile(r" {2,}")
WORD_BEHIND_GAP = re.compile(r"(?:^| {2,})(?=\S)")
PART_OF_A_NUMBER = re.compile(r"[+(]*\d[\d()./-]*")
LETTER = re.compile(r"[^\W\d_]")
MOST_COLUMNS = 100
TAB = "\t"


@dataclass(frozen=True, slots=True)
class Columns:
    """Where the columns of an aligned table begin; none where only the gaps show it."""

    starts: tuple[int, ...] = ()

    def with_tabs(self, line: str) -> str:
        """The line with a tab between its cells."""
        text = line.rstrip("\r\n")
        end = line[len(text) :]
        if self.starts and all(text[at - 1 : at] in {"", " "} for at in self.starts[1:]):
            bounds = zip(self.starts, [*self.starts[1:], len(text)], strict=True)
            return TAB.join(text[first : max(first, last)].strip() for first, last in bounds) + end
        return GAP.sub(TAB, text.strip(" ")) + end


def aligned_columns(lines: list[str]) -> Columns | None:
    """The columns of a table that blanks align; None if it isn't one."""
    texts = [text for line in lines if (text := line.rstrip()) and TAB not in text]
    if len(texts) < 2 or len(texts) < len(lines) or not _is_header(GAP.split(texts[0].strip())):
        return None
    starts = tuple(match.end() for match in WORD_BEHIND_GAP.finditer(texts[0]))
    if 1 < len(starts) <= MOST_COLUMNS:
        columns = Columns(starts)
        if all(text[at - 1 : at] in {"", " "} for text in texts for at in starts[1:]) and _are_filled(columns, texts[1:]):
            return columns
    widths = {len(GAP.split(text.strip())) for text in texts}
    return Columns() if len(widths) == 1 and widths.pop() > 1 else None


def _are_filled(columns: Columns, texts: list[str]) -> bool:
    """Whether most rows have cells in most columns: a gap in a text begins no column."""
    rows = [columns.with_tabs(text).split(TAB) for text in texts]
    return all(sum(bool(row[at]) for row in rows) * 2 >= len(rows) for at in range(len(columns.starts)))


def are_cells(lines: list[str]) -> bool:
    """Whether single blanks separate the cells: all lines have as many as the header has names, and none may be
    parts of one number."""
    return any(_are_cells(lines, quote) for quote in "\"'")


def _are_cells(lines: list[str], quote: str) -> bool:
    rows = [row for row in csv.reader(lines, delimiter=" ", quotechar=quote) if row]
    if len(rows) < 2 or not _is_header(rows[0]) or {len(row) for row in rows} != {len(rows[0])}:
        return False
    columns = list(zip(*rows[1:], strict=True))
    # "+44 7415550012" below "Country Phone Name" may be one number.
    return _is_quoted(lines, quote) or not any(map(_may_be_one_number, columns, columns[1:]))


def _may_be_one_number(left: tuple[str, ...], right: tuple[str, ...]) -> bool:
    return all(map(PART_OF_A_NUMBER.fullmatch, (*left, *right))) and not all(cell.startswith("+") for cell in right)


def _is_quoted(lines: list[str], quote: str) -> bool:
    return all(f"{quote} " in line or f" {quote}" in line for line in lines[1:])


def _is_header(names: list[str]) -> bool:
    """Whether these may be the names of columns; a line such as "Name: Ann" is none."""
    return 1 < len(names) <= MOST_COLUMNS and all(
        LETTER.search(name) and not name.endswith(":") and not re.search(r"\d{5}", name) for name in names
    )
