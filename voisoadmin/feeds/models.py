from __future__ import annotations

import secrets

from django.conf import settings
from django.db import models

from voisoadmin.accounts.models import User
from voisoadmin.campaigns.models import Campaign, Lane
from voisoadmin.contacts.reasons import Bucket
from voisoadmin.pushes.models import Push

PUBLIC_ID_BYTES = 12
LONGEST_KEY = 200  # characters of an Idempotency-Key


def new_public_id() -> str:
    """Of a feed, for its address: hard to guess, and no secret."""
    return secrets.token_hex(PUBLIC_ID_BYTES)


class FeedQuerySet(models.QuerySet["Feed"]):
    def visible_to(self, user: User) -> FeedQuerySet:
        """Feeds into campaigns this user may see."""
        return self.filter(campaign__in=Campaign.objects.visible_to(user))


class Feed(models.Model):
    """A source that posts leads into one campaign: a CRM, a form on a website.

    Its campaign never changes. What was accepted waits in `Lead` until a batch of it is formed.
    """

    class Writing(models.TextChoices):
        """How the source writes digits without + or 00."""

        REFUSE = "refuse", "Always with + or 00"
        NATIONAL = "national", "As national numbers"
        WITH_CODE = "with_code", "With country code, without the +"

    class Duplicates(models.TextChoices):
        """What becomes of a number that is known to be in the campaign."""

        LEAVE_OUT = "leave_out", "Leave them out"
        SEND_AGAIN = "send_again", "Send them again"

    public_id = models.CharField(max_length=40, unique=True, default=new_public_id)
    campaign = models.ForeignKey(Campaign, on_delete=models.PROTECT, related_name="feeds")
    name = models.CharField(max_length=80)  # of the source
    writing = models.CharField(max_length=9, choices=Writing.choices, default=Writing.REFUSE)
    country = models.CharField(max_length=2, blank=True)  # of national numbers
    duplicates = models.CharField(max_length=10, choices=Duplicates.choices, default=Duplicates.LEAVE_OUT)
    # While it is paused nothing is accepted, and no batch of it is formed.
    paused_at = models.DateTimeField(null=True, blank=True)
    paused_by_label = models.CharField(max_length=200, blank=True)
    created_at = models.DateTimeField()
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    created_by_label = models.CharField(max_length=200)

    objects = FeedQuerySet.as_manager()

    class Meta:
        ordering = ["name", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["campaign", "name"],
                name="one_feed_per_name",
                violation_error_message="Another feed of this campaign has this name.",
            )
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def is_paused(self) -> bool:
        return self.paused_at is not None


class FeedToken(models.Model):
    """What a source proves itself with. Shown once; only its hash is stored."""

    feed = models.ForeignKey(Feed, on_delete=models.CASCADE, related_name="tokens")
    digest = models.CharField(max_length=64, unique=True)
    last_four = models.CharField(max_length=4)
    created_at = models.DateTimeField()
    created_by_label = models.CharField(max_length=200)
    revoked_at = models.DateTimeField(null=True, blank=True)
    revoked_by_label = models.CharField(max_length=200, blank=True)

    class Meta:
        ordering = ["-created_at", "-pk"]

    def __str__(self) -> str:
        return f"Token that ends in {self.last_four}"


class IntakeQuerySet(models.QuerySet["Intake"]):
    def visible_to(self, user: User) -> IntakeQuerySet:
        """Intakes of campaigns this user may see, whichever connection sent them: it may have been removed since."""
        return self.filter(lane__in=Campaign.objects.visible_to(user).values("lane"))


class Intake(models.Model):
    """What one feed brought in one day, as an upload is what one file brought. Its page is permanent.

    Every lead is a row, numbered in the order of commit; beyond a number of rows the day continues in a second part. Its
    row is locked by each transaction that adds a lead or changes an outcome, and its counters always sum to `rows`.
    """

    feed = models.ForeignKey(Feed, on_delete=models.PROTECT, related_name="intakes")
    campaign = models.ForeignKey(Campaign, on_delete=models.PROTECT, related_name="intakes")
    lane = models.ForeignKey(Lane, on_delete=models.PROTECT, related_name="intakes", db_index=False)
    date = models.DateField()  # in the time zone of the connection
    part = models.PositiveSmallIntegerField(default=1)
    began_at = models.DateTimeField()
    last_lead_at = models.DateTimeField()

    rows = models.PositiveBigIntegerField(default=0)  # the last row number, too
    waiting = models.PositiveBigIntegerField(default=0)  # of the pending ones: in no push yet
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
    reasons = models.JSONField(default=dict)  # reason code -> rows
    pushes: models.ManyToManyField[Push, Push] = models.ManyToManyField(Push, related_name="intakes", blank=True)

    objects = IntakeQuerySet.as_manager()

    class Meta:
        ordering = ["-date", "-part", "-pk"]
        constraints = [
            models.UniqueConstraint(fields=["feed", "date", "part"], name="one_intake_per_part"),
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
                ),
                name="intake_buckets_sum_to_rows",
            ),
            models.CheckConstraint(condition=models.Q(waiting__lte=models.F("pending")), name="waiting_is_pending"),
        ]
        indexes = [
            models.Index(fields=["lane", "waiting"], name="intake_waiting"),
            models.Index(fields=["campaign", "-date"], name="intake_of_campaign"),
        ]

    def __str__(self) -> str:
        return f"{self.feed} on {self.date:%Y-%m-%d}"

    def buckets(self) -> dict[str, int]:
        """Every bucket with its rows; they sum to `rows`."""
        return {bucket.value: getattr(self, bucket.value) for bucket in Bucket}


class FeedRequest(models.Model):
    """An answer that accepted a post of leads, kept so that a repeat gets the same one. Committed with its leads.

    Its ID orders the requests of a feed. It has nothing of a person.
    """

    feed = models.ForeignKey(Feed, on_delete=models.CASCADE, related_name="requests", db_index=False)
    key = models.CharField(max_length=LONGEST_KEY)  # the source's own, over all tokens of the feed
    body_digest = models.CharField(max_length=64)  # keyed hash of the raw bytes
    answer = models.BinaryField(default=b"")  # deflated
    at = models.DateTimeField(db_index=True)
    milliseconds = models.PositiveIntegerField(default=0)
    leads = models.PositiveSmallIntegerField(default=0)
    accepted = models.PositiveSmallIntegerField(default=0)
    duplicates = models.PositiveSmallIntegerField(default=0)
    refused = models.PositiveSmallIntegerField(default=0)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["feed", "key"], name="one_request_per_key")]
        indexes = [models.Index(fields=["feed", "-id"], name="request_latest")]

    def __str__(self) -> str:
        return f"Request {self.pk} of feed {self.feed_id}"


class Lead(models.Model):
    """One contact that was posted. This table holds all that wait for a batch, and what became of the others.

    waiting -> in_push   a batch took it: its outcome is that of its row in the push
    refused, duplicate, suppressed: never sent, with the reason in `code`
    """

    class State(models.TextChoices):
        WAITING = "waiting", "Waiting"
        IN_PUSH = "in_push", "In a push"
        REFUSED = "refused", "Refused"
        DUPLICATE = "duplicate", "Duplicate"
        SUPPRESSED = "suppressed", "Do-not-call"

    intake = models.ForeignKey(Intake, on_delete=models.PROTECT, related_name="leads", db_index=False)
    row = models.PositiveBigIntegerField()  # from 1 in the intake, in the order of commit
    # The answer isn't kept as long as its leads, and nothing of a lead depends on it.
    request = models.ForeignKey(
        FeedRequest, null=True, on_delete=models.DO_NOTHING, db_constraint=False, db_index=False, related_name="+"
    )
    place = models.PositiveSmallIntegerField()  # among the leads of its request, from 0
    received_at = models.DateTimeField()
    state = models.CharField(max_length=10, choices=State.choices)
    code = models.CharField(max_length=40, blank=True)  # why it isn't sent
    problems = models.JSONField(default=list)  # of a refused one, as in RejectedRecord
    number = models.BigIntegerField(null=True, blank=True)  # E.164 digits; empty where none could be read
    packed = models.BinaryField()  # the one row, by `contacts.packing`; its row number isn't set
    push = models.ForeignKey(Push, null=True, blank=True, on_delete=models.PROTECT, related_name="leads", db_index=False)

    class Meta:
        ordering = ["intake", "row"]
        constraints = [models.UniqueConstraint(fields=["intake", "row"], name="one_lead_per_row")]
        indexes = [
            models.Index(fields=["intake", "state", "row"], name="lead_by_state"),
            models.Index(fields=["intake", "number"], name="lead_by_number"),
            models.Index(fields=["request", "place"], name="lead_of_request"),
            models.Index(fields=["push", "row"], name="lead_of_push", condition=models.Q(push__isnull=False)),
        ]

    def __str__(self) -> str:
        return f"Lead {self.pk}"
