"""Which column becomes which field: by a person's choice, by the column's name or by its contents. Never a silent guess."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from voisoadmin.contacts.do_not_call import FlagColumn, find_flag_columns
from voisoadmin.contacts.fields import MAX_URL, Field, clean_active, clean_priority, clean_url
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
from voisoadmin.contacts.synonyms import OTHER_THINGS, SYNONYMS, WEAK_STEMS, plain
from voisoadmin.phones import DAMAGED, Reader

SAMPLE_ROWS = 200
CHOICE, NAME, CONTENT = "choice", "name", "content"

URLS_SHARE = 0.8
PHONE_LIKE = {*DAMAGED, "too_short", "too_long", "not_in_use", "no_country", "ambiguous_number", "extension", "two_numbers"}
MIN_PHONE_DIGITS = 7
LONGEST_CELL = 2 * MAX_URL  # characters examined; no field takes more


class UnknownColumn(ValueError):
    """A choice that names no column, or more than one; the message is for a person."""


class Mapped(NamedTuple):
    column: int  # from 0
    by: str  # choice, name, content


NOBODY = Mapped(-1, "")


@dataclass(frozen=True, slots=True)
class ColumnMapping:
    fields: dict[Field, Mapped] = field(default_factory=dict)
    problem: str = ""  # why a person must choose; empty if the rows can be checked
    code: str = ""  # of the problem
    candidates: tuple[int, ...] = ()  # columns that could be the phone, if only a person can decide between them
    flags: tuple[FlagColumn, ...] = ()  # columns that say who must not be called
    other_channels: tuple[str, ...] = ()  # those that speak of other channels only
    notes: tuple[Note, ...] = ()  # findings that needed no question

    @property
    def needs_mapping(self) -> bool:
        return Field.PHONE not in self.fields

    @property
    def columns(self) -> dict[Field, int]:
        return {name: mapped.column for name, mapped in self.fields.items()}

    def to_json(self) -> dict[str, dict[str, int | str]]:
        return {name.value: {"column": mapped.column, "by": mapped.by} for name, mapped in self.fields.items()}


class Content(NamedTuple):
    """For each kind of value, the share of a column's filled cells that fit."""

    filled: int
    phones: float
    phone_like: float
    urls: float
    priorities: float
    actives: float

    def share(self, name: Field) -> float:
        shares = {
            Field.PHONE: self.phone_like,
            Field.URL: self.urls,
            Field.PRIORITY: self.priorities,
            Field.ACTIVE: self.actives,
        }
        return shares.get(name, 1.0) if self.filled else 1.0


def map_columns(
    columns: Sequence[str],
    sample: Sequence[Sequence[str]],
    *,
    chosen: Mapping[str, int | str | None] | None = None,
    answers: Mapping[str, str] | None = None,
    region: str = "",
    named: bool = True,
) -> ColumnMapping:
    """Map columns to fields. `chosen` holds a column's number from 0, its name, or None ("not used") for some fields.

    `named`: the columns' names come from the file; without a header only the content counts. `answers`: to questions, by
    their code. Raises UnknownColumn, UnknownAnswer.
    """
    choices = {Field(name): _chosen_column(columns, column) for name, column in (chosen or {}).items()}
    fields = {name: Mapped(column, CHOICE) for name, column in choices.items() if column is not None}
    _refuse_double(columns, fields)
    taken = {mapped.column for mapped in fields.values()}
    flags, other_channels = find_flag_columns(columns, taken) if named else ([], [])
    taken |= {flag.column for flag in flags}
    contents = [_content(sample[:SAMPLE_ROWS], at, region) for at in range(len(columns))]
    scores = _scores(columns) if named else {name: [0] * len(columns) for name in Field}

    unsure = Unsure("", "")
    if Field.PHONE not in choices:
        found = _answered(_find_phone(columns, scores, contents, taken, named=named), columns, answers or {})
        if isinstance(found, Mapped):
            fields[Field.PHONE] = found
            taken.add(found.column)
        else:
            unsure = found
    elif Field.PHONE not in fields:
        unsure = Unsure(NO_PHONE, "Choose the column with the phone numbers.")
    for name in (Field.NAME, Field.SOURCE, Field.URL, Field.PRIORITY, Field.ACTIVE):
        if name in choices:
            continue
        mapped = _find_other(name, scores, contents, taken)
        if mapped:
            fields[name] = mapped
            taken.add(mapped.column)
    notes = _other_words(columns, scores, contents, fields)
    if fields.get(Field.PHONE, NOBODY).by in {NAME, CONTENT}:
        notes += _passed_over(columns, contents, fields)
    return ColumnMapping(
        {name: fields[name] for name in Field if name in fields},
        unsure.problem,
        unsure.code,
        unsure.candidates,
        tuple(flags),
        tuple(other_channels),
        tuple(notes),
    )


def _other_words(
    columns: Sequence[str],
    scores: Mapping[Field, Sequence[int]],
    contents: Sequence[Content],
    fields: Mapping[Field, Mapped],
) -> list[Note]:
    """A note about a column that is called Active but holds neither yes nor no."""
    if Field.ACTIVE in fields:
        return []
    sentence = "“{}” holds neither yes nor no, so it isn't used as Active."
    return [
        Note("active_column_unused", content.filled, sentence.format(name))
        for name, score, content in zip(columns, scores[Field.ACTIVE], contents, strict=True)
        if score >= CERTAIN and content.filled and not content.actives
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
    return Mapped(values[value], CHOICE) if value else found


def _passed_over(columns: Sequence[str], contents: Sequence[Content], fields: Mapping[Field, Mapped]) -> tuple[Note, ...]:
    """A note about other columns of phone numbers, where the name was needed to decide."""
    taken = {mapped.column for mapped in fields.values()}
    others = [f"“{columns[at]}”" for at in range(len(columns)) if at not in taken and contents[at].phones >= NUMBERS_SHARE]
    if not others:
        return ()
    named = " and ".join(others) if len(others) < 3 else f"{', '.join(others[:2])} and {len(others) - 2} more"
    used = columns[fields[Field.PHONE].column]
    return (Note("other_phone_columns", len(others), f"Calling “{used}”. There are phone numbers in {named} too."),)


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
    if column.isascii() and column.isdecimal() and len(column) < 7 and 1 <= int(column) <= len(columns):
        return int(column) - 1
    names = ", ".join(f"“{name}”" for name in columns[:20])
    raise UnknownColumn(f"No column “{column}”. Columns: {names}.")


def _refuse_double(columns: Sequence[str], fields: Mapping[Field, Mapped]) -> None:
    seen: dict[int, Field] = {}
    for name, mapped in fields.items():
        if mapped.column in seen:
            raise UnknownColumn(f"The column “{columns[mapped.column]}” can't be both {seen[mapped.column]} and {name}.")
        seen[mapped.column] = name


def _find_phone(
    columns: Sequence[str],
    scores: Mapping[Field, Sequence[int]],
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
    found = find_phone(columns, scores[Field.PHONE], contents, free, [unnamed, contacts], named=named)
    if isinstance(found, Unsure):
        return found
    return Mapped(found, NAME if scores[Field.PHONE][found] else CONTENT)


def _find_other(
    name: Field, scores: Mapping[Field, Sequence[int]], contents: Sequence[Content], taken: set[int]
) -> Mapped | None:
    free = [at for at in range(len(contents)) if at not in taken]
    named = [at for at in free if scores[name][at] and _agrees(name, scores, contents, at)]
    best = _best(named, scores[name])
    if best:
        return Mapped(best[0], NAME)
    # Yes and no, or small numbers, may mean anything; only addresses are certain by content.
    if name is Field.URL:
        urls = [at for at in free if contents[at].filled and contents[at].urls >= URLS_SHARE]
        if len(urls) == 1:
            return Mapped(urls[0], CONTENT)
    return None


def _agrees(name: Field, scores: Mapping[Field, Sequence[int]], contents: Sequence[Content], at: int) -> bool:
    by_name = scores[name][at] >= CERTAIN
    if by_name and name is Field.ACTIVE:
        # It decides who is called. Without a yes or no it means something else; with one, its other words are asked about.
        return contents[at].share(name) > 0
    return by_name or contents[at].share(name) >= PLAUSIBLE_SHARE


def _is_named_otherwise(scores: Mapping[Field, Sequence[int]], at: int) -> bool:
    return any(scores[name][at] >= CERTAIN for name in Field if name is not Field.PHONE)


def _may_be_a_name(scores: Mapping[Field, Sequence[int]], at: int) -> bool:
    return all(scores[name][at] < CERTAIN for name in Field if name not in (Field.PHONE, Field.NAME))


def _best(places: Sequence[int], scores: Sequence[int]) -> list[int]:
    top = max((scores[at] for at in places), default=0)
    return [at for at in places if scores[at] == top]


def _scores(columns: Sequence[str]) -> dict[Field, list[int]]:
    """How well each column's name fits each field; a name counts only for its best field."""
    scores = {name: [_score(name, column) for column in columns] for name in Field}
    best = [max(scores[name][at] for name in Field) for at in range(len(columns))]
    return {name: [score if score == best[at] else 0 for at, score in enumerate(scores[name])] for name in Field}


def _score(name: Field, column: str) -> int:
    """How well a column's name fits this field: 0 not at all, 100 exactly."""
    words_in_order = plain(without_number(column) if name is Field.PHONE and "164" not in column else column)
    words = set(words_in_order.split())
    if words_in_order in SYNONYMS[name]:
        return SYNONYMS[name][words_in_order]
    joined = words_in_order.replace(" ", "")
    if joined in SYNONYMS[name]:
        return SYNONYMS[name][joined]
    if words & OTHER_THINGS[name] or (name is Field.NAME and is_of_others(column)):
        return 0
    # One of several words, or part of a long one: "phone of customer", "Kundentelefonnummer".
    known = [score for synonym, score in SYNONYMS[name].items() if set(synonym.split()) <= words]
    if known:
        return max(30, max(known) - 20 - 5 * (len(words) - 1))
    return 40 if any(stem in joined for stem in WEAK_STEMS[name]) else 0


def _content(rows: Sequence[Sequence[str]], at: int, region: str) -> Content:
    cells = [text for row in rows if at < len(row) and (text := row[at].strip()[:LONGEST_CELL])]
    if not cells:
        return Content(0, 0, 0, 0, 0, 0)
    reader = Reader(region)
    results = [reader.read(cell) for cell in cells]
    digits = [sum(char.isdecimal() for char in cell) for cell in cells]
    enough = [result for result, count in zip(results, digits, strict=True) if count >= MIN_PHONE_DIGITS]
    numbers = sum(bool(result.number) or result.code in {"ambiguous_number", "damaged_scientific"} for result in enough)
    if not region:
        # Without a country national numbers can't be judged; a leading zero shows that they are national.
        numbers += sum(_begins_with_zero(cell) and r.code == "no_country" for cell, r in zip(cells, results, strict=True))
    like = sum(bool(result.number) or result.code in PHONE_LIKE for result in enough)
    return Content(
        filled=len(cells),
        phones=numbers / len(cells),
        phone_like=like / len(cells),
        urls=sum(bool(clean_url(cell)[0]) for cell in cells) / len(cells),
        priorities=sum(not clean_priority(cell, 0)[1] for cell in cells) / len(cells),
        actives=sum(not clean_active(cell)[1] for cell in cells) / len(cells),
    )


def _begins_with_zero(cell: str) -> bool:
    return next((char for char in cell if char.isdecimal()), "") == "0"
