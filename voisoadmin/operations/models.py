from __future__ import annotations

import uuid
from datetime import datetime

from django.conf import settings
from django.db import models

from voisoadmin.accounts.models import User
from voisoadmin.lib.numbers import whole_number
from voisoadmin.lib.searching import contains


def kinds() -> list[tuple[str, str]]:
    """Called by the field, so that a new kind needs no migration."""
    return Operation.Kind.choices


def subjects() -> list[tuple[str, str]]:
    """The same for what an operation is about."""
    return Operation.Subject.choices


class OperationQuerySet(models.QuerySet["Operation"]):
    def visible_to(self, user: User) -> OperationQuerySet:
        """What this user may read: the entries of the contact centres that the user sees, and the user's own; without
        entries for administrators."""
        if not user.is_active:
            return self.none()
        if user.is_administrator:
            return self.filter()
        own = models.Q(connection_ref=None, by=user)
        found = self.exclude(kind__in=Operation.FOR_ADMINISTRATORS)
        return found if user.sees_all_centres else found.filter(user.visible_centres("connection_ref") | own)

    def at_the_top(self, user: User) -> OperationQuerySet:
        """One entry for each click: the campaigns of a bulk are behind it, unless the user may not see it."""
        if user.is_administrator or user.sees_all_centres:
            return self.filter(parent=None)
        hidden = models.Q(parent__connection_ref=None) & ~models.Q(parent__by=user)
        return self.filter(models.Q(parent=None) | hidden)

    def about_campaign(self, campaign_id: int) -> OperationQuerySet:
        return self.filter(campaign_ref=campaign_id)

    def narrowed(
        self,
        *,
        kind: str = "",
        outcome: str = "",
        person: str = "",
        campaign: str = "",
        since: datetime | None = None,
        before: datetime | None = None,
        text: str = "",
    ) -> OperationQuerySet:
        """Filtered operations; `campaign` is part of its name or our ID of it; `text` is searched in the subject, the user
        and Voiso's words."""
        found = self
        if kind:
            found = found.filter(kind=kind)
        if outcome:
            counts = models.Q(status=Operation.Status.RUNNING, kind__in=list(Operation.COUNTED))
            counted = [kind for kind, status in Operation.COUNTED.items() if status == outcome]
            found = found.filter(models.Q(status=outcome) & ~counts | counts & models.Q(kind__in=counted))
        if person:
            found = found.filter(contains(person, "by_label"))
        if campaign:
            key = whole_number(campaign)
            is_it = models.Q(campaign_ref=key) if key is not None else models.Q()
            found = found.filter(is_it | contains(campaign, "subject_label"), campaign_ref__isnull=False)
        if since:
            found = found.filter(asked_at__gte=since)
        if before:
            found = found.filter(asked_at__lt=before)
        if text:
            found = found.filter(contains(text, "subject_label", "answer", "problem", "by_label"))
        return found

    def after_in_list(self, operation_id: int | None) -> OperationQuerySet:
        """Those after this one in the list, which shows the latest first; all if it is missing."""
        last = Operation.objects.filter(pk=operation_id).first() if operation_id else None
        if last is None:
            return self
        return self.filter(models.Q(asked_at__lt=last.asked_at) | models.Q(asked_at=last.asked_at, pk__lt=last.pk))

    def bulks(self) -> OperationQuerySet:
        """Those that change several campaigns."""
        return self.filter(campaigns__gt=0)

    def single(self) -> OperationQuerySet:
        """Those that are carried out on their own: neither a bulk nor one of its campaigns."""
        return self.filter(parent=None, campaigns=0)

    def open(self) -> OperationQuerySet:
        return self.filter(status__in=Operation.OPEN)


class Operation(models.Model):
    """One thing a user (or a rule) asked for, from the click to its outcome: the audit trail.

    queued -> running -> done           `services` makes every move; each names the attempt it belongs to
                      -> refused       Voiso, or we, said no; nothing more will be tried
                      -> unconfirmed   Voiso may have acted; a person decides
    Work that only touches our database is written as `done` at once; many small changes in a row are one entry, which stays
    open for ten minutes. Triggers keep an entry that has ended as it is (`guard`).
    A bulk is one operation with a child for each of its campaigns. Its one job carries out the children.
    The subject is stored as kind, ID and a label as text, so the operation outlives it.
    """

    class Status(models.TextChoices):
        QUEUED = "queued", "Waiting"
        RUNNING = "running", "Running"
        DONE = "done", "Done"
        REFUSED = "refused", "Refused"
        UNCONFIRMED = "unconfirmed", "Not confirmed"

    class Kind(models.TextChoices):
        START = "start", "Start"
        PAUSE = "pause", "Pause"
        STOP = "stop", "Stop"
        ASSIGN = "assign", "Change agents"
        UPLOAD = "upload", "Upload file"
        EDIT_ROWS = "edit_rows", "Edit rows"
        FIX_ROWS = "fix_rows", "Fix rows"
        UNDO_FIX = "undo_fix", "Undo fix"
        SEND = "send", "Send contacts"
        PAUSE_SENDING = "pause_sending", "Pause sending"
        RESUME_SENDING = "resume_sending", "Resume sending"
        CANCEL_SENDING = "cancel_sending", "Cancel sending"
        RESEND = "resend", "Send rows again"
        DISMISS_ROWS = "dismiss_rows", "Dismiss rows"
        TAKE_ROWS_BACK = "take_rows_back", "Take back dismissed rows"
        DISCARD_UPLOAD = "discard_upload", "Discard upload"
        RESTORE_UPLOAD = "restore_upload", "Restore upload"
        RELEASE_LANE = "release_lane", "Resume blocked sending"
        LET_RULES_START = "let_rules_start", "Let rules start it again"
        KEEP_RUNNING = "keep_running", "Keep running today"
        DOWNLOAD = "download", "Download"
        SAVE_CONNECTION = "save_connection", "Save connection"
        CHECK_CONNECTION = "check_connection", "Check connection"
        FORGET_FORM = "forget_form", "Forget request format"
        REMOVE_CONNECTION = "remove_connection", "Remove connection"
        SAVE_USER = "save_user", "Save user"
        CHANGE_COLUMNS = "change_columns", "Change format or columns"
        SIGN_IN = "sign_in", "Sign in"
        SIGN_IN_FAILED = "sign_in_failed", "Failed sign-in"
        SAVE_RULE = "save_rule", "Save rule"
        SWITCH_RULE = "switch_rule", "Turn rule on or off"
        REMOVE_RULE = "remove_rule", "Delete rule"
        SAVE_FEED = "save_feed", "Save feed"
        PAUSE_FEED = "pause_feed", "Pause feed"
        RESUME_FEED = "resume_feed", "Resume feed"
        NEW_TOKEN = "new_token", "Create token"
        REVOKE_TOKEN = "revoke_token", "Revoke token"
        CANCEL_BULK = "cancel_bulk", "Cancel the remaining campaigns"
        REMOVE_USER = "remove_user", "Remove user"
        REMOVE_ACTIVITY = "remove_activity", "Remove old activity"

    OPEN = (Status.QUEUED, Status.RUNNING)
    COUNTED = {Kind.EDIT_ROWS: Status.DONE, Kind.SIGN_IN_FAILED: Status.REFUSED}
    """Kinds whose entries count events while they are open, and the status in which each ends."""
    FOR_ADMINISTRATORS = (Kind.SIGN_IN, Kind.SIGN_IN_FAILED, Kind.REMOVE_ACTIVITY)

    class Subject(models.TextChoices):
        CAMPAIGN = "campaign", "Campaign"
        UPLOAD = "upload", "Upload"
        CAMPAIGNS = "campaigns", "Campaigns"
        CONNECTION = "connection", "Connection"
        USER = "user", "User"
        FEED = "feed", "Feed"
        RULE = "rule", "Rule"
        ACTIVITY = "activity", "Activity"

    # Set if two processes may record the same event; otherwise a new one.
    once_key = models.UUIDField(unique=True, default=uuid.uuid4, editable=False)
    parent = models.ForeignKey("self", null=True, blank=True, on_delete=models.PROTECT, related_name="children")  # a bulk
    campaigns = models.PositiveIntegerField(default=0)  # how many children a bulk has
    kind = models.CharField(max_length=20, choices=kinds)
    status = models.CharField(max_length=12, choices=Status.choices, default=Status.QUEUED)
    subject_kind = models.CharField(max_length=12, choices=subjects)
    subject_id = models.BigIntegerField()
    subject_label = models.CharField(max_length=500)
    campaign_ref = models.BigIntegerField(null=True, blank=True)  # our ID of the campaign concerned, whatever the subject
    connection_ref = models.BigIntegerField(null=True, blank=True)  # our ID of its contact centre; users belong to none
    by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    by_label = models.CharField(max_length=200)  # outlives the user; "cron on import-01 (command line)" is one too
    shown_status = models.CharField(max_length=40, blank=True)  # the campaign's status on the page that was clicked
    request = models.JSONField(default=dict)  # what was asked for, without contact data or keys
    result = models.JSONField(default=dict)  # the outcome, name by name
    answer = models.TextField(blank=True)  # Voiso's own words, redacted
    problem = models.TextField(blank=True)  # what went wrong and what to do, for a supervisor
    # Grows with each job that takes up the operation; a job's writes must carry it, so that a repeated or frozen job
    # changes nothing.
    attempt = models.PositiveIntegerField(default=0)
    touched_at = models.DateTimeField(null=True, blank=True)  # by the job that has it; if long ago, its worker died
    asked_at = models.DateTimeField()
    started_at = models.DateTimeField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)

    objects = OperationQuerySet.as_manager()

    class Meta:
        ordering = ["-asked_at", "-pk"]
        indexes = [
            models.Index(fields=["-asked_at", "-id"], name="operation_latest"),
            models.Index(fields=["campaign_ref", "-asked_at"], name="operation_of_campaign"),
            models.Index(fields=["connection_ref", "-asked_at", "-id"], name="operation_of_centre"),
            models.Index(fields=["subject_kind", "subject_id"], name="operation_of_subject"),
            models.Index(fields=["asked_at"], name="operation_open", condition=models.Q(status__in=["queued", "running"])),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()}: {self.subject_label}"

    @property
    def outcome(self) -> str:
        """The status for pages: while an entry counts events, already the one in which it will end."""
        return self.status if self.has_ended else self.COUNTED.get(self.Kind(self.kind), self.status)

    @property
    def has_ended(self) -> bool:
        return self.status not in self.OPEN


class Door(models.Model):
    """Opens the triggers of `guard` for one purpose. A row exists only inside the transaction that needs it (`doors`)."""

    class Why(models.TextChoices):
        REMOVED_USER = "removed_user", "The ID of a removed user"
        RETENTION = "retention", "Entries past their time"

    why = models.CharField(max_length=12, choices=Why.choices)

    def __str__(self) -> str:
        return self.why
