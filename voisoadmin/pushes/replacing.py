"""Rows that a later push of the same upload sends again: only their last outcome counts.

The earlier push keeps its batches as they ended, because they are the history. Its counters give the rows up in the
transaction that confirms the later push, so the outcomes of both together always add up to the rows of the file.
"""

from collections import Counter
from collections.abc import Collection, Mapping

from voisoadmin.contacts.reasons import Bucket
from voisoadmin.pushes.lanes import Fenced, LockedLane
from voisoadmin.pushes.models import Push, RejectedRecord

Rows = Mapping[int, Collection[int]]  # earlier push -> the numbers of its rows
NEVER_SENT = "cancelled"
_AT_ONCE = 500


def replace_rows(locked: LockedLane, later: Push, rows: Rows) -> None:
    """Count these rows with `later` only. Raises Fenced if one isn't open in its push: another click was faster."""
    for push_id, row_numbers in rows.items():
        earlier = locked.push(push_id)
        given_up = _mark_records(earlier, later, sorted(set(row_numbers)))
        # What was never sent has no record.
        if never_sent := len(set(row_numbers)) - given_up.total():
            given_up[NEVER_SENT, Bucket.NOT_SENT] = never_sent
        for (reason, bucket), count in given_up.items():
            _give_up(locked, earlier, reason, bucket, count)


def _mark_records(earlier: Push, later: Push, row_numbers: list[int]) -> Counter[tuple[str, Bucket]]:
    found = Counter[tuple[str, Bucket]]()
    for start in range(0, len(row_numbers), _AT_ONCE):
        records = RejectedRecord.objects.filter(
            push=earlier, replaced_by=None, row_number__in=row_numbers[start : start + _AT_ONCE]
        )
        found.update((reason, Bucket(bucket)) for reason, bucket in records.values_list("reason", "bucket"))
        records.update(replaced_by=later)
    return found


def _give_up(locked: LockedLane, earlier: Push, reason: str, bucket: Bucket, count: int) -> None:
    left = earlier.reasons.get(reason, 0) - count
    if left < 0:
        raise Fenced
    earlier.reasons = {code: rows for code, rows in {**earlier.reasons, reason: left}.items() if rows}
    earlier.replaced = {**earlier.replaced, reason: earlier.replaced.get(reason, 0) + count}
    earlier.replaced_rows += count
    setattr(earlier, bucket, getattr(earlier, bucket) - count)
    if bucket == Bucket.REJECTED:
        locked.lane.rows_rejected -= count
