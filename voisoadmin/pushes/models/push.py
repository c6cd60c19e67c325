from __future__ import annotations

from django.conf import settings
from django.db import models

from voisoadmin.accounts.models import User
from voisoadmin.campaigns.models import Campaign, Lane
from voisoadmin.contacts.reasons import FOR_A_PERSON, SENT, Bucket
from voisoadmin.contacts.wording import bucket_of
from voisoadmin.operations.models import Operation


class PushQuerySet(models.QuerySet["Push"]):
    def visible_to(self, user: User) -> PushQuerySet:
        """Pushes into campaigns this user may see."""
        return self.filter(lane__in=Campaign.objects.visible_to(user).values("lane"))

    def running(self) -> PushQuerySet:
        """Confirmed and not ended: sending, waiting, paused or held."""
        return self.filter(state__in=Push.RUNNING)


class Push(models.Model):
    """One change of a campaign's contacts that we send.

    draft -> sending <-> paused
             sending, paused -> cancelled   nothing new is sent; the open call keeps its outcome
             sending -> finished            every row has its bucket
    A draft already owns its batches and rejected records; confirming it is one UPDATE. The counters, with the rows that a
    later push replaces, always sum to `rows` (I1).
    """

    class Kind(models.TextChoices):
        ADD = "add", "Add contacts"
        UPDATE = "update", "Update contacts"

    class Origin(models.TextChoices):
        UPLOAD = "upload", "Upload"
        INBOUND = "inbound", "Inbound"

    class State(models.TextChoices):
        DRAFT = "draft", "Draft"
        SENDING = "sending", "Sending"
        PAUSED = "paused", "Paused"
        CANCELLED = "cancelled", "Cancelled"
        FINISHED = "finished", "Finished"

    RUNNING = (State.SENDING, State.PAUSED)

    lane = models.ForeignKey(Lane, on_delete=models.PROTECT, related_name="pushes")
    campaign = models.ForeignKey(Campaign, on_delete=models.PROTECT, related_name="pushes")  # whose connection sends it
    kind = models.CharField(max_length=6, choices=Kind.choices, default=Kind.ADD)
    origin = models.CharField(max_length=8, choices=Origin.choices, default=Origin.UPLOAD)
    state = models.CharField(max_length=9, choices=State.choices, default=State.DRAFT)
    resends_known = models.BooleanField(default=False)  # numbers known in the campaign weren't left out
    # Confirmed it, and is closed when it ends.
    operation = models.ForeignKey(Operation, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    by_label = models.CharField(max_length=200, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    confirmed_at = models.DateTimeField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)

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
    first_call_at = models.DateTimeField(null=True, blank=True)
    last_answer_at = models.DateTimeField(null=True, blank=True)
    # Set while it is paused for a decision; empty when a person paused it.
    paused_reason = models.CharField(max_length=300, blank=True)
    paused_answer = models.TextField(blank=True)  # Voiso's words that led to it, redacted
    # How its next requests differ from the documented ones, from what Voiso answered to the earlier ones.
    number_as_name = models.BooleanField(default=False)  # a name is required: a row without one sends its number
    each_batch_once = models.BooleanField(default=False)  # rows that an answer doesn't name need review at once
    forms_tried = models.JSONField(default=dict)  # part of a request -> the form sent since its trial
    forms_accepted = models.JSONField(
        default=list
    )  # parts whose trial succeeded: a form forgotten since isn't remembered again

    objects = PushQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(
                    rows=models.F("pending")
                    + models.F("added")
                    + models.F("updated")
                    + models.F("duplicate")
                    + models.F("duplicate_in_file")
                    + models.F("unattributed")
                    + models.F("invalid")
                    + models.F("rejected")
                    + models.F("suppressed")
                    + models.F("not_sent")
                    + models.F("needs_review")
                    + models.F("replaced_rows")
                ),
                name="buckets_sum_to_rows",
            )
        ]
        indexes = [
            models.Index(
                fields=["lane", "confirmed_at"],
                name="push_running",
                condition=models.Q(state__in=["sending", "paused"]),
            )
        ]

    def __str__(self) -> str:
        return f"Push {self.pk} ({self.kind}) into lane {self.lane_id}"

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
