"""Where the value of a field comes from: one column or several, how their cells are joined, or a constant."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from enum import StrEnum
from typing import Any, NamedTuple

from voisoadmin.contacts.cleaning import is_filled
from voisoadmin.contacts.east_asian_names import joined_name
from voisoadmin.phones.spelling import NOT_FILLED


class By(StrEnum):
    """Who matched a column to a field."""

    CHOICE = "choice"
    EARLIER = "earlier"  # a person, for an earlier file with the same headers
    NAME = "name"
    CONTENT = "content"


class Join(StrEnum):
    SPACED = "spaced"  # every cell that isn't blank, a blank between them
    FIRST = "first"  # the first cell that isn't blank
    GIVEN_FIRST = "given_first"  # parts of a name, the family name last; turned where East Asian writing has it first
    FAMILY_FIRST = "family_first"  # parts of a name, the family name first


class Mapped(NamedTuple):
    columns: tuple[int, ...]  # from 0, in the order in which they are joined; none: the constant is the value
    by: By
    join: Join = Join.SPACED
    constant: str = ""  # the value of rows whose cells are blank

    @property
    def only(self) -> int | None:
        """The column, if every value is a cell of one column as it is."""
        return self.columns[0] if len(self.columns) == 1 and not self.constant else None

    @property
    def column(self) -> int | None:
        """The only column, or the first one."""
        return self.columns[0] if self.columns else None

    def to_json(self) -> dict[str, Any]:
        return {"columns": list(self.columns), "by": self.by.value, "join": self.join.value, "constant": self.constant}


Mappings = Mapping[str, Mapped]
"""A mapping: field's name -> where its value comes from."""


def from_column(column: int, by: By) -> Mapped:
    return Mapped((column,), by)


def to_json(fields: Mappings) -> dict[str, dict[str, Any]]:
    return {name: mapped.to_json() for name, mapped in fields.items()}


def from_json(stored: Mapping[str, Mapping[str, Any]]) -> dict[str, Mapped]:
    """Reads `to_json`, and the form in which earlier versions stored it: a single column."""
    return {
        name: Mapped(
            tuple(one["columns"]) if "columns" in one else (one["column"],),
            By(one["by"]),
            Join(one.get("join", Join.SPACED)),
            one.get("constant", ""),
        )
        for name, one in stored.items()
    }


def in_words(mapped: Mapped, columns: Sequence[str]) -> str:
    """Its columns by name; the constant if there are none."""
    return " + ".join(columns[at] for at in mapped.columns if at < len(columns)) or mapped.constant


def cell_reader(mapped: Mapped) -> Callable[[list[str]], str]:
    """The function that gives the text of this field for the cells of a row."""
    columns, constant, only = mapped.columns, mapped.constant, mapped.only
    if only is not None:
        return lambda cells: cells[only] if only < len(cells) else ""
    if mapped.join == Join.FIRST:

        def first(cells: list[str]) -> str:
            return next((text for at in columns if at < len(cells) and is_filled(text := cells[at].strip())), constant)

        return first

    def filled(cells: list[str]) -> list[str]:
        width = len(cells)
        return [text for at in columns if at < width and (text := cells[at].strip()) and text not in NOT_FILLED]

    if mapped.join in {Join.GIVEN_FIRST, Join.FAMILY_FIRST}:
        return lambda cells: joined_name(filled(cells), is_given_first=mapped.join == Join.GIVEN_FIRST) or constant
    return lambda cells: " ".join(filled(cells)) or constant
