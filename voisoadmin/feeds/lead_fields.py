"""Which field of a lead means what: the names of both generations of Voiso's API, our own, and do-not-call fields."""

import re
from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import Any, NamedTuple

from voisoadmin.contacts.fields import FIELDS, PHONE
from voisoadmin.contacts.flag_columns import FlagColumn, find_flag_columns
from voisoadmin.voiso.contact_keys import KEYS, NUMBER_KEYS, JsonKey

ANOTHER_NAME = "(another name)"
PLAIN_NAME = re.compile(r"[^\W\d][\w .-]{0,59}")
MOST_DIGITS = 4  # of a name that an answer repeats: with more it may be a person's number
MOST_IGNORED = 50

Value = str | int | float | bool | None
Path = tuple[str, ...]


def _paths() -> dict[Path, str]:
    found: dict[Path, str] = {(spec.name,): spec.name for spec in FIELDS}
    found |= {(name,): PHONE for name in NUMBER_KEYS.values()}
    for field, keys in KEYS.items():
        found |= {key.path: field for key in keys.values() if isinstance(key, JsonKey)}
    return found


PATHS: Mapping[Path, str] = _paths()
"""Where a field of a contact may be in a lead."""
NESTED = frozenset(path[0] for path in PATHS if len(path) > 1)


class Unusable(NamedTuple):
    """A value that is no text, number, true, false or null."""


UNUSABLE = Unusable()


class LeadFields(NamedTuple):
    """A lead taken apart."""

    values: dict[str, Value | Unusable]  # by the field's name
    twice: frozenset[str]  # fields with two values that differ
    flags: list[tuple[FlagColumn, Value | Unusable]]  # what it says about calling
    ignored: list[str]  # names that mean nothing here


def fields_of(lead: Mapping[str, Any]) -> LeadFields:
    found = LeadFields({}, frozenset(), [], [])
    twice = set()
    for path, value in _leaves(lead):
        field = PATHS.get(path)
        if field is not None:
            if field in found.values and found.values[field] != value:
                twice.add(field)
            found.values[field] = value
        elif (flag := flag_of(path[-1])) is not None:
            found.flags.append((flag, value))
        else:
            found.ignored.append(".".join(path))
    return found._replace(twice=frozenset(twice))


def _leaves(lead: Mapping[str, Any]) -> Iterable[tuple[Path, Value | Unusable]]:
    for name, value in lead.items():
        if not isinstance(value, dict):
            yield (name,), value
        elif name in NESTED:
            for inner, one in value.items():
                yield (name, inner), UNUSABLE if isinstance(one, dict) else one
        else:
            yield (name,), UNUSABLE


@lru_cache(maxsize=4096)
def flag_of(name: str) -> FlagColumn | None:
    """The do-not-call or consent field that the import would take a column of this name for."""
    flags, _ = find_flag_columns([name], ())
    return flags[0] if flags else None


def ignored_names(leads: Iterable[LeadFields]) -> list[str]:
    """Names that were left out, for the answer: as they are, unless they could be about a person."""
    names = dict.fromkeys(_repeatable(name) for lead in leads for name in lead.ignored)
    return list(names)[:MOST_IGNORED]


def _repeatable(name: str) -> str:
    is_plain = PLAIN_NAME.fullmatch(name) and sum(map(str.isdigit, name)) <= MOST_DIGITS
    return name if is_plain else ANOTHER_NAME
