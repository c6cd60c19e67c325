"""Spreadsheets out: no cell is ever taken for a formula, and reading an export back gives what was exported.

Workbooks are written by `out_workbook`, which loads a large library.
"""

from __future__ import annotations

import csv
from collections.abc import Collection, Iterable, Iterator, Sequence
from typing import NamedTuple, TextIO

from voisoadmin.sheets.formula_guard import guarded_in_csv


class MarkedRow(NamedTuple):
    """A row, and the places of its cells that have a problem."""

    cells: Sequence[str]
    problems: Collection[int] = ()


def write_csv(stream: TextIO, header: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    """Write a table as RFC 4180 says. The stream must be opened with `newline=""`."""
    writer = csv.writer(stream, lineterminator="\r\n")
    writer.writerow(map(guarded_in_csv, header))
    writer.writerows(map(guarded_in_csv, row) for row in rows)


def csv_blocks(header: Sequence[str], rows: Iterable[Sequence[str]], *, rows_a_block: int = 500) -> Iterator[str]:
    """The same text in blocks, for a streamed response."""
    block = _Block()
    writer = csv.writer(block, lineterminator="\r\n")
    writer.writerow(map(guarded_in_csv, header))
    for number, row in enumerate(rows, start=1):
        writer.writerow(map(guarded_in_csv, row))
        if number % rows_a_block == 0:
            yield block.take()
    yield block.take()


class _Block:
    def __init__(self) -> None:
        self._pieces: list[str] = []

    def write(self, piece: str) -> None:
        self._pieces.append(piece)

    def take(self) -> str:
        text = "".join(self._pieces)
        self._pieces.clear()
        return text
