"""Rows by outcome, as counters that the transaction of each outcome changes: no page counts rows."""

from __future__ import annotations

from functools import reduce
from operator import add

from django.db import models
from django.db.models.expressions import Combinable

from voisoadmin.contacts.reasons import FOR_A_PERSON, SENT, Bucket
from voisoadmin.contacts.wording import bucket_of


def sum_of_buckets() -> Combinable:
    return reduce(add, (models.F(bucket.value) for bucket in Bucket))


class Counted(models.Model):
    """Every row has one bucket and one reason. Those that a later push replaces have none: with them the buckets sum to
    `rows`."""

    rows = models.PositiveBigIntegerField(default=0)
    pending = models.PositiveBigIntegerField(default=0)
    added = models.PositiveBigIntegerField(default=0)
    updated = models.PositiveBigIntegerField(default=0)
    duplicate = models.PositiveBigIntegerField(default=0)
    duplicate_in_file = models.PositiveBigIntegerField(default=0)
    unattributed = models.PositiveBigIntegerField(default=0)
    invalid = models.PositiveBigIntegerField(default=0)
    rejected = models.PositiveBigIntegerField(default=0)
    suppressed = models.PositiveBigIntegerField(default=0)
    not_sent = models.PositiveBigIntegerField(default=0)
    needs_review = models.PositiveBigIntegerField(default=0)
    reasons = models.JSONField(default=dict)  # reason code -> rows, changed in the transaction of each outcome
    replaced_rows = models.PositiveBigIntegerField(default=0)  # that a later push of the upload sends again: no bucket has them
    replaced = models.JSONField(default=dict)  # reason code -> those rows, by the outcome they had here
    # Rows to fix that a person is done with. They stay in their bucket; `to_fix` leaves them out.
    dismissed_rows = models.PositiveBigIntegerField(default=0)
    dismissed = models.JSONField(default=dict)  # reason code -> those rows
    batches_total = models.PositiveIntegerField(default=0)  # to be sent; grows with a split or a follow-up
    batches_done = models.PositiveIntegerField(default=0)
    calls = models.PositiveIntegerField(default=0)

    class Meta:
        abstract = True

    def buckets(self) -> dict[str, int]:
        """Every bucket with its rows; with those that a later push replaces, they sum to `rows`."""
        return {bucket.value: getattr(self, bucket.value) for bucket in Bucket}

    @property
    def to_fix(self) -> dict[str, int]:
        """Reason code -> the rows that a person can fix, without the dismissed ones."""
        found = {code: rows - self.dismissed.get(code, 0) for code, rows in self.reasons.items()}
        return {code: rows for code, rows in found.items() if rows and bucket_of(code) in FOR_A_PERSON}

    @property
    def sent(self) -> int:
        """Rows that went out and have their outcome."""
        return sum(rows for code, rows in self.reasons.items() if code in SENT)

    @property
    def to_send(self) -> int:
        """Rows that were or will be sent. Rows that can't or must not be sent are no part of it."""
        return self.sent + self.pending
