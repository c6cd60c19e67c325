"""Reads a file made by a test, to its end."""

import contextlib
import resource
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from voisoadmin.sheets import Limits, ReadChoices, SheetFacts, open_table


@dataclass(frozen=True)
class WholeTable:
    facts: SheetFacts
    rows: list[tuple[int, list[str]]]

    @property
    def cells(self) -> list[list[str]]:
        return [row for _, row in self.rows]

    @property
    def numbers(self) -> list[int]:
        return [number for number, _ in self.rows]


def read(path: Path, limits: Limits | None = None, **choices) -> WholeTable:
    with open_table(path, ReadChoices(**choices), limits or Limits()) as table:
        rows = [row for chunk in table.chunks() for row in chunk]
        preview = table.preview(50)
        assert preview == rows[: len(preview)]
        return WholeTable(table.facts, rows)


def read_bytes(folder: Path, content: bytes, name: str = "file.csv", limits: Limits | None = None, **choices) -> WholeTable:
    path = folder / name
    path.write_bytes(content)
    return read(path, limits, **choices)


@contextlib.contextmanager
def at_most(seconds: float) -> Iterator[None]:
    """The block takes at most this many seconds of processor time, here and in the readers, however busy the machine is."""
    began = _processor_seconds()
    yield
    assert _processor_seconds() - began < seconds


def _processor_seconds() -> float:
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(each.ru_utime + each.ru_stime for each in used)
