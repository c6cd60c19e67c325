"""Invariant I1 of leads that come one by one: each accepted one waits or is in a push, once; days count what pushes do."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Any

from voisoadmin.contacts.packing import unpack
from voisoadmin.pushes.models import Batch, Counted, Inbox, Intake, Push, WaitingLead

_NAMES = [field.name for field in Counted._meta.concrete_fields]


def intake_breaches(lane_id: int) -> Iterator[str]:
    for inbox in Inbox.objects.filter(lane=lane_id):
        leads = WaitingLead.objects.filter(inbox=inbox)
        if leads.count() != inbox.waiting or (inbox.oldest_at is None) != (inbox.waiting == 0):
            yield f"I1: inbox {inbox.pk} counts {inbox.waiting} waiting leads; there are {leads.count()}"
    for intake in Intake.objects.filter(inbox__lane=lane_id):
        yield from (f"intake {intake.pk}: {breach}" for breach in [*_rows(intake), *_sums(intake)])


def _rows(intake: Intake) -> Iterator[str]:
    waiting = list(WaitingLead.objects.filter(intake=intake).values_list("row_number", flat=True))
    found = Counter(waiting)
    formed = Batch.objects.filter(push__intake=intake, push__first_row__isnull=False, root=None)
    for batch in formed.only("rows").iterator():
        found.update(row.row_number for row in unpack(batch.rows))
    if len(waiting) != intake.waiting:
        yield f"I1: it counts {intake.waiting} waiting rows; there are {len(waiting)}"
    if found != Counter(range(1, intake.accepted + 1)):
        wrong = sorted((found - Counter(range(1, intake.accepted + 1))) | (Counter(range(1, intake.accepted + 1)) - found))
        yield f"I1: of {intake.accepted} accepted rows, these don't wait or are in a push exactly once: {wrong[:20]}"


def _sums(intake: Intake) -> Iterator[str]:
    sums: dict[str, Counter[str]] = {name: Counter() for name in _NAMES}
    for values in Push.objects.filter(intake=intake).exclude(confirmed_at=None).values(*_NAMES).iterator():
        for name, value in values.items():
            sums[name].update(_counts(value))
    for name, true in sums.items():
        if +true != +Counter(_counts(getattr(intake, name))):
            yield f"I1: it counts {name} as {getattr(intake, name)}; its pushes say {dict(+true)}"


def _counts(value: Any) -> dict[str, int]:
    return value if isinstance(value, dict) else {"": value}
