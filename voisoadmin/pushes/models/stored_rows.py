"""Rows of a push that are stored one by one, because a person looks at them or changes them; all others are in batches."""

from __future__ import annotations

from django.db import models

from voisoadmin.contacts.reasons import Bucket
from voisoadmin.pushes.models.batch import Batch
from voisoadmin.pushes.models.inbound import Intake
from voisoadmin.pushes.models.push import Push


class EditedRow(models.Model):
    """A row of a draft that a person's change made ready or left out. Confirming the draft packs it into a batch."""

    push = models.ForeignKey(Push, on_delete=models.CASCADE, related_name="edited_rows", db_index=False)
    row_number = models.PositiveBigIntegerField()
    reason = models.CharField(max_length=40)  # "waiting", or why it is left out
    number = models.CharField(max_length=15, blank=True)
    cells = models.JSONField()  # as read
    fields = models.JSONField()
    first_row = models.PositiveBigIntegerField(null=True, blank=True)  # of a repeated number: the row that is sent

    class Meta:
        ordering = ["row_number"]
        constraints = [models.UniqueConstraint(fields=["push", "row_number"], name="one_edited_row_per_row")]
        indexes = [
            models.Index(fields=["push", "number"], name="edited_row_by_number"),
            models.Index(fields=["push", "reason", "row_number"], name="edited_row_by_reason"),
        ]

    def __str__(self) -> str:
        return f"Edited row {self.row_number} of push {self.push_id}"


class RejectedRecord(models.Model):
    """A row that a person can fix: invalid, rejected by Voiso, or without a clear outcome."""

    push = models.ForeignKey(Push, on_delete=models.CASCADE, related_name="rejected_records")
    batch = models.ForeignKey(Batch, null=True, on_delete=models.CASCADE, related_name="rejected_records")
    intake = models.ForeignKey(Intake, null=True, on_delete=models.PROTECT, related_name="+", db_index=False)  # of its push
    row_number = models.PositiveIntegerField()  # as a spreadsheet shows it: from 1, header included
    bucket = models.CharField(max_length=12, choices=[(b, b) for b in (Bucket.INVALID, Bucket.REJECTED, Bucket.NEEDS_REVIEW)])
    reason = models.CharField(max_length=40)  # the first problem's code
    problems = models.JSONField(default=list)  # [{"code", "field", "sentence", "advice"}], all of the row
    phone = models.CharField(max_length=200, blank=True)  # as read, cut at 200
    name = models.CharField(max_length=200, blank=True)
    cells = models.JSONField(default=list)  # the row as read
    answer = models.TextField(blank=True)  # Voiso's words, redacted
    # The later push of the upload that sends the row again; this record is history then.
    replaced_by = models.ForeignKey(Push, null=True, blank=True, on_delete=models.SET_NULL, related_name="+", db_index=False)
    dismissed_at = models.DateTimeField(null=True, blank=True)
    dismissed_by = models.CharField(max_length=200, blank=True, db_default="")
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["row_number"]
        constraints = [models.UniqueConstraint(fields=["push", "row_number"], name="one_record_per_row")]
        indexes = [
            models.Index(fields=["push", "bucket", "reason", "row_number"], name="rejected_by_reason"),
            models.Index(fields=["push", "bucket", "row_number"], name="rejected_by_bucket"),
            # Only those that were sent. Of a lead it is asked whether its number came before, without a clear answer.
            models.Index(fields=["phone"], name="rejected_by_number", condition=models.Q(batch__isnull=False)),
            # A day may have more pushes than a query can name.
            models.Index(fields=["intake", "row_number"], name="rejected_of_intake", condition=models.Q(intake__isnull=False)),
            # Only the few replaced ones: with an index of all, SQLite would use it to find "not replaced", which is nearly
            # every one.
            models.Index(fields=["replaced_by"], name="rejected_replaced", condition=models.Q(replaced_by__isnull=False)),
        ]

    def __str__(self) -> str:
        return f"Row {self.row_number} of push {self.push_id}"


class RowList(models.Model):
    """Which rows of a draft have one reason or one warning, as the check found them: so that the rows of a tab are found
    without opening the batches between them. A row that was edited since has another place.
    """

    push = models.ForeignKey(Push, on_delete=models.CASCADE, related_name="row_lists", db_index=False)
    code = models.CharField(max_length=40)  # of the reason or the warning
    window = models.PositiveIntegerField()  # row number // row_lists.WINDOW
    ranges = models.JSONField()  # [[first, last], ...] row numbers

    class Meta:
        constraints = [models.UniqueConstraint(fields=["push", "code", "window"], name="one_list_per_window")]

    def __str__(self) -> str:
        return f"Rows with {self.code} of push {self.push_id}"
