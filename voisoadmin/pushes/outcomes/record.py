"""Recording the result of a call: outcome, buckets, contacts, rejected records and counters in one transaction.

Each function raises Fenced, and changes nothing, if another engine now owns the lane.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import F

from voisoadmin.campaigns.models import Lane
from voisoadmin.connections.families import note_answer
from voisoadmin.contacts.packing import outcome_bytes
from voisoadmin.contacts.reasons import BY_CODE
from voisoadmin.pushes import counters, pacing
from voisoadmin.pushes.engine.calls import Ticket, hold_lane
from voisoadmin.pushes.known_contacts import Source, contacts_of, known_before, known_numbers, learn
from voisoadmin.pushes.lanes import expect_one, keep_lane
from voisoadmin.pushes.models import Batch, Call, Push
from voisoadmin.pushes.not_now import forget
from voisoadmin.pushes.outcomes.answers import MOVED, Reading, read_answer
from voisoadmin.pushes.outcomes.splitting import add_pieces
from voisoadmin.pushes.outcomes.unclear import note_unclear, write_records
from voisoadmin.pushes.outcomes.unnamed import note_unnamed
from voisoadmin.pushes.pacing import Rest
from voisoadmin.pushes.request_forms import remember_accepted
from voisoadmin.voiso.payloads import ContactsAnswer

__all__ = ["Outcome", "close_call", "known_numbers", "quoted", "record_answer", "show_rest"]


@dataclass(frozen=True, slots=True)
class Outcome:
    """When a call ended, and how long it took."""

    at: datetime
    milliseconds: int


def record_answer(ticket: Ticket, answer: ContactsAnswer, outcome: Outcome) -> Rest:
    """A valid answer: every row gets its bucket, or is sent again in a follow-up."""
    with transaction.atomic():
        keep_lane(ticket.lane_id, ticket.epoch, last_call_at=outcome.at)
        batch = Batch.objects.select_related("root", "push").defer("rows", "root__rows").get(pk=ticket.batch_id)
        known = contacts_of(ticket.lane_id, ticket.rows)
        reading = read_answer(
            [row.number for row in ticket.rows],
            answer,
            ticket.kind,
            was_uncertain=(batch.root or batch).was_uncertain,
            known_before=known_before(known, ticket.first_call_id),
            follow_ups=batch.follow_ups,
        )
        if not reading.named and batch.follow_ups == 0:
            # Of a follow-up it is known that some of its batch were named: those left out are asked about, then reviewed.
            close_call(ticket, outcome, Call.Outcome.UNNAMED, http_status=answer.http_status, excerpt=quoted(answer.words))
            rest = note_unnamed(batch.pk, words=answer.words, at=outcome.at)
        elif reading.contradiction:
            rest = _contradicted(ticket, reading, answer.http_status, outcome)
        else:
            rest = pacing.after_answer()
            _confirm(ticket, batch, reading, answer, outcome)
            source = Source(ticket.lane_id, ticket.push_id, ticket.call_id, outcome.at)
            learned = learn(source, ticket.rows, _codes(batch, reading), known)
            Lane.objects.filter(pk=ticket.lane_id).update(contacts_known=F("contacts_known") + learned)
        note_answer(ticket.connection, outcome.at)
        show_rest(ticket, rest, outcome)
    return rest


def _codes(batch: Batch, reading: Reading) -> list[int]:
    """A cancelled push sends no follow-up: rows not named by its last answer stay open."""
    if batch.push.state != Push.State.CANCELLED:
        return reading.codes
    return [BY_CODE["not_named"].byte if code == MOVED else code for code in reading.codes]


def _confirm(ticket: Ticket, batch: Batch, reading: Reading, answer: ContactsAnswer, outcome: Outcome) -> None:
    codes = _codes(batch, reading)
    close_call(ticket, outcome, Call.Outcome.ANSWERED, http_status=answer.http_status, named=reading.named)
    expect_one(
        Batch.objects.filter(pk=batch.pk, state=Batch.State.SENDING),
        state=Batch.State.CONFIRMED,
        outcomes=outcome_bytes(codes),
        row_answers=dict(answer.reasons),
        done_at=outcome.at,
        not_before=None,
        wait_reason="",
    )
    if not answer.refusal:
        forget(ticket.lane_id)
    if reading.named.keys() - {"rejected"} and not answer.refusal:
        Batch.objects.filter(pk=ticket.root_id).update(accepted_any=True)
        remember_accepted(ticket, batch.push)
    write_records(ticket.push_id, batch.pk, ticket.rows, codes, reasons=answer.reasons)
    if MOVED in codes:
        # The request was answered and may have added rows that the answer doesn't name: from here on the root is in doubt.
        Batch.objects.filter(pk=ticket.root_id).update(was_uncertain=True)
        add_pieces(batch, [[ticket.rows[place] for place in reading.follow_up]], follow_ups=batch.follow_ups + 1)
    Push.objects.filter(pk=ticket.push_id).update(batches_done=F("batches_done") + 1, last_answer_at=outcome.at)
    counters.count_outcomes(ticket.push_id, codes)
    counters.end_if_done(ticket.push_id, at=outcome.at)


def _contradicted(ticket: Ticket, reading: Reading, http_status: int, outcome: Outcome) -> Rest:
    """No part of the answer can be believed: the batch stays in doubt, and a person must look."""
    close_call(
        ticket,
        outcome,
        Call.Outcome.UNCERTAIN,
        http_status=http_status,
        named=reading.named,
        problem=reading.contradiction,
        excerpt=reading.contradiction,
    )
    words = "; ".join(f"{name}: {', '.join(numbers[:20])}" for name, numbers in reading.named.items())
    hold_lane(ticket.lane_id, f"{reading.contradiction} Nothing more is sent until you resume.", answer=words[:2000])
    return note_unclear(ticket.batch_id, ticket.lane_id, at=outcome.at)


def quoted(words: str) -> str:
    """Voiso's words as they are put beside ours."""
    return f"“{words}”" if words else ""


def close_call(
    ticket: Ticket,
    outcome: Outcome,
    kind: Call.Outcome,
    *,
    http_status: int | None = None,
    named: dict[str, Any] | None = None,
    problem: str = "",
    excerpt: str = "",
) -> None:
    expect_one(
        Call.objects.filter(pk=ticket.call_id, outcome=Call.Outcome.OPEN),
        outcome=kind,
        finished_at=outcome.at,
        milliseconds=outcome.milliseconds,
        http_status=http_status,
        named=named or {},
        problem=problem[:300],
        excerpt=excerpt,
    )
    Push.objects.filter(pk=ticket.push_id).update(answer_milliseconds=F("answer_milliseconds") + outcome.milliseconds)


def show_rest(ticket: Ticket, rest: Rest, outcome: Outcome) -> None:
    """Show on the lane what it waits for, and until when."""
    counters.refresh_lane(
        ticket.lane_id,
        at=outcome.at,
        waiting=rest.reason,
        next_call_at=outcome.at + timedelta(seconds=rest.total),
    )
