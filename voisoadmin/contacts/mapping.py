"""Which column becomes which field: by a person's choice, by the column's name or by its contents. Never a silent guess."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from voisoadmin.contacts.column_choices import Chosen, chosen_column, refuse_double, values_of
from voisoadmin.contacts.column_contents import Content, content_of
from voisoadmin.contacts.column_scores import scores_of
from voisoadmin.contacts.country_column import CountryColumn, find_country_column
from voisoadmin.contacts.fields import ACTIVE, BY_NAME, LABELS, NAME, OPTIONAL, PHONE, Cells, OptionalField
from voisoadmin.contacts.flag_columns import FlagColumn, find_flag_columns
from voisoadmin.contacts.mapped import By, Mapped, Mappings, from_column
from voisoadmin.contacts.names import JoinedName, find_name, joined_by, note_on_name, offer_to_turn
from voisoadmin.contacts.number_types import Types, types_of_numbers
from voisoadmin.contacts.other_phones import AS_WELL, find_other_phones, with_other_phones
from voisoadmin.contacts.phone_columns import (
    CERTAIN,
    NO_PHONE,
    NUMBERS_SHARE,
    PHONES_SHARE,
    PLAUSIBLE_SHARE,
    Unsure,
    find_phone,
)
from voisoadmin.contacts.priority_column import USE, find_words, offer_of_words
from voisoadmin.contacts.questions import OFFERS, PHONE_FALLBACK, PRIORITY_WORDS, Note, Question, answer_to

SAMPLE_ROWS = 200

UNMISTAKABLE_SHARE = 0.8
EXACTLY = 100  # the score of a column that is called like the field
WHOLE_NAME = 95  # from this score on the name of a column means a whole name
HOLDS_NONE = {
    "url": "no web addresses",
    "priority": "no numbers",
    "active": "neither yes nor no",
}
"""What is in a column that is named like a field, but isn't used for it."""


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
    types: Types = field(default_factory=dict)  # columns that say what the numbers are
    other_phones: tuple[int, ...] = ()  # of the contact, that may be called where the phone is blank
    offers: tuple[Question, ...] = ()  # what was decided without a person, and may be decided otherwise

    @property
    def needs_mapping(self) -> bool:
        return PHONE not in self.fields

    @property
    def deciding(self) -> list[int]:
        """The columns that say who must not be called, or isn't active."""
        active = self.fields[ACTIVE].columns if ACTIVE in self.fields else ()
        return [*(flag.column for flag in self.flags if not flag.remarks), *active]


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
    choices = {name: chosen_column(columns, name, wanted) for name, wanted in (chosen or {}).items()}
    fields = {name: mapped for name, mapped in choices.items() if mapped is not None}
    refuse_double(columns, fields)
    return _Finder(columns, sample[:SAMPLE_ROWS], choices, fields, answers or {}, region, named=named).mapping()


class _Finder:
    """Finds the columns of the fields that no person chose."""

    def __init__(
        self,
        columns: Sequence[str],
        sample: Sequence[Sequence[str]],
        choices: Mapping[str, Mapped | None],
        fields: dict[str, Mapped],
        answers: Mapping[str, str],
        region: str,
        *,
        named: bool,
    ) -> None:
        self._columns, self._sample, self._answers, self._named = columns, sample, answers, named
        self._choices, self._fields = choices, fields
        self._taken = {at for mapped in fields.values() for at in mapped.columns}
        self._flags, self._other_channels = find_flag_columns(columns, self._taken, sample) if named else ([], [])
        self._taken |= {flag.column for flag in self._flags if not flag.remarks}
        self._contents = [content_of(sample, at, region) for at in range(len(columns))]
        self._scores = scores_of(columns) if named else {name: [0] * len(columns) for name in BY_NAME}
        self._other_phones: tuple[int, ...] = ()
        self._notes: list[Note] = []
        self._offers: list[Question] = []

    def mapping(self) -> ColumnMapping:
        unsure = self._find_phone()
        for spec in OPTIONAL:
            if spec.name not in self._choices:
                self._take(spec.name, self._find_name() if spec.name == NAME else None)
                if spec.name not in self._fields:
                    self._take(spec.name, _find_optional(spec, self._scores[spec.name], self._contents, self._taken))
        self._notes += _holding_others(self._columns, self._scores, self._contents, self._fields)
        self._offer_words()
        if PHONE in self._fields and self._fields[PHONE].by != By.CHOICE:
            self._notes += _passed_over(self._columns, self._contents, self._fields)
        return ColumnMapping(
            {name: self._fields[name] for name in BY_NAME if name in self._fields},
            unsure.problem,
            unsure.code,
            unsure.candidates,
            tuple(self._flags),
            tuple(self._other_channels),
            tuple(self._notes),
            find_country_column(self._columns, self._sample, self._taken) if self._named else None,
            self._types(),
            self._other_phones,
            tuple(self._offers),
        )

    def _take(self, name: str, mapped: Mapped | None) -> None:
        if mapped is not None:
            self._fields[name] = mapped
            self._taken.update(mapped.columns)

    def _find_phone(self) -> Unsure:
        """Why no column is taken, if so."""
        if PHONE not in self._choices:
            found = _find_phone(self._columns, self._scores, self._contents, self._taken, named=self._named)
            found = _answered(found, self._columns, self._answers)
            if isinstance(found, Unsure):
                return found
            self._take(PHONE, found)
        elif PHONE not in self._fields:
            return Unsure(NO_PHONE, "Choose the column with the phone numbers.")
        if self._named:
            self._find_other_phones(self._fields[PHONE])
        return Unsure("", "")

    def _types(self) -> Types:
        phones = self._fields[PHONE].columns if PHONE in self._fields else ()
        return types_of_numbers(self._columns, phones, self._sample) if self._named else {}

    def _find_other_phones(self, phone: Mapped) -> None:
        self._other_phones = find_other_phones(self._columns, phone, self._contents, self._taken)
        if self._other_phones and answer_to(PHONE_FALLBACK, OFFERS[PHONE_FALLBACK], self._answers) == AS_WELL:
            self._take(PHONE, with_other_phones(phone, self._other_phones))

    def _find_name(self) -> Mapped | None:
        if not self._named:
            return None
        scores = self._scores[NAME]
        free = [at for at in range(len(self._columns)) if at not in self._taken]
        found = find_name(self._columns, self._sample, free, [at for at in free if scores[at] >= WHOLE_NAME])
        if not isinstance(found, JoinedName):
            return found
        mapped = joined_by(found, self._answers)
        self._notes.append(note_on_name(mapped, self._columns, self._sample))
        self._offers.append(offer_to_turn(found, mapped, self._columns, self._sample))
        return mapped

    def _offer_words(self) -> None:
        """A column of priorities in words isn't used before a person wants it."""
        if "priority" in self._choices or "priority" in self._fields:
            return
        found = find_words(self._sample, self._taken, self._scores["priority"])
        if found is None:
            return
        wanted = answer_to(PRIORITY_WORDS, OFFERS[PRIORITY_WORDS], self._answers)
        if wanted == USE:
            self._take("priority", from_column(found.column, By.CHOICE))
        self._offers.append(offer_of_words(found, self._columns[found.column], wanted))


def _holding_others(
    columns: Sequence[str],
    scores: Mapping[str, Sequence[int]],
    contents: Sequence[Content],
    fields: Mappings,
) -> list[Note]:
    """A note about each column that is named like a field but holds something else."""
    taken = {at for mapped in fields.values() for at in mapped.columns}
    return [
        Note(
            f"{name}_column_unused",
            contents[at].filled,
            f"“{columns[at]}” holds {holds}, so it isn't used as {LABELS[name]}.",
        )
        for name, holds in HOLDS_NONE.items()
        if name not in fields
        for at, score in enumerate(scores[name])
        if score >= CERTAIN and at not in taken and contents[at].filled and not contents[at].share(name)
    ]


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
        found = [at for at in free if contents[at].filled and contents[at].unmistakable[spec.name] >= UNMISTAKABLE_SHARE]
        if len(found) == 1:
            return from_column(found[0], By.CONTENT)
    return None


def _agrees(spec: OptionalField, score: int, content: Content) -> bool:
    if spec.name == NAME and score < EXACTLY and content.words < PLAUSIBLE_SHARE:
        return False  # a number of the customer, or whether one is a customer
    if score < CERTAIN:
        return content.share(spec.name) >= PLAUSIBLE_SHARE
    return spec.cells is Cells.NOTHING or content.share(spec.name) > 0


def _is_named_otherwise(scores: Mapping[str, Sequence[int]], at: int) -> bool:
    return any(scores[name][at] >= CERTAIN for name in scores if name != PHONE)


def _may_be_a_name(scores: Mapping[str, Sequence[int]], at: int) -> bool:
    return all(scores[name][at] < CERTAIN for name in scores if name not in (PHONE, NAME))


def _best(places: Sequence[int], scores: Sequence[int]) -> list[int]:
    top = max((scores[at] for at in places), default=0)
    return [at for at in places if scores[at] == top]
