"""Rules, what each remembers of a campaign, and what became of each time that one was due.

`docs/rules.md` says how they decide. A start needs everything known and everything right; a pause or a stop needs neither.
"""

from __future__ import annotations

from datetime import datetime

from django.conf import settings
from django.db import models

from voisoadmin.accounts.models import User
from voisoadmin.campaigns.models import Campaign, CampaignState
from voisoadmin.connections.models import Connection
from voisoadmin.operations.models import Operation


class RuleQuerySet(models.QuerySet["Rule"]):
    def kept(self) -> RuleQuerySet:
        return self.filter(removed_at=None)

    def visible_to(self, user: User) -> RuleQuerySet:
        """Rules of which the user may see every campaign, and the user's own."""
        found = self.kept()
        if user.sees_all_centres:
            return found
        hidden = RuleState.objects.exclude(user.visible_centres("campaign__connection")).values("rule")
        return found.filter(models.Q(owner=user) | ~models.Q(pk__in=hidden))

    def evaluated(self) -> RuleQuerySet:
        return self.kept().exclude(mode=Rule.Mode.OFF)


class Rule(models.Model):
    """A sentence that starts, pauses or stops campaigns, or notifies its owner; stored as `sentence.Sentence` writes it."""

    class Mode(models.TextChoices):
        OFF = "off", "Off"
        DRY_RUN = "dry_run", "Dry run"
        ON = "on", "On"

    LABEL = "Rule “"  # begins each one's label
    ASKED_AGAIN = "rule"  # in an operation's request: its rule, which is asked again when the campaign's turn has come

    name = models.CharField(max_length=80)
    sentence = models.JSONField(default=dict)
    every_named = models.CharField(max_length=200, blank=True)  # campaigns were chosen as "all with this in the name"
    campaigns: models.ManyToManyField[Campaign, Campaign] = models.ManyToManyField(
        Campaign, through="RuleState", related_name="rules"
    )
    mode = models.CharField(max_length=8, choices=Mode.choices, default=Mode.DRY_RUN)
    # Of a rule that is on: its time zone was changed, so its starts, and only these, say what they would do.
    starts_are_dry = models.BooleanField(default=False)
    sends_mail = models.BooleanField(default=False)  # to the owner, where mail is set up
    # Whose right to the campaigns the starts need.
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="rules")
    owner_label = models.CharField(max_length=200)  # outlives the user
    right_lost_at = models.DateTimeField(null=True, blank=True)  # since when the owner may no longer control a campaign
    problem = models.CharField(max_length=300, blank=True)  # why it can't be evaluated: our own error
    version = models.PositiveIntegerField(default=1)  # grows with each change of the sentence or the campaigns
    # Moments that lie before aren't its: since it was last turned on or changed.
    looked_since = models.DateTimeField()
    created_at = models.DateTimeField(auto_now_add=True)
    changed_at = models.DateTimeField()
    removed_at = models.DateTimeField(null=True, blank=True)

    objects = RuleQuerySet.as_manager()

    class Meta:
        ordering = ["name"]
        constraints = [
            models.UniqueConstraint(
                fields=["name"],
                condition=models.Q(removed_at=None),
                name="one_rule_per_name",
                violation_error_message="Another rule has this name.",
            )
        ]

    def __str__(self) -> str:
        return self.name

    def is_dry(self, change: str) -> bool:
        """Whether this change is only said, not made."""
        return self.mode == self.Mode.DRY_RUN or (self.starts_are_dry and change == Firing.Change.START)

    @property
    def label(self) -> str:
        """Who did it, as the activity and the timeline show it."""
        return f"{Rule.LABEL}{self.name}”"


class RuleState(models.Model):
    """One campaign of a rule, and what the rule remembers of it. Without these memories nothing is ever due twice."""

    rule = models.ForeignKey(Rule, on_delete=models.CASCADE, related_name="states")
    campaign = models.ForeignKey(Campaign, on_delete=models.CASCADE, related_name="rule_states")
    # How often the conditions have become true, and whether they were when last decided; empty: never decided.
    edge = models.PositiveBigIntegerField(default=0)
    was_true = models.BooleanField(null=True)
    # Condition by condition (its place, as text): since when it has held without a gap. Void for another span.
    holds_since = models.JSONField(default=dict)
    span = models.UUIDField(null=True, blank=True)  # `Evaluation.span` in which `holds_since` was written
    fired_at = models.DateTimeField(null=True, blank=True)  # the last time that its conditions made it act

    class Meta:
        constraints = [models.UniqueConstraint(fields=["rule", "campaign"], name="one_state_per_rule_and_campaign")]

    def __str__(self) -> str:
        return f"{self.rule} on {self.campaign}"


class FiringQuerySet(models.QuerySet["Firing"]):
    def visible_to(self, user: User) -> FiringQuerySet:
        return self.filter(user.visible_centres("campaign__connection"))

    def past(self, before: datetime) -> FiringQuerySet:
        """What was due before then and may be forgotten. The last of each rule and campaign stays, of times and of conditions:
        it says when the rule last acted, and which numbers of edges were used."""
        later = Firing.objects.filter(
            rule=models.OuterRef("rule"),
            campaign=models.OuterRef("campaign"),
            is_timed=models.OuterRef("is_timed"),
            pk__gt=models.OuterRef("pk"),
        )
        return self.filter(models.Exists(later), due_at__lt=before, is_open=False)

    def unread_by(self, user: User) -> FiringQuerySet:
        """What the user's own rules reported and the user hasn't marked as read."""
        mine = self.visible_to(user).filter(rule__owner=user, rule__removed_at=None)
        return mine.filter(outcome=Firing.Outcome.NOTIFIED, read_at=None)

    def owed(self) -> FiringQuerySet:
        """Pauses and stops that are still to come: they need attention."""
        return self.filter(is_open=True, outcome=Firing.Outcome.OWED)


class Firing(models.Model):
    """One time that a rule was due for a campaign, and what became of it: the log.

    The occurrence is a local date and time of the rule (`2026-03-29T09:00 start`) or the number of an edge (`edge 17`); each
    is used once. While it is open, it is looked at again: an operation is in progress, a new try is still allowed, or a
    pause is owed.
    """

    class Outcome(models.TextChoices):
        FIRED = "fired", "Fired"
        WOULD = "would", "Would have fired"
        NOTIFIED = "notified", "Notified"
        NOTHING = "nothing", "Nothing to do"
        NOT_DECIDED = "not_decided", "Not decided"
        MISSED = "missed", "Missed"
        HELD = "held", "Held"
        OVERTAKEN = "overtaken", "Overtaken"
        OWED = "owed", "Owed"
        REFUSED = "refused", "Refused"
        UNCONFIRMED = "unconfirmed", "Not confirmed"
        WAIVED = "waived", "Kept running"

    NOTHING_DONE = (Outcome.WOULD, Outcome.NOTHING, Outcome.NOT_DECIDED)

    class Change(models.TextChoices):
        START = "start", "Start"
        PAUSE = "pause", "Pause"
        STOP = "stop", "Stop"
        NOTIFY = "notify", "Notify me"

    class Hold(models.TextChoices):
        """Why a start is held."""

        PERSON = "person", "A person paused or stopped it"
        CONFLICT = "conflict", "Rules contradict each other"
        RIGHT = "right", "Its owner may no longer control the campaign"

    rule = models.ForeignKey(Rule, on_delete=models.CASCADE, related_name="firings")
    campaign = models.ForeignKey(Campaign, on_delete=models.CASCADE, related_name="rule_firings")
    occurrence = models.CharField(max_length=60)
    is_timed = models.BooleanField(default=False)  # of a time of the rule
    is_dry = models.BooleanField(default=False)
    change = models.CharField(max_length=6, choices=Change.choices)
    due_at = models.DateTimeField()
    local_date = models.DateField()  # of `due_at`, in the rule's zone
    outcome = models.CharField(max_length=12, choices=Outcome.choices)
    hold = models.CharField(max_length=8, choices=Hold.choices, blank=True)
    reason = models.CharField(max_length=300, blank=True)  # a sentence: what the rule saw, or why it didn't act
    is_open = models.BooleanField(default=False)
    until = models.DateTimeField(null=True, blank=True)  # a start, or another try, only before
    saw_status = models.CharField(max_length=60, blank=True)  # of the campaign, when the operation was requested
    tries = models.PositiveIntegerField(default=0)
    tried_at = models.DateTimeField(null=True, blank=True)
    operation = models.ForeignKey(Operation, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")  # the last try
    mailed_for = models.CharField(max_length=12, blank=True)  # the outcome that an email was sent for
    decided_at = models.DateTimeField()  # when it got this outcome
    read_at = models.DateTimeField(null=True, blank=True)  # of a notice: when the owner of the rule marked it as read

    objects = FiringQuerySet.as_manager()

    class Meta:
        ordering = ["-due_at", "-pk"]
        constraints = [models.UniqueConstraint(fields=["rule", "campaign", "occurrence"], name="each_occurrence_once")]
        indexes = [
            models.Index(fields=["rule", "-due_at", "-id"], name="firing_of_rule"),
            models.Index(fields=["campaign", "-due_at", "-id"], name="firing_of_campaign"),
            models.Index(fields=["-due_at", "-id"], name="firing_latest"),
            models.Index(fields=["is_open"], name="firing_open", condition=models.Q(is_open=True)),
            models.Index(fields=["tried_at"], name="firing_tried", condition=models.Q(tried_at__isnull=False)),
            models.Index(fields=["rule"], name="firing_unread", condition=models.Q(outcome="notified", read_at=None)),
            models.Index(
                fields=["due_at"],
                name="firing_nothing_done",
                condition=models.Q(is_open=False, outcome__in=("would", "nothing", "not_decided")),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.rule}: {self.get_change_display().lower()} {self.campaign}, {self.occurrence}"

    @property
    def edge(self) -> int:
        """`RuleState.edge` when conditions made it due (`edge 17`), or weren't known (`undecided 17 2026-03-29 09`)."""
        return int(self.occurrence.split()[1])


class StartHold(models.Model):
    """No rule starts this campaign until a person starts it or presses "Let rules start it again"."""

    campaign = models.OneToOneField(Campaign, on_delete=models.CASCADE, related_name="start_hold")
    kind = models.CharField(max_length=8, choices=Firing.Hold.choices, default=Firing.Hold.PERSON)
    is_on = models.BooleanField(default=True)
    by_label = models.CharField(max_length=200, blank=True)  # who paused or stopped it; empty: someone in Voiso
    status = models.CharField(max_length=60, blank=True)  # what they made it
    since = models.DateTimeField()  # when it began, or ended
    last_state = models.BigIntegerField(default=0)  # `CampaignState` up to this one says nothing more
    reason = models.CharField(max_length=300, blank=True)

    def __str__(self) -> str:
        return f"Starts of {self.campaign} {'held' if self.is_on else 'free'} since {self.since:%Y-%m-%d %H:%M:%S}"


class KeepRunning(models.Model):
    """A person keeps the campaign running on this day: timed pauses and stops of it don't fire."""

    campaign = models.ForeignKey(Campaign, on_delete=models.CASCADE, related_name="kept_running")
    day = models.DateField()  # the local date of the rules
    by_label = models.CharField(max_length=200)
    at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["campaign", "day"], name="kept_running_once_a_day")]

    def __str__(self) -> str:
        return f"{self.campaign} kept running on {self.day}"


class Evaluation(models.Model):
    """The last evaluation: one row for all processes."""

    at = models.DateTimeField(null=True, blank=True)
    span = models.UUIDField(null=True, blank=True)  # of evaluations without a gap, in one process
    last_state = models.BigIntegerField(default=0)  # `CampaignState` up to this one was looked through
    # Why starts aren't decided: this machine's clock; empty: it is right as far as we know.
    clock_problem = models.CharField(max_length=300, blank=True)
    clock_since = models.DateTimeField(null=True, blank=True)
    seconds = models.FloatField(default=0)  # how long it took

    def __str__(self) -> str:
        return f"Evaluation at {self.at}"

    @classmethod
    def last(cls) -> Evaluation:
        row, _ = cls.objects.get_or_create(pk=1)
        return row

    @classmethod
    def last_and_newest_state(cls) -> tuple[Evaluation, int]:
        """In one query: the row, and the number of the newest `CampaignState`."""
        newest = CampaignState.objects.order_by("-pk").values("pk")[:1]
        rows = cls.objects.annotate(newest=models.Subquery(newest)).filter(pk=1)
        row = rows.first()
        if row is None:
            cls.last()
            row = rows.get()
        return row, vars(row)["newest"] or 0

    def is_late(self, at: datetime, *, after: float) -> bool:
        """Whether rules aren't being evaluated: the background worker isn't running."""
        return self.at is None or (at - self.at).total_seconds() > after


class PresenceSpan(models.Model):
    """The status of a contact centre's agents was known from `begin` to `end`, without a gap. Begun again once a day."""

    connection = models.ForeignKey(Connection, on_delete=models.CASCADE, related_name="presence_spans")
    begin = models.DateTimeField()
    end = models.DateTimeField()
    agents = models.PositiveIntegerField()  # on the list; another number begins another span

    class Meta:
        indexes = [models.Index(fields=["connection", "-end"], name="span_of_connection")]

    def __str__(self) -> str:
        return f"Agents of {self.connection} from {self.begin:%Y-%m-%d %H:%M} to {self.end:%H:%M}"


class AgentChange(models.Model):
    """The group of one agent's status changed: the history of `AgentPresence`. A span begins with a row for each agent."""

    span = models.ForeignKey(PresenceSpan, on_delete=models.CASCADE, related_name="changes")
    who = models.CharField(max_length=254)
    group = models.CharField(max_length=10, blank=True)
    at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.who}: {self.group} at {self.at:%Y-%m-%d %H:%M:%S}"
