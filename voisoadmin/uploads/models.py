from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from django.conf import settings
from django.db import models

from voisoadmin.accounts.models import User
from voisoadmin.campaigns.models import Campaign
from voisoadmin.connections.models import Connection
from voisoadmin.contacts import mapped
from voisoadmin.contacts.mapped import Mapped
from voisoadmin.contacts.rules import rules_in_force
from voisoadmin.operations.clicks import Subject
from voisoadmin.operations.models import Operation
from voisoadmin.pushes.models import Counted, Intake, Push, PushQuerySet, RejectedRecord

OLD_DRAFT = timedelta(days=7)  # since the file was received


class UploadQuerySet(models.QuerySet["Upload"]):
    def visible_to(self, user: User) -> UploadQuerySet:
        """Uploads to campaigns this user may see, whichever connection sent them: it may have been removed since."""
        return self.filter(campaign__lane__in=Campaign.objects.visible_to(user).values("lane"))

    def for_pages(self) -> UploadQuerySet:
        """With everything a page needs to show the state: campaign, lane, connection and pushes."""
        related = ("campaign__lane", "campaign__connection", "draft", "intake__inbox")
        # The keys would be decrypted for each upload.
        keys = ("campaign__connection__key", "campaign__connection__user_key")
        return self.select_related(*related).defer(*keys).prefetch_related("pushes")

    def not_sent(self) -> UploadQuerySet:
        """Any stage between the file and the click that sends it."""
        return self.filter(stage__in=Upload.NOT_SENT)

    def old_drafts(self, *, at: datetime) -> UploadQuerySet:
        """Received more than a week ago and not sent since."""
        return self.not_sent().filter(received_at__lt=at - OLD_DRAFT)

    def running(self) -> UploadQuerySet:
        """Sent, with a push that hasn't ended."""
        return self.filter(stage=Upload.Stage.SENT).filter(_is_open())

    def finished(self) -> UploadQuerySet:
        """Every push has ended, and not all were cancelled."""
        finished = models.Exists(_pushes_of_upload(Push.objects.filter(state=Push.State.FINISHED)))
        return (
            self.filter(stage=Upload.Stage.SENT).exclude(_is_open()).filter(models.Q(finished) | models.Q(intake__isnull=False))
        )

    def cancelled(self) -> UploadQuerySet:
        """Cancelled before or while sending."""
        ended = ~models.Exists(_pushes_of_upload(Push.objects.exclude(state=Push.State.CANCELLED)))
        sent = models.Q(stage=Upload.Stage.SENT, intake=None)
        return self.filter(models.Q(stage=Upload.Stage.CANCELLED) | sent & ended)


def _is_open() -> models.Q:
    """Rows of it wait, or are being sent."""
    running = models.Exists(_pushes_of_upload(Push.objects.running()))
    return models.Q(running) | models.Q(intake__waiting__gt=0) | models.Q(intake__pending__gt=0)


def _pushes_of_upload(pushes: models.QuerySet[Push]) -> models.QuerySet[Push]:
    return pushes.filter(uploads=models.OuterRef("pk"))


class Upload(models.Model):
    """One spreadsheet, from the file to the last answer. Its page is permanent.

    A day of leads that an application posted is one, too: without a file or a check, sent from the beginning, with the
    counters of its intake in place of those of its pushes.

    received -> reading -> needs_mapping | checked | unreadable
    needs_mapping, checked -> reading (a choice was changed) | cancelled
    checked -> sent: from then on people see the state of its pushes (`sending, paused, blocked, finished, cancelled`).
    """

    class Stage(models.TextChoices):
        RECEIVED = "received", "Received"
        READING = "reading", "Reading"
        NEEDS_MAPPING = "needs_mapping", "Action needed"
        CHECKED = "checked", "Checked"
        SENT = "sent", "Sent"
        CANCELLED = "cancelled", "Cancelled"
        UNREADABLE = "unreadable", "Unreadable"

    NOT_SENT = (Stage.RECEIVED, Stage.READING, Stage.NEEDS_MAPPING, Stage.CHECKED)

    campaign = models.ForeignKey(Campaign, on_delete=models.PROTECT, related_name="uploads")
    stage = models.CharField(max_length=13, choices=Stage.choices, default=Stage.RECEIVED)
    kind = models.CharField(max_length=6, choices=Push.Kind.choices, default=Push.Kind.ADD)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    by_label = models.CharField(max_length=200)
    received_at = models.DateTimeField()

    stored_name = models.CharField(max_length=80)  # random, below UPLOAD_ROOT
    file_name = models.CharField(max_length=255)  # from the browser, cleaned; for display only
    discarded_at = models.DateTimeField(null=True, blank=True)
    file_removed_at = models.DateTimeField(null=True, blank=True)  # some time after discarding
    file_size = models.PositiveBigIntegerField()  # bytes
    sha256 = models.CharField(max_length=64, db_index=True)

    choices = models.JSONField(
        default=dict
    )  # what a person chose: encoding, delimiter, sheet, header_row, region, numbers, mapping ...
    facts = models.JSONField(
        default=dict
    )  # what was found and used: format, encoding, delimiter, sheet, sheets, header_row, columns ...
    mapping = models.JSONField(default=dict)  # as `mapped` reads it
    preview = models.JSONField(default=dict)  # first rows as read, with their results
    problem = models.TextField(blank=True)  # why it couldn't be read or needs a person, as a sentence

    # One check at a time: a worker claims the upload by raising `check_no`, and its writes must carry that number.
    check_no = models.PositiveIntegerField(default=0)
    check_began_at = models.DateTimeField(null=True, blank=True)  # the last one
    check_beat_at = models.DateTimeField(null=True, blank=True)  # if old, the worker of the check may have died
    check_tries = models.PositiveSmallIntegerField(default=0)  # checks begun since a person last changed a choice
    check_rules = models.CharField(max_length=40, blank=True)  # version of the rules of the last whole check
    # Raised by each check, choice, fix and edit: a page that shows an older state can't send it.
    version = models.PositiveBigIntegerField(default=0)
    judgement = models.JSONField(default=dict)  # what the last whole check made of the columns: an edited row is judged by it
    rows_read = models.PositiveBigIntegerField(default=0)  # progress of the current check
    rows_expected = models.PositiveBigIntegerField(null=True, blank=True)  # about; null for files that don't say
    rows = models.PositiveBigIntegerField(null=True, blank=True)
    check_seconds = models.FloatField(null=True, blank=True)
    notices = models.JSONField(default=dict)  # findings of the check besides the push's counters: warnings, samples of reasons

    draft = models.ForeignKey(
        Push, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )  # of the last whole check
    # Every draft a check has begun, so that those of a dead or superseded worker can be found and deleted.
    drafts: models.ManyToManyField[Push, Push] = models.ManyToManyField(Push, related_name="+", blank=True)
    # Rows that were fixed after sending and wait for the click that sends them: only its edited rows count.
    resend_draft = models.ForeignKey(Push, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    pushes = models.ManyToManyField(Push, related_name="uploads", blank=True)  # confirmed ones; buckets are their sum

    intake = models.OneToOneField(Intake, null=True, blank=True, on_delete=models.PROTECT, related_name="upload")

    objects = UploadQuerySet.as_manager()

    class Meta:
        ordering = ["-received_at", "-pk"]
        indexes = [
            models.Index(fields=["-received_at", "-id"], name="upload_latest"),
            models.Index(fields=["campaign", "-received_at"], name="upload_of_campaign"),
            models.Index(fields=["stage"], name="upload_stage"),
            models.Index(fields=["check_began_at"], name="upload_check_began"),
        ]

    def __str__(self) -> str:
        return f"{self.file_name} to {self.campaign}"

    def own_pushes(self) -> PushQuerySet:
        """The confirmed ones. A day may have tens of thousands: take only those that are needed."""
        if self.intake_id is None:
            return Push.objects.filter(uploads=self)
        return Push.objects.filter(intake=self.intake_id).exclude(confirmed_at=None)

    def counters(self) -> Sequence[Counted]:
        """What has its rows by outcome, the earliest first: the pushes, or the intake that counts for them all."""
        return sorted(self.pushes.all(), key=lambda push: push.pk) if self.intake is None else [self.intake]

    @property
    def rows_of_all(self) -> int | None:
        """Of its file, or that have come so far; None before a check."""
        return self.rows if self.intake is None else self.intake.accepted

    def pushes_to_resend(self) -> list[Push]:
        """The earliest first: those with rows that may be sent again."""
        open_rows = models.Q(rejected__gt=0) | models.Q(needs_review__gt=0) | models.Q(not_sent__gt=0)
        return list(self.own_pushes().filter(open_rows).order_by("pk"))

    def records(self) -> models.QuerySet[RejectedRecord]:
        """The rows of its pushes that a person can fix, or could before a later push replaced them."""
        if self.intake_id is not None:
            return RejectedRecord.objects.filter(intake=self.intake_id)
        return RejectedRecord.objects.filter(push__in=[push.pk for push in self.counters()])

    @property
    def checked_by_other_rules(self) -> bool:
        """Whether the last whole check went by other rules than those in force, so that its draft must not be sent."""
        return self.intake_id is None and self.check_rules != rules_in_force()

    @property
    def region(self) -> str:
        return str(self.choices.get("region") or "")

    @property
    def answers(self) -> dict[str, str]:
        """The answers to the questions about the file, by the question's code."""
        return self.choices.get("answers") or {}

    @property
    def leaves_known_out(self) -> bool:
        """Whether numbers that are known to be in the campaign aren't sent."""
        return self.kind == Push.Kind.ADD and not self.choices.get("resend_known")

    @property
    def lowest_priority(self) -> int:
        return self.campaign.connection.capabilities.priority_min

    @property
    def mapped(self) -> dict[str, Mapped]:
        """Where the values of its fields come from, by the field's name."""
        return mapped.from_json(self.mapping)

    @property
    def subject(self) -> Subject:
        return Subject(Operation.Subject.UPLOAD, self.pk, str(self), self.campaign_id, self.campaign.connection_id)


class RememberedColumns(models.Model):
    """The columns that a person chose for files with these headers, in one contact centre: a suggestion for the next file."""

    connection = models.ForeignKey(Connection, on_delete=models.CASCADE, related_name="+", db_index=False)
    headers_hash = models.CharField(max_length=64)  # of the names of the columns, in any order
    columns = models.JSONField()  # field -> names of its columns, or a value for every row
    file_name = models.CharField(max_length=255)  # of the upload that was sent with them
    at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["connection", "headers_hash"], name="remembered_once_per_headers")]

    def __str__(self) -> str:
        return f"Columns of {self.file_name} in connection {self.connection_id}"


class Change(models.Model):
    """What a person changed in the rows of a file. The file itself never changes."""

    sheet = models.CharField(max_length=255, blank=True)  # empty: the file has only one
    by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    by_label = models.CharField(max_length=200)
    at = models.DateTimeField()

    class Meta:
        abstract = True


class Fix(Change):
    """One repair of all rows with a reason. The checker applies it to each row; it is never unfolded into rows."""

    upload = models.ForeignKey(Upload, on_delete=models.CASCADE, related_name="fixes")
    kind = models.CharField(max_length=20)  # contacts/repairs.py
    parameters = models.JSONField(default=dict)
    reason = models.CharField(max_length=40)
    field = models.CharField(max_length=20)
    column = models.CharField(max_length=500)  # the name of the field's column then: another one isn't repaired
    rows = models.PositiveBigIntegerField()  # with the reason, then
    ready_before = models.PositiveBigIntegerField()
    ready_after = models.PositiveBigIntegerField(null=True, blank=True)  # as the check after it found
    undone_at = models.DateTimeField(null=True, blank=True)
    operation = models.ForeignKey(Operation, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")

    class Meta:
        ordering = ["pk"]

    def __str__(self) -> str:
        return f"{self.kind} for {self.reason} in upload {self.upload_id}"


class Edit(Change):
    """One changed cell, or a row that a person left out.

    It applies only while the row's original cells still have this hash: the same row number may be another person's row
    once the file is read in another way.
    """

    upload = models.ForeignKey(Upload, on_delete=models.CASCADE, related_name="edits")
    row = models.PositiveBigIntegerField()  # as a spreadsheet shows it: from 1, header included
    column = models.PositiveIntegerField(null=True, blank=True)  # from 0; none: the whole row is left out
    cells_hash = models.CharField(max_length=16)  # of the original cells
    old = models.TextField(blank=True)  # the original cell
    new = models.TextField(blank=True)
    version = models.PositiveBigIntegerField()  # of the upload, after this edit
    fits = models.BooleanField(default=True)  # whether the last check found its row

    class Meta:
        ordering = ["row", "column"]
        constraints = [
            models.UniqueConstraint(fields=["upload", "sheet", "row", "column"], name="one_edit_per_cell"),
            models.UniqueConstraint(
                fields=["upload", "sheet", "row"], condition=models.Q(column=None), name="row_is_left_out_once"
            ),
        ]

    def __str__(self) -> str:
        return f"Row {self.row} of upload {self.upload_id}"
