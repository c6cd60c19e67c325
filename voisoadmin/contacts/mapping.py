"""Which column becomes which field: by a person's choice, by the column's name or by its contents. Never a silent guess."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from voisoadmin.contacts.cleaning import MAX_URL, ContactLimits, is_filled
from voisoadmin.contacts.country_column import CountryColumn, find_country_column
from voisoadmin.contacts.do_not_call import FlagColumn, find_flag_columns
from voisoadmin.contacts.fields import ACTIVE, BY_NAME, FIELDS, NAME, OPTIONAL, PHONE, Cells, FieldSpec, OptionalField
from voisoadmin.contacts.mapped import By, Join, Mapped, Mappings, from_column
from voisoadmin.contacts.phone_columns import (
    CERTAIN,
    NO_PHONE,
    NUMBERS_SHARE,
    PHONES_SHARE,
    PLAUSIBLE_SHARE,
    Unsure,
    find_phone,
    is_of_others,
    without_number,
)
from voisoadmin.contacts.questions import Note, answer_to
from voisoadmin.contacts.synonyms import plain
from voisoadmin.lib.numbers import whole_number
from voisoadmin.phones import DAMAGED, Reader
from voisoadmin.phones.marks import UNKNOWN_LABEL

SAMPLE_ROWS = 200

UNMISTAKABLE_SHARE = 0.8
PHONE_LIKE = {
    *DAMAGED,
    "too_short",
    "too_long",
    "not_in_use",
    "no_country",
    "ambiguous_number",
    "extension",
    "two_numbers",
    UNKNOWN_LABEL,
}
MIN_PHONE_DIGITS = 7
LONGEST_CELL = 2 * MAX_URL  # characters examined; no field takes more


class UnknownColumn(ValueError):
    """A choice that names no column, or more than one; the message is for a person."""


Chosen = int | str | Mapping[str, Any] | None
"""A column's number from 0 or its name; for several or a constant `columns`, `join`, `constant`; None: the field isn't used."""


@dataclass(frozen=True, slots=True)
class ColumnMapping:
    fields: dict[str, Mapped] = field(default_factory=dict)
    problem: str = ""  # why a person must choose; empty if the rows can be checked
    code: str = ""  # of the problem
    candidates: tuple[int, ...] = ()  # columns that could be the phone, if only a person can decide between them
    flags: tuple[FlagColumn, ...] = ()  # columns that say who must not be called
    other_channels: tuple[str, ...] = ()  # those that speak of other channels only
    notes: tuple[Note, ...] = ()  # findings that needed no question
    country: CountryColumn | None = None  # the column that says the country of each row

    @property
    def needs_mapping(self) -> bool:
        return PHONE not in self.fields


class Content(NamedTuple):
    """Of a column: how many cells are filled, and the shares of them that are valid for a field."""

    filled: int
    phones: float
    phone_like: float
    valid: Mapping[str, float]  # of the fields whose cells say anything about them

    def share(self, name: str) -> float:
        return self.valid.get(name, 1.0) if self.filled else 1.0


def map_columns(
    columns: Sequence[str],
    sample: Sequence[Sequence[str]],
    *,
    chosen: Mapping[str, Chosen] | None = None,
    answers: Mapping[str, str] | None = None,
    region: str = "",
    named: bool = True,
) -> ColumnMapping:
    """Map columns to fields. `chosen` holds what a person chose for some fields.

    `named`: the columns' names come from the file; without a header only the content counts. `answers`: to questions, by
    their code. Raises UnknownColumn, UnknownAnswer.
    """
    choices = {name: _chosen(columns, name, wanted) for name, wanted in (chosen or {}).items()}
    fields = {name: mapped for name, mapped in choices.items() if mapped is not None}
    _refuse_double(columns, fields)
    taken = {at for mapped in fields.values() for at in mapped.columns}
    flags, other_channels = find_flag_columns(columns, taken) if named else ([], [])
    taken |= {flag.column for flag in flags}
    contents = [_content(sample[:SAMPLE_ROWS], at, region) for at in range(len(columns))]
    scores = _scores(columns) if named else {name: [0] * len(columns) for name in BY_NAME}

    unsure = Unsure("", "")
    if PHONE not in choices:
        found = _answered(_find_phone(columns, scores, contents, taken, named=named), columns, answers or {})
        if isinstance(found, Mapped):
            fields[PHONE] = found
            taken.update(found.columns)
        else:
            unsure = found
    elif PHONE not in fields:
        unsure = Unsure(NO_PHONE, "Choose the column with the phone numbers.")
    for spec in OPTIONAL:
        if spec.name in choices:
            continue
        mapped = _find_optional(spec, scores[spec.name], contents, taken)
        if mapped:
            fields[spec.name] = mapped
            taken.update(mapped.columns)
    notes = _other_words(columns, scores, contents, fields)
    if PHONE in fields and fields[PHONE].by != By.CHOICE:
        notes += _passed_over(columns, contents, fields)
    return ColumnMapping(
        {name: fields[name] for name in BY_NAME if name in fields},
        unsure.problem,
        unsure.code,
        unsure.candidates,
        tuple(flags),
        tuple(other_channels),
        tuple(notes),
        find_country_column(columns, sample[:SAMPLE_ROWS], taken) if named else None,
    )


def _other_words(
    columns: Sequence[str],
    scores: Mapping[str, Sequence[int]],
    contents: Sequence[Content],
    fields: Mappings,
) -> list[Note]:
    """A note about a column that is called Active but holds neither yes nor no."""
    if ACTIVE in fields:
        return []
    sentence = "“{}” holds neither yes nor no, so it isn't used as Active."
    return [
        Note("active_column_unused", content.filled, sentence.format(name))
        for name, score, content in zip(columns, scores[ACTIVE], contents, strict=True)
        if score >= CERTAIN and content.filled and not content.share(ACTIVE)
    ]


def values_of(columns: Sequence[str], candidates: Sequence[int]) -> dict[str, int]:
    """What names each of these columns in an answer: its name, or its number from 1 where the name is blank or shared."""
    names = [column.strip() for column in columns]
    return {names[at] if names[at] and names.count(names[at]) == 1 else str(at + 1): at for at in candidates}


def _answered(found: Mapped | Unsure, columns: Sequence[str], answers: Mapping[str, str]) -> Mapped | Unsure:
    if isinstance(found, Mapped) or not found.candidates:
        return found
    values = values_of(columns, found.candidates)
    value = answer_to(found.code, values, answers)
    return from_column(values[value], By.CHOICE) if value else found


def _passed_over(columns: Sequence[str], contents: Sequence[Content], fields: Mappings) -> tuple[Note, ...]:
    """A note about other columns of phone numbers, where the name was needed to decide."""
    taken = {at for mapped in fields.values() for at in mapped.columns}
    others = [f"“{columns[at]}”" for at in range(len(columns)) if at not in taken and contents[at].phones >= NUMBERS_SHARE]
    if not others:
        return ()
    named = " and ".join(others) if len(others) < 3 else f"{', '.join(others[:2])} and {len(others) - 2} more"
    used = columns[fields[PHONE].columns[0]]
    return (Note("other_phone_columns", len(others), f"Calling “{used}”. There are phone numbers in {named} too."),)


def _chosen(columns: Sequence[str], name: str, wanted: Chosen) -> Mapped | None:
    if name not in BY_NAME:
        raise UnknownColumn(f"No field “{name}”. Fields: {', '.join(BY_NAME)}.")
    if isinstance(wanted, Mapping):
        found = [_chosen_column(columns, column) for column in wanted.get("columns", ())]
        places = tuple(at for at in found if at is not None)
        mapped = Mapped(places, By.CHOICE, Join(wanted.get("join", Join.SPACED)), str(wanted.get("constant", "")))
        return mapped if mapped.columns or mapped.constant else None
    column = _chosen_column(columns, wanted)
    return None if column is None else from_column(column, By.CHOICE)


def _chosen_column(columns: Sequence[str], column: int | str | None) -> int | None:
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


def _refuse_double(columns: Sequence[str], fields: Mappings) -> None:
    seen: dict[int, str] = {}
    for at, name in ((at, name) for name, mapped in fields.items() for at in mapped.columns):
        if at in seen:
            raise UnknownColumn(f"The column “{columns[at]}” can't be both {seen[at]} and {name}.")
        seen[at] = name


def _find_phone(
    columns: Sequence[str],
    scores: Mapping[str, Sequence[int]],
    contents: Sequence[Content],
    taken: set[int],
    *,
    named: bool,
) -> Mapped | Unsure:
    """The column of phone numbers, or why a person must choose it."""
    free = [at for at in range(len(columns)) if at not in taken]
    unnamed = [at for at in free if contents[at].phones >= PHONES_SHARE and not _is_named_otherwise(scores, at)]
    # A column called "contact" may well hold the number.
    contacts = [at for at in free if contents[at].phones >= NUMBERS_SHARE and _may_be_a_name(scores, at)]
    found = find_phone(columns, scores[PHONE], contents, free, [unnamed, contacts], named=named)
    if isinstance(found, Unsure):
        return found
    return from_column(found, By.NAME if scores[PHONE][found] else By.CONTENT)


def _find_optional(spec: OptionalField, scores: Sequence[int], contents: Sequence[Content], taken: set[int]) -> Mapped | None:
    free = [at for at in range(len(contents)) if at not in taken]
    named = [at for at in free if scores[at] and _agrees(spec, scores[at], contents[at])]
    best = _best(named, scores)
    if best:
        return from_column(best[0], By.NAME)
    if spec.cells is Cells.UNMISTAKABLE:
        found = [at for at in free if contents[at].filled and contents[at].share(spec.name) >= UNMISTAKABLE_SHARE]
        if len(found) == 1:
            return from_column(found[0], By.CONTENT)
    return None


def _agrees(spec: OptionalField, score: int, content: Content) -> bool:
    if score < CERTAIN:
        return content.share(spec.name) >= PLAUSIBLE_SHARE
    return spec.cells is not Cells.NEEDED or content.share(spec.name) > 0


def _is_named_otherwise(scores: Mapping[str, Sequence[int]], at: int) -> bool:
    return any(scores[name][at] >= CERTAIN for name in scores if name != PHONE)


def _may_be_a_name(scores: Mapping[str, Sequence[int]], at: int) -> bool:
    return all(scores[name][at] < CERTAIN for name in scores if name not in (PHONE, NAME))


def _best(places: Sequence[int], scores: Sequence[int]) -> list[int]:
    top = max((scores[at] for at in places), default=0)
    return [at for at in places if scores[at] == top]


def _scores(columns: Sequence[str]) -> dict[str, list[int]]:
    """How well each column's name fits each field; a name counts only for its best field."""
    scores = {spec.name: [_score(spec, column) for column in columns] for spec in FIELDS}
    best = [max(of_field[at] for of_field in scores.values()) for at in range(len(columns))]
    return {name: [score if score == best[at] else 0 for at, score in enumerate(scores[name])] for name in scores}


def _score(spec: FieldSpec, column: str) -> int:
    """How well a column's name fits this field: 0 not at all, 100 exactly."""
    names = spec.column_names
    words_in_order = plain(without_number(column) if spec.name == PHONE and "164" not in column else column)
    words = set(words_in_order.split())
    if words_in_order in names.scores:
        return names.scores[words_in_order]
    joined = words_in_order.replace(" ", "")
    if joined in names.scores:
        return names.scores[joined]
    if words & names.others or (spec.name == NAME and is_of_others(column)):
        return 0
    # One of several words, or part of a long one: "phone of customer", "Kundentelefonnummer".
    known = [score for synonym, score in names.scores.items() if set(synonym.split()) <= words]
    if known:
        return max(30, max(known) - 20 - 5 * (len(words) - 1))
    return 40 if any(stem in joined for stem in names.stems) else 0


def _content(rows: Sequence[Sequence[str]], at: int, region: str) -> Content:
    cells = [text for row in rows if at < len(row) and is_filled(text := row[at].strip()[:LONGEST_CELL])]
    if not cells:
        return Content(0, 0, 0, {})
    reader = Reader(region)
    results = [reader.read(cell) for cell in cells]
    digits = [sum(char.isdecimal() for char in cell) for cell in cells]
    enough = [result for result, count in zip(results, digits, strict=True) if count >= MIN_PHONE_DIGITS]
    numbers = sum(bool(result.number) or result.code in {"ambiguous_number", "damaged_scientific"} for result in enough)
    if not region:
        # Without a country national numbers can't be judged; a leading zero shows that they are national.
        numbers += sum(_begins_with_zero(cell) and r.code == "no_country" for cell, r in zip(cells, results, strict=True))
    like = sum(bool(result.number) or result.code in PHONE_LIKE for result in enough)
    valid = {spec.name: _share_valid(spec, cells) for spec in OPTIONAL if spec.cells is not Cells.NOTHING}
    return Content(
        filled=len(cells),
        phones=numbers / len(cells),
        phone_like=like / len(cells),
        valid={PHONE: like / len(cells), **valid},
    )


def _share_valid(spec: OptionalField, cells: Sequence[str]) -> float:
    clean = spec.cleaner(ContactLimits())
    return sum(clean(cell)[0] is not None for cell in cells) / len(cells)


def _begins_with_zero(cell: str) -> bool:
    return next((char for char in cell if char.isdecimal()), "") == "0"
