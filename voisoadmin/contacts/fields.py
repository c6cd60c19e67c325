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
from voisoadmin.contacts.cleaning import (
    ACTIVE_UNCLEAR,
    MAX_PRIORITY,
    MAX_TEXT,
    MAX_URL,
    PRIORITY_WORD,
    URL_SCHEME_ADDED,
    Cleaner,
    Value,
)
from voisoadmin.contacts.synonyms import ColumnNames
from voisoadmin.phones import Words

PHONE, NAME, ACTIVE = "phone", "name", "active"  # fields that further modules have rules for


class Cells(Enum):
    """What the cells of a column say about the field that its name suggests."""

    NOTHING = "nothing"  # any text is valid, so the name decides
    NEEDED = "needed"  # most of them must be valid if the name leaves a doubt, and one even if it leaves none
    UNMISTAKABLE = "unmistakable"  # the same; and nothing else looks like it: such a column needs no name


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
    problems: Mapping[str, Words] = field(default_factory=dict)  # by code
    warnings: Mapping[str, Words] = field(default_factory=dict)
    repairs: tuple[str, ...] = ()  # those warnings that a person may take back: the cells are then used as they are

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


NOT_SENT = "the contact is sent without it"


def text_warnings(name: str, label: str, longest: int) -> dict[str, Words]:
    """The words for what `cleaning.text` may find."""
    title = label[0].upper() + label[1:]
    return {
        f"{name}_cut": Words(
            f"The {label} is longer than {longest} characters, so it was cut.", "Nothing to do.", f"{title} cut"
        ),
        f"{name}_cleaned": Words(
            f"The {label} had control characters, which were removed.", "Nothing to do.", f"{title} cleaned"
        ),
        f"{name}_decoded": Words(
            "Codes such as “&amp;” were replaced by the letters they mean.",
            "Check that the text looks right.",
            f"{title} decoded",
        ),
        f"{name}_too_long": Words(
            f"The {label} is longer than {longest} characters; {NOT_SENT}.", "Shorten it.", f"{title} too long"
        ),
        f"{name}_control_character": Words(
            f"The {label} contains a control character; {NOT_SENT}.", "Type it again.", f"{title} unreadable"
        ),
    }


def text_repairs(name: str) -> tuple[str, ...]:
    return tuple(f"{name}_{repair}" for repair in cleaning.TEXT_REPAIRS)


PUT_BACK_AS = {"mark_removed": "letters", "characters_replaced": "unexpected_character"}
"""Repairs of phone cells, with the problem of a cell that is used as it is."""
PHONE_FIELD = FieldSpec(
    name=PHONE,
    label="Phone",
    hint="with country code, or national for the default country",
    example="+44 7700 900123",  # of the range for films, so it isn't valid
    column_names=synonyms.PHONE,
    problems=phones.PROBLEMS,
    warnings=phones.WARNINGS,
    repairs=tuple(PUT_BACK_AS),
)
OPTIONAL = (
    OptionalField(
        name=NAME,
        label="Name",
        hint="person or company",
        example="Zoë Miller",
        column_names=synonyms.NAME,
        cells=Cells.NOTHING,
        cleaner=cleaning.text(NAME),
        warnings=text_warnings(NAME, "name", MAX_TEXT),
        repairs=text_repairs(NAME),
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
        cleaner=cleaning.text("source", repeats=True),
        warnings=text_warnings("source", "source", MAX_TEXT),
        repairs=text_repairs("source"),
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
        cleaner=cleaning.url,
        warnings={
            URL_SCHEME_ADDED: Words(
                "The URL didn't start with https://; it was added.", "Nothing to do.", "https:// added to URL"
            ),
            "url_too_long": Words(
                f"The URL is longer than {MAX_URL} characters; {NOT_SENT}.", "Use a shorter URL.", "URL too long"
            ),
            "url_without_scheme": Words(
                f"The URL doesn't start with http:// or https://; {NOT_SENT}.",
                "Add https:// in front of it.",
                "URL without https://",
            ),
            "url_not_web": Words(
                f"The URL isn't a web address; {NOT_SENT}.",
                "Use an address that starts with http:// or https://.",
                "Not a web address",
            ),
            "url_malformed": Words(
                f"The URL is incomplete or contains spaces; {NOT_SENT}.",
                "Copy the whole address, without spaces.",
                "Invalid URL",
            ),
        },
        repairs=(URL_SCHEME_ADDED,),
        column=Text(MAX_URL),
        needs_enabling=True,
    ),
    OptionalField(
        name="priority",
        label="Priority",
        hint=f"a whole number up to {MAX_PRIORITY}",
        example="5",
        column_names=synonyms.PRIORITY,
        cells=Cells.NEEDED,
        cleaner=cleaning.priority,
        warnings={
            PRIORITY_WORD: Words(
                "The priority is a word; it is sent as a number: urgent 1, high 2, normal 3, low 4, lowest 5.",
                "Nothing to do; the lowest number goes first.",
                "Priority in words",
            ),
            "priority_not_whole": Words(
                f"The priority isn't a whole number; {NOT_SENT}.",
                f"Enter a whole number up to {MAX_PRIORITY}.",
                "Priority not a number",
            ),
            "priority_out_of_range": Words(
                f"The priority is higher than Voiso accepts; {NOT_SENT}.",
                f"Enter a whole number up to {MAX_PRIORITY}; the lowest goes first.",
                "Priority too high",
            ),
            "priority_zero_raised": Words(
                "Priority 0 is sent as 1, the lowest this connection accepts.",
                "Nothing to do; 0 and 1 now rank the same.",
                "Priority 0 sent as 1",
            ),
        },
        repairs=(PRIORITY_WORD,),
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
    "edit_no_longer_fits": Words(
        "The row isn't the one that was edited: the file is now read in another way.",
        "Read the file as before, or undo the edit.",
        "Edit doesn't fit",
    ),
}
PROBLEMS: dict[str, Words] = OF_ANY_FIELD | {code: words for spec in FIELDS for code, words in spec.problems.items()}
WARNINGS: dict[str, Words] = {code: words for spec in FIELDS for code, words in spec.warnings.items()}
FIELD_OF_WARNING = {code: spec.name for spec in FIELDS for code in spec.warnings}
REPAIRS = frozenset(code for spec in FIELDS for code in spec.repairs)


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
