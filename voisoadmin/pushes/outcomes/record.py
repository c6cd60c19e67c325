"""Recording the result of a call: outcome, buckets, contacts, rejected records and counters in one transaction.

Each function raises Fenced, and changes nothing, if another engine now owns the lane.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from voisoadmin.connections.families import note_answer
from voisoadmin.contacts.reasons import BY_CODE, MOVED
from voisoadmin.pushes import counters, pacing
from voisoadmin.pushes.form_trials import remember_accepted
from voisoadmin.pushes.known_contacts import AnswerSource, contacts_of, doubtful_numbers, learn
from voisoadmin.pushes.lanes import LockedLane, Ticket, expect_one, locked_lane
from voisoadmin.pushes.models import Batch, Call, Push
from voisoadmin.pushes.not_now import forget
from voisoadmin.pushes.outcomes.answer_reading import AnswerReading, read_answer
from voisoadmin.pushes.outcomes.settle import batch_to_settle, end_batch, mark_root
from voisoadmin.pushes.outcomes.splitting import add_pieces
from voisoadmin.pushes.outcomes.unclear import note_unclear
from voisoadmin.pushes.outcomes.unnamed import note_unnamed
from voisoadmin.pushes.pacing import Rest
from voisoadmin.voiso.payloads import ContactsAnswer


@dataclass(frozen=True, slots=True)
class CallEnd:
    """When a call ended, and how long it took."""

    at: datetime
    milliseconds: int


@dataclass(slots=True)
class CallRecord:
    """One call that is being recorded, with everything its outcome changes."""

    ticket: Ticket
    end: CallEnd
    locked: LockedLane
    batch: Batch
    push: Push
    rest: Rest = field(default_factory=pacing.after_answer)  # of the lane, from the answer on

    @property
    def at(self) -> datetime:
        return self.end.at

    def close(
        self,
        kind: Call.Result,
        *,
        http_status: int | None = None,
        named: dict[str, Any] | None = None,
        problem: str = "",
        excerpt: str = "",
    ) -> None:
        """Close the call, once and for all."""
        expect_one(
            Call.objects.filter(pk=self.ticket.call_id, outcome=Call.Result.OPEN),
            outcome=kind,
            finished_at=self.end.at,
            milliseconds=self.end.milliseconds,
            http_status=http_status,
            named=named or {},
            problem=problem[:300],
            excerpt=excerpt,
        )
        if kind == Call.Result.ANSWERED:
            lane = self.locked.lane
            lane.answer_milliseconds = pacing.usual_answer(lane.answer_milliseconds, self.end.milliseconds)


@contextmanager
def recording(ticket: Ticket, end: CallEnd) -> Iterator[CallRecord]:
    """One transaction in which the outcome of a call is recorded; at its end the lane shows what it waits for."""
    with locked_lane(ticket.lane_id, epoch=ticket.epoch) as locked:
        locked.lane.last_call_at = end.at
        record = CallRecord(ticket, end, locked, batch_to_settle(ticket.batch_id), locked.push(ticket.push_id))
        yield record
        next_call_at = end.at + timedelta(seconds=record.rest.total)
        counters.show_sending(locked, at=end.at, waiting=record.rest.reason, next_call_at=next_call_at)


def record_answer(ticket: Ticket, answer: ContactsAnswer, end: CallEnd) -> Rest:
    """A valid answer: every row gets its bucket, or is sent again in a follow-up."""
    with recording(ticket, end) as record:
        batch = record.batch
        known = contacts_of(ticket.lane_id, ticket.rows)
        was_uncertain = (batch.root or batch).was_uncertain
        reading = read_answer(
            [row.number for row in ticket.rows],
            answer,
            ticket.kind,
            doubtful=doubtful_numbers(ticket.rows, known, ticket.first_call_id if was_uncertain else None),
            follow_ups=batch.follow_ups,
        )
        if not reading.named and batch.follow_ups == 0:
            # Of a follow-up it is known that some of its batch were named: those left out are asked about, then reviewed.
            record.close(Call.Result.UNNAMED, http_status=answer.http_status, excerpt=quoted(answer.words))
            record.rest = note_unnamed(record.locked, batch, words=answer.words, at=end.at)
        elif reading.contradiction:
            record.rest = _contradicted(record, reading, answer.http_status)
        else:
            codes = _codes(record.push, reading)
            _confirm(record, reading, codes, answer)
            source = AnswerSource(ticket.lane_id, ticket.push_id, ticket.call_id, end.at)
            record.locked.lane.contacts_known += learn(source, ticket.rows, codes, known)
        note_answer(ticket.connection, end.at)
    return record.rest


def _codes(push: Push, reading: AnswerReading) -> list[int]:
    """A cancelled push sends no follow-up: rows not named by its last answer stay open."""
    if push.state != Push.State.CANCELLED:
        return reading.codes
    return [BY_CODE["not_named"].byte if code == MOVED else code for code in reading.codes]


def _confirm(record: CallRecord, reading: AnswerReading, codes: list[int], answer: ContactsAnswer) -> None:
    ticket, batch, push = record.ticket, record.batch, record.push
    record.close(Call.Result.ANSWERED, http_status=answer.http_status, named=reading.named)
    push.last_answer_at = record.at
    marks: dict[str, object] = {}
    if not answer.refusal:
        forget(record.locked.lane)
        if reading.named.keys() - {"rejected"}:
            marks["accepted_any"] = True
            remember_accepted(ticket, push)
    if MOVED in codes:
        # The request was answered and may have added rows that the answer doesn't name: from here on the root is in doubt.
        marks["was_uncertain"] = True
        add_pieces(push, batch, [[ticket.rows[place] for place in reading.follow_up]], follow_ups=batch.follow_ups + 1)
    end_batch(
        record.locked,
        batch,
        ticket.rows,
        codes,
        state=Batch.State.CONFIRMED,
        at=record.at,
        row_answers=answer.reasons,
        **mark_root(batch, **marks),
    )


def _contradicted(record: CallRecord, reading: AnswerReading, http_status: int) -> Rest:
    """No part of the answer can be believed: the batch stays in doubt, and a person must look."""
    record.close(
        Call.Result.UNCERTAIN,
        http_status=http_status,
        named=reading.named,
        problem=reading.contradiction,
        excerpt=reading.contradiction,
    )
    words = "; ".join(f"{name}: {', '.join(numbers[:20])}" for name, numbers in reading.named.items())
    record.locked.block(f"{reading.contradiction} Nothing more is sent until you resume.", answer=words[:2000])
    return note_unclear(record.locked, record.batch, at=record.at)


def quoted(words: str) -> str:
    """Voiso's words as they are put beside ours."""
    return f"“{words}”" if words else ""
