"""Which column of a file is which field; and if only a person can say it, the question."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from voisoadmin.contacts.column_choices import Chosen, UnknownColumn, chosen_column
from voisoadmin.contacts.column_contents import content_of
from voisoadmin.contacts.fields import PHONE
from voisoadmin.contacts.mapped import By
from voisoadmin.contacts.mapping import ColumnMapping, map_columns
from voisoadmin.contacts.phone_choice import ask_for_phone
from voisoadmin.contacts.phone_columns import PLAUSIBLE_SHARE
from voisoadmin.contacts.questions import UNKNOWN_ANSWER, UNKNOWN_COLUMN, Question, UnknownAnswer
from voisoadmin.lib.times import day_of
from voisoadmin.sheets import Table
from voisoadmin.uploads.intake.remembered_columns import DECIDE_WHO_IS_CALLED, remembered, suggested
from voisoadmin.uploads.models import Upload


def mapping_of(upload: Upload, table: Table, sample: Sequence[Sequence[str]]) -> tuple[ColumnMapping, str, str]:
    """The mapping, and why a person must choose, if so, with its code."""
    facts, choices = table.facts, upload.choices
    named = facts.header_row is not None
    own: dict[str, Chosen] = choices.get("mapping") or {}
    earlier = _agreeing(suggested(upload, facts.columns), facts.columns, sample, upload.region) if named else {}

    def mapped(chosen: Mapping[str, Chosen], answers: Mapping[str, str] | None = choices.get("answers")) -> ColumnMapping:
        return map_columns(facts.columns, sample, chosen=chosen, answers=answers, region=upload.region, named=named)

    try:
        mapping = mapped(own)
        if earlier and not mapping.needs_mapping:
            mapping = _with_earlier(mapping, mapped({**earlier, **own}), earlier)
    except (UnknownColumn, UnknownAnswer) as problem:
        code = UNKNOWN_ANSWER if isinstance(problem, UnknownAnswer) else UNKNOWN_COLUMN
        return mapped({}, None), str(problem), code
    return mapping, mapping.problem if mapping.needs_mapping else "", mapping.code


def _with_earlier(mapping: ColumnMapping, other: ColumnMapping, earlier: Iterable[str]) -> ColumnMapping:
    """The mapping with the suggestions; without them if they would change who is called."""
    if _who_is_called(mapping) != _who_is_called(other):
        return mapping
    for name in other.fields.keys() & set(earlier):
        other.fields[name] = other.fields[name]._replace(by=By.EARLIER)
    return other


def _who_is_called(mapping: ColumnMapping) -> tuple[object, ...]:
    columns = [mapping.fields[name].columns if name in mapping.fields else () for name in sorted(DECIDE_WHO_IS_CALLED)]
    return (*columns, mapping.flags, mapping.other_channels, mapping.country, mapping.other_phones)


def _agreeing(
    wanted: Mapping[str, Chosen], columns: Sequence[str], sample: Sequence[Sequence[str]], region: str
) -> dict[str, Chosen]:
    """The suggestions whose cells are still what the field takes."""
    found: dict[str, Chosen] = {}
    for name, chosen in wanted.items():
        mapped = chosen_column(columns, name, chosen)
        places = mapped.columns if mapped is not None else ()
        if all(content_of(sample, at, region).share(name) >= PLAUSIBLE_SHARE for at in places):
            found[name] = chosen
    return found


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
    stored = [question.stored() for question in asked]
    kept = remembered(upload, table.facts.columns)
    if kept is not None:
        names = (kept.columns.get(PHONE) or {}).get("columns", [])
        for answer in (answer for question in stored for answer in question["answers"] if names == [answer["value"]]):
            answer["label"] = f"{answer['label']}, as on {day_of(kept.at)}"
    return stored
