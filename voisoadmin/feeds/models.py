from __future__ import annotations

import secrets

from django.conf import settings
from django.db import models

from voisoadmin.accounts.models import User
from voisoadmin.campaigns.models import Campaign
from voisoadmin.operations.clicks import Subject
from voisoadmin.operations.models import Operation
from voisoadmin.phones.writing import Writing
from voisoadmin.pushes.models import Inbox

PUBLIC_ID_BYTES = 12
LONGEST_KEY = 200  # characters of an Idempotency-Key
WRITINGS = [
    (Writing.REFUSE.value, "Never: refuse such numbers"),
    (Writing.NATIONAL.value, "They are national numbers of one country"),
    (Writing.WITH_CODE.value, "They begin with a country code, without the +"),
]


def new_public_id() -> str:
    """Of a feed, for its address: hard to guess, and no secret."""
    return secrets.token_hex(PUBLIC_ID_BYTES)


class FeedQuerySet(models.QuerySet["Feed"]):
    def visible_to(self, user: User) -> FeedQuerySet:
        """Feeds into campaigns this user may see."""
        return self.filter(campaign__in=Campaign.objects.visible_to(user))

    def for_pages(self) -> FeedQuerySet:
        return self.select_related("inbox", "campaign__lane", "campaign__connection").prefetch_related("tokens")


class Feed(models.Model):
    """A source that posts leads into one campaign: a CRM, a form on a website. Its campaign never changes.

    What it posts is accepted into its inbox, which knows whether the feed is paused and what becomes of known numbers.
    """

    public_id = models.CharField(max_length=40, unique=True, default=new_public_id)
    campaign = models.ForeignKey(Campaign, on_delete=models.PROTECT, related_name="feeds")
    inbox = models.OneToOneField(Inbox, on_delete=models.PROTECT, related_name="feed")
    name = models.CharField(max_length=80)  # of the source
    writing = models.CharField(max_length=9, choices=WRITINGS, default=Writing.REFUSE.value)  # of digits without + or 00
    country = models.CharField(max_length=2, blank=True)  # of national numbers
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
        return self.inbox.paused_at is not None

    @property
    def subject(self) -> Subject:
        label = f"{self.name} to {self.campaign}"
        return Subject(Operation.Subject.FEED, self.pk, label, self.campaign_id, self.campaign.connection_id)


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


class FeedRequest(models.Model):
    """An answer that accepted a post of leads, kept so that a repeat gets the same one. Committed with its leads.

    It has nothing of a person.
    """

    feed = models.ForeignKey(Feed, on_delete=models.CASCADE, related_name="requests", db_index=False)
    key = models.CharField(max_length=LONGEST_KEY)  # the source's own, over all tokens of the feed
    body_digest = models.CharField(max_length=64)  # keyed hash of the raw bytes
    answer = models.BinaryField(default=b"")  # as `kept_answers` packs it
    # Of the accepted leads, in their order: [[ID of the intake, first row, rows], ...].
    places = models.JSONField(default=list)
    at = models.DateTimeField(db_index=True)
    milliseconds = models.PositiveIntegerField(default=0)
    accepted = models.PositiveSmallIntegerField(default=0)
    duplicates = models.PositiveSmallIntegerField(default=0)
    refused = models.PositiveSmallIntegerField(default=0)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["feed", "key"], name="one_request_per_key")]
        indexes = [models.Index(fields=["feed", "-id"], name="request_latest")]

    def __str__(self) -> str:
        return f"Request {self.pk} of feed {self.feed_id}"

    @property
    def outcome(self) -> str:
        """`7 accepted, 1 duplicate, 2 refused`."""
        counts = ((self.accepted, "accepted"), (self.duplicates, "duplicate"), (self.refused, "refused"))
        return ", ".join(f"{count:,} {word}" for count, word in counts if count)


class FeedDay(models.Model):
    """What a feed brought on one day, in the time zone of its connection: counted as it was answered."""

    feed = models.ForeignKey(Feed, on_delete=models.CASCADE, related_name="days", db_index=False)
    day = models.DateField()
    requests = models.PositiveBigIntegerField(default=0)
    accepted = models.PositiveBigIntegerField(default=0)
    duplicates = models.PositiveBigIntegerField(default=0)
    refused = models.PositiveBigIntegerField(default=0)
    reasons = models.JSONField(default=dict)  # code -> leads that were refused with it

    class Meta:
        constraints = [models.UniqueConstraint(fields=["feed", "day"], name="one_count_per_day")]

    def __str__(self) -> str:
        return f"{self.feed} on {self.day:%Y-%m-%d}"


class Refusal(models.Model):
    """Posts of one day that were refused as a whole, for one reason; those without a valid token are no feed's."""

    feed = models.ForeignKey(Feed, on_delete=models.CASCADE, related_name="refusals", db_index=False)
    day = models.DateField(db_index=True)  # in the time zone of its connection
    status = models.PositiveSmallIntegerField()
    code = models.CharField(max_length=40)
    times = models.PositiveBigIntegerField()
    last_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["feed", "day", "status", "code"], name="one_count_per_refusal")]

    def __str__(self) -> str:
        return f"{self.feed} on {self.day:%Y-%m-%d}: {self.status} {self.code}"


class FlaggedNumber(models.Model):
    """A number of which a lead of this day said that it must not be called: as in a file, that holds for its other leads."""

    feed = models.ForeignKey(Feed, on_delete=models.CASCADE, related_name="+", db_index=False)
    day = models.DateField(db_index=True)
    number = models.BigIntegerField()  # E.164 digits

    class Meta:
        constraints = [models.UniqueConstraint(fields=["feed", "day", "number"], name="one_flag_per_number_and_day")]

    def __str__(self) -> str:
        return f"Flag {self.pk} of feed {self.feed_id}"
