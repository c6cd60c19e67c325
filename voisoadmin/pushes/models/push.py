from __future__ import annotations

from django.conf import settings
from django.db import models

from voisoadmin.accounts.models import User
from voisoadmin.campaigns.models import Campaign, Lane
from voisoadmin.operations.models import Operation
from voisoadmin.pushes.models.inbound import Intake
from voisoadmin.pushes.models.row_counters import Counted, sum_of_buckets


class PushQuerySet(models.QuerySet["Push"]):
    def visible_to(self, user: User) -> PushQuerySet:
        """Pushes into campaigns this user may see."""
        return self.filter(lane__in=Campaign.objects.visible_to(user).values("lane"))

    def running(self) -> PushQuerySet:
        """Confirmed and not ended: sending, waiting, paused or held."""
        return self.filter(state__in=Push.RUNNING)


class Push(Counted):
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
    # The day whose rows it sends, if they came one by one. The engine formed those with a first row; they don't overlap.
    intake = models.ForeignKey(Intake, null=True, blank=True, on_delete=models.PROTECT, related_name="pushes", db_index=False)
    first_row = models.PositiveBigIntegerField(null=True, blank=True)
    # Confirmed it, and is closed when it ends.
    operation = models.ForeignKey(Operation, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    by_label = models.CharField(max_length=200, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    confirmed_at = models.DateTimeField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)

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
                condition=models.Q(rows=sum_of_buckets() + models.F("replaced_rows")),
                name="buckets_sum_to_rows",
            )
        ]
        indexes = [
            models.Index(
                fields=["lane", "confirmed_at"],
                name="push_running",
                condition=models.Q(state__in=["sending", "paused"]),
            ),
            models.Index(fields=["intake", "first_row"], name="push_of_intake"),
        ]

    def __str__(self) -> str:
        return f"Push {self.pk} ({self.kind}) into lane {self.lane_id}"
