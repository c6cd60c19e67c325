"""Text files: lines into records by Python's csv module, limiting how much one lost quote can swallow."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from pathlib import Path
from typing import TextIO

from voisoadmin.sheets.facts import APART, Limits, ReadChoices, SheetFacts, Unreadable, display_names
from voisoadmin.sheets.header import find_header
from voisoadmin.sheets.protocol import BLOCK_CHARS, FIRST_ROWS, LONGEST_LINE, Notes, NumberedRows, without_blank
from voisoadmin.sheets.text.dialect import find_dialect
from voisoadmin.sheets.text.encodings import Encoding, find_encoding
from voisoadmin.sheets.text.losses import PUT_BACK
from voisoadmin.sheets.text.records import Records

SAMPLE_CHARS = 256 * 1024


class DelimitedReading:
    def __init__(self, path: Path, choices: ReadChoices, limits: Limits) -> None:
        csv.field_size_limit(4 * (BLOCK_CHARS + LONGEST_LINE))  # an open cell may take all that is read at once
        self._path, self._limits, self._are_apart = path, limits, choices.lines == APART
        self._in_quotes = (0, 0)
        self._notes = Notes()
        self._encoding = find_encoding(path, choices.encoding, self._notes)
        with self._text() as text:
            sample = text.read(SAMPLE_CHARS)
        self._dialect = find_dialect(sample, choices.delimiter, whole=len(sample) < SAMPLE_CHARS)
        head = self._head()
        self._header = find_header(head, choices, limits, self._notes, whole=len(head) < FIRST_ROWS)
        self.first_rows = [(number, row) for number, row in head if number >= self._header.first_row]

    def facts(self) -> SheetFacts:
        return SheetFacts(
            format="csv",
            encoding=self._encoding.name,
            other_delimiters=self._dialect.others,
            lines_in_quotes=self._in_quotes,
            other_encodings=self._encoding.others,
            delimiter=self._dialect.shown,
            sheet=None,
            sheets=(),
            header_row=self._header.row,
            columns=display_names(self._header.names, self._header.width),
            raw_columns=tuple(self._header.names),
            notes=self._notes.sentences(),
        )

    def frames(self) -> Iterator[NumberedRows]:
        with self._text() as text:
            records = Records(text, self._dialect, self._notes, are_apart=self._are_apart)
            for first, rows in records:
                self._in_quotes = records.in_quotes
                above = max(self._header.first_row - first, 0)
                numbers, kept = without_blank(first + above, rows[above:])
                if kept:
                    yield numbers, kept

    def _head(self) -> list[tuple[int, list[str]]]:
        head: list[tuple[int, list[str]]] = []
        with self._text() as text:
            for first, rows in Records(text, self._dialect, Notes(), are_apart=self._are_apart, lines_at_once=FIRST_ROWS):
                head += [(number, row) for number, row in enumerate(rows, start=first) if "".join(row).strip()]
                if len(head) >= FIRST_ROWS:
                    break
        return head

    def _text(self) -> TextIO:
        file = self._path.open("rb")
        file.seek(self._encoding.mark)
        return Marked(file, self._encoding)


class Marked(io.TextIOWrapper):
    """Text after the byte order mark; line ends are kept as they are."""

    def __init__(self, file: io.BufferedReader, encoding: Encoding) -> None:
        super().__init__(file, encoding=encoding.name, errors=encoding.errors, newline="")
        self._put_back = PUT_BACK if encoding.repaired else {}

    def read(self, size: int | None = -1) -> str:
        return super().read(size).translate(self._put_back)

    def readline(self, size: int = -1) -> str:  # type: ignore[override]  # typeshed has no default for it
        return super().readline(size).translate(self._put_back) if self._put_back else super().readline(size)


def read_delimited(path: Path, choices: ReadChoices, limits: Limits) -> DelimitedReading:
    try:
        return DelimitedReading(path, choices, limits)
    except csv.Error as problem:
        raise Unreadable(f"Couldn't read the file as a table: {problem}.") from None
