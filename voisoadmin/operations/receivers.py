"""Writes signals from lower layers into the audit trail, in the transaction of the change."""

import uuid
from datetime import datetime

from django.db.models.signals import post_delete, pre_delete
from django.dispatch import receiver
from django.utils import timezone

from voisoadmin.accounts.models import User
from voisoadmin.accounts.signals import sign_in_failed, signed_in, user_saved
from voisoadmin.lib.commands import command_line_label
from voisoadmin.operations.clicks import Click, Subject
from voisoadmin.operations.models import Door, Operation
from voisoadmin.operations.services import LINE_LASTS, count, record_done

FAILURES = uuid.UUID("f2b7a6c4-0f6e-4f51-9d0d-3f0f8f3b8a55")  # the namespace of the tokens below, an arbitrary fixed one


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
    # Two processes at the same moment create the same key, and so one entry.
    moment = int(at.timestamp() // LINE_LASTS.total_seconds())
    count(
        Operation.Kind.SIGN_IN_FAILED,
        Subject(Operation.Subject.USER, subject_id, user.label if user else "Unknown username"),
        Click(by=None, by_label=by_label, at=at),
        name="tries",
        once_key=uuid.uuid5(FAILURES, f"{subject_id} {by_label} {moment}"),
    )


@receiver(pre_delete, sender=User)
def open_door(**_: object) -> None:
    """Removing a user clears their ID in the entries, which keep the name."""
    Door.objects.create(why=Door.Why.REMOVED_USER)


@receiver(post_delete, sender=User)
def record_removal(*, instance: User, **_: object) -> None:
    record_done(
        Operation.Kind.REMOVE_USER,
        Subject(Operation.Subject.USER, instance.pk, instance.label),
        Click(by=None, by_label=command_line_label(), at=timezone.now()),
    )
    Door.objects.filter(why=Door.Why.REMOVED_USER).delete()
