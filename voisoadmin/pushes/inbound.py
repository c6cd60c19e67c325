"""Contacts that come one by one: accepted into an inbox in the caller's transaction, and sent when their lane is free."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime
from functools import lru_cache
from typing import Any, NamedTuple

import orjson
from django.db import transaction
from django.db.models import Q, QuerySet

from voisoadmin.contacts.cleaning import Value
from voisoadmin.contacts.fields import FIELDS
from voisoadmin.contacts.packing import unpack
from voisoadmin.lib.row_inserts import insert_rows
from voisoadmin.lib.statements import Asked, run_in_turn
from voisoadmin.pushes import post_statements
from voisoadmin.pushes.forming import form_push, packed_lead
from voisoadmin.pushes.lanes import locked_lane
from voisoadmin.pushes.models import Batch, Inbox, Intake, Push, WaitingLead
from voisoadmin.pushes.models.inbound import MOST_ROWS
from voisoadmin.pushes.post_statements import IS_SENT, WAITS
from voisoadmin.pushes.rows import RowOutcome, outcomes_of_batch, waiting_row
from voisoadmin.pushes.services import cancel_in, drain_soon
from voisoadmin.pushes.signals import intake_began

COLUMNS = tuple(spec.name for spec in FIELDS)
"""The fields whose texts are the cells of a row, in this order."""

WINDOW = 1000  # rows of a day in memory at once


class NewLead(NamedTuple):
    number: str  # E.164 digits
    fields: dict[str, Value]  # as they are sent
    cells: list[str]  # as posted, in the order of COLUMNS


class LeadPlace(NamedTuple):
    intake_id: int
    row_number: int


class LastIntake(NamedTuple):
    """The last one of a day."""

    pk: int
    number: int
    accepted: int


class OpenInbox(NamedTuple):
    """An inbox that this transaction has locked, as a post needs it."""

    pk: int
    lane_id: int
    resends_known: bool
    is_paused: bool
    waiting: int
    day: date  # of the post, in the time zone of the connection
    last_intake: LastIntake  # of that day; full if there is none yet


def locked_inbox(inbox_id: int) -> Inbox:
    """For a transaction that changes it or takes leads out. Who holds it doesn't lock a lane."""
    return Inbox.objects.select_for_update(of=("self",)).select_related("campaign").get(pk=inbox_id)


def opened_inbox(inbox_id: int, *, day: date, then: Sequence[Asked] = ()) -> tuple[OpenInbox, list[list[tuple[Any, ...]]]]:
    """For a transaction that adds leads of a day; with the rows of what is asked then, while the inbox is locked."""
    of_intake = (post_statements.LAST_INTAKE, (inbox_id, day))
    [locked], last, *found = run_in_turn((post_statements.LOCK_INBOX, (inbox_id,)), of_intake, *then)
    lane_id, resends_known, is_paused, waiting = locked
    intake = LastIntake(*last[0]) if last else LastIntake(0, 0, MOST_ROWS)
    return OpenInbox(inbox_id, lane_id, bool(resends_known), bool(is_paused), waiting, day, intake), found


def taken(inbox: OpenInbox, numbers: Sequence[str]) -> dict[str, str]:
    """Why a number isn't accepted now: its earlier lead waits, is being sent, or the number is known in the campaign.

    Where known numbers are sent again, one that the inbox itself added that day isn't: as in a file, it counts once.
    """
    digits = [int(number) for number in numbers]
    batches, of_contacts, of_leads = (inbox.lane_id, inbox.pk), (inbox.lane_id, digits), (inbox.pk, digits)
    if inbox.resends_known:
        rows = post_statements.TAKEN_THAT_DAY.rows(*batches, inbox.pk, inbox.day, *of_contacts, *of_leads)
    else:
        rows = post_statements.TAKEN.rows(*batches, *of_contacts, *of_leads)
    found = {str(number): why for why, number, _ in rows if why != IS_SENT}
    for why, batch_id, confirmed_at in rows:
        if why == IS_SENT:
            found |= dict.fromkeys(_numbers_of(batch_id, confirmed_at).intersection(numbers), IS_SENT)
    return found


@lru_cache(maxsize=256)
def _numbers_of(batch_id: int, confirmed_at: object) -> frozenset[str]:
    """Kept, because the rows of a batch never change once its push is confirmed."""
    return frozenset(row.number for row in unpack(Batch.objects.values_list("rows", flat=True).get(pk=batch_id)))


def accept(inbox: OpenInbox, leads: Sequence[NewLead], *, at: datetime) -> list[LeadPlace]:
    """Add leads whose numbers aren't taken and differ; return their places.

    At most one drain is queued for all that waits: by the first lead.
    """
    places: list[LeadPlace] = []
    intake = inbox.last_intake
    while len(places) < len(leads):
        if intake.accepted >= MOST_ROWS:
            intake = _next_intake(inbox, intake.number + 1, at)
        some = leads[len(places) : len(places) + MOST_ROWS - intake.accepted]
        intake = intake._replace(accepted=intake.accepted + len(some))
        numbered = list(enumerate(some, start=intake.accepted - len(some) + 1))
        rows = [
            (row_number, int(lead.number), orjson.dumps(lead.cells).decode(), orjson.dumps(lead.fields).decode())
            for row_number, lead in numbered
        ]
        same = {"inbox": inbox.pk, "intake": intake.pk, "at": at}
        insert_rows(WaitingLead, ("row_number", "number", "cells", "fields"), rows, same=same)
        run_in_turn(
            (post_statements.MORE_ROWS, (len(some), len(some), intake.pk)),
            (post_statements.MORE_WAITING, (len(some), at, inbox.pk)),
        )
        places += [LeadPlace(intake.pk, row_number) for row_number, _ in numbered]
    if places and not inbox.waiting and not inbox.is_paused and not _others_wait(inbox):
        drain_soon()
    return places


def note_otherwise(inbox_id: int, count: int, *, day: date) -> None:
    """Count leads that weren't accepted for how their numbers are written, for the board; the inbox is locked."""
    before = Inbox.objects.filter(pk=inbox_id, otherwise_on=day).values_list("otherwise", flat=True).first() or 0
    Inbox.objects.filter(pk=inbox_id).update(otherwise=before + count, otherwise_on=day)


def suppress(inbox_id: int, numbers: Sequence[str]) -> int:
    """Send none of these numbers that wait in an inbox which this transaction has locked; return how many rows."""
    waiting = WaitingLead.objects.filter(inbox=inbox_id, number__in=[int(number) for number in numbers])
    return waiting.update(suppressed=True)


def _others_wait(inbox: OpenInbox) -> bool:
    """Whether a drain of the lane is queued or running for another inbox."""
    return Inbox.objects.filter(lane=inbox.lane_id, waiting__gt=0, paused_at=None).exclude(pk=inbox.pk).exists()


def _next_intake(inbox: OpenInbox, number: int, at: datetime) -> LastIntake:
    intake = Intake.objects.create(inbox_id=inbox.pk, day=inbox.day, number=number, began_at=at)
    intake_began.send(sender=Intake, intake=intake)
    return LastIntake(intake.pk, number, 0)


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
