"""Writes signals from lower layers into the audit trail, in the transaction of the change."""

import uuid
from datetime import datetime, timedelta

from django.dispatch import receiver

from voisoadmin.accounts.models import User
from voisoadmin.accounts.signals import sign_in_failed, signed_in, user_saved
from voisoadmin.operations.clicks import Click, Subject
from voisoadmin.operations.models import Operation
from voisoadmin.operations.services import record_done

FAILURES = uuid.UUID("f2b7a6c4-0f6e-4f51-9d0d-3f0f8f3b8a55")  # the namespace of the tokens below, an arbitrary fixed one
ONE_ROW_FOR = timedelta(minutes=10)  # of failed sign-ins to one user from one address


@receiver(user_saved)
def record_user(*, user: User, changed: dict[str, object], by: User, at: datetime, **_: object) -> None:
    record_done(
        Operation.Kind.SAVE_USER,
        Subject(Operation.Subject.USER, user.pk, user.label),
        Click(by=by, at=at),
        result=changed,
    )


@receiver(signed_in)
def record_sign_in(*, user: User, address: str, at: datetime, **_: object) -> None:
    """For administrators."""
    record_done(
        Operation.Kind.SIGN_IN,
        Subject(Operation.Subject.USER, user.pk, user.label),
        Click(by=user, at=at),
        request={"from": address},
    )


@receiver(sign_in_failed)
def record_failure(*, user: User | None, address: str, at: datetime, **_: object) -> None:
    """For administrators. Names without a user share a row, because some of them are passwords typed into the name field."""
    subject_id, by_label = user.pk if user else 0, address or "Unknown address"
    of_these = Operation.objects.filter(
        kind=Operation.Kind.SIGN_IN_FAILED, subject_kind=Operation.Subject.USER, subject_id=subject_id, by_label=by_label
    )
    row = of_these.filter(asked_at__gt=at - ONE_ROW_FOR).first()
    if row is not None:
        row.result = {**row.result, "tries": int(row.result.get("tries", 1)) + 1}
        row.save(update_fields=["result"])
        return
    # Two processes at the same moment create the same token, and so one row.
    moment = int(at.timestamp() // ONE_ROW_FOR.total_seconds())
    record_done(
        Operation.Kind.SIGN_IN_FAILED,
        Subject(Operation.Subject.USER, subject_id, user.label if user else "Unknown username"),
        Click(by=None, by_label=by_label, at=at),
        status=Operation.Status.REFUSED,
        once_key=uuid.uuid5(FAILURES, f"{subject_id} {by_label} {moment}"),
        result={"tries": 1},
    )
