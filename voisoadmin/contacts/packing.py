"""Rows of a batch as bytes: a column for each part, by name, as JSON, deflated. A million rows are read back in seconds."""

import zlib
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, NamedTuple

import orjson

from voisoadmin.contacts.cleaning import Value
from voisoadmin.contacts.fields import NAME

LEVEL = 3  # of deflate: level 6 takes twice as long and saves a tenth
NAMED_COLUMNS = b"\x01"
UNNUMBERED = b"\x78"
"""The first byte of deflated data, with which packed rows of the first release begin."""

UNNUMBERED_FIELDS = ("name", "source", "url", "priority", "active")


class PackedRow(NamedTuple):
    """One row of a spreadsheet: as read, and as sent."""

    row_number: int  # as a spreadsheet shows it: from 1, header included
    cells: list[str]  # as read
    number: str  # E.164 digits
    fields: dict[str, Value]  # by name; a field that isn't sent is missing
    first_row: int | None = None  # of a repeated number: the row that is sent
    # Of a row that an earlier push sent without a clear answer: the first call that may have added its number.
    doubted_since: int | None = None

    @property
    def name(self) -> str:
        return str(self.fields.get(NAME, ""))


class UnknownPacking(ValueError):
    """Rows that a later version packed."""


def pack(rows: Sequence[PackedRow]) -> bytes:
    """The bytes of at least one row."""
    row_numbers, cells, numbers, fields, first_rows, doubts = zip(*rows, strict=True)
    names = sorted(set().union(*fields))
    columns = {
        "row_number": row_numbers,
        "cells": cells,
        "number": numbers,
        "first_row": first_rows,
        "fields": {name: [of_row.get(name) for of_row in fields] for name in names},
    }
    if any(doubts):
        columns["doubted_since"] = doubts
    return NAMED_COLUMNS + zlib.compress(orjson.dumps(columns), LEVEL)


def unpack(packed: bytes | memoryview) -> list[PackedRow]:
    """Rows in any form that was ever written."""
    version, rest = bytes(packed[:1]), memoryview(packed)[1:]
    if version == NAMED_COLUMNS:
        columns = orjson.loads(zlib.decompress(rest))
    elif version == UNNUMBERED:
        columns = _named(orjson.loads(zlib.decompress(packed)))
    else:
        raise UnknownPacking(f"Rows are packed in form {version.hex()}, which this version can't read.")
    fields = _filled(columns["fields"]) if columns["fields"] else ({} for _ in columns["number"])
    doubts = columns.get("doubted_since") or [None] * len(columns["number"])
    of_rows = zip(columns["row_number"], columns["cells"], columns["number"], fields, columns["first_row"], doubts, strict=True)
    return list(map(PackedRow._make, of_rows))


def _filled(columns: dict[str, list[Any]]) -> Iterator[dict[str, Value]]:
    names = tuple(columns)
    for values in zip(*columns.values(), strict=True):
        yield {name: value for name, value in zip(names, values, strict=True) if value is not None and value != ""}


def _named(columns: list[list[Any]]) -> dict[str, Any]:
    """The columns of the first release, by their position."""
    row_numbers, cells, numbers, *fields, first_rows = columns
    return {
        "row_number": row_numbers,
        "cells": cells,
        "number": numbers,
        "first_row": first_rows,
        "fields": dict(zip(UNNUMBERED_FIELDS, fields, strict=True)),
    }


def outcome_bytes(codes: Iterable[int]) -> bytes:
    """One byte a row, in the order of the rows (reasons.py)."""
    return bytes(codes)
