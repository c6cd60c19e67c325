from __future__ import annotations

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from django.db import models

from voisoadmin.accounts.models import User
from voisoadmin.connections.fields import EncryptedTextField
from voisoadmin.lib.clock import is_due, scaled, seconds_until
from voisoadmin.lib.zones import zone_of
from voisoadmin.operations.clicks import Subject
from voisoadmin.operations.models import Operation
from voisoadmin.voiso import CAPABILITIES, Capabilities, Generation

GENERATIONS = [(Generation.V4, "Current (v4)"), (Generation.LEGACY, "Legacy")]
LONGEST_HOLD_SECONDS = 15 * 60.0
LONGEST_REST_SECONDS = 24 * 60 * 60.0
SLACK_SECONDS = 5.0  # another host's clock may be behind


def hold_left(reason: str, until: datetime | None, at: datetime) -> float | None:
    """Seconds until a hold ends, 0 without one; None if it ends only when a person acts."""
    if not reason:
        return 0.0
    if until is None:
        return None
    return seconds_until(until, at, longest=scaled(LONGEST_HOLD_SECONDS) + SLACK_SECONDS)


class Holdable(models.Model):
    """What must not be used for a while: a connection or the lane of a campaign.

    Held while `held_reason` is set and `held_until` is in the future; without `held_until` until a person acts.
    """

    held_reason = models.CharField(max_length=300, blank=True)
    held_until = models.DateTimeField(null=True, blank=True)

    class Meta:
        abstract = True

    def is_held(self, at: datetime) -> bool:
        return hold_left(self.held_reason, self.held_until, at) != 0

    @property
    def waits_for_person(self) -> bool:
        return bool(self.held_reason) and self.held_until is None


class ConnectionQuerySet(models.QuerySet["Connection"]):
    def visible_to(self, user: User) -> ConnectionQuerySet:
        """Connections whose campaigns this user may see."""
        return self.filter(user.visible_centres("pk"), removed_at=None)

    def without_keys(self) -> ConnectionQuerySet:
        """For pages that show several: to decrypt a key takes longer than to read the others' fields."""
        return self.defer("key", "user_key")

    def managed_by(self, user: User) -> ConnectionQuerySet:
        """Connections this user may change: only administrators may."""
        return self.filter(removed_at=None) if user.is_administrator else self.none()

    def listable(self, at: datetime) -> ConnectionQuerySet:
        """Connections whose list of campaigns may be read at this moment."""
        resting = FamilyState.objects.resting(at).filter(connection=models.OuterRef("pk"), family=Family.LIST)
        longest = timedelta(seconds=scaled(LONGEST_HOLD_SECONDS))
        may_read = is_due("reads_after", at, farthest=longest)
        waits = models.Q(held_kind=Connection.HoldKind.RATE) & ~is_due("held_until", at, farthest=longest)
        return self.filter(may_read, ~waits, ~models.Exists(resting), removed_at=None)


class Family(models.TextChoices):
    """Requests that need the same right. A failure of one family says nothing about another (voiso-api.md, section 2)."""

    CONTACTS = "contacts", "Adding contacts"
    LIST = "list", "List of campaigns"
    OPERATION = "operation", "Start, pause, stop"
    PEOPLE = "people", "Agents of a campaign"
    LOOKUPS = "lookups", "Users and teams"
    PRESENCE = "presence", "Status of agents"


class Connection(Holdable):
    """One Voiso contact centre: its address, API generation and key."""

    class HoldKind(models.TextChoices):
        KEY = "key", "Voiso refuses the key"
        RATE = "rate", "Voiso asked us to wait"
        SILENT = "silent", "Voiso isn't answering properly"
        ADDRESS = "address", "The address doesn't belong to Voiso"

    name = models.CharField(max_length=80)
    generation = models.CharField(max_length=6, choices=GENERATIONS)
    base_url = models.CharField(max_length=200)  # https://cc-ams03.voiso.com, without a path
    time_zone = models.CharField(max_length=60, blank=True)  # its IANA name; empty: no person has chosen one
    key = EncryptedTextField()
    key_last4 = models.CharField(max_length=4)
    # Legacy only, optional: the key of a user, for the lookups that no other key is documented to work for.
    user_key = EncryptedTextField(blank=True, default="")
    user_key_last4 = models.CharField(max_length=4, blank=True)
    # What Voiso has accepted, in `request_forms`; empty: nothing yet, so as documented.
    users_path = models.CharField(max_length=40, blank=True)  # legacy: of the two known, the one that gave the users
    update_method = models.CharField(max_length=5, blank=True)  # PUT or PATCH
    priority_form = models.CharField(max_length=10, blank=True)
    active_form = models.CharField(max_length=10, blank=True)

    held_kind = models.CharField(max_length=10, choices=HoldKind.choices, blank=True)
    failures = models.PositiveIntegerField(default=0)  # consecutive failures: connect, 5xx, timeout, garbage
    holds = models.PositiveIntegerField(default=0)  # consecutive holds for silence: each one doubles the time

    answered_at = models.DateTimeField(null=True, blank=True)  # last proper answer
    # Of this machine's clock, by the date of Voiso's last answer that had one; empty: none had.
    clock_ahead = models.FloatField(null=True, blank=True)  # seconds
    clock_read_at = models.DateTimeField(null=True, blank=True)
    reads_after = models.DateTimeField(null=True, blank=True)  # Voiso asked us to read less often: not before this
    tried_at = models.DateTimeField(null=True, blank=True)
    last_problem = models.CharField(max_length=300, blank=True)  # of the last attempt, empty if it was answered
    silent_since = models.DateTimeField(null=True, blank=True)
    synced_at = models.DateTimeField(null=True, blank=True)  # last complete list of campaigns
    sync_began_at = models.DateTimeField(null=True, blank=True)  # the claim: one sync at a time
    sync_asked_at = models.DateTimeField(null=True, blank=True)  # by a page, so that fifty screens cause one sync
    checked_at = models.DateTimeField(null=True, blank=True)
    check_passed = models.BooleanField(null=True)
    check_words = models.CharField(max_length=500, blank=True)  # the result of the last test
    check_lines = models.JSONField(default=list, blank=True)  # and what it found of each family, a sentence each
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

    @property
    def subject(self) -> Subject:
        return Subject(Operation.Subject.CONNECTION, self.pk, self.name, connection_ref=self.pk)

    @property
    def zone(self) -> ZoneInfo:
        """In which its days and hours are counted; without a chosen one, the time zone of this installation."""
        return zone_of(self.time_zone)

    @property
    def capabilities(self) -> Capabilities:
        """What the API of this generation can do."""
        return CAPABILITIES[Generation(self.generation)]


class FamilyStateQuerySet(models.QuerySet["FamilyState"]):
    def resting(self, at: datetime) -> FamilyStateQuerySet:
        return self.exclude(is_due("rests_until", at, farthest=timedelta(seconds=scaled(LONGEST_REST_SECONDS))))


class FamilyState(models.Model):
    """How one family of a connection's requests fares. No row: it was not tried yet with this key.

    It rests while `rests_until` is in the future: nothing but a person's check asks it then.
    """

    class Cause(models.TextChoices):
        KEY = "key", "Voiso refuses the key"  # 401
        RIGHT = "right", "The key lacks a permission"  # 403
        ADDRESS = "address", "The address redirects or isn't trusted"
        MISSING = "missing", "Voiso has no such function"  # 404

    connection = models.ForeignKey(Connection, on_delete=models.CASCADE, related_name="families")
    family = models.CharField(max_length=10, choices=Family.choices)
    cause = models.CharField(max_length=10, choices=Cause.choices, blank=True)
    problem = models.CharField(max_length=300, blank=True)  # a sentence; empty if the last answer was a good one
    rests_until = models.DateTimeField(null=True, blank=True)
    rests = models.PositiveIntegerField(default=0)  # consecutive: each one doubles the time
    failed_at = models.DateTimeField(null=True, blank=True)
    worked_at = models.DateTimeField(null=True, blank=True)

    objects = FamilyStateQuerySet.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["connection", "family"], name="one_state_per_family")]

    def __str__(self) -> str:
        return self.get_family_display()
