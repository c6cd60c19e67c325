"""What a reader is asked for, and what it found. Both cross the pipe between parent and child as JSON."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import Any, Self

MIB = 1024 * 1024
FIRST_SECONDS = 10  # for a file below 1 MB, which takes about one
FIRST_CHECK_SECONDS = 18  # of all processes for the same file
FIRST_BYTES = 768 * MIB  # of memory for the same file, which takes about 100 MiB
FIRST_TEXT = 32 * MIB  # characters, as JSON, of the rows of the smallest workbook


TOGETHER, APART = "together", "apart"


class Unreadable(Exception):
    """The file can't be read. Its text is one or two plain sentences for a person: what, where, what to do."""

    def __init__(self, sentence: str, code: str = "unreadable") -> None:
        super().__init__(sentence)
        self.code = code  # for scripts


@dataclass(frozen=True, kw_only=True, slots=True)
class ReadChoices:
    """What a person chose; empty values are detected."""

    encoding: str = ""
    delimiter: str = ""
    lines: str = ""  # TOGETHER or APART: lines in one pair of quotation marks that look like rows themselves
    sheet: str = ""
    header_row: int | None = None  # as a spreadsheet shows it, from 1
    no_header: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class Limits:
    max_rows: int = 1_048_576  # below the header, without blank rows
    max_columns: int = 100
    max_csv_bytes: int = 300 * MIB
    max_workbook_bytes: int = 100 * MIB
    max_cells: int = 12_000_000  # of a workbook's sheet, including blank rows between others
    memory_bytes: int = 2048 * MIB  # address space of the reader of the largest file
    memory_bytes_a_mib: int = 64 * MIB  # beyond the first, which has FIRST_BYTES
    text_a_byte: int = 100  # characters of a workbook's rows: a cell may name a text that is in the file once
    cpu_seconds: int = 600  # of the largest file
    cpu_seconds_a_mib: int = 30  # beyond the first, which has FIRST_SECONDS
    stall_seconds: int = 300  # a reader ends itself when its rows aren't taken for this long

    def cpu_seconds_for(self, size: int) -> int:
        """A small file that takes long is not an honest one: it must not hold a reader for as long as the largest may."""
        return min(self.cpu_seconds, FIRST_SECONDS + self.cpu_seconds_a_mib * (size // MIB))

    def check_seconds_for(self, size: int) -> int:
        """Processor time of all processes that check a file together; a file may be read several times for that."""
        return min(3 * self.cpu_seconds, FIRST_CHECK_SECONDS + 2 * self.cpu_seconds_a_mib * (size // MIB))

    def memory_bytes_for(self, size: int) -> int:
        return min(self.memory_bytes, FIRST_BYTES + self.memory_bytes_a_mib * (size // MIB))

    def text_for(self, size: int) -> int:
        """Bytes of JSON for all rows: they are stored, and a small file must not fill the disk."""
        return max(FIRST_TEXT, self.text_a_byte * size)


@dataclass(frozen=True, kw_only=True, slots=True)
class SheetName:
    name: str
    hidden: bool


@dataclass(frozen=True, kw_only=True, slots=True)
class OtherSheet:
    """A sheet with the same columns as the one that is read."""

    name: str
    rows: int | None  # below its header; None if they weren't counted


@dataclass(slots=True)
class RowMarks:
    """Rows of a sheet that look different, as ranges of first and last; complete before the first row is taken."""

    hidden: list[tuple[int, int]] = field(default_factory=list)
    struck: list[tuple[int, int]] = field(default_factory=list)  # struck out, as far as the format lets us know


@dataclass(frozen=True, kw_only=True, slots=True)
class SheetFacts:
    format: str  # csv, xlsx, xlsm, xls, xlsb, ods
    encoding: str | None  # a Python codec's name, without byte order marks; None for workbooks
    delimiter: str | None  # None for workbooks
    sheet: str | None
    sheets: tuple[SheetName, ...]
    header_row: int | None  # from 1; None when there is none
    columns: tuple[str, ...]  # for display: a blank name is "(column 8, no header)"
    raw_columns: tuple[str, ...]  # the header's cells as read; empty without a header
    other_delimiters: tuple[str, ...] = ()  # that would part the lines as well, the likeliest first
    lines_in_quotes: tuple[int, int] = (0, 0)  # records of lines that look like rows themselves, and those lines
    parted_at: str | None = None  # the delimiter within the first cells, if whole rows were in them
    other_encodings: tuple[str, ...] = ()  # that may be right instead of the guessed one, the likeliest first
    notes: tuple[str, ...] = ()  # plain sentences; complete once every chunk was taken
    other_sheets: tuple[OtherSheet, ...] = ()  # with the same columns
    hidden_columns: tuple[int, ...] = ()  # from 0; complete once every chunk was taken

    def to_json(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> Self:
        return cls(
            **{
                **data,
                "sheets": tuple(SheetName(**sheet) for sheet in data["sheets"]),
                "columns": tuple(data["columns"]),
                "raw_columns": tuple(data["raw_columns"]),
                "other_delimiters": tuple(data["other_delimiters"]),
                "lines_in_quotes": tuple(data.get("lines_in_quotes", (0, 0))),
                "other_encodings": tuple(data["other_encodings"]),
                "notes": tuple(data["notes"]),
                "other_sheets": tuple(OtherSheet(**sheet) for sheet in data.get("other_sheets", ())),
                "hidden_columns": tuple(data.get("hidden_columns", ())),
            }
        )


def display_names(raw: list[str], width: int) -> tuple[str, ...]:
    """Names for every column of a table; a missing name says which column it is."""
    names = [" ".join(name.split()) for name in raw[:width]] + [""] * (width - len(raw))
    return tuple(name or f"(column {at}, no header)" for at, name in enumerate(names, start=1))
