"""Which key of a request takes which field of a contact, for both API generations (docs/voiso-api.md).

Fields are known here only by their names; a test shows that none is forgotten.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from voisoadmin.voiso.payloads import CAPABILITIES, ContactFields, Generation, Value
from voisoadmin.voiso.sent_forms import FORMS, Field, SentForms, spelt


@dataclass(frozen=True, slots=True)
class JsonKey:
    """Where a value is in the JSON object of a contact."""

    path: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Absent:
    """This generation has no key for the field, and why we may drop it."""

    reason: str


NUMBER_KEYS = {Generation.LEGACY: "phoneNumber", Generation.V4: "phone_number"}
KEYS: Mapping[str, Mapping[Generation, JsonKey | Absent]] = {
    "name": {Generation.LEGACY: JsonKey(("contactName",)), Generation.V4: JsonKey(("name",))},
    "source": {Generation.LEGACY: JsonKey(("contactSource",)), Generation.V4: JsonKey(("source", "system"))},
    "url": {Generation.LEGACY: JsonKey(("contactURL",)), Generation.V4: JsonKey(("source", "url"))},
    "priority": {Generation.LEGACY: JsonKey(("priority",)), Generation.V4: JsonKey(("priority",))},
    "active": {Generation.LEGACY: JsonKey(("isActive",)), Generation.V4: JsonKey(("active",))},
}


def contact_body(contact: ContactFields, generation: Generation, spelling: SentForms) -> dict[str, Any]:
    """The JSON object of a contact. A blank field has no key."""
    body: dict[str, Any] = {NUMBER_KEYS[generation]: contact.number}
    for name, value in contact.values.items():
        key = KEYS[name][generation]
        if value == "" or isinstance(key, Absent):
            continue
        *outer, last = key.path
        inner = body
        for step in outer:
            inner = inner.setdefault(step, {})
        inner[last] = _written(name, value, generation, spelling)
    return body


def _written(name: str, value: Value, generation: Generation, spelling: SentForms) -> Value:
    if name == Field.PRIORITY:
        lowest = CAPABILITIES[generation].priority_min
        return spelt(max(lowest, int(value)), spelling.priority or FORMS[generation][Field.PRIORITY][0])
    if name == Field.ACTIVE:
        return spelt(bool(value), spelling.active or FORMS[generation][Field.ACTIVE][0])
    return value
