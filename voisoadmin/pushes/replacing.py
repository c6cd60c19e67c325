"""Rows that a later push of the same upload sends again: only their last outcome counts.

The earlier push keeps its batches as they ended, because they are the history. Its counters give the rows up in the
transaction that confirms the later push, so the outcomes of both together always add up to the rows of the file.
"""

from collections import Counter
from collections.abc import Collection, Mapping

from voisoadmin.contacts.reasons import Bucket
from voisoadmin.pushes.dismissed_rows import count_dismissed
from voisoadmin.pushes.lanes import Fenced, LockedLane
from voisoadmin.pushes.models import Push, RejectedRecord

Rows = Mapping[int, Collection[int]]  # earlier push -> the numbers of its rows that have a record
NEVER_SENT = "cancelled"
_AT_ONCE = 500


def replace_rows(locked: LockedLane, later: Push, rows: Rows, never_sent: Mapping[int, int]) -> None:
    """Count these rows with `later` only. `never_sent`: all rows of a push that a cancel left unsent, which have no record.

    Raises Fenced if a row isn't open in its push any more: another click was faster.
    """
    for push_id, row_numbers in rows.items():
        earlier = locked.push(push_id)
        given_up, dismissed = _mark_records(earlier, later, sorted(set(row_numbers)))
        count_dismissed(earlier, {reason: -rows for reason, rows in dismissed.items()})
        for (reason, bucket), count in given_up.items():
            _give_up(locked, earlier, reason, bucket, count)
    for push_id, count in never_sent.items():
        earlier = locked.push(push_id)
        if earlier.ended_at is None or earlier.reasons.get(NEVER_SENT) != count:
            raise Fenced
        _give_up(locked, earlier, NEVER_SENT, Bucket.NOT_SENT, count)


def _mark_records(earlier: Push, later: Push, row_numbers: list[int]) -> tuple[Counter[tuple[str, Bucket]], Counter[str]]:
    """The rows by reason and outcome, and those of them that were dismissed."""
    found, dismissed = Counter[tuple[str, Bucket]](), Counter[str]()
    for start in range(0, len(row_numbers), _AT_ONCE):
        records = RejectedRecord.objects.filter(
            push=earlier, replaced_by=None, row_number__in=row_numbers[start : start + _AT_ONCE]
        )
        for reason, bucket, dismissed_at in records.values_list("reason", "bucket", "dismissed_at"):
            found[reason, Bucket(bucket)] += 1
            dismissed[reason] += dismissed_at is not None
        records.update(replaced_by=later)
    if found.total() != len(row_numbers):
        raise Fenced
    return found, +dismissed


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
