"""Taking a lane, and recording each call before its bytes are sent (docs/sending.md, "Lock, fence, take-over")."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from voisoadmin.connections.models import Connection
from voisoadmin.connections.request_forms import forms_of
from voisoadmin.contacts.cleaning import Value
from voisoadmin.contacts.fields import ACTIVE, NAME
from voisoadmin.contacts.packing import PackedRow, unpack
from voisoadmin.lib.clock import seconds_until
from voisoadmin.pushes import counters, pacing
from voisoadmin.pushes.engine.holds import HoldWatch
from voisoadmin.pushes.engine.next_batch import NextBatch, next_batch
from voisoadmin.pushes.forming import form_push
from voisoadmin.pushes.known_contacts import contacts_of
from voisoadmin.pushes.lanes import LockedLane, Ticket, expect_one, locked_lane
from voisoadmin.pushes.models import Batch, Call, Inbox, Push
from voisoadmin.pushes.outcomes.settle import batch_to_settle, mark_root
from voisoadmin.pushes.outcomes.unclear import note_unclear
from voisoadmin.pushes.pacing import Rest
from voisoadmin.voiso.payloads import ContactFields


@dataclass(frozen=True, slots=True)
class Waiting:
    """Nothing to send for `seconds`, or (None) until a person acts or new work arrives."""

    seconds: float | None
    probe: Connection | None = None  # ask it first: it has been silent


def take_lane(lane_id: int, *, at: datetime) -> tuple[int, Rest]:
    """Become the lane's owner, already holding its lock; return the epoch, and how long it must rest first."""
    with locked_lane(lane_id) as locked:
        locked.lane.epoch += 1
        lost = Call.objects.filter(lane=lane_id, outcome=Call.Result.OPEN).first()
        if lost is not None:
            expect_one(
                Call.objects.filter(pk=lost.pk, outcome=Call.Result.OPEN),
                outcome=Call.Result.UNCERTAIN,
                finished_at=at,
                problem="The process that sent this batch ended before Voiso answered.",
            )
            rest = note_unclear(locked, batch_to_settle(lost.batch_id), at=at)
            safety = pacing.after_lost_owner()
            rest = Rest(safety, max(safety, rest.total), rest.reason)
        else:
            rest = _first_rest(lane_id, at)
        counters.show_sending(locked, at=at, waiting=rest.reason, next_call_at=counters.later(at, rest.total))
    return locked.lane.epoch, rest


def _first_rest(lane_id: int, at: datetime) -> Rest:
    """The rest after the last call, counted from zero, and what is left of the stored back-offs."""
    last = Call.objects.filter(lane=lane_id).select_related("batch").defer("batch__rows").order_by("-pk").first()
    if last is None:
        return Rest(0.0, 0.0)
    safety = pacing.pace()
    if last.outcome == Call.Result.UNNAMED and last.batch.state == Batch.State.UNCERTAIN:
        safety = pacing.quiet()
    elif last.outcome == Call.Result.UNCERTAIN:
        # Closed by a take-over, after which nothing was sent: its own owner may still be alive, waiting for the answer.
        safety = pacing.after_lost_owner() if last.milliseconds is None else pacing.quiet()
    waiting = Batch.objects.filter(
        lane=lane_id,
        state__in=[Batch.State.PLANNED, Batch.State.UNCERTAIN],
        push__state=Push.State.SENDING,
        not_before__gt=at,
    )
    left, reason = 0.0, ""
    for not_before, why in waiting.values_list("not_before", "wait_reason"):
        seconds = seconds_until(not_before, at, longest=pacing.longest_back_off())
        if seconds > left:
            left, reason = seconds, why
    return Rest(safety, max(safety, left), reason)


def open_call(
    lane_id: int,
    epoch: int,
    *,
    at: datetime,
    watch: HoldWatch,
    after_small: bool,
    rested: float,
    owed: float,
    asked: frozenset[int],
) -> Ticket | Waiting:
    """Commit the intent to send the next batch. Raises Fenced if the lane is no longer ours.

    `asked`: connections that just answered a read after being silent. `rested`, `owed`: seconds, for the call's row.
    """
    with locked_lane(lane_id, epoch=epoch, for_sending=True) as locked:
        found = next_batch(locked, at=at, after_small=after_small, watch=watch)
        if found.campaign is None:
            return _waiting(locked, found, at)
        connection = found.campaign.connection
        if connection.held_kind == Connection.HoldKind.SILENT and connection.held_reason and connection.pk not in asked:
            return Waiting(0.0, probe=connection)
        push, batch = _sendable(locked, found, at)
        if push is None or batch is None:
            return Waiting(0.0)
        rows = unpack(batch.rows)
        call, first_call_id = _commit(batch, push, epoch, at, rested, owed)
        counters.show_sending(locked, at=at)
    return Ticket(
        call_id=call.pk,
        batch_id=batch.pk,
        root_id=batch.root_id or batch.pk,
        push_id=push.pk,
        lane_id=lane_id,
        epoch=epoch,
        first_call_id=first_call_id,
        kind=push.kind,
        forms=forms_of(connection) | push.forms_tried,
        voiso_id=push.campaign.voiso_id,
        connection=connection,
        rows=rows,
        contacts=_contacts(push, lane_id, rows),
        small=push.batches_total == 1,
    )


def _sendable(locked: LockedLane, found: NextBatch, at: datetime) -> tuple[Push | None, Batch | None]:
    """The batch, formed now of leads that wait; none if all of them were left out, or taken meanwhile."""
    if found.inbox is None:
        return found.push, found.batch
    # Locked behind its lane, and read again: a post may have added leads, and a person paused it.
    inbox = Inbox.objects.select_for_update(of=("self",)).get(pk=found.inbox.pk)
    inbox.campaign, inbox.lane = found.inbox.campaign, locked.lane
    formed = form_push(locked, inbox, at=at) if inbox.paused_at is None else None
    return (None, None) if formed is None else formed


def _waiting(locked: LockedLane, found: NextBatch, at: datetime) -> Waiting:
    if found.stop_lane:
        locked.block(found.held)
    needs_person = found.held if found.seconds is None and not found.stop_lane else ""
    next_call_at = counters.later(at, found.seconds)
    counters.show_sending(locked, at=at, waiting=found.held, blocked=needs_person, next_call_at=next_call_at)
    return Waiting(found.seconds if found.held else None)


def stop_lane(lane_id: int, epoch: int, *, at: datetime) -> None:
    """Block a lane we own after an internal error. Raises Fenced if we lost it."""
    with locked_lane(lane_id, epoch=epoch) as locked:
        locked.block("VoisoAdmin had an internal error and stopped sending here; see its log. No row was lost or marked.")
        counters.show_sending(locked, at=at)


def _commit(batch: Batch, push: Push, epoch: int, at: datetime, rested: float, owed: float) -> tuple[Call, int]:
    """Write the call, and return it with the ID of the first call of the batch's root."""
    is_first = (batch.root or batch).first_call_at is None
    earlier = {} if is_first else dict(_calls_of_family(batch))
    expect_one(
        Batch.objects.filter(pk=batch.pk, state=batch.state),
        state=Batch.State.SENDING,
        wait_reason="",
        **(mark_root(batch, first_call_at=at) if is_first else {}),
    )
    call = Call.objects.create(
        batch=batch,
        lane_id=batch.lane_id,
        number=sum(batch_id == batch.pk for batch_id in earlier.values()) + 1,
        epoch=epoch,
        started_at=at,
        rested_milliseconds=round(rested * 1000),
        owed_milliseconds=round(owed * 1000),
        sent=batch.size,
    )
    push.calls += 1
    push.first_call_at = push.first_call_at or at
    return call, min(earlier, default=call.pk)


def _calls_of_family(batch: Batch) -> list[tuple[int, int]]:
    """The calls of a batch and of its root: their IDs, and whose they are."""
    calls = Call.objects.filter(batch__in={batch.pk, batch.root_id or batch.pk})
    return list(calls.values_list("pk", "batch"))


def _contacts(push: Push, lane_id: int, rows: list[PackedRow]) -> tuple[ContactFields, ...]:
    active: dict[str, bool] = {}
    if push.kind == Push.Kind.UPDATE:
        # Always sent, because leaving it out may re-activate: as mapped, else the last value we know, else active.
        known = {str(contact.number): contact.active for contact in contacts_of(lane_id, rows).values()}
        active = {row.number: known.get(row.number) is not False for row in rows}
    return tuple(ContactFields(number=row.number, values=_values(row, push.number_as_name, active)) for row in rows)


def _values(row: PackedRow, number_as_name: bool, active: Mapping[str, bool]) -> dict[str, Value]:
    """The fields to send; `active`: of numbers whose state must be sent even if their row has none."""
    values = dict(row.fields)
    if number_as_name:
        values.setdefault(NAME, row.number)
    if row.number in active:
        values.setdefault(ACTIVE, active[row.number])
    return values
