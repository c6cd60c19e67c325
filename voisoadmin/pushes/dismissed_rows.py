"""Rows to fix that a person is done with: they keep their outcome, and no longer count as work."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection
from datetime import datetime

from voisoadmin.pushes.lanes import locked_lane
from voisoadmin.pushes.models import Push, RejectedRecord


def dismiss(push: Push, reason: str, *, by_label: str, at: datetime, row_numbers: Collection[int] | None = None) -> int:
    """Dismiss the rows with this reason, or those of them with these numbers; return how many."""
    return _change(push, reason, row_numbers, dismissed=True, dismissed_at=at, dismissed_by=by_label[:200])


def take_back(push: Push, reason: str, *, row_numbers: Collection[int] | None = None) -> int:
    """The same rows count as work again."""
    return _change(push, reason, row_numbers, dismissed=False, dismissed_at=None, dismissed_by="")


def _change(push: Push, reason: str, row_numbers: Collection[int] | None, *, dismissed: bool, **marks: object) -> int:
    with locked_lane(push.lane_id) as locked:
        own = locked.push(push.pk)
        records = RejectedRecord.objects.filter(push=own, reason=reason, replaced_by=None, dismissed_at__isnull=dismissed)
        if row_numbers is not None:
            records = records.filter(row_number__in=row_numbers)
        changed = records.update(**marks)
        count_dismissed(own, {reason: changed if dismissed else -changed})
    return changed


def count_dismissed(push: Push, changes: dict[str, int]) -> None:
    """More or fewer dismissed rows by reason, in a transaction that has locked the lane."""
    counts = Counter(push.dismissed)
    counts.update(changes)
    push.dismissed = {code: rows for code, rows in counts.items() if rows}
    push.dismissed_rows = sum(push.dismissed.values())
