from __future__ import annotations

import secrets

from django.conf import settings
from django.db import models

from voisoadmin.accounts.models import User
from voisoadmin.campaigns.models import Campaign
from voisoadmin.pushes.models import Inbox

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

    Its campaign never changes. What was accepted waits in its inbox, which also has what the engine must know of the feed:
    whether it is paused, and what becomes of numbers that are known in the campaign.
    """

    class Writing(models.TextChoices):
        """How the source writes digits without + or 00."""

        REFUSE = "refuse", "Always with + or 00"
        NATIONAL = "national", "As national numbers"
        WITH_CODE = "with_code", "With country code, without the +"

    public_id = models.CharField(max_length=40, unique=True, default=new_public_id)
    inbox = models.OneToOneField(Inbox, on_delete=models.PROTECT, related_name="feed")
    campaign = models.ForeignKey(Campaign, on_delete=models.PROTECT, related_name="feeds")
    name = models.CharField(max_length=80)  # of the source
    writing = models.CharField(max_length=9, choices=Writing.choices, default=Writing.REFUSE)
    country = models.CharField(max_length=2, blank=True)  # of national numbers
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
        return self.inbox.paused_at is not None


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

    Its ID orders the requests of a feed. It has nothing of a person.
    """

    feed = models.ForeignKey(Feed, on_delete=models.CASCADE, related_name="requests", db_index=False)
    key = models.CharField(max_length=LONGEST_KEY)  # the source's own, over all tokens of the feed
    body_digest = models.CharField(max_length=64)  # keyed hash of the raw bytes
    answer = models.BinaryField(default=b"")  # deflated
    places = models.JSONField(default=list)  # of each lead: [intake, row number], or null where it wasn't accepted
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
