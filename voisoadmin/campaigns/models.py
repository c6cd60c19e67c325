from __future__ import annotations

import re
from datetime import datetime, timedelta

from django.db import models
from django.db.models.functions import Lower
from django.shortcuts import get_object_or_404

from voisoadmin.accounts.models import User
from voisoadmin.connections.models import Connection, Holdable
from voisoadmin.operations.clicks import Subject
from voisoadmin.operations.models import Operation

PLAIN_NUMBER = re.compile("0|[1-9][0-9]*")
NOT_REPORTED = "unknown"  # posted by a page as the status if Voiso never reported one


class Lane(Holdable):
    """The paced, one-at-a-time access to one campaign in Voiso.

    Two connections that list the same campaign share its lane and its contacts. The engine updates the counters and the
    `sending_*` summary in the transaction of each answer, so that a page never counts rows.
    """

    address = models.CharField(max_length=200)  # scheme, host and port, normalised: https://cc-ams03.voiso.com:443
    voiso_id = models.CharField(max_length=40)
    epoch = models.PositiveBigIntegerField(default=0)  # grows with each take-over; later writes must carry it
    held_reason = models.CharField(max_length=500, blank=True)
    held_answer = models.TextField(blank=True)  # Voiso's words that led to the hold, redacted
    running_operation = models.BigIntegerField(null=True, blank=True)  # the one status operation or assignment in progress

    contacts_added = models.PositiveBigIntegerField(default=0)
    contacts_known = models.PositiveBigIntegerField(default=0)  # all numbers known from answers to be in the campaign
    rows_duplicate = models.PositiveBigIntegerField(default=0)
    rows_rejected = models.PositiveBigIntegerField(default=0)
    # Rows that became contacts, ever: added, and those whose first answer was lost.
    contacts_accepted = models.PositiveBigIntegerField(default=0)
    rows_to_fix = models.PositiveBigIntegerField(default=0)  # of all its confirmed pushes, without dismissed ones

    class Sending(models.TextChoices):
        NOTHING = "", "Nothing"
        SENDING = "sending", "Sending"
        WAITING = "waiting", "Waiting"
        BUSY = "busy", "Voiso is busy"  # for long: it will end without help, but a person should know
        PAUSED = "paused", "Paused"
        BLOCKED = "blocked", "Action needed"

    sending_state = models.CharField(max_length=10, choices=Sending.choices, blank=True)
    sending_rows = models.PositiveBigIntegerField(default=0)  # that the pushes which have not ended were or will be sent
    sending_done = models.PositiveBigIntegerField(default=0)  # of those rows, the ones that were sent
    sending_seconds = models.FloatField(null=True, blank=True)  # estimate until all are sent; empty: unknown
    answer_milliseconds = models.PositiveIntegerField(null=True, blank=True)  # how long Voiso lately took to answer contacts
    sending_reason = models.CharField(max_length=300, blank=True)
    # Since when Voiso has answered contacts only with "not now", as busy or in conflict with its state, and its words,
    # redacted.
    busy_since = models.DateTimeField(null=True, blank=True)
    conflict_since = models.DateTimeField(null=True, blank=True)
    not_now_words = models.CharField(max_length=300, blank=True)
    last_push_at = models.DateTimeField(null=True, blank=True)
    last_call_at = models.DateTimeField(null=True, blank=True)  # for display; the pace uses the monotonic clock
    next_call_at = models.DateTimeField(null=True, blank=True)  # for display too

    class Meta:
        constraints = [models.UniqueConstraint(fields=["address", "voiso_id"], name="one_lane_per_campaign")]
        indexes = [models.Index(fields=["sending_state"], name="lane_by_sending_state")]  # few of them send

    def __str__(self) -> str:
        return f"{self.voiso_id} at {self.address}"

    @property
    def sending_left(self) -> int:
        """Rows that are still to be sent."""
        return max(0, self.sending_rows - self.sending_done)


class QuarterHour(models.Model):
    """What Voiso answered to contacts of a lane within a quarter of an hour, by the moment of each answer.

    Quarters, because the hours of every time zone consist of them. Rows that are sent again later stay counted here.
    """

    lane = models.ForeignKey(Lane, on_delete=models.CASCADE, related_name="quarter_hours", db_index=False)
    began_at = models.DateTimeField()
    added = models.PositiveIntegerField(default=0)
    unattributed = models.PositiveIntegerField(default=0)  # in the campaign, but the answer that added them was lost
    duplicate = models.PositiveIntegerField(default=0)
    rejected = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["lane", "began_at"], name="one_row_per_quarter_hour")]
        indexes = [models.Index(fields=["began_at", "lane"], name="quarter_hours_of_a_day")]

    def __str__(self) -> str:
        return f"Lane {self.lane_id} from {self.began_at:%Y-%m-%d %H:%M}"


class CentreQuarterHour(models.Model):
    """The sums of the quarters of all lanes at an address, counted with them: the day of thousands of campaigns in few rows."""

    address = models.CharField(max_length=200)  # of the lanes
    began_at = models.DateTimeField()
    added = models.PositiveBigIntegerField(default=0)
    unattributed = models.PositiveBigIntegerField(default=0)
    duplicate = models.PositiveBigIntegerField(default=0)
    rejected = models.PositiveBigIntegerField(default=0)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["address", "began_at"], name="one_row_per_centre_and_quarter_hour")]

    def __str__(self) -> str:
        return f"{self.address} from {self.began_at:%Y-%m-%d %H:%M}"


class CampaignQuerySet(models.QuerySet["Campaign"]):
    def visible_to(self, user: User) -> CampaignQuerySet:
        """Campaigns of the contact centres that this user may see."""
        return self.filter(user.visible_centres("connection"), connection__removed_at=None)


class Cause(models.TextChoices):
    """Why a campaign has its status, as far as known or inferred. Stored as a code; pages show the text."""

    FIRST_SEEN = "first_seen", "Already so when first seen"
    CONTINUED = "continued", "Resumed automatically"
    ELSEWHERE = "elsewhere", "Not requested here"
    ACCEPTED = "accepted", "Assumed: Voiso accepted our request"


class Campaign(models.Model):
    """A Voiso Dialer campaign as one connection lists it, mirrored by polling. A null never overwrites a known value."""

    class Source(models.TextChoices):
        POLLED = "polled", "Voiso said so"
        CONFIRMED = "confirmed", "Voiso's answer to our operation"
        INFERRED = "inferred", "Inferred from our confirmed operation"

    class Place(models.IntegerChoices):
        """Where the board shows a campaign to which nothing is being sent: `Lane.sending_state` goes before. Both are stored,
        because a page must not look at all campaigns to sort them."""

        ATTENTION = 1, "Needs attention"
        ACTIVE = 2, "Active"
        PAUSED = 3, "Paused"
        NOT_STARTED = 4, "Not started"
        ENDED = 5, "Ended"
        UNKNOWN = 6, "State unknown"
        GONE = 9, "No longer listed"

    connection = models.ForeignKey(Connection, on_delete=models.PROTECT, related_name="campaigns")
    lane = models.ForeignKey(Lane, on_delete=models.PROTECT, related_name="campaigns")
    voiso_id = models.CharField(max_length=40)
    name = models.CharField(max_length=500, blank=True)
    status = models.CharField(max_length=60, blank=True)  # Voiso's word, lower case; empty: never reported
    status_source = models.CharField(max_length=10, choices=Source.choices, blank=True)
    status_since = models.DateTimeField(null=True, blank=True)  # when we first saw it
    status_by = models.CharField(max_length=200, blank=True)  # a user here; empty: someone in Voiso, or the dialer
    cause = models.CharField(max_length=20, choices=Cause.choices, blank=True)
    live = models.BooleanField(null=True)
    agents_count = models.PositiveIntegerField(null=True, blank=True)  # assigned, as far as the API reports them
    agents_counted_at = models.DateTimeField(null=True, blank=True)
    looked_at = models.DateTimeField(null=True, blank=True)  # last shown on a page: agents are counted only for these
    facts = models.JSONField(default=dict)  # further fields from Voiso: strategy, dial_level, created_at ...
    pending_operation = models.CharField(max_length=10, blank=True)  # start, pause or stop, requested and not yet confirmed
    pending_since = models.DateTimeField(null=True, blank=True)
    # The last start, pause or stop, if it was refused or not confirmed and nothing has changed since.
    failed_operation = models.BigIntegerField(null=True, blank=True)
    failed_at = models.DateTimeField(null=True, blank=True)
    place = models.PositiveSmallIntegerField(choices=Place.choices, default=Place.UNKNOWN)  # by `board_places.keep_places`
    control_no = models.PositiveBigIntegerField(default=0)  # grows as an operation begins and ends: an older poll is dropped
    read_at = models.DateTimeField(null=True, blank=True)  # last read on its own, or with a part of a long list
    # What the last list said while an operation is pending, and the number of that list: its outcome writes the status.
    list_status = models.CharField(max_length=60, blank=True)
    list_no = models.PositiveBigIntegerField(default=0)
    # The poll that listed it first, or again after it was missing; otherwise `connection.synced_at` applies.
    seen_at = models.DateTimeField(null=True, blank=True)
    absent_since = models.DateTimeField(null=True, blank=True)  # missing in the last complete list
    missing_since = models.DateTimeField(null=True, blank=True)  # no longer listed by Voiso: missing in two complete lists
    changed_at = models.DateTimeField()
    created_at = models.DateTimeField(auto_now_add=True)

    objects = CampaignQuerySet.as_manager()

    class Meta:
        ordering = ["-changed_at", "-pk"]
        constraints = [models.UniqueConstraint(fields=["connection", "voiso_id"], name="one_campaign_per_connection")]
        indexes = [
            models.Index(fields=["-changed_at", "-id"], name="campaign_latest"),
            models.Index(fields=["place", "-changed_at", "-id"], name="campaign_place"),
            models.Index(fields=["connection", "place"], name="campaigns_by_place"),
            models.Index(fields=["status"], name="campaign_status"),
            models.Index(fields=["name"], name="campaign_name"),
            models.Index(Lower("name"), "id", name="campaign_by_name"),
        ]

    def __str__(self) -> str:
        return self.name or f"Campaign {self.voiso_id}"

    @property
    def subject(self) -> Subject:
        return Subject(Operation.Subject.CAMPAIGN, self.pk, str(self), self.pk, self.connection_id)

    @property
    def takes_contacts(self) -> bool | None:
        """Whether it is a Live campaign; None if Voiso neither reported it nor ever took contacts for it."""
        if self.live is None and (self.lane.contacts_added or self.lane.rows_duplicate):
            return True
        return self.live

    @property
    def status_shown(self) -> str:
        """The status posted by a page's buttons, so that a click on an outdated page is noticed."""
        return self.status or NOT_REPORTED

    @property
    def id_as_told(self) -> int | str:
        """Voiso's ID for JSON: a number, as documented, or else the text that it is."""
        return int(self.voiso_id) if PLAIN_NUMBER.fullmatch(self.voiso_id) else self.voiso_id


class CampaignState(models.Model):
    """One status of a campaign, since we first saw it: the timeline. The latest one is open (`until` is empty)."""

    campaign = models.ForeignKey(Campaign, on_delete=models.CASCADE, related_name="states")
    status = models.CharField(max_length=60)
    source = models.CharField(max_length=10, choices=Campaign.Source.choices)
    by = models.CharField(max_length=200, blank=True)
    cause = models.CharField(max_length=20, choices=Cause.choices, blank=True)
    since = models.DateTimeField()
    until = models.DateTimeField(null=True, blank=True)
    accepted_before = models.PositiveBigIntegerField(null=True, blank=True)  # the lane's `contacts_accepted` by then, if known

    class Meta:
        ordering = ["-since", "-pk"]
        indexes = [models.Index(fields=["campaign", "-since"], name="state_of_campaign")]

    def __str__(self) -> str:
        return f"{self.status} since {self.since:%Y-%m-%d %H:%M:%S}"


class Polling(models.Model):
    """How far the mirror of one connection is: its requests of the last minute, and a list that is being read."""

    class Part(models.TextChoices):
        """What a list that takes several goes is read for."""

        CAMPAIGNS = "campaigns", "All campaigns"
        LIVE = "live", "The Live campaigns"

    connection = models.OneToOneField(Connection, on_delete=models.CASCADE, related_name="polling")
    due_at = models.DateTimeField(null=True, blank=True)  # nothing is to be read before
    requests = models.JSONField(default=list)  # of the last minute: [moment in seconds since 1970, purpose]
    lookups_wait_since = models.DateTimeField(null=True, blank=True)  # the other reads leave room for them
    list_no = models.PositiveBigIntegerField(default=0)  # lists begun
    list_began_at = models.DateTimeField(null=True, blank=True)
    live_at = models.DateTimeField(null=True, blank=True)  # when the Live campaigns were last listed separately
    reading = models.CharField(max_length=10, choices=Part.choices, blank=True)  # empty: no list is half read
    pages = models.JSONField(default=list)  # of that list, read so far
    reading_since = models.DateTimeField(null=True, blank=True)
    bulk_at = models.DateTimeField(null=True, blank=True)  # no bulk sends a request before

    def __str__(self) -> str:
        return f"Polling of {self.connection}"


class Presence(models.Model):
    """What Voiso last said of the status of a contact centre's agents, as a whole, and when it is to be read again.

    The status says nothing about a campaign: no API says who has joined one.
    """

    connection = models.OneToOneField(Connection, on_delete=models.CASCADE, related_name="presence")
    read_at = models.DateTimeField(null=True, blank=True)  # when the last complete list began; empty: never read
    every_seconds = models.FloatField(default=0)  # its pace: a list of many pages is read less often
    agents = models.PositiveIntegerField(null=True, blank=True)  # on that list
    out = models.PositiveIntegerField(null=True, blank=True)  # of those, the ones that are logged out
    is_whole = models.BooleanField(default=False)  # every entry of that list could be read
    problem = models.CharField(max_length=300, blank=True)  # of the last attempt, empty if it was answered
    due_at = models.DateTimeField(null=True, blank=True)  # nothing is to be read before
    began_at = models.DateTimeField(null=True, blank=True)  # the claim: one read at a time
    pages = models.JSONField(default=list)  # of a list that is half read
    reading_since = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        return f"Presence in {self.connection}"

    @classmethod
    def of(cls, connection: Connection) -> Presence | None:
        """Without a query where `connection__presence` was selected."""
        try:
            return connection.presence
        except cls.DoesNotExist:
            return None

    def is_fresh(self, at: datetime) -> bool:
        """Whether it may decide anything: not older than two reads."""
        return self.read_at is not None and abs(at - self.read_at) <= timedelta(seconds=2 * self.every_seconds)

    def is_everyone_out(self, at: datetime) -> bool:
        """Whether no agent at all can be in a campaign. Others than those we know of may be assigned, so all count."""
        return self.is_whole and bool(self.agents) and self.out == self.agents and self.is_fresh(at)


class AgentPresence(models.Model):
    """The status of one agent, as of `Presence.read_at`. No row: unknown."""

    class Group(models.TextChoices):
        """What a word means, as far as it is known."""

        UNKNOWN = "", "Not reported"
        WAITING = "waiting", "Waiting for the Dialer"
        AVAILABLE = "available", "Available"
        IDLE = "idle", "Idle"
        ON_CALL = "on_call", "On a call"
        OUT = "out", "Logged out"
        OTHER = "other", "Voiso's own word"

    connection = models.ForeignKey(Connection, on_delete=models.CASCADE, related_name="agent_presences")
    who = models.CharField(max_length=254)  # as `voiso.PresenceFacts`: the user's ID, or of the legacy API the email
    word = models.CharField(max_length=60, blank=True)  # Voiso's own
    group = models.CharField(max_length=10, choices=Group.choices, blank=True)
    since = models.DateTimeField()  # seen in this status at every read since then, without a gap

    class Meta:
        constraints = [models.UniqueConstraint(fields=["connection", "who"], name="one_presence_per_agent")]

    def __str__(self) -> str:
        return f"{self.who}: {self.word}"

    @property
    def label(self) -> str:
        """For a page: our word where the meaning is known, else Voiso's own."""
        return self.word if self.group == self.Group.OTHER else str(self.Group(self.group).label)


class PresenceNeed(models.Model):
    """Something needs the status of the agents until then: an open page, or what acts on it."""

    connection = models.ForeignKey(Connection, on_delete=models.CASCADE, related_name="presence_needs")
    name = models.CharField(max_length=60)
    until = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["connection", "name"], name="one_need_per_name")]

    def __str__(self) -> str:
        return f"{self.name} until {self.until:%H:%M:%S}"


def visible_campaign(user: User, key: int) -> Campaign:
    """The campaign of a page. Raises Http404 if there is none that the user may see."""
    return get_object_or_404(Campaign.objects.visible_to(user).select_related("connection__presence", "lane"), pk=key)
