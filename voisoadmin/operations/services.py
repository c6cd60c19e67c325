"""The audit trail: one Operation per click, even if browser, network or user repeats it."""

import uuid
from collections.abc import Iterable
from datetime import datetime, timedelta

from django.db import IntegrityError, transaction
from django.db.models import F, Q, QuerySet
from django.db.models.functions import Coalesce

from voisoadmin.accounts.models import User
from voisoadmin.operations.models import Operation

Facts = dict[str, object]

QUEUED_TOO_LONG = timedelta(seconds=30)  # the queue lost its job, or no worker runs
UNTOUCHED_TOO_LONG = timedelta(seconds=180)  # longer than the queue lets any job run, so its worker died


def record_done(
    *,
    kind: str,
    subject_kind: str,
    subject_id: int,
    subject_label: str,
    by: User | None,
    by_label: str = "",
    at: datetime,
    campaign_ref: int | None = None,
    client_token: uuid.UUID | None = None,
    request: Facts | None = None,
    result: Facts | None = None,
    status: Operation.Status = Operation.Status.DONE,
) -> Operation:
    """Record what needed no work outside our database, in the caller's transaction. A repeat returns the earlier
    operation."""
    operation, _ = _create_once(
        client_token,
        status=status,
        started_at=at,
        ended_at=at,
        kind=kind,
        subject_kind=subject_kind,
        subject_id=subject_id,
        subject_label=subject_label[:500],
        campaign_ref=campaign_ref,
        by=by,
        by_label=_label(by, by_label),
        request=request or {},
        result=result or {},
        asked_at=at,
    )
    return operation


def ask(
    *,
    kind: str,
    subject_kind: str,
    subject_id: int,
    subject_label: str,
    by: User | None,
    by_label: str = "",
    at: datetime,
    campaign_ref: int | None = None,
    client_token: uuid.UUID | None = None,
    request: Facts | None = None,
    result: Facts | None = None,
    shown_status: str = "",
) -> tuple[Operation, bool]:
    """Record what a job will do; return the operation and whether it is new.

    One per `client_token`: a double click, a resend or a second post from Back gets the earlier operation and False, and
    must then change nothing. Enqueue the job in the same transaction.
    """
    return _create_once(
        client_token,
        status=Operation.Status.QUEUED,
        kind=kind,
        subject_kind=subject_kind,
        subject_id=subject_id,
        subject_label=subject_label[:500],
        campaign_ref=campaign_ref,
        by=by,
        by_label=_label(by, by_label),
        request=request or {},
        result=result or {},
        shown_status=shown_status[:40],
        asked_at=at,
    )


def earlier(client_token: uuid.UUID | None) -> Operation | None:
    """The operation of an earlier post of the same form, if any."""
    return None if client_token is None else Operation.objects.filter(client_token=client_token).first()


def take_up(operation_id: int, *, turn: int, at: datetime) -> Operation | None:
    """Make the caller the only job working on the operation; None if it has ended or another job was first."""
    open_operation = Operation.objects.open().filter(pk=operation_id, turn=turn)
    taken = open_operation.update(
        status=Operation.Status.RUNNING, turn=F("turn") + 1, touched_at=at, started_at=Coalesce(F("started_at"), at)
    )
    return Operation.objects.get(pk=operation_id) if taken else None


def note(operation: Operation, *, at: datetime, result: Facts, answer: str | None = None) -> bool:
    """Save the progress; False if another job has taken the operation up: then stop."""
    changes: dict[str, object] = {"result": result, "touched_at": at}
    if answer is not None:
        changes["answer"] = answer
    return _write(operation, changes)


def end(
    operation: Operation, status: Operation.Status, *, at: datetime, problem: str = "", answer: str = "", result: Facts
) -> bool:
    """Save the outcome; False if another job has taken the operation up and will report it."""
    return _write(
        operation, {"status": status, "ended_at": at, "problem": problem, "answer": answer, "result": result, "touched_at": at}
    )


def left_behind(kinds: Iterable[str], *, at: datetime) -> QuerySet[Operation]:
    """Operations whose job was lost, or whose worker died."""
    lost = Q(status=Operation.Status.QUEUED, asked_at__lt=at - QUEUED_TOO_LONG)
    dead = Q(status=Operation.Status.RUNNING, touched_at__lt=at - UNTOUCHED_TOO_LONG)
    return Operation.objects.open().filter(lost | dead, kind__in=list(kinds)).order_by("pk")


def _write(operation: Operation, changes: dict[str, object]) -> bool:
    mine = Operation.objects.filter(pk=operation.pk, turn=operation.turn, status=Operation.Status.RUNNING)
    if mine.update(**changes) != 1:
        return False
    for name, value in changes.items():
        setattr(operation, name, value)
    return True


def _create_once(client_token: uuid.UUID | None, **fields: object) -> tuple[Operation, bool]:
    known = earlier(client_token)
    if known is not None:
        return known, False
    token = client_token or uuid.uuid4()
    try:
        # In a savepoint, so that the loser of two parallel posts can continue its transaction and read the winner's row.
        with transaction.atomic():
            return Operation.objects.create(client_token=token, **fields), True
    except IntegrityError:
        winner = earlier(token)
        if winner is None:
            raise  # not the constraint on the token
        return winner, False


def _label(by: User | None, by_label: str) -> str:
    return (by_label or (by.label if by is not None else "unknown user"))[:200]
