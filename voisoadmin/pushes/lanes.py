"""A lane during one transaction: locked and read at its start, changed in memory, written once at its end.

The fence: a writer of outcomes proves in its transaction that it still owns the lane.
"""

from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from copy import deepcopy
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Exists, Model, OuterRef, QuerySet

from voisoadmin.campaigns.counted import count, quarter_of
from voisoadmin.campaigns.models import Lane
from voisoadmin.connections.models import Connection
from voisoadmin.contacts.packing import PackedRow
from voisoadmin.pushes.intake_counters import IntakeChanges
from voisoadmin.pushes.models import Inbox, Push
from voisoadmin.voiso.payloads import ContactFields


class Fenced(Exception):
    """Another engine has taken over the lane, or a user was faster: this transaction must be rolled back."""


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


class LockedLane:
    """A lane and its pushes, to be changed in memory while the lane's row is locked.

    Every writer to the pushes of a lane locks its row first, so nothing read here is out of date, and writers never
    deadlock.
    """

    def __init__(self, lane: Lane, *, for_sending: bool) -> None:
        self.lane = lane
        self.leads_wait: bool = getattr(lane, "leads_wait", False)  # known for sending only
        related = ("by", "campaign__connection") if for_sending else ("by",)
        self._all = Push.objects.filter(lane=lane).select_related(*related)
        self._lane_before = _values(lane)
        self._pushes: dict[int, Push] = {}
        self._pushes_before: dict[int, dict[str, Any]] = {}
        self._read_running = False
        self.intakes = IntakeChanges()
        self._quarters: dict[datetime, Counter[str]] = {}

    def running(self) -> list[Push]:
        """Pushes that are confirmed and not ended, in the order in which they are sent."""
        if not self._read_running:
            self._read_running = True
            for push in self._all.filter(state__in=Push.RUNNING):
                self._keep(push)
        running = [push for push in self._pushes.values() if push.state in Push.RUNNING]
        return sorted(running, key=lambda push: (push.confirmed_at, push.pk))

    def push(self, push_id: int) -> Push:
        """A push of this lane, whatever its state."""
        self.running()
        if push_id not in self._pushes:
            self._keep(self._all.get(pk=push_id))
        return self._pushes[push_id]

    def add(self, push: Push) -> None:
        """A push that is written at the end: a draft by now, and confirmed by what follows in this transaction."""
        self.running()
        self._keep(push)

    def block(self, reason: str, *, answer: str = "") -> None:
        """Send nothing until a person resumes it. The first reason stays. `answer`: Voiso's words, redacted."""
        if not self.lane.held_reason:
            self.lane.held_reason, self.lane.held_until, self.lane.held_answer = reason[:500], None, answer

    def count(self, rows: Mapping[str, int], *, at: datetime) -> None:
        """Count rows in the quarter of an hour of their outcome, by the names in `counted.COUNTED`."""
        self._quarters.setdefault(quarter_of(at), Counter()).update(rows)

    def write(self) -> None:
        """Write what has changed: at most one statement for each push and intake, for the lane and its quarter of an hour."""
        for key, push in self._pushes.items():
            if changes := _changes(push, before := self._pushes_before[key]):
                expect_one(Push.objects.filter(pk=key), **changes)
                self.lane.rows_to_fix += _to_fix(before | changes) - _to_fix(before)
                self.intakes.note(before, before | changes)
        self.intakes.write()
        if changes := _changes(self.lane, self._lane_before):
            expect_one(Lane.objects.filter(pk=self.lane.pk, epoch=self._lane_before["epoch"]), **changes)
        for quarter, rows in self._quarters.items():
            if counted := {name: number for name, number in rows.items() if number}:
                count(self.lane.pk, quarter, counted)

    def _keep(self, push: Push) -> None:
        # One that was read before may have been changed since.
        if push.pk not in self._pushes:
            self._pushes[push.pk], self._pushes_before[push.pk] = push, _values(push)


@contextmanager
def locked_lane(lane_id: int, *, epoch: int | None = None, for_sending: bool = False) -> Iterator[LockedLane]:
    """Lock the lane's row for one transaction, as its first statement, and write the changes when the block ends.

    `epoch`: of the lane's owner; raises Fenced if the lane was taken over since. `for_sending`: its pushes come with their
    connections, and so with a key that may be unreadable.
    """
    with transaction.atomic():
        rows = Lane.objects.select_for_update().filter(pk=lane_id)
        if for_sending:
            rows = rows.annotate(leads_wait=Exists(Inbox.objects.to_send().filter(lane=OuterRef("pk"))))
        lane = (rows if epoch is None else rows.filter(epoch=epoch)).first()
        if lane is None:
            raise Fenced
        locked = LockedLane(lane, for_sending=for_sending)
        yield locked
        locked.write()


def expect_one(rows: QuerySet[Any], /, **changes: object) -> None:
    """A compare-and-set: exactly one row must match what we knew, else Fenced."""
    if rows.update(**changes) != 1:
        raise Fenced


def _values(instance: Model) -> dict[str, Any]:
    values = ((field.attname, getattr(instance, field.attname)) for field in instance._meta.concrete_fields)
    # JSON may be changed in place.
    return {name: deepcopy(value) if isinstance(value, dict | list) else value for name, value in values}


def _changes(instance: Model, before: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in _values(instance).items() if value != before[name]}


def _to_fix(push: Mapping[str, Any]) -> int:
    """The rows to fix of a push that was confirmed."""
    if push["state"] == Push.State.DRAFT:
        return 0
    return int(push["invalid"] + push["rejected"] + push["needs_review"] - push["dismissed_rows"])
