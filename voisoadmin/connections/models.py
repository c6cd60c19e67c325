from __future__ import annotations

from datetime import datetime

from django.db import models

from voisoadmin.accounts.models import User
from voisoadmin.connections.fields import EncryptedTextField


class ConnectionQuerySet(models.QuerySet["Connection"]):
    def visible_to(self, user: User) -> ConnectionQuerySet:
        """Connections whose campaigns this user may see."""
        return self.filter(removed_at=None) if user.is_active else self.none()

    def managed_by(self, user: User) -> ConnectionQuerySet:
        """Connections this user may change: only administrators may."""
        return self.filter(removed_at=None) if user.is_administrator else self.none()

    def free(self, at: datetime) -> ConnectionQuerySet:
        """Connections without a current hold."""
        return self.filter(removed_at=None).filter(
            models.Q(held_reason="") | models.Q(held_until__isnull=False, held_until__lte=at)
        )


class Connection(models.Model):
    """One Voiso contact centre: its address, API generation and key.

    Held while `held_reason` is set and `held_until` is in the future; without `held_until` a person must act (a refused
    key).
    """

    class Generation(models.TextChoices):
        V4 = "v4", "Current (v4)"
        LEGACY = "legacy", "Legacy"

    class Hold(models.TextChoices):
        KEY = "key", "Voiso refuses the key"
        RATE = "rate", "Voiso asked us to wait"
        SILENT = "silent", "Voiso isn't answering properly"
        ADDRESS = "address", "The address doesn't belong to Voiso"

    name = models.CharField(max_length=80)
    generation = models.CharField(max_length=6, choices=Generation.choices)
    base_url = models.CharField(max_length=200)  # https://cc-ams03.voiso.com, without a path
    key = EncryptedTextField()
    key_last4 = models.CharField(max_length=4)
    update_method = models.CharField(max_length=5, blank=True)  # PUT or PATCH, once Voiso has shown which it takes

    held_reason = models.CharField(max_length=300, blank=True)
    held_kind = models.CharField(max_length=10, choices=Hold.choices, blank=True)
    held_until = models.DateTimeField(null=True, blank=True)
    failures = models.PositiveIntegerField(default=0)  # consecutive failures: connect, 5xx, timeout, garbage
    holds = models.PositiveIntegerField(default=0)  # consecutive holds for silence: each one doubles the time

    answered_at = models.DateTimeField(null=True, blank=True)  # last proper answer
    tried_at = models.DateTimeField(null=True, blank=True)
    last_problem = models.CharField(max_length=300, blank=True)  # of the last attempt, empty if it was answered
    silent_since = models.DateTimeField(null=True, blank=True)
    synced_at = models.DateTimeField(null=True, blank=True)  # last complete list of campaigns
    sync_began_at = models.DateTimeField(null=True, blank=True)  # the claim: one sync at a time
    sync_asked_at = models.DateTimeField(null=True, blank=True)  # by a page, so that fifty screens cause one sync
    checked_at = models.DateTimeField(null=True, blank=True)
    check_passed = models.BooleanField(null=True)
    check_words = models.CharField(max_length=500, blank=True)  # the result of the last test
    created_at = models.DateTimeField(auto_now_add=True)
    removed_at = models.DateTimeField(null=True, blank=True)

    objects = ConnectionQuerySet.as_manager()

    class Meta:
        ordering = ["name"]
        constraints = [
            # The name of a removed connection can be used again.
            models.UniqueConstraint(
                fields=["name"],
                condition=models.Q(removed_at=None),
                name="one_connection_per_name",
                violation_error_message="Another connection has this name.",
            )
        ]

    def __str__(self) -> str:
        return self.name

    def is_held(self, at: datetime) -> bool:
        return bool(self.held_reason) and (self.held_until is None or self.held_until > at)
