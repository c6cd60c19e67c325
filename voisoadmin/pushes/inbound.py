"""Contacts that come one by one: accepted into an inbox in the caller's transaction, and sent when their lane is free."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime
from functools import lru_cache
from typing import NamedTuple

import orjson
from django.db import transaction
from django.db.models import Q, QuerySet

from voisoadmin.contacts.cleaning import Value
from voisoadmin.contacts.fields import FIELDS
from voisoadmin.contacts.packing import unpack
from voisoadmin.lib.row_inserts import insert_rows
from voisoadmin.pushes.forming import form_push, packed_lead
from voisoadmin.pushes.known_contacts import known_numbers
from voisoadmin.pushes.lanes import locked_lane
from voisoadmin.pushes.models import Batch, Inbox, Intake, Push, WaitingLead
from voisoadmin.pushes.models.inbound import MOST_ROWS
from voisoadmin.pushes.rows import RowOutcome, outcomes_of_batch, waiting_row
from voisoadmin.pushes.services import cancel_in, drain_soon
from voisoadmin.pushes.signals import intake_began

COLUMNS = tuple(spec.name for spec in FIELDS)
"""The fields whose texts are the cells of a row, in this order."""

WAITS, IS_SENT, KNOWN = "waiting", "sending", "known_here"
_OF_INBOX = ("campaign", "lane", "label", "resends_known", "paused_at", "waiting", "oldest_at")
WINDOW = 1000  # rows of a day in memory at once


class NewLead(NamedTuple):
    number: str  # E.164 digits
    fields: dict[str, Value]  # as they are sent
    cells: list[str]  # as posted, in the order of COLUMNS


class LeadPlace(NamedTuple):
    intake_id: int
    row_number: int


def locked_inbox(inbox_id: int) -> Inbox:
    """For a transaction that adds leads or takes some out. Who holds it doesn't lock a lane."""
    locked = Inbox.objects.select_for_update(of=("self",)).select_related("campaign__connection")
    # A post needs nothing else of them, and there may be a hundred in a second.
    return locked.only(*_OF_INBOX, "campaign__connection__time_zone").get(pk=inbox_id)


def taken(inbox: Inbox, numbers: Sequence[str]) -> dict[str, str]:
    """Why a number isn't accepted now: its earlier lead waits, is being sent, or the number is known in the campaign."""
    digits = [int(number) for number in numbers]
    found: dict[str, str] = {}
    if not inbox.resends_known:
        found = dict.fromkeys(known_numbers(inbox.lane_id, numbers), KNOWN)
    wanted = set(numbers)
    for batch_id, confirmed_at in _open_batches(inbox):
        found |= dict.fromkeys(wanted & _numbers_of(batch_id, confirmed_at), IS_SENT)
    waiting = WaitingLead.objects.filter(inbox=inbox, number__in=digits).values_list("number", flat=True)
    return found | {str(number): WAITS for number in waiting}


def _open_batches(inbox: Inbox) -> list[tuple[int, datetime | None]]:
    """The batches of its pushes that haven't ended, with the push's confirmation; without pieces, which are in their root."""
    running = Push.objects.running().filter(lane=inbox.lane_id, intake__inbox=inbox)
    roots = Batch.objects.filter(push__in=running, root=None).exclude(state=Batch.State.LEFT_OUT)
    return list(roots.values_list("pk", "push__confirmed_at"))


@lru_cache(maxsize=256)
def _numbers_of(batch_id: int, confirmed_at: datetime | None) -> frozenset[str]:
    """Kept, because a batch never changes once its push is confirmed."""
    return frozenset(row.number for row in unpack(Batch.objects.values_list("rows", flat=True).get(pk=batch_id)))


def accept(inbox: Inbox, leads: Sequence[NewLead], *, at: datetime) -> list[LeadPlace]:
    """Add leads whose numbers aren't taken and differ, to an inbox that this transaction has locked; return their places.

    At most one drain is queued for all that waits: by the first lead.
    """
    places: list[LeadPlace] = []
    while len(places) < len(leads):
        intake = _intake_of_day(inbox, at)
        some = leads[len(places) : len(places) + MOST_ROWS - intake.accepted]
        numbered = list(enumerate(some, start=intake.accepted + 1))
        rows = [
            (row_number, int(lead.number), orjson.dumps(lead.cells).decode(), orjson.dumps(lead.fields).decode())
            for row_number, lead in numbered
        ]
        same = {"inbox": inbox.pk, "intake": intake.pk, "at": at}
        insert_rows(WaitingLead, ("row_number", "number", "cells", "fields"), rows, same=same)
        intake.accepted += len(some)
        intake.waiting += len(some)
        intake.save(update_fields=["accepted", "waiting"])
        places += [LeadPlace(intake.pk, row_number) for row_number, _ in numbered]
    _note_waiting(inbox, len(places), at)
    return places


def note_otherwise(inbox: Inbox, count: int, *, day: date) -> None:
    """Count leads that weren't accepted for how their numbers are written, for the board; the inbox is locked."""
    before = Inbox.objects.filter(pk=inbox.pk, otherwise_on=day).values_list("otherwise", flat=True).first() or 0
    Inbox.objects.filter(pk=inbox.pk).update(otherwise=before + count, otherwise_on=day)


def suppress(inbox: Inbox, numbers: Sequence[str]) -> int:
    """Send none of these numbers that wait in an inbox which this transaction has locked; return how many rows."""
    return WaitingLead.objects.filter(inbox=inbox, number__in=[int(number) for number in numbers]).update(suppressed=True)


def _note_waiting(inbox: Inbox, more: int, at: datetime) -> None:
    if not more:
        return
    first = not inbox.waiting
    inbox.waiting += more
    inbox.oldest_at = inbox.oldest_at or at
    inbox.save(update_fields=["waiting", "oldest_at"])
    others = Inbox.objects.filter(lane=inbox.lane_id, waiting__gt=0, paused_at=None).exclude(pk=inbox.pk)
    if first and inbox.paused_at is None and not others.exists():
        drain_soon()


def _intake_of_day(inbox: Inbox, at: datetime) -> Intake:
    """The one that takes more rows, locked."""
    day = at.astimezone(inbox.campaign.connection.zone).date()
    of_day = Intake.objects.filter(inbox=inbox, day=day)
    last = of_day.select_for_update().only("number", "accepted", "waiting").order_by("-number").first()
    if last is not None and last.accepted < MOST_ROWS:
        return last
    intake = Intake.objects.create(inbox=inbox, day=day, number=1 if last is None else last.number + 1, began_at=at)
    intake_began.send(sender=Intake, intake=intake)
    return intake


@transaction.atomic
def pause(inbox_id: int, *, at: datetime) -> bool:
    """Send nothing of what waits; False if it was paused already. What is being sent keeps its outcome."""
    inbox = locked_inbox(inbox_id)
    if inbox.paused_at is not None:
        return False
    inbox.paused_at = at
    inbox.save(update_fields=["paused_at"])
    return True


@transaction.atomic
def resume(inbox_id: int) -> bool:
    inbox = locked_inbox(inbox_id)
    if inbox.paused_at is None:
        return False
    inbox.paused_at = None
    inbox.save(update_fields=["paused_at"])
    if inbox.waiting:
        drain_soon()
    return True


def cancel_waiting(inbox_id: int, *, at: datetime, most: int | None = None) -> int:
    """Send none of what waits now, or of the oldest `most`; return how many rows.

    They are rows of their day that weren't sent, and can be sent again. Leads that come meanwhile stay.
    """
    cancelled, left = 0, Inbox.objects.values_list("waiting", flat=True).get(pk=inbox_id)
    left = left if most is None else min(left, most)
    while left > 0 and (rows := _cancel_some(inbox_id, left, at)):
        cancelled += rows
        left -= rows
    return cancelled


def _cancel_some(inbox_id: int, most: int, at: datetime) -> int:
    with locked_lane(Inbox.objects.values_list("lane", flat=True).get(pk=inbox_id)) as locked:
        formed = form_push(locked, locked_inbox(inbox_id), at=at, most=most)
        if formed is None:
            return 0
        push, batch = formed
        rows: int = push.rows
        if batch is not None:
            cancel_in(locked, push.pk, at=at)
    return rows


def outcomes(places: Iterable[LeadPlace]) -> dict[LeadPlace, str]:
    """The reason code of each row now: "waiting", or what its latest push made of it."""
    rows_of: dict[int, set[int]] = {}
    for intake_id, row_number in places:
        rows_of.setdefault(intake_id, set()).add(row_number)
    found: dict[LeadPlace, str] = {}
    for intake_id, rows in rows_of.items():
        found |= {LeadPlace(intake_id, row): WAITS for row in rows}
        for batch in _batches_with(intake_id, min(rows), max(rows)):
            found |= {
                LeadPlace(intake_id, row.row_number): row.reason for row in outcomes_of_batch(batch) if row.row_number in rows
            }
    return found


def _batches_with(intake_id: int, first: int, last: int) -> QuerySet[Batch]:
    """The batches with rows between these numbers, the earlier push first."""
    pushes = Push.objects.filter(intake=intake_id).exclude(confirmed_at=None)
    formed = pushes.filter(first_row__lte=first).order_by("-first_row").values_list("first_row", flat=True).first()
    own = Q(first_row__gte=first if formed is None else formed, first_row__lte=last) | Q(first_row=None)
    batches = Batch.objects.filter(push__in=pushes.filter(own), root=None, first_row__lte=last, last_row__gte=first)
    return batches.order_by("push", "pk")


def rows_of_intake(intake: Intake) -> Iterator[RowOutcome]:
    """Stream the rows of a day in their order, each with the outcome of its latest push. Safe while it is being sent."""
    for first in range(1, intake.accepted + 1, WINDOW):
        last = first + WINDOW - 1
        leads = WaitingLead.objects.filter(intake=intake, row_number__range=(first, last))
        rows = {lead.row_number: waiting_row(packed_lead(lead)) for lead in leads}
        for batch in _batches_with(intake.pk, first, last):
            rows |= {row.row_number: row for row in outcomes_of_batch(batch) if first <= row.row_number <= last}
        yield from (rows[number] for number in sorted(rows))
