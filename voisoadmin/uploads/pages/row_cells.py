"""The cells of one row, each with the form that edits it; of a checked file, and of a row to fix after sending."""

from __future__ import annotations

from collections.abc import Container, Iterable, Sequence
from dataclasses import dataclass

from django.http import QueryDict

from voisoadmin.contacts.fields import LABELS
from voisoadmin.uploads.models import Upload


@dataclass(slots=True)
class RowCell:
    column: int  # from 0
    name: str
    field: str  # the label of its field, if it is used
    original: str  # as in the file
    value: str  # with what was saved
    typed: str  # in the form; what a refused try had, if there was one
    is_bad: bool


def cells_of_row(upload: Upload, original: Sequence[str], now: Sequence[str], *, bad: Container[int] = ()) -> list[RowCell]:
    """Every cell in the order of the file. `now`: the cells with the edits; `bad`: columns with a problem."""
    names = upload.facts.get("columns", [])
    fields = {at: LABELS[name] for name, mapped in upload.mapped.items() for at in mapped.columns}
    return [
        RowCell(
            column=at,
            name=names[at] if at < len(names) else f"Column {at + 1}",
            field=fields.get(at, ""),
            original=original[at] if at < len(original) else "",
            value=(value := now[at] if at < len(now) else ""),
            typed=value,
            is_bad=at in bad,
        )
        for at in range(max(len(names), len(original)))
    ]


def show_typed(cells: Iterable[RowCell], posted: QueryDict) -> None:
    """Show what a refused form had in its cell."""
    for cell in cells:
        if str(cell.column) == posted.get("column"):
            cell.typed = posted.get("value", "")
