"""Which column of a file is which field; and if only a person can say it, the question."""

from collections.abc import Iterable, Sequence
from typing import Any

from voisoadmin.contacts.column_choices import UnknownColumn
from voisoadmin.contacts.mapping import ColumnMapping, map_columns
from voisoadmin.contacts.phone_choice import ask_for_phone
from voisoadmin.contacts.questions import UNKNOWN_ANSWER, UNKNOWN_COLUMN, Question, UnknownAnswer
from voisoadmin.sheets import Table
from voisoadmin.uploads.models import Upload


def mapping_of(upload: Upload, table: Table, sample: Sequence[Sequence[str]]) -> tuple[ColumnMapping, str, str]:
    """The mapping, and why a person must choose, if so, with its code."""
    facts, choices = table.facts, upload.choices
    named = facts.header_row is not None
    try:
        mapping = map_columns(
            facts.columns,
            sample,
            chosen=choices.get("mapping"),
            answers=choices.get("answers"),
            region=upload.region,
            named=named,
        )
    except (UnknownColumn, UnknownAnswer) as problem:
        code = UNKNOWN_ANSWER if isinstance(problem, UnknownAnswer) else UNKNOWN_COLUMN
        return map_columns(facts.columns, sample, region=upload.region, named=named), str(problem), code
    return mapping, mapping.problem if mapping.needs_mapping else "", mapping.code


def which_phone(upload: Upload, table: Table, mapping: ColumnMapping) -> list[dict[str, Any]]:
    """The question which column to call, as stored; it reads all the rows."""
    if not mapping.candidates:
        return []
    asked: Iterable[Question] = ask_for_phone(
        mapping,
        table.facts.columns,
        table.chunks(),
        region=upload.region,
        numbers=upload.choices.get("numbers") or "auto",
        lowest_priority=upload.lowest_priority,
    )
    return [question.stored() for question in asked]
