"""Which numbers an answer names, and as what: tables of possible field names, and the values that count.

A list may hold numbers, objects with a number in one of their fields, or be a map from numbers to reasons. Objects and
maps count only if all of their numbers were sent by us: anything else may be a position in our request. Every reader
takes time proportional to the answer.
"""

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from functools import lru_cache

from voisoadmin.voiso.shapes import UnusableShape
from voisoadmin.voiso.words import sentences

# What a list says about its numbers -> the names it may have, in any spelling (duplicateNumbers, Duplicate-Numbers).
LISTS = {
    "created": ("created", "created_numbers", "created_contacts", "created_leads", "added", "added_numbers", "added_contacts"),
    "updated": ("updated", "updated_numbers", "updated_contacts", "updated_leads"),
    "processed": ("contacts", "leads"),
    "duplicates": ("duplicates", "duplicate", "duplicate_numbers", "duplicate_contacts", "duplicate_leads", "existing"),
    "rejected": (
        *("rejected", "rejected_numbers", "rejected_contacts", "rejected_leads", "failed", "not_found"),
        *("invalid", "invalid_numbers", "invalid_contacts", "invalid_leads"),
    ),
}
ACCEPTING = ("created", "updated", "processed")
WRAPPERS = (
    *("leads_import", "contacts_import", "leads_update", "contacts_update", "import", "data", "result", "results"),
    *("response", "contacts", "leads"),
)
NUMBER_FIELDS = (
    *("phone_number", "phone", "number", "msisdn", "contact_number", "contact_phone", "mobile_number", "mobile", "telephone"),
    "tel",
)
INNER = ("contact", "lead")  # an object may nest its contact as one
FAULT_FIELDS = ("reason", "reasons", "error", "errors", "error_message", "rejection_reason")
REASON_FIELDS = (*FAULT_FIELDS, "message", "messages", "detail", "details", "description")
VERDICT_FIELDS = ("success", "ok", "valid", "accepted", "created", "added", "saved")  # if false: not this number
STATUS_FIELDS = ("status", "state", "result", "outcome")
ERROR_FIELDS = ("error", "errors")
MAX_WRAPPERS = 5
SAYS_NO = re.compile(r"duplicat|reject|invalid|fail|error|skip|exist|den[iy]|refus|ignor|unprocess|\bnot\b", re.IGNORECASE)
POSITION = 1_000_000  # no phone number is a smaller integer


@lru_cache(maxsize=4096)
def squashed(name: str) -> str:
    """A field name in the spelling used for comparison."""
    return re.sub("[_ -]", "", name[:100]).casefold()


_MEANING = {squashed(name): meaning for meaning, names in LISTS.items() for name in names}
_WRAPPERS, _NUMBERS, _REASONS, _FAULTS, _VERDICTS = (
    tuple(squashed(name) for name in names) for names in (WRAPPERS, NUMBER_FIELDS, REASON_FIELDS, FAULT_FIELDS, VERDICT_FIELDS)
)


@dataclass(slots=True)
class Named:
    """The numbers in the lists of an answer, as digits, in its order and as often as it names them."""

    lists: dict[str, list[str]] = field(default_factory=lambda: {meaning: [] for meaning in LISTS})
    reasons: dict[str, str] = field(default_factory=dict)  # as given
    error: bool = False  # it contains an error, besides the names

    def any_of(self, *meanings: str) -> bool:
        return any(self.lists[meaning] for meaning in meanings)

    def refuses_exactly(self, sent: Collection[str]) -> bool:
        """Whether its duplicates and rejected are together exactly the numbers sent, each named once."""
        refused = [*self.lists["duplicates"], *self.lists["rejected"]]
        return len(refused) == len(sent) and set(refused) == set(sent)


def named_in(data: object, sent: Collection[str]) -> Named | None:
    """The numbers that an answer names; None if it has no known list. Raises UnusableShape if it can't be believed."""
    holders = list(_holders(data))
    if not holders:
        return None
    if len(holders) > 1:
        raise UnusableShape  # stated twice: which one is right?
    found = Named()
    for name, value in holders[0].items():
        meaning = _MEANING.get(squashed(name))
        if meaning is not None:
            _take(found, meaning, value, sent)
    _take_errors(found, holders[0], sent)
    if holders[0] is not data:
        _take_errors(found, data, sent)
    return found


def _holders(data: object, depth: int = 0) -> list[dict[str, object]]:
    """The objects with the lists: the answer itself, or the content of its wrappers."""
    if not isinstance(data, dict) or depth > MAX_WRAPPERS:
        return []
    holders: list[dict[str, object]] = []
    holds_lists = False
    for name, value in data.items():
        inner = _holders(value, depth + 1) if squashed(name) in _WRAPPERS else []
        holders += inner
        holds_lists |= not inner and squashed(name) in _MEANING and isinstance(value, list | dict | str)
    return [data, *holders] if holds_lists else holders


def _take(found: Named, meaning: str, value: object, sent: Collection[str]) -> None:
    for number, reason in _entries(value, sent, accepting=meaning in ACCEPTING) or ():
        found.lists[meaning].append(number)
        if reason:
            found.reasons.setdefault(number, reason)


def _take_errors(found: Named, place: object, sent: Collection[str]) -> None:
    """Errors of individual numbers name them as rejected; any other ones are about the whole request."""
    if not isinstance(place, dict):
        return
    for name in ERROR_FIELDS:
        value = place.get(name)
        of_numbers = isinstance(value, dict) or (isinstance(value, list) and all(isinstance(item, dict) for item in value))
        entries = _entries(value, sent, accepting=False) if of_numbers else None
        if entries is None:
            found.error |= bool(value)
            continue
        rejected = set(found.lists["rejected"])
        found.lists["rejected"] += [number for number, _ in entries if number not in rejected]
        for number, reason in entries:
            found.reasons.setdefault(number, reason)


def _entries(value: object, sent: Collection[str], *, accepting: bool) -> list[tuple[str, str]] | None:
    """The numbers in a list, each with its reason; None if it contains only positions.

    Raises UnusableShape for a text that isn't a number, and for values whose meaning is unknown.
    """
    if value is None or value == "" or (type(value) is int and value == 0):
        return []
    if isinstance(value, dict):
        return _of_map(value, sent, accepting=accepting)
    if not isinstance(value, list):
        raise UnusableShape
    objects = [item for item in value if isinstance(item, dict)]
    plain = [item for item in value if not isinstance(item, dict)]
    if plain and not objects and all(type(item) is int and 0 <= item < POSITION for item in plain):
        return None
    found = [(digits_of(item), "") for item in plain]
    if objects:
        read = _of_objects(objects, sent, accepting=accepting)
        if read is None:
            return None
        found += read
    return found


def _of_map(value: dict[str, object], sent: Collection[str], *, accepting: bool) -> list[tuple[str, str]] | None:
    numbers = [_number(name) for name in value]
    if not all(number in sent for number in numbers):
        return _of_objects([value], sent, accepting=accepting)
    if any(said is False or (accepting and _denies(said)) for said in value.values()):
        return None
    return [(number, _reason(said)) for number, said in zip(numbers, value.values(), strict=True)]


def _denies(said: object) -> bool:
    """Whether the data beside a number in a list of accepted ones contradicts it."""
    if isinstance(said, dict):
        return _takes_back({squashed(name): inner for name, inner in said.items()})
    return isinstance(said, str) and SAYS_NO.search(said[:200]) is not None


def _of_objects(
    objects: Sequence[dict[str, object]], sent: Collection[str], *, accepting: bool
) -> list[tuple[str, str]] | None:
    """Among the possible number fields, the first in which all objects have a number that we sent."""
    read = [_fields(item) for item in objects]
    if accepting and any(_takes_back(fields) for fields in read):
        return None
    for name in _NUMBERS:
        numbers = [_number(fields.get(name)) for fields in read]
        if all(number in sent for number in numbers):
            return [(number, _reason_in(fields)) for number, fields in zip(numbers, read, strict=True)]
    return None


def _fields(item: dict[str, object]) -> dict[str, object]:
    fields = {squashed(name): value for name, value in item.items()}
    for name in INNER:
        inner = fields.get(name)
        if isinstance(inner, dict):
            fields = {squashed(key): value for key, value in inner.items()} | fields
    return fields


def _takes_back(fields: dict[str, object]) -> bool:
    """Whether an object in a list of accepted numbers says that its own number wasn't accepted."""
    if any(fields.get(name) is False for name in _VERDICTS) or any(fields.get(name) for name in _FAULTS):
        return True
    return any(isinstance(said := fields.get(name), str) and SAYS_NO.search(said[:200]) for name in STATUS_FIELDS)


def _reason_in(fields: dict[str, object]) -> str:
    return next((text for name in _REASONS if (text := "; ".join(sentences(fields.get(name))[:5]))), "")


def _reason(said: object) -> str:
    fields = {squashed(name): value for name, value in said.items()} if isinstance(said, dict) else {}
    return _reason_in(fields) or "; ".join(sentences(said)[:5])


def claims_acceptance(data: object, sent: Collection[str], depth: int = 0) -> bool:
    """Whether a refusal says that any number, or some count of them, was created, updated or processed."""
    if not isinstance(data, dict) or depth > MAX_WRAPPERS:
        return False
    for name, value in data.items():
        said = squashed(name)
        if _MEANING.get(said) in ACCEPTING and (_counts(value) or _mentions(value, sent)):
            return True
        if said in _WRAPPERS and claims_acceptance(value, sent, depth + 1):
            return True
    return False


def _counts(value: object) -> bool:
    """Whether it is a count above zero, or a list of positions or plain numbers."""
    if isinstance(value, int):
        return value > 0
    return isinstance(value, list) and any(isinstance(item, int) or _number(item) for item in value)


def _mentions(value: object, sent: Collection[str]) -> bool:
    """Whether it contains a number that we sent, as a value or as a name."""
    left: list[object] = [value]
    while left:
        item = left.pop()
        if isinstance(item, dict):
            left += [*item.keys(), *item.values()]
        elif isinstance(item, list):
            left += item
        elif _number(item) in sent:
            return True
    return False


def repeats_request(body: bytes, data: object, sent: Collection[str]) -> bool:
    """Whether a refusal is a bare list, or unreadable JSON, with a number that we sent."""
    if isinstance(data, list):
        return _mentions(data, sent)
    if data is None and body.lstrip()[:1] in (b"{", b"["):
        return any(found.decode() in sent for found in re.findall(rb"(?<![0-9])[0-9]{7,15}(?![0-9])", body))
    return False


# Voiso may return a number in another spelling; letters or a second number in it would change its meaning.
SPELLING = re.compile(r"[+\s\u00a0().\-/0-9]{1,60}", re.ASCII)


def digits_of(value: object) -> str:
    """The digits of a number as Voiso names it: a text in any spelling, or a JSON integer."""
    digits = _number(value)
    if not digits:
        raise UnusableShape
    return digits


def _number(value: object) -> str:
    """The same, or an empty text."""
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value) if 0 < value < 10**20 else ""
    if isinstance(value, str) and SPELLING.fullmatch(value):
        return re.sub(r"[^0-9]", "", value).removeprefix("00")
    return ""
