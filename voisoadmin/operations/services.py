"""Writing the audit trail: one Operation for each click, whatever the browser, the network or the finger repeats."""

import uuid
from datetime import datetime

from django.db import IntegrityError, transaction

from voisoadmin.accounts.models import User
from voisoadmin.operations.models import Operation

Facts = dict[str, object]


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
) -> Operation:
    """Write down what needed no work outside our database, in the caller's transaction. A repeat returns the earlier one."""
    operation, _ = _create_once(
        client_token,
        status=Operation.Status.DONE,
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
    """Write down what a job will do; return it and whether it is new.

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
    """The operation that an earlier post of the same form made, if there was one."""
    return None if client_token is None else Operation.objects.filter(client_token=client_token).first()


def _create_once(client_token: uuid.UUID | None, **fields: object) -> tuple[Operation, bool]:
    known = earlier(client_token)
    if known is not None:
        return known, False
    token = client_token or uuid.uuid4()
    try:
        # A savepoint: the losing one of two parallel posts must be able to go on in its transaction and read the winner's row.
        with transaction.atomic():
            return Operation.objects.create(client_token=token, **fields), True
    except IntegrityError:
        winner = earlier(token)
        if winner is None:
            raise  # another constraint than the token's
        return winner, False


def _label(by: User | None, by_label: str) -> str:
    return (by_label or (by.label if by is not None else "somebody"))[:200]
