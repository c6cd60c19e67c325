"""Carries out an operation in the background, in as many jobs as it takes.

The progress is saved before each request and after each answer, so that the next job continues after a crash. Each job
takes the operation up under a new number: what an earlier one still writes is dropped.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import ClassVar

from django.db import transaction
from django.utils import timezone

from voisoadmin.lib.clock import monotonic
from voisoadmin.lib.jobs import enqueue
from voisoadmin.operations import services
from voisoadmin.operations.models import Operation


class OperationProgress(ABC):
    """An operation that is being carried out: its progress and its outcome, as stored."""

    def __init__(self, operation: Operation) -> None:
        self.operation = operation

    @abstractmethod
    def as_json(self) -> services.Facts:
        """The progress, as stored in `result`."""

    @abstractmethod
    def ended(self, outcome: Operation.Status) -> None:
        """Write what the outcome changes, in its transaction."""

    def note(self, *, answer: str | None = None) -> bool:
        """Save the progress; False if another job has taken the operation up: then stop."""
        return services.note(self.operation, at=timezone.now(), result=self.as_json(), answer=answer)

    def end(self, outcome: Operation.Status, *, problem: str = "", answer: str = "") -> bool:
        """Save the outcome with all that it changes, or nothing of it; True."""
        at, result = timezone.now(), self.as_json()
        with transaction.atomic():
            if services.end(self.operation, outcome, at=at, problem=problem, answer=answer, result=result):
                self.ended(outcome)
        return True


class OperationJob(OperationProgress):
    """One job's share of an operation."""

    job: ClassVar[str]  # dotted name of the queue's job, which calls `continue_in_background`
    most_attempts: ClassVar[int]
    new_requests_until: ClassVar[float]  # seconds into a job: one more request still ends below the queue's limit

    def __init__(self, operation: Operation) -> None:
        super().__init__(operation)
        self._began = monotonic()

    @abstractmethod
    def run(self) -> bool:
        """Continue for as long as one job may; return whether the operation has ended (or now belongs to another job)."""

    @abstractmethod
    def give_up(self, why: str) -> bool:
        """End the operation early; True."""

    @property
    def is_over_time(self) -> bool:
        return monotonic() - self._began > self.new_requests_until

    @classmethod
    def queue(cls, operation: Operation) -> None:
        """Let a worker begin or continue it. In the transaction that makes this right."""
        enqueue(cls.job, operation.pk, operation.attempt)

    @classmethod
    def continue_in_background(cls, operation_id: int, attempt: int) -> None:
        """Do one job's share, and queue the next."""
        left = cls._share(operation_id, attempt)
        if left is not None:
            cls.queue(left)

    @classmethod
    def carry_out(cls, operation: Operation) -> None:
        """Do all of it in this process."""
        left: Operation | None = operation
        while left is not None:
            left = cls._share(left.pk, left.attempt)

    @classmethod
    def _share(cls, operation_id: int, attempt: int) -> Operation | None:
        """Return the operation if it hasn't ended and its next job is due."""
        operation = services.take_up(operation_id, attempt=attempt, at=timezone.now())
        if operation is None:
            return None
        job = cls(operation)
        if operation.attempt > cls.most_attempts:
            job.give_up("It was tried too often without finishing.")
            return None
        return None if job.run() else operation
