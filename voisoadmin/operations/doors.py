"""The only way past the triggers of `guard`: each use leaves an entry in the activity."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime

from django.db import transaction

from voisoadmin.operations.clicks import Click, Subject
from voisoadmin.operations.models import Door, Operation
from voisoadmin.operations.services import record_done
from voisoadmin.operations.signals import activity_removed

AT_ONCE = 5_000  # entries deleted with one statement


@contextmanager
def door(why: Door.Why) -> Iterator[None]:
    """Let through what `why` allows, in this transaction only: no other one ever sees it open."""
    with transaction.atomic():
        opened = Door.objects.create(why=why)
        yield
        opened.delete()


def remove_ended(*, before: datetime, click: Click) -> int:
    """Delete the entries that ended before then, and record how many. Returns that number; may be repeated.

    Open entries stay, whatever their age: something may still write their outcome.
    """
    removed = 0
    with door(Door.Why.RETENTION):
        old = Operation.objects.filter(ended_at__lt=before).exclude(status__in=Operation.OPEN)
        # A bulk goes after the last of its campaigns.
        for entries in (old.exclude(parent=None), old.filter(parent=None, children=None)):
            while some := list(entries.order_by("pk").values_list("pk", flat=True)[:AT_ONCE]):
                removed += Operation.objects.filter(pk__in=some).delete()[0]
        activity_removed.send(None, before=before)
        record_done(
            Operation.Kind.REMOVE_ACTIVITY,
            Subject(Operation.Subject.ACTIVITY, 0, "Activity"),
            click,
            request={"ended_before": before.isoformat()},
            result={"entries": removed},
        )
    return removed
