"""Reading a file made in a test, to its end."""

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
