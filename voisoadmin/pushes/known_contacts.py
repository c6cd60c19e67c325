"""The contacts of a lane: which numbers are in the campaign according to answers, and the fields we last sent."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from voisoadmin.campaigns.models import Lane
from voisoadmin.contacts.cleaning import Value
from voisoadmin.contacts.fields import OPTIONAL, kept
from voisoadmin.contacts.packing import PackedRow
from voisoadmin.contacts.reasons import BY_BYTE
from voisoadmin.lib.row_inserts import insert_rows
from voisoadmin.pushes.models import Contact

_KNOWN_AS = {
    "added": Contact.KnownAs.ADDED,
    "inserted_by_update": Contact.KnownAs.ADDED,
    "updated": Contact.KnownAs.UPDATED,
    "in_campaign": Contact.KnownAs.DUPLICATE,
    "interrupted_call": Contact.KnownAs.UNATTRIBUTED,
}
# Voiso doesn't change a contact that it calls a duplicate, so what we sent says nothing about its fields.
_FIELDS_UNKNOWN = frozenset({"in_campaign"})
_FIELDS = [spec.name for spec in OPTIONAL]
_NO_FIELDS = [kept(spec, None) for spec in OPTIONAL]
Contacts = Mapping[int, Contact]


def known_numbers(lane: Lane | int, numbers: Sequence[str]) -> dict[str, datetime]:
    """Which of these numbers are known to be in the campaign, and since when. Call it with a few thousand at a time."""
    found = Contact.objects.filter(lane=lane, number__in=[int(number) for number in numbers])
    return {str(number): since for number, since in found.values_list("number", "known_since")}


def contacts_of(lane_id: int, rows: Sequence[PackedRow]) -> dict[int, Contact]:
    return {c.number: c for c in Contact.objects.filter(lane=lane_id, number__in=[int(row.number) for row in rows])}


def doubtful_numbers(rows: Sequence[PackedRow], contacts: Contacts, first_call_id: int | None) -> frozenset[str]:
    """Numbers that a request without a clear answer may have added, and that no answer had named before it.

    `first_call_id`: the first call of the batch, if one of its requests was unclear. A row that an earlier push sent
    keeps the doubt of its first call there.
    """
    since = {row.number: row.doubted_since or first_call_id for row in rows}
    return frozenset(number for number, call in since.items() if call and not _known_before(contacts.get(int(number)), call))


def _known_before(contact: Contact | None, call_id: int) -> bool:
    """By the order of the calls, which no clock can change. A contact without its call is older than the calls we keep."""
    return contact is not None and (contact.first_call_id is None or contact.first_call_id < call_id)


@dataclass(frozen=True, slots=True)
class AnswerSource:
    """The answer that knowledge comes from."""

    lane_id: int
    push_id: int
    call_id: int
    at: datetime


def learn(source: AnswerSource, rows: Sequence[PackedRow], codes: Sequence[int], known: Contacts) -> int:
    """Save what one answer showed; return how many contacts are new to us."""
    new: list[tuple[Any, ...]] = []
    changed: list[Contact] = []
    for row, code in zip(rows, codes, strict=True):
        reason = BY_BYTE[code].code
        known_as = _KNOWN_AS.get(reason)
        if known_as is None:
            continue
        contact = known.get(int(row.number))
        if contact is None:
            fields = _sent_fields(row) if reason not in _FIELDS_UNKNOWN else _NO_FIELDS
            new.append((int(row.number), known_as.value, *fields))
        elif known_as in (Contact.KnownAs.ADDED, Contact.KnownAs.UPDATED):
            _overwrite(contact, row, blank_too=known_as == Contact.KnownAs.ADDED)
            contact.changed_at = source.at
            if known_as == Contact.KnownAs.ADDED:
                # It was removed from the campaign since we last saw it there.
                contact.known_as, contact.push_id = known_as, source.push_id
            changed.append(contact)
    call = {"lane": source.lane_id, "first_call": source.call_id, "push": source.push_id}
    insert_rows(
        Contact, ("number", "known_as", *_FIELDS), new, same={**call, "known_since": source.at, "changed_at": source.at}
    )
    if changed:
        Contact.objects.bulk_create(
            changed,
            update_conflicts=True,
            unique_fields=["lane", "number"],
            update_fields=[*_FIELDS, "changed_at", "known_as", "push"],
        )
    return len(new)


def _sent_fields(row: PackedRow) -> list[Value | None]:
    """The values of _FIELDS."""
    return [kept(spec, row.fields.get(spec.name)) for spec in OPTIONAL]


def _overwrite(contact: Contact, row: PackedRow, *, blank_too: bool) -> None:
    """Save the fields we sent; blank fields of an update left the contact unchanged."""
    for field, value in zip(_FIELDS, _sent_fields(row), strict=True):
        if blank_too or value not in ("", None):
            setattr(contact, field, value)
