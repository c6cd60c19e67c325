"""The contacts of a lane: what answers have shown to be in the campaign, and the fields we last sent."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from voisoadmin.campaigns.models import Lane
from voisoadmin.pushes.models import Contact
from voisoadmin.pushes.packing import PackedRow
from voisoadmin.pushes.reasons import BY_BYTE

_KNOWN_AS = {
    "added": Contact.KnownAs.ADDED,
    "inserted_by_update": Contact.KnownAs.ADDED,
    "updated": Contact.KnownAs.UPDATED,
    "in_campaign": Contact.KnownAs.DUPLICATE,
    "interrupted_call": Contact.KnownAs.UNATTRIBUTED,
}
# Voiso left a contact that it called a duplicate as it was, so what we sent says nothing about its fields.
_FIELDS_UNKNOWN = frozenset({"in_campaign"})
_FIELDS = ["name", "source", "url", "priority", "active", "changed_at"]
Contacts = Mapping[int, Contact]


def known_numbers(lane: Lane, numbers: Sequence[str]) -> dict[str, datetime]:
    """Which of these numbers are known to be in the campaign, and since when. Call it with some thousands at a time."""
    found = Contact.objects.filter(lane=lane, number__in=[int(number) for number in numbers])
    return {str(number): since for number, since in found.values_list("number", "known_since")}


def contacts_of(lane_id: int, rows: Sequence[PackedRow]) -> dict[int, Contact]:
    return {c.number: c for c in Contact.objects.filter(lane=lane_id, number__in=[int(row.number) for row in rows])}


def known_before(contacts: Contacts, first_call_id: int) -> frozenset[str]:
    """Numbers that an answer had named before the given call.

    By the order of the calls, which no clock can change. Without its call a contact is older than what we still keep.
    """
    return frozenset(str(c.number) for c in contacts.values() if c.first_call_id is None or c.first_call_id < first_call_id)


@dataclass(frozen=True, slots=True)
class Source:
    """Which answer a lesson comes from."""

    lane_id: int
    push_id: int
    call_id: int
    at: datetime


def learn(source: Source, rows: Sequence[PackedRow], codes: Sequence[int], known: Contacts) -> int:
    """Write what one answer showed; return how many contacts are new to us."""
    new: list[Contact] = []
    changed: list[Contact] = []
    for row, code in zip(rows, codes, strict=True):
        reason = BY_BYTE[code].code
        known_as = _KNOWN_AS.get(reason)
        if known_as is None:
            continue
        contact = known.get(int(row.number))
        if contact is None:
            new.append(_new(source, row, known_as, with_fields=reason not in _FIELDS_UNKNOWN))
        elif known_as in (Contact.KnownAs.ADDED, Contact.KnownAs.UPDATED):
            _overwrite(contact, row, blank_too=known_as == Contact.KnownAs.ADDED)
            contact.changed_at = source.at
            if known_as == Contact.KnownAs.ADDED:
                # It had been taken out of the campaign since we saw it there.
                contact.known_as, contact.push_id = known_as, source.push_id
            changed.append(contact)
    Contact.objects.bulk_create(new)
    if changed:
        Contact.objects.bulk_create(
            changed, update_conflicts=True, unique_fields=["lane", "number"], update_fields=[*_FIELDS, "known_as", "push"]
        )
    return len(new)


def _new(source: Source, row: PackedRow, known_as: Contact.KnownAs, *, with_fields: bool) -> Contact:
    contact = Contact(
        lane_id=source.lane_id,
        number=int(row.number),
        known_as=known_as,
        first_call_id=source.call_id,
        push_id=source.push_id,
        known_since=source.at,
        changed_at=source.at,
    )
    if with_fields:
        _overwrite(contact, row, blank_too=True)
    return contact


def _overwrite(contact: Contact, row: PackedRow, *, blank_too: bool) -> None:
    """Take over the fields we sent; of an update the blank ones left the contact as it was."""
    if row.name or blank_too:
        contact.name = row.name[:255]
    if row.source or blank_too:
        contact.source = row.source[:255]
    if row.url or blank_too:
        contact.url = row.url[:2048]
    if row.priority is not None or blank_too:
        contact.priority = row.priority
    if row.active is not None or blank_too:
        contact.active = row.active
