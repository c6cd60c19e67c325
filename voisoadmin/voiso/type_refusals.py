"""Finds the types that a refusal of contacts names, each with its field.

A refusal without both says nothing about how values must be written.
"""

import re
from collections.abc import Collection, Iterator

from voisoadmin.voiso.sent_forms import Field, Form, Types

MOST_TEXTS = 500
MOST_LETTERS = 500  # of a text
MAX_DEPTH = 8
ERRORS = ("error", "errors", "message", "detail", "details", "error_description")
PLACES = frozenset(
    {"field", "path", "loc", "location", "pointer", "param", "parameter", "property", "attribute", "source", "key"}
    | {"instancepath", "datapath"}
)
NAMES = {
    Field.PRIORITY: re.compile(r"(?<![a-z_])priority(?![a-z_])", re.IGNORECASE),
    Field.ACTIVE: re.compile(r"(?<![a-z_])(?:is[ _-]?)?active(?![a-z_])", re.IGNORECASE),
}
OTHER_FIELDS = re.compile(r"\b(?:\w*phone\w*|\w*(?:name|source|system|url)|campaign)\b", re.IGNORECASE)
CLAUSE_ENDS = re.compile(r"[;\n]|[.!?](?=\s|$)")
# "Text" and "number" are types only as in "must be a number", not as in "priority number 5".
_AS_A_TYPE = r"(?:(?<=\ba )|(?<=\bas )|(?<=\bbe )|(?<=\bor )|(?<=expected )|(?<=valid )|(?<=: )|(?<!.))"
TYPES = re.compile(
    rf"\b(?:(?P<text>strings?|str|varchar|{_AS_A_TYPE}text)"
    r"|(?P<boolean>booleans?|bool|true (?:or|/|and) false)"
    rf"|(?P<integer>integers?|int|numeric|0 or 1|{_AS_A_TYPE}number(?! of)))\b",
    re.IGNORECASE,
)
# Around a type that was sent, and that Voiso doesn't accept.
REFUSED_BEFORE = re.compile(
    r"(?:\b(?:got|given|received|found|provided|actual|sent|unexpected|instead of|rather than)"
    r"|(?:not|never|n['’]t) be|, ?(?:and |but )?not)"
    r"[:\s]+(?:of type |an? |the )*$",
    re.IGNORECASE,
)
REFUSED_AFTER = re.compile(
    r"\A(?: was)?[\s(]{0,2}(?:given|received|provided|found|sent|into|(?:is |are )?not allowed"
    r"|(?:did|does|do)(?: not|n['’]t) match)\b",
    re.IGNORECASE,
)
LETTERS_BEFORE = 40
RECEIVED = frozenset({"received", "given", "got", "actual"})  # names of the type that was sent


def types_named(data: object) -> dict[Field, Types]:
    """What a refusal says about the types of our fields, each field by its path in the answer or in words."""
    found: dict[Field, Types] = {}
    for number, (path, text, is_error) in enumerate(_texts(data)):
        if number >= MOST_TEXTS:
            break
        for field, types in _read(path, text[:MOST_LETTERS], is_error=is_error):
            if types:
                found[field] = found.get(field, Types()) | types
    return found


def _read(path: Collection[str], text: str, *, is_error: bool) -> Iterator[tuple[Field, Types]]:
    for field, name in NAMES.items():
        if any(name.fullmatch(part) for part in path):
            yield field, _types_in(text)
        elif is_error:
            for clause in CLAUSE_ENDS.split(text):
                if name.search(clause):
                    yield field, _types_of(field, clause)


def _types_of(field: Field, clause: str) -> Types:
    """The types in what a clause says about this field: all of it, or what follows the field up to another one."""
    others = [OTHER_FIELDS, *(NAMES[other] for other in NAMES if other is not field)]
    if not any(other.search(clause) for other in others):
        return _types_in(clause)
    found = Types()
    for match in NAMES[field].finditer(clause):
        rest = clause[match.end() :]
        ends = [end.start() for other in others if (end := other.search(rest))]
        found |= _types_in(rest[: min(ends, default=len(rest))])
    return found


def _types_in(text: str) -> Types:
    wanted: set[Form] = set()
    refused: set[Form] = set()
    for match in TYPES.finditer(text):
        before = text[max(0, match.start() - LETTERS_BEFORE) : match.start()]
        is_refused = REFUSED_BEFORE.search(before) or REFUSED_AFTER.match(text[match.end() :])
        (refused if is_refused else wanted).add(Form(str(match.lastgroup)))
    return Types(frozenset(wanted), frozenset(refused))


def _texts(
    data: object, path: tuple[str, ...] = (), *, is_error: bool = False, depth: int = 0
) -> Iterator[tuple[tuple[str, ...], str, bool]]:
    """Each text of a refusal with the names that lead to it, and whether it is part of the errors."""
    if isinstance(data, str):
        yield path, data, is_error
    elif depth < MAX_DEPTH and isinstance(data, list):
        for item in data:
            yield from _texts(item, path, is_error=is_error, depth=depth + 1)
    elif depth < MAX_DEPTH and isinstance(data, dict):
        places = {name: value for name, value in data.items() if is_error and name.lower() in PLACES}
        where = path + tuple(part for value in places.values() for part in _parts(value))
        for name, value in data.items():
            if name.lower() in RECEIVED and isinstance(value, str):
                yield where, f"received: {value}", is_error
            elif name not in places:
                inside = where + tuple(_parts(name))
                yield from _texts(value, inside, is_error=is_error or name.lower() in ERRORS, depth=depth + 1)


def _parts(value: object, depth: int = 0) -> Iterator[str]:
    """`contacts[0].isActive` or `/contacts/0/isActive` or a list of names, name by name."""
    if isinstance(value, str):
        yield from filter(None, re.split(r"[.\[\]/\s'\"]+", value[:MOST_LETTERS]))
    elif isinstance(value, list | dict) and depth < 3:
        for item in value.values() if isinstance(value, dict) else value:
            yield from _parts(item, depth + 1)
