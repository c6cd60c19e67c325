"""Carries out a bulk: gives one campaign after the other its turn, until all have ended or the time is over.

The children of a bulk carry the number of the job that has it, so that what an earlier job still writes is dropped.
"""

from abc import abstractmethod
from collections import Counter
from collections.abc import Sequence
from datetime import datetime, timedelta

from django.conf import settings
from django.db.models import Q
from django.utils import timezone
from django_q.models import OrmQ

from voisoadmin.accounts.models import User
from voisoadmin.lib.clock import deadline, monotonic
from voisoadmin.lib.stopping import stop_requested
from voisoadmin.operations import services
from voisoadmin.operations.carrying import OperationJob
from voisoadmin.operations.models import Operation, OperationQuerySet

BULK_LASTS = 600.0  # seconds from the click
AWAY_LONGEST = 30.0  # seconds without a sign of life: after it nothing more is sent
HEARTBEAT_EVERY = 1.0
LEFT_AFTER = timedelta(seconds=6)  # without a heartbeat its worker has died
LOOK_EVERY = 0.25
SHORTEST_SLICE = 0.5  # a bulk that rested at once would never come further

OVER = "Not sent: the 10 minutes of this bulk were over. Retry it."
AWAY = "Not sent: the background worker was away, and a bulk doesn't begin again without a person. Retry it."


class BulkJob(OperationJob):
    most_attempts = 3000  # a job that makes room for others ends early
    new_requests_until = settings.SLICE_SECONDS

    def __init__(self, operation: Operation) -> None:
        super().__init__(operation)
        self._alive_at = _moment(operation.result.get("alive")) or operation.asked_at
        self._is_lost = False  # another job has it
        self._next_heartbeat = self._next_look = 0.0
        self._rests = False
        self._counts: dict[str, int] = {}

    @abstractmethod
    def work(self) -> None:
        """Continue with the children that have begun, and give others their turn, until all have ended or `must_rest`."""

    @abstractmethod
    def close(self, child: Operation, why: str) -> None:
        """End a child that has begun with what is known of it."""

    # What the result page needs

    @classmethod
    def problems_of(cls, children: Sequence[Operation], reader: User) -> dict[int, str]:
        """Why each failed, for the reader of the page; by ID."""
        return {child.pk: child.problem for child in children}

    @classmethod
    def again(cls, child: Operation) -> dict[str, services.Facts]:
        """`request` and `result` of another try."""
        return {"request": child.request}

    # For `work`

    @property
    def children(self) -> OperationQuerySet:
        return Operation.objects.filter(parent=self.operation.pk)

    def waiting(self) -> list[tuple[int, int]]:
        """The children whose turn hasn't come, as (ID, connection), in the order in which they were chosen."""
        found = self.children.filter(status=Operation.Status.QUEUED).order_by("pk")
        return [(pk, connection or 0) for pk, connection in found.values_list("pk", "connection_ref")]

    def begun(self) -> list[Operation]:
        return list(self.children.filter(status=Operation.Status.RUNNING).order_by("pk"))

    def give_turn(self, child_id: int, *, at: datetime) -> Operation | None:
        """Begin with a child; None if it was cancelled, or another job has this bulk."""
        is_mine = Q(pk=child_id, status=Operation.Status.QUEUED, attempt=self.operation.attempt)
        taken = Operation.objects.filter(is_mine).update(status=Operation.Status.RUNNING, started_at=at, touched_at=at)
        return Operation.objects.get(pk=child_id) if taken else None

    def must_rest(self) -> bool:
        """Whether to begin nothing more in this job. Keeps the sign of life."""
        now = monotonic()
        if now >= self._next_heartbeat and not self._is_lost:
            self._next_heartbeat = now + HEARTBEAT_EVERY
            self._alive_at = timezone.now()
            self._is_lost = not self.note()
        if now >= self._next_look and not self._rests:
            self._next_look = now + LOOK_EVERY
            self._rests = self.is_over_time or stop_requested() or self._is_over or self._others_wait(now)
        return self._rests or self._is_lost

    # The job

    def run(self) -> bool:
        self.children.open().update(attempt=self.operation.attempt)
        if abs(timezone.now() - self._alive_at) > timedelta(seconds=deadline(AWAY_LONGEST, at_least=20.0)):
            refuse_waiting(self.operation, "away", AWAY, at=timezone.now())
        self._is_lost = not self.note()
        if not self._is_lost:
            self.work()
        if self._is_over and not self._is_lost:
            return self.give_up(OVER)
        return self._is_lost or self._end_if_done()

    def give_up(self, why: str) -> bool:
        refuse_waiting(self.operation, "over", why, at=timezone.now())
        for child in self.begun():
            self.close(child, why)
        return self._end_if_done()

    def as_json(self) -> services.Facts:
        facts: services.Facts = {"alive": self._alive_at.timestamp()}
        return facts | ({"counts": self._counts} if self._counts else {})

    def ended(self, outcome: Operation.Status) -> None:
        """The children have written all that it changes."""

    @property
    def _is_over(self) -> bool:
        age = timezone.now() - self.operation.asked_at
        return abs(age.total_seconds()) > deadline(BULK_LASTS, at_least=120.0)

    def _others_wait(self, now: float) -> bool:
        """Whether there are more tasks than workers: a click, or the engine, must not wait for a bulk."""
        return now - self._began > SHORTEST_SLICE and OrmQ.objects.count() > settings.QUEUE_WORKERS

    def _end_if_done(self) -> bool:
        if self.children.open().exists():
            return False
        self._counts = counts_of(self.operation)
        done, unconfirmed = self._counts.get("done", 0), self._counts.get("unconfirmed", 0)
        if done:
            return self.end(Operation.Status.DONE)
        return self.end(Operation.Status.UNCONFIRMED if unconfirmed else Operation.Status.REFUSED)


def refuse_waiting(bulk: Operation, code: str, why: str, *, at: datetime) -> int:
    """End the children whose turn hasn't come; return how many."""
    return Operation.objects.filter(parent=bulk.pk, status=Operation.Status.QUEUED).update(
        status=Operation.Status.REFUSED, ended_at=at, touched_at=at, problem=why, result={"refused": code}
    )


NOT_SENT = frozenset({"cancelled", "over", "away"})
"""Why a child ended before its turn came."""


def counts_of(bulk: Operation) -> dict[str, int]:
    """How many children have which status; those that ended before their turn came are `not_sent`."""
    rows = Operation.objects.filter(parent=bulk.pk).values_list("status", "result__refused")
    return dict(Counter("not_sent" if code in NOT_SENT else status for status, code in rows))


def _moment(stamp: object) -> datetime | None:
    return datetime.fromtimestamp(stamp, tz=timezone.get_current_timezone()) if isinstance(stamp, float) else None
