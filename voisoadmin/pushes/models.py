from __future__ import annotations

from typing import Any

from django.conf import settings
from django.db import models

from voisoadmin.accounts.models import User
from voisoadmin.campaigns.models import Campaign, Lane
from voisoadmin.contacts.fields import OPTIONAL, OptionalField, Text, Whole, YesNo
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


class Batch(models.Model):
    """At most 1000 distinct numbers, immutable, and the outcome of each of its rows.

    PLANNED -> SENDING -> CONFIRMED
                       -> PLANNED       refused for now
                       -> UNCERTAIN -> SENDING, or after 8 uncertain calls PARKED
                       -> SPLIT         its halves continue, or a single row is rejected
    PLANNED, UNCERTAIN, PARKED -> CANCELLED
    LEFT_OUT is never sent: rows we left out ourselves (repeated in the file, already known, suppressed).

    `root` is the batch that a half or a follow-up comes from (itself empty); whether it was ever uncertain, and which
    call was first, is stored on the root.
    """

    class State(models.TextChoices):
        PLANNED = "planned", "Planned"
        SENDING = "sending", "Sending"
        UNCERTAIN = "uncertain", "No clear answer"
        CONFIRMED = "confirmed", "Confirmed"
        SPLIT = "split", "Split"
        PARKED = "parked", "Needs review"
        CANCELLED = "cancelled", "Cancelled"
        LEFT_OUT = "left_out", "Left out"

    push = models.ForeignKey(Push, on_delete=models.CASCADE, related_name="batches")
    lane = models.ForeignKey(Lane, on_delete=models.PROTECT, related_name="batches")
    number = models.PositiveIntegerField()  # from 1 within the push, in sending order; left-out packs count separately
    root = models.ForeignKey("self", null=True, blank=True, on_delete=models.CASCADE, related_name="descendants")
    state = models.CharField(max_length=9, choices=State.choices, default=State.PLANNED)
    size = models.PositiveIntegerField()  # rows
    # Its rows lie between these row numbers, so that the batch of a row is found without opening others. Null for halves,
    # follow-ups, and batches of earlier versions.
    first_row = models.PositiveBigIntegerField(null=True, blank=True)
    last_row = models.PositiveBigIntegerField(null=True, blank=True)
    rows = models.BinaryField()  # packing.py
    outcomes = models.BinaryField(default=b"")  # one byte a row, reasons.py; empty until there are outcomes
    answer = models.TextField(blank=True)  # Voiso's words when it refused the batch, redacted
    row_answers = models.JSONField(default=dict)  # number -> Voiso's words about it, redacted

    not_before = models.DateTimeField(null=True, blank=True)  # for display and a new process; waits use the monotonic clock
    wait_reason = models.CharField(max_length=300, blank=True)
    refusals = models.PositiveIntegerField(default=0)  # refused whole, consecutively, with equal words
    first_refused_at = models.DateTimeField(null=True, blank=True)
    busy = models.PositiveIntegerField(default=0)  # refused for now, consecutively
    uncertain_calls = models.PositiveIntegerField(default=0)
    follow_ups = models.PositiveSmallIntegerField(default=0)  # how many follow-ups led to this batch
    was_uncertain = models.BooleanField(default=False)  # of a root: for this batch or a descendant
    accepted_any = models.BooleanField(default=False)  # of a root: some row was accepted during the split
    split_refusals = models.PositiveIntegerField(default=0)  # of a root: refusals since the split began
    first_call_at = models.DateTimeField(null=True, blank=True)  # of a root
    done_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=models.Q(size__gte=1, size__lte=1000), name="batch_size"),
        ]
        indexes = [
            models.Index(fields=["push", "number"], name="batch_in_order"),
            # A whole index, not a partial one: SQLite uses a partial index only if the query repeats its condition without
            # parameters.
            models.Index(fields=["lane", "state", "push", "number"], name="batch_by_state"),
            models.Index(fields=["push", "state", "first_row"], name="batch_of_row"),
        ]

    def __str__(self) -> str:
        return f"Batch {self.number} of push {self.push_id}"

    def state_to_return_to(self) -> State:
        """The state after a call on which Voiso didn't act: a batch in doubt stays in doubt, and still goes first."""
        return self.State.UNCERTAIN if self.uncertain_calls else self.State.PLANNED


class Call(models.Model):
    """One attempt to send a batch. Committed before the bytes are sent, closed once, never changed afterwards."""

    class Result(models.TextChoices):
        OPEN = "", "Sending"
        ANSWERED = "answered", "Answered"
        NOT_CONNECTED = "not_connected", "Not connected"
        WAIT = "wait", "Voiso asked us to wait"
        BUSY = "busy", "Voiso was busy"
        REFUSED = "refused", "Refused"
        BLOCKED = "blocked", "Blocked"
        UNCERTAIN = "uncertain", "No clear answer"
        UNNAMED = "unnamed", "Accepted, no number named"

    batch = models.ForeignKey(Batch, on_delete=models.CASCADE, related_name="calls")
    lane = models.ForeignKey(Lane, on_delete=models.PROTECT, related_name="calls")
    number = models.PositiveIntegerField()  # from 1 within the batch
    epoch = models.PositiveBigIntegerField()
    started_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True, blank=True)
    outcome = models.CharField(max_length=13, choices=Result.choices, blank=True)
    http_status = models.PositiveSmallIntegerField(null=True, blank=True)
    milliseconds = models.PositiveIntegerField(null=True, blank=True)
    # I4, by the monotonic clock of the sending process: how long the lane had rested, and how long it had to.
    rested_milliseconds = models.PositiveBigIntegerField(default=0)
    owed_milliseconds = models.PositiveBigIntegerField(default=0)
    sent = models.PositiveSmallIntegerField()
    named = models.JSONField(default=dict)  # bucket -> numbers that the answer named so
    problem = models.CharField(max_length=300, blank=True)  # what went wrong, as a sentence for pages
    excerpt = models.TextField(blank=True)  # of the answer, redacted, without contact data

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["batch", "number"], name="one_call_per_attempt"),
            # I3, as far as a constraint can express it: never two open calls in one lane.
            models.UniqueConstraint(fields=["lane"], condition=models.Q(outcome=""), name="one_open_call_per_lane"),
        ]
        indexes = [models.Index(fields=["lane", "-started_at"], name="call_of_lane")]

    def __str__(self) -> str:
        return f"Call {self.number} of batch {self.batch_id}"


class SentFields(models.Model):
    """The fields of a contact as we last sent them: a column for each optional field of `contacts.fields`."""

    active: bool | None

    class Meta:
        abstract = True


def _column_of(spec: OptionalField) -> models.Field[Any, Any]:
    match spec.column:
        case Text(longest):
            return models.CharField(max_length=longest, blank=True)
        case Whole():
            return models.PositiveSmallIntegerField(null=True, blank=True)
        case YesNo():
            return models.BooleanField(null=True)


for _spec in OPTIONAL:
    SentFields.add_to_class(_spec.name, _column_of(_spec))


class Contact(SentFields):
    """A number known to be in the campaign, because an answer said so, and the fields we last sent."""

    class KnownAs(models.TextChoices):
        ADDED = "added", "Added by us"
        DUPLICATE = "duplicate", "Was there before"
        UNATTRIBUTED = "unattributed", "Added by us, or there before"
        UPDATED = "updated", "Changed by us"

    lane = models.ForeignKey(Lane, on_delete=models.CASCADE, related_name="contacts")
    number = models.BigIntegerField()  # E.164 digits: at most 15, never a leading zero
    known_as = models.CharField(max_length=12, choices=KnownAs.choices)
    first_call = models.ForeignKey(Call, null=True, on_delete=models.SET_NULL, related_name="+")
    push = models.ForeignKey(Push, null=True, on_delete=models.SET_NULL, related_name="contacts")  # the first one
    known_since = models.DateTimeField()
    changed_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["lane", "number"], name="one_contact_per_number")]

    def __str__(self) -> str:
        return f"Contact {self.pk} of lane {self.lane_id}"


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
