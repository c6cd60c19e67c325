"""The audit trail. `submissions` ensures that a form sent twice counts as one click."""

import uuid
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import F, Q, QuerySet
from django.db.models.functions import Coalesce

from voisoadmin.operations.clicks import Click, Subject
from voisoadmin.operations.models import Operation

Facts = dict[str, object]

QUEUED_TOO_LONG = timedelta(seconds=30)  # the queue lost its job, or no worker runs
LINE_LASTS = timedelta(minutes=10)  # how long an entry counts events
UNTOUCHED_TOO_LONG = timedelta(seconds=180)  # longer than the queue lets any job run, so its worker died


def record_done(
    kind: str,
    subject: Subject,
    click: Click,
    *,
    request: Facts | None = None,
    result: Facts | None = None,
    status: Operation.Status = Operation.Status.DONE,
    once_key: uuid.UUID | None = None,
) -> Operation:
    """Record what needed no work outside our database, in the caller's transaction.

    With a `once_key`, the first of several records is kept and returned.
    """
    fields = _fields(kind, subject, click, request, result) | {"status": status, "started_at": click.at, "ended_at": click.at}
    return _create_once(once_key, **fields)[0]


@transaction.atomic
def count(
    kind: Operation.Kind,
    subject: Subject,
    click: Click,
    *,
    name: str,
    most: int | None = None,
    unbroken: bool = False,
    once_key: uuid.UUID | None = None,
) -> None:
    """Record one more of many small events: those of one user, kind and subject are one entry for `LINE_LASTS`, with their
    number in `result[name]`.

    The entry stays open meanwhile (`end_lines`). It ends early at `most` events and, if `unbroken`, when something else was
    recorded about the subject. The caller has locked the subject, or gives a `once_key`, the same for processes that may
    create the entry at the same moment.
    """
    of_subject = Operation.objects.filter(subject_kind=subject.kind, subject_id=subject.pk)
    open_lines = of_subject.open().filter(kind=kind)
    mine = open_lines.filter(by=click.by, by_label=click.label[:200], asked_at__gt=click.at - LINE_LASTS)
    row = mine.select_for_update().order_by("pk").last()
    if row is not None and unbroken and of_subject.filter(pk__gt=row.pk).exists():
        row = None
    if row is None:
        if unbroken:
            _end_lines(open_lines)
        fields = _fields(kind, subject, click, None, {name: 0}) | {"started_at": click.at, "touched_at": click.at}
        row, _ = _create_once(once_key, **fields, status=Operation.Status.RUNNING)
        row = Operation.objects.select_for_update().get(pk=row.pk)  # of another process, maybe, that counts too
    total = row.result.get(name, 0) + 1
    if most is not None and total >= most:
        end(row, Operation.COUNTED[kind], at=click.at, result={**row.result, name: total})
    else:
        note(row, at=click.at, result={**row.result, name: total})


def end_lines(*, at: datetime) -> None:
    """End the entries of `count` whose time is over. May be repeated."""
    _end_lines(Operation.objects.open().filter(asked_at__lte=at - LINE_LASTS))


def _end_lines(lines: QuerySet[Operation]) -> None:
    for kind, status in Operation.COUNTED.items():
        lines.filter(kind=kind).update(status=status, ended_at=F("touched_at"))


def ask(
    kind: str,
    subject: Subject,
    click: Click,
    *,
    request: Facts | None = None,
    result: Facts | None = None,
    shown_status: str = "",
    once_key: uuid.UUID | None = None,
) -> Operation:
    """Record what a job will do. Enqueue the job in the same transaction. A `once_key` that exists raises IntegrityError."""
    fields = _fields(kind, subject, click, request, result) | ({} if once_key is None else {"once_key": once_key})
    return Operation.objects.create(**fields, shown_status=shown_status[:40])


def ask_once(
    kind: str,
    subject: Subject,
    click: Click,
    *,
    once_key: uuid.UUID | None,
    request: Facts | None = None,
    campaigns: int = 0,
) -> tuple[Operation, bool]:
    """The same for what two processes may ask at the same moment: the first one's operation, and whether it is this one."""
    return _create_once(once_key, **_fields(kind, subject, click, request, None), campaigns=campaigns)


def child_of(bulk: Operation, subject: Subject, shown_status: str, request: Facts, result: Facts) -> Operation:
    """The part of a bulk that concerns one campaign; not saved."""
    fields = _fields(bulk.kind, subject, Click(by=bulk.by, by_label=bulk.by_label, at=bulk.asked_at), request, result)
    return Operation(parent=bulk, **fields, shown_status=shown_status[:40])


def take_up(operation_id: int, *, attempt: int, at: datetime) -> Operation | None:
    """Make the caller the only job working on the operation; None if it has ended or another job was first."""
    open_operation = Operation.objects.open().filter(pk=operation_id, attempt=attempt)
    taken = open_operation.update(
        status=Operation.Status.RUNNING, attempt=F("attempt") + 1, touched_at=at, started_at=Coalesce(F("started_at"), at)
    )
    return Operation.objects.get(pk=operation_id) if taken else None


def note(operation: Operation, *, at: datetime, result: Facts, answer: str | None = None) -> bool:
    """Save the progress; False if another job has taken the operation up: then stop."""
    changes: dict[str, object] = {"result": result, "touched_at": at}
    if answer is not None:
        changes["answer"] = answer
    return _write(operation, changes)


def end(
    operation: Operation,
    status: Operation.Status,
    *,
    at: datetime,
    problem: str = "",
    answer: str = "",
    result: Facts | None = None,
) -> bool:
    """Save the outcome; False if it has ended, or another job has taken it up and will report it."""
    changes: dict[str, object] = {"status": status, "ended_at": at, "problem": problem, "answer": answer, "touched_at": at}
    return _write(operation, changes if result is None else changes | {"result": result})


def left_behind(kinds: Iterable[str], *, at: datetime) -> QuerySet[Operation]:
    """Operations whose job was lost, or whose worker died."""
    lost = Q(status=Operation.Status.QUEUED, asked_at__lt=at - QUEUED_TOO_LONG)
    dead = Q(status=Operation.Status.RUNNING, touched_at__lt=at - UNTOUCHED_TOO_LONG)
    return Operation.objects.open().single().filter(lost | dead, kind__in=list(kinds)).order_by("pk")


def _write(operation: Operation, changes: dict[str, object]) -> bool:
    # Another job that took it up has made `attempt` grow, and the first end stays.
    mine = Operation.objects.open().filter(pk=operation.pk, attempt=operation.attempt)
    if mine.update(**changes) != 1:
        return False
    for name, value in changes.items():
        setattr(operation, name, value)
    return True


def _create_once(once_key: uuid.UUID | None, **fields: object) -> tuple[Operation, bool]:
    """The operation, and whether it is new."""
    if once_key is None:
        return Operation.objects.create(**fields), True
    try:
        # In a savepoint, so that the loser of two can continue its transaction and read the winner's row.
        with transaction.atomic():
            return Operation.objects.create(once_key=once_key, **fields), True
    except IntegrityError:
        return Operation.objects.get(once_key=once_key), False


def _fields(kind: str, subject: Subject, click: Click, request: Facts | None, result: Facts | None) -> dict[str, Any]:
    return {
        "kind": kind,
        "subject_kind": subject.kind,
        "subject_id": subject.pk,
        "subject_label": subject.label[:500],
        "campaign_ref": subject.campaign_ref,
        "connection_ref": subject.connection_ref,
        "by": click.by,
        "by_label": click.label[:200],
        "request": request or {},
        "result": result or {},
        "asked_at": click.at,
    }
