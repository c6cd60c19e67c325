"""Writes signals from lower layers into the audit trail, in the transaction of the change."""

from datetime import datetime

from django.dispatch import receiver

from voisoadmin.accounts.models import User
from voisoadmin.accounts.signals import user_saved
from voisoadmin.operations.models import Operation
from voisoadmin.operations.services import record_done


@receiver(user_saved)
def record_user(*, user: User, changed: dict[str, object], by: User, at: datetime, **_: object) -> None:
    record_done(
        kind=Operation.Kind.SAVE_USER,
        subject_kind=Operation.Subject.USER,
        subject_id=user.pk,
        subject_label=user.label,
        by=by,
        at=at,
        result=changed,
    )
