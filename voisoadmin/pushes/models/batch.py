from __future__ import annotations

from django.db import models

from voisoadmin.campaigns.models import Lane
from voisoadmin.pushes.models.push import Push


class Batch(models.Model):
    """At most 1000 distinct numbers, and the outcome of each of its rows. Only edits of a draft take rows out.

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
