"""Contacts that come one by one, from an application: what waits to be sent, and the days they came on."""

from __future__ import annotations

from django.db import models

from voisoadmin.campaigns.models import Campaign, Lane
from voisoadmin.contacts.reasons import Bucket
from voisoadmin.pushes.models.row_counters import Counted, sum_of_buckets

MOST_ROWS = 100_000  # of an intake; then a second one begins on the same day


class InboxQuerySet(models.QuerySet["Inbox"]):
    def to_send(self) -> InboxQuerySet:
        """With leads that may be sent as far as their source goes, the longest waiting first."""
        found = self.filter(waiting__gt=0, paused_at=None, campaign__connection__removed_at=None)
        return found.order_by("oldest_at", "pk")


class Inbox(models.Model):
    """What waits for one campaign from one source. Who adds rows or takes some out locks it first."""

    campaign = models.ForeignKey(Campaign, on_delete=models.PROTECT, related_name="inboxes")
    lane = models.ForeignKey(Lane, on_delete=models.PROTECT, related_name="inboxes")
    label = models.CharField(max_length=200)  # the name of the source now: shown where a person's would be
    resends_known = models.BooleanField(default=False)  # numbers known in the campaign aren't left out
    paused_at = models.DateTimeField(null=True, blank=True)  # nothing that waits is sent
    waiting = models.PositiveIntegerField(default=0)
    oldest_at = models.DateTimeField(null=True, blank=True)  # when the first of the waiting rows came
    # Leads that weren't accepted on that day, because the source writes numbers otherwise than was chosen for it.
    otherwise = models.PositiveIntegerField(default=0, db_default=0)
    otherwise_on = models.DateField(null=True, blank=True)

    objects = InboxQuerySet.as_manager()

    def __str__(self) -> str:
        return f"{self.label} for {self.campaign}"


class Intake(Counted):
    """One day of an inbox, in the time zone of its connection: as an upload it owns many pushes.

    Its counters are the sums of those of its confirmed pushes. Row numbers are the order in which rows were accepted.
    """

    inbox = models.ForeignKey(Inbox, on_delete=models.PROTECT, related_name="intakes", db_index=False)
    day = models.DateField()
    number = models.PositiveIntegerField(default=1)  # within the day
    began_at = models.DateTimeField()
    accepted = models.PositiveBigIntegerField(default=0)  # rows of the day
    waiting = models.PositiveBigIntegerField(default=0)  # of those, the ones in no push yet

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["inbox", "day", "number"], name="one_intake_per_number"),
            models.CheckConstraint(
                condition=models.Q(accepted=models.F("waiting") + sum_of_buckets()), name="every_accepted_row_counted"
            ),
        ]

    def __str__(self) -> str:
        second = f" ({self.number})" if self.number > 1 else ""
        return f"{self.inbox.label}, {self.day.day} {self.day:%b %Y}{second}"

    def buckets(self) -> dict[str, int]:
        """Every bucket with its rows; rows in no push yet are pending. They sum to `accepted`."""
        found = super().buckets()
        found[Bucket.PENDING] += self.waiting
        return found

    @property
    def to_send(self) -> int:
        return super().to_send + self.waiting


class WaitingLead(models.Model):
    """An accepted row that is in no push yet. A push that takes it deletes it here, in one transaction."""

    inbox = models.ForeignKey(Inbox, on_delete=models.PROTECT, related_name="leads", db_index=False)
    intake = models.ForeignKey(Intake, on_delete=models.PROTECT, related_name="leads", db_index=False)
    row_number = models.PositiveBigIntegerField()
    number = models.BigIntegerField()  # E.164 digits
    cells = models.JSONField()  # as posted, in the order of `inbound.COLUMNS`
    fields = models.JSONField()  # as they would be sent
    at = models.DateTimeField()
    suppressed = models.BooleanField(default=False, db_default=False)  # its source said since that it must not be called

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["intake", "row_number"], name="one_waiting_lead_per_row"),
            models.UniqueConstraint(fields=["inbox", "number"], name="a_number_waits_once"),
        ]

    def __str__(self) -> str:
        return f"Row {self.row_number} of intake {self.intake_id}"
