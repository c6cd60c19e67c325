"""The columns that a person chose for fields, by name or by number."""

from collections.abc import Mapping, Sequence
from typing import Any

from voisoadmin.contacts.fields import BY_NAME
from voisoadmin.contacts.mapped import By, Join, Mapped, Mappings, from_column
from voisoadmin.contacts.synonyms import plain
from voisoadmin.lib.numbers import whole_number


class UnknownColumn(ValueError):
    """A choice that names no column, or more than one; the message is for a person."""


Chosen = int | str | Mapping[str, Any] | None
"""A column's number from 0 or its name; for several or a constant `columns`, `join`, `constant`; None: the field isn't used."""


def values_of(columns: Sequence[str], candidates: Sequence[int]) -> dict[str, int]:
    """What names each of these columns in an answer: its name, or its number from 1 where the name is blank or shared."""
    names = [column.strip() for column in columns]
    return {names[at] if names[at] and names.count(names[at]) == 1 else str(at + 1): at for at in candidates}


def chosen_column(columns: Sequence[str], name: str, wanted: Chosen) -> Mapped | None:
    if name not in BY_NAME:
        raise UnknownColumn(f"No field “{name}”. Fields: {', '.join(BY_NAME)}.")
    if isinstance(wanted, Mapping):
        found = [column_of(columns, column) for column in wanted.get("columns", ())]
        places = tuple(at for at in found if at is not None)
        mapped = Mapped(places, By.CHOICE, Join(wanted.get("join", Join.SPACED)), str(wanted.get("constant", "")))
        return mapped if mapped.columns or mapped.constant else None
    try:
        column = column_of(columns, wanted)
    except UnknownColumn:
        if not isinstance(wanted, str) or "+" not in wanted:
            raise
        # “First name + Last name”: joined as they are in the file.
        several = {column_of(columns, one.strip()) for one in wanted.split("+")} - {None}
        return Mapped(tuple(sorted(at for at in several if at is not None)), By.CHOICE)
    return None if column is None else from_column(column, By.CHOICE)


def column_of(columns: Sequence[str], column: int | str | None) -> int | None:
    if column is None or column == "":
        return None
    if isinstance(column, int):
        if not 0 <= column < len(columns):
            raise UnknownColumn(f"No column {column + 1}; the file has {len(columns)}.")
        return column
    for same in (str, plain):
        found = [at for at, name in enumerate(columns) if same(name) == same(column)]
        if len(found) > 1:
            places = " and ".join(str(at + 1) for at in found)
            raise UnknownColumn(f"Columns {places} are both named “{column}”. Choose by the column's number.")
        if found:
            return found[0]
    if (number := whole_number(column, least=1, most=len(columns))) is not None:
        return number - 1
    names = ", ".join(f"“{name}”" for name in columns[:20])
    raise UnknownColumn(f"No column “{column}”. Columns: {names}.")


def refuse_double(columns: Sequence[str], fields: Mappings) -> None:
    seen: dict[int, str] = {}
    for at, name in ((at, name) for name, mapped in fields.items() for at in mapped.columns):
        if at in seen:
            raise UnknownColumn(f"The column “{columns[at]}” can't be both {seen[at]} and {name}.")
        seen[at] = name
