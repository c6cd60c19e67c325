"""Rows whose cells are all in the first one: whole lines in quotation marks, or a CSV file that a spreadsheet program opened
without parting it."""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

from voisoadmin.sheets.facts import Limits, ReadChoices, SheetFacts, display_names
from voisoadmin.sheets.header import filled_width, find_header
from voisoadmin.sheets.protocol import FIRST_ROWS, Notes, NumberedRows, SheetReading
from voisoadmin.sheets.text.dialect import DELIMITERS, Dialect, find_dialect

NAMES = {",": "comma", ";": "semicolon", "\t": "tab", "|": "vertical bar"}
SAMPLE_ROWS = 200
FEWEST = 2
MOST_CHARS = 1_000_000  # of the sampled rows
MOST_OTHERS = 0.05  # share of the rows that may have cells elsewhere
SHARE = 0.9  # of the rows that are parted into the same number of cells


@dataclass(frozen=True, slots=True)
class WholeLines:
    """How the first cell of each row is parted; `outer` is what parted the line before."""

    dialect: Dialect
    outer: str

    @property
    def delimiter(self) -> str:
        return self.dialect.delimiter

    def parted(self, row: list[str]) -> list[str]:
        filled = _filled(row)
        if not filled or (len(filled) > 1 and self.outer == self.delimiter):
            return row
        text = self.outer.join(filled)
        cells = next(
            csv.reader(
                [self.dialect.plain(" ".join(text.splitlines()))],
                delimiter=self.delimiter,
                quotechar=self.dialect.quote,
                skipinitialspace=self.dialect.blanks,
            ),
            [],
        )
        return cells or row


def whole_lines(rows: Sequence[list[str]], *, outer: str = "") -> WholeLines | None:
    """None if the rows already have their cells. `outer` is the delimiter of the text they come from."""
    filled = [row for row in rows[:SAMPLE_ROWS] if "".join(row).strip()]
    if len(filled) < FEWEST or sum(len(_filled(row)) > 1 for row in filled) > MOST_OTHERS * len(filled):
        return None
    if sum(len(cell) for row in filled for cell in row) > MOST_CHARS:
        return None
    lines = [f"{' '.join(outer.join(_filled(row)).splitlines())}\n" for row in filled]
    dialect = find_dialect("".join(lines), "", whole=True)
    if dialect.width < 2 or dialect.aligned or dialect.delimiter not in DELIMITERS:
        return None
    found = WholeLines(dialect, outer)
    widths = [len(found.parted(row)) for row in filled]
    return found if widths.count(dialect.width) >= SHARE * len(widths) and widths[0] > 1 else None


def _filled(row: list[str]) -> list[str]:
    return row[: filled_width(row)]


class PartedReading:
    """Another reading, of which every row is a whole line."""

    def __init__(self, rows: SheetReading, lines: WholeLines, choices: ReadChoices, limits: Limits) -> None:
        self._rows, self._lines = rows, lines
        self._notes = Notes()
        place = "one cell, in quotation marks" if rows.facts().delimiter else "column A"
        self._notes.add(f"Each row was in {place}. Its cells are parted at each {NAMES[lines.delimiter]}.")
        head = [(number, lines.parted(row)) for number, row in rows.first_rows]
        self._header = find_header(head, choices, limits, self._notes, whole=len(head) < FIRST_ROWS)
        self.first_rows = [(number, row) for number, row in head if number >= self._header.first_row]

    def facts(self) -> SheetFacts:
        found = self._rows.facts()
        return replace(
            found,
            delimiter=found.delimiter and self._lines.delimiter,
            other_delimiters=(),
            parted_at=self._lines.delimiter,
            header_row=self._header.row,
            columns=display_names(self._header.names, self._header.width),
            raw_columns=tuple(self._header.names),
            notes=(*self._notes.sentences(), *found.notes),
        )

    def frames(self) -> Iterator[NumberedRows]:
        for numbers, rows in self._rows.frames():
            every = range(numbers, numbers + len(rows)) if isinstance(numbers, int) else numbers
            below = [(number, row) for number, row in zip(every, rows, strict=True) if number >= self._header.first_row]
            if below:
                yield [number for number, _ in below], [self._lines.parted(row) for _, row in below]


def with_lines_parted(
    reading: SheetReading, again: Callable[[ReadChoices], SheetReading], choices: ReadChoices, limits: Limits
) -> SheetReading:
    """The reading, or one with its whole lines parted. `again`: reads the file with other choices."""
    facts = reading.facts()
    rows = [row for _, row in reading.first_rows]
    names = [list(facts.raw_columns)] if facts.raw_columns else []
    outer = facts.delimiter or ""
    lines = None if choices.delimiter else whole_lines([*names, *rows], outer=outer)
    if lines is None and not choices.delimiter and len(facts.raw_columns) > 1:
        # Perhaps only the header has its cells.
        found = whole_lines(rows, outer=outer)
        lines = found if found and found.dialect.width == len(facts.raw_columns) and found.delimiter == outer else None
    if lines is None:
        return reading
    return PartedReading(again(replace(choices, header_row=None, no_header=True)), lines, choices, limits)
