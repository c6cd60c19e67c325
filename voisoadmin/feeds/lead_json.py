"""From the bytes of a body to leads: JSON without any doubt about what it says, or one sentence about what is wrong.

A body of the largest size is refused within milliseconds, whatever is in it.
"""

import json
from typing import Any

import orjson

MOST_LEADS = 1000
MOST_BYTES = 1024 * 1024
MOST_NAMES = 60  # of one lead
MOST_DIFFERENT_NAMES = 200  # of all leads of one body
LONGEST_NAME = 200
MOST_OBJECTS = 2 * MOST_LEADS  # each lead may have one more in it
MOST_OF_A_SIGN = 60 * MOST_LEADS  # of those that begin a value: more would only cost time
NUL = "\0"

Lead = dict[str, Any]


class WrongShape(Exception):
    """The message is for the developer of the source, and repeats nothing of the body."""


class _Repeated(ValueError):
    pass


def leads_of(body: bytes) -> list[Lead]:
    """The leads of a body: one, or an array of them. Raises WrongShape."""
    if any(body.count(sign) > MOST_OF_A_SIGN for sign in (b":", b",", b"{", b"[")):
        raise WrongShape("The body has too many fields.")
    try:
        # First with the parser that knows no NaN, no lone surrogates and no deep nesting, and whose result is small.
        posted = orjson.loads(body)
    except orjson.JSONDecodeError:
        raise WrongShape("The body is not valid JSON in UTF-8, or is nested too deeply.") from None
    leads = posted if isinstance(posted, list) else [posted]
    if not leads:
        raise WrongShape("The array is empty. Send at least one lead.")
    if len(leads) > MOST_LEADS:
        raise WrongShape(f"The array has more than {MOST_LEADS:,} leads.")
    names: set[str] = set()
    for lead in leads:
        _check(lead, names)
    if len(names) > MOST_DIFFERENT_NAMES:
        raise WrongShape(f"The leads have more than {MOST_DIFFERENT_NAMES} different fields.")
    _refuse_repeated_names(body)
    return leads


def _check(lead: object, names: set[str], depth: int = 0) -> None:
    if not isinstance(lead, dict):
        raise WrongShape("Each lead must be a JSON object.")
    if len(lead) > MOST_NAMES:
        raise WrongShape(f"A lead has more than {MOST_NAMES} fields.")
    for name, value in lead.items():
        if len(name) > LONGEST_NAME:
            raise WrongShape(f"The name of a field is longer than {LONGEST_NAME} characters.")
        if NUL in name or (isinstance(value, str) and NUL in value):
            raise WrongShape("The body contains a NUL character.")
        if isinstance(value, dict):
            if depth:
                raise WrongShape("A lead is nested too deeply.")
            _check(value, names, depth + 1)
        elif isinstance(value, list):
            raise WrongShape("A field holds an array. Send text, a number, true, false or null.")
    names.update(lead)


def _refuse_repeated_names(body: bytes) -> None:
    """A name that is twice in one object has two values, and each reader takes another one of them."""
    objects = 0

    def pairs(found: list[tuple[str, Any]]) -> None:
        nonlocal objects
        objects += 1
        if objects > MOST_OBJECTS or len({name for name, _ in found}) < len(found):
            raise _Repeated

    try:
        json.loads(body, object_pairs_hook=pairs)
    except (_Repeated, ValueError, RecursionError):
        raise WrongShape("A lead has the same field twice.") from None
