"""Taking a lane, and recording each call before its bytes are sent (docs/sending.md, "Lock, fence, take-over")."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.db.models import F

from voisoadmin.campaigns.models import Lane
from voisoadmin.connections.models import Connection
from voisoadmin.connections.request_forms import forms_of
from voisoadmin.contacts.cleaning import Value
from voisoadmin.contacts.fields import ACTIVE, NAME
from voisoadmin.contacts.packing import PackedRow, unpack
from voisoadmin.pushes import counters, pacing
from voisoadmin.pushes.engine.holds import HoldWatch
from voisoadmin.pushes.engine.next_batch import Choice, choose
from voisoadmin.pushes.known_contacts import contacts_of
from voisoadmin.pushes.lanes import expect_one, keep_lane
from voisoadmin.pushes.models import Batch, Call, Push
from voisoadmin.pushes.outcomes.unclear import note_unclear
from voisoadmin.pushes.pacing import Rest
from voisoadmin.voiso.payloads import ContactFields

FORMS_TRIED = "forms"  # option of a push: part of a request -> the form sent since its trial


@dataclass(frozen=True, slots=True, kw_only=True)
class Ticket:
    """An open call, with everything needed to send it and record its outcome."""

    call_id: int
    batch_id: int
    root_id: int
    push_id: int
    lane_id: int
    epoch: int
    first_call_id: int  # of the root
    kind: str
    forms: dict[str, str]  # of each part of the request; fixed, so that a call is one request
    voiso_id: str
    connection: Connection
    rows: list[PackedRow]
    contacts: tuple[ContactFields, ...]
    small: bool


@dataclass(frozen=True, slots=True)
class Waiting:
    """Nothing to send for `seconds`, or (None) until a person acts or new work arrives."""

    seconds: float | None
    probe: Connection | None = None  # ask it first: it has been silent


def take_lane(lane_id: int, *, at: datetime) -> tuple[int, Rest]:
    """Become the lane's owner, already holding its lock; return the epoch, and how long it must rest first."""
    with transaction.atomic():
        Lane.objects.filter(pk=lane_id).update(epoch=F("epoch") + 1)
        epoch: int = Lane.objects.values_list("epoch", flat=True).get(pk=lane_id)
        lost = Call.objects.filter(lane=lane_id, outcome=Call.Outcome.OPEN).first()
        if lost is not None:
            Call.objects.filter(pk=lost.pk, outcome=Call.Outcome.OPEN).update(
                outcome=Call.Outcome.UNCERTAIN,
                finished_at=at,
                problem="The process that sent this batch ended before Voiso answered.",
            )
            rest = note_unclear(lost.batch_id, lane_id, at=at)
            safety = pacing.after_lost_owner()
            rest = Rest(safety, max(safety, rest.total), rest.reason)
        else:
            rest = _first_rest(lane_id, at)
        counters.refresh_lane(lane_id, at=at, waiting=rest.reason, next_call_at=counters.later(at, rest.total))
    return epoch, rest


def _first_rest(lane_id: int, at: datetime) -> Rest:
    """The rest after the last call, counted from zero, and what is left of the stored back-offs."""
    last = Call.objects.filter(lane=lane_id).select_related("batch").defer("batch__rows").order_by("-pk").first()
    if last is None:
        return Rest(0.0, 0.0)
    safety = pacing.pace()
    if last.outcome == Call.Outcome.UNNAMED and last.batch.state == Batch.State.UNCERTAIN:
        safety = pacing.quiet()
    elif last.outcome == Call.Outcome.UNCERTAIN:
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
        seconds = (not_before - at).total_seconds() if not_before else 0.0
        # Longer than any back-off: the wall clock was set back since, so the value means nothing.
        if left < seconds <= pacing.longest_back_off():
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
    with transaction.atomic():
        keep_lane(lane_id, epoch)
        choice = choose(Lane.objects.get(pk=lane_id), at=at, after_small=after_small, watch=watch)
        batch, push = choice.batch, choice.push
        if batch is None or push is None:
            return _waiting(lane_id, choice, at)
        connection = push.campaign.connection
        if connection.held_kind == Connection.HoldKind.SILENT and connection.held_reason and connection.pk not in asked:
            return Waiting(0.0, probe=connection)
        return _commit(batch, push, lane_id, epoch, at, rested, owed)


def _waiting(lane_id: int, choice: Choice, at: datetime) -> Waiting:
    if choice.stop_lane:
        hold_lane(lane_id, choice.held)
    counters.refresh_lane(lane_id, at=at, waiting=choice.held, next_call_at=counters.later(at, choice.seconds))
    if choice.held and choice.seconds is None and not choice.stop_lane:
        counters.note_blocked(lane_id, choice.held)
    return Waiting(choice.seconds if choice.held else None)


def hold_lane(lane_id: int, reason: str, *, answer: str = "") -> None:
    """Block a lane until a person resumes it. The first reason stays."""
    Lane.objects.filter(pk=lane_id, held_reason="").update(held_reason=reason[:500], held_until=None, held_answer=answer)


def stop_lane(lane_id: int, epoch: int, *, at: datetime) -> None:
    """Block a lane we own after an internal error. Raises Fenced if we lost it."""
    with transaction.atomic():
        keep_lane(lane_id, epoch)
        hold_lane(lane_id, "VoisoAdmin had an internal error and stopped sending here; see its log. No row was lost or marked.")
        counters.refresh_lane(lane_id, at=at)


def _commit(batch: Batch, push: Push, lane_id: int, epoch: int, at: datetime, rested: float, owed: float) -> Ticket:
    rows = unpack(batch.rows)
    root_id = batch.root_id or batch.pk
    number = Call.objects.filter(batch=batch).count() + 1
    expect_one(Batch.objects.filter(pk=batch.pk, state=batch.state), state=Batch.State.SENDING, wait_reason="")
    call = Call.objects.create(
        batch=batch,
        lane_id=lane_id,
        number=number,
        epoch=epoch,
        started_at=at,
        rested_milliseconds=round(rested * 1000),
        owed_milliseconds=round(owed * 1000),
        sent=len(rows),
    )
    Batch.objects.filter(pk=root_id, first_call_at=None).update(first_call_at=at)
    Push.objects.filter(pk=push.pk).update(calls=F("calls") + 1)
    Push.objects.filter(pk=push.pk, first_call_at=None).update(first_call_at=at)
    counters.refresh_lane(lane_id, at=at)
    first_call_id = Call.objects.filter(batch=root_id).order_by("pk").values_list("pk", flat=True)[0]
    return Ticket(
        call_id=call.pk,
        batch_id=batch.pk,
        root_id=root_id,
        push_id=push.pk,
        lane_id=lane_id,
        epoch=epoch,
        first_call_id=first_call_id,
        kind=push.kind,
        forms=forms_of(push.campaign.connection) | push.options.get(FORMS_TRIED, {}),
        voiso_id=push.campaign.voiso_id,
        connection=push.campaign.connection,
        rows=rows,
        contacts=_contacts(push, lane_id, rows),
        small=push.batches_total == 1,
    )


def _contacts(push: Push, lane_id: int, rows: list[PackedRow]) -> tuple[ContactFields, ...]:
    number_as_name = bool(push.options.get("number_as_name"))
    active: dict[str, bool] = {}
    if push.kind == Push.Kind.UPDATE:
        # Always sent, because leaving it out may re-activate: as mapped, else the last value we know, else active.
        known = {str(contact.number): contact.active for contact in contacts_of(lane_id, rows).values()}
        active = {row.number: known.get(row.number) is not False for row in rows}
    return tuple(ContactFields(number=row.number, values=_values(row, number_as_name, active)) for row in rows)


def _values(row: PackedRow, number_as_name: bool, active: Mapping[str, bool]) -> dict[str, Value]:
    """The fields to send; `active`: of numbers whose state must be sent even if their row has none."""
    values = dict(row.fields)
    if number_as_name:
        values.setdefault(NAME, row.number)
    if row.number in active:
        values.setdefault(ACTIVE, active[row.number])
    return values
