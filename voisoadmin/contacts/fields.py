"""The fields of a contact: everything that is ours to know about each of them, once.

Mapping, checking, packing, known contacts, pages and downloads go through this table. Only the keys in Voiso's requests are
elsewhere, in `voiso/contact_keys.py`, by the field's name.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import NamedTuple

from voisoadmin import phones
from voisoadmin.contacts import cleaning, synonyms
from voisoadmin.contacts.cleaning import ACTIVE_UNCLEAR, MAX_PRIORITY, MAX_TEXT, MAX_URL, Cleaner, Value
from voisoadmin.contacts.synonyms import ColumnNames
from voisoadmin.phones import Words

PHONE, NAME, ACTIVE = "phone", "name", "active"  # fields that further modules have rules for


class Cells(Enum):
    """What the cells of a column say about the field that its name suggests."""

    NOTHING = "nothing"  # any text is valid, so the name decides
    PLAUSIBLE = "plausible"  # if the name leaves a doubt, most of them must be valid
    NEEDED = "needed"  # the same; and one of them must be valid even if the name leaves no doubt
    UNMISTAKABLE = "unmistakable"  # nothing else looks like it: such a column needs no name


class Text(NamedTuple):
    longest: int


class Whole(NamedTuple):
    """A whole number up to 32,767, or none."""


class YesNo(NamedTuple):
    """Yes, no or unknown."""


Column = Text | Whole | YesNo
"""What a value is kept in: a column of the table of known contacts."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldSpec:
    name: str  # on command lines, in JSON and in packed rows: never changed
    label: str
    hint: str  # what to enter, after the label
    example: str
    column_names: ColumnNames
    problems: Mapping[str, Words]  # by code
    warnings: Mapping[str, Words] = field(default_factory=dict)

    @property
    def is_required(self) -> bool:
        return True


@dataclass(frozen=True, slots=True, kw_only=True)
class OptionalField(FieldSpec):
    """A field besides the number: read from its own cell, sent if it isn't blank, and remembered."""

    cleaner: Cleaner
    column: Column
    cells: Cells
    needs_enabling: bool  # Voiso only keeps it for accounts that have it enabled

    @property
    def is_required(self) -> bool:
        return False


ENTITIES = Words(
    "Codes such as “&amp;” were replaced by the letters they mean.", "Check that the text looks right.", "Letters decoded"
)
PHONE_FIELD = FieldSpec(
    name=PHONE,
    label="Phone",
    hint="with country code, or national for the default country",
    example="+44 7700 900123",  # of the range for films, so it isn't valid
    column_names=synonyms.PHONE,
    problems=phones.PROBLEMS,
    warnings=phones.WARNINGS,
)
OPTIONAL = (
    OptionalField(
        name=NAME,
        label="Name",
        hint="person or company",
        example="Zoë Miller",
        column_names=synonyms.NAME,
        cells=Cells.NOTHING,
        cleaner=cleaning.text("name_too_long", decoded="name_decoded"),
        warnings={"name_decoded": ENTITIES},
        problems={
            "name_too_long": Words(f"The name is longer than {MAX_TEXT} characters.", "Shorten it.", "Name too long"),
        },
        column=Text(MAX_TEXT),
        needs_enabling=True,
    ),
    OptionalField(
        name="source",
        label="Source",
        hint="where the contact came from",
        example="Fair 2026",
        column_names=synonyms.SOURCE,
        cells=Cells.NOTHING,
        cleaner=cleaning.text("source_too_long", decoded="source_decoded", repeats=True),
        warnings={"source_decoded": ENTITIES},
        problems={
            "source_too_long": Words(f"The source is longer than {MAX_TEXT} characters.", "Shorten it.", "Source too long"),
        },
        column=Text(MAX_TEXT),
        needs_enabling=True,
    ),
    OptionalField(
        name="url",
        label="URL",
        hint="starts with http:// or https://",
        example="https://crm.example/contact/88121",
        column_names=synonyms.URL,
        cells=Cells.UNMISTAKABLE,
        cleaner=cleaning.always(cleaning.clean_url),
        problems={
            "url_too_long": Words(f"The URL is longer than {MAX_URL} characters.", "Use a shorter URL.", "URL too long"),
            "url_without_scheme": Words(
                "The URL doesn't start with http:// or https://.", "Add https:// in front of it.", "URL without https://"
            ),
            "url_not_web": Words(
                "The URL isn't a web address.", "Use an address that starts with http:// or https://.", "Not a web address"
            ),
            "url_malformed": Words(
                "The URL is incomplete or contains spaces.", "Copy the whole address, without spaces.", "Invalid URL"
            ),
        },
        column=Text(MAX_URL),
        needs_enabling=True,
    ),
    OptionalField(
        name="priority",
        label="Priority",
        hint=f"a whole number up to {MAX_PRIORITY}",
        example="5",
        column_names=synonyms.PRIORITY,
        cells=Cells.PLAUSIBLE,
        cleaner=cleaning.priority,
        problems={
            "priority_not_whole": Words(
                "The priority isn't a whole number.",
                f"Enter a whole number up to {MAX_PRIORITY}.",
                "Priority not a number",
            ),
            "priority_out_of_range": Words(
                "The priority is higher than Voiso accepts.",
                f"Enter a whole number up to {MAX_PRIORITY}; the lowest goes first.",
                "Priority too high",
            ),
        },
        warnings={
            "priority_zero_raised": Words(
                "Priority 0 is sent as 1, the lowest this connection accepts.",
                "Nothing to do; 0 and 1 now rank the same.",
                "Priority 0 sent as 1",
            ),
        },
        column=Whole(),
        needs_enabling=False,
    ),
    OptionalField(
        name=ACTIVE,
        label="Active",
        hint="yes or no; inactive contacts are not dialled",
        example="yes",
        column_names=synonyms.ACTIVE,
        cells=Cells.NEEDED,
        cleaner=cleaning.always(cleaning.clean_active),
        problems={
            ACTIVE_UNCLEAR: Words("It's unclear whether the contact is active.", "Enter yes or no.", "Active unclear"),
        },
        column=YesNo(),
        needs_enabling=False,
    ),
)
FIELDS: tuple[FieldSpec, ...] = (PHONE_FIELD, *OPTIONAL)
BY_NAME = {spec.name: spec for spec in FIELDS}
LABELS = {spec.name: spec.label for spec in FIELDS}

OF_ANY_FIELD = {
    "shifted_row": Words(
        "The cells aren't in their columns: a delimiter in a cell without quotes, or a missing cell.",
        "Answer the question about these rows, or put the cell in quotes.",
        "Cells shifted",
    ),
    "unanswered": Words("A question about this row is open.", "Answer the question on the upload's page.", "Question open"),
    "control_character": Words("The text contains a control character.", "Type the text again.", "Control character"),
}
PROBLEMS: dict[str, Words] = OF_ANY_FIELD | {code: words for spec in FIELDS for code, words in spec.problems.items()}
WARNINGS: dict[str, Words] = {code: words for spec in FIELDS for code, words in spec.warnings.items()}
FIELD_OF_WARNING = {code: spec.name for spec in FIELDS for code in spec.warnings}


class Problem(NamedTuple):
    """Why a row isn't sent, for one of its fields."""

    code: str
    field: str
    sentence: str
    advice: str


def problem(name: str, code: str) -> Problem:
    return _PROBLEMS[name, code]


_PROBLEMS = {
    (spec.name, code): Problem(code, spec.name, words.sentence, words.advice)
    for spec in FIELDS
    for code, words in (OF_ANY_FIELD | dict(spec.problems)).items()
}


def value_in_words(value: Value | None) -> str:
    """As a cell of a table shows it."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    return "" if value is None else str(value)


def kept(spec: OptionalField, value: Value | None) -> Value | None:
    """The value as its column takes it: an empty text instead of None, cut to its length."""
    if isinstance(spec.column, Text):
        return str(value or "")[: spec.column.longest]
    return value
