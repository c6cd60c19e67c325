"""Whose file is checked next when a slot is free: fair between users, not files."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from django.conf import settings
from django.db.models import Max

from voisoadmin.uploads.check.claims import waits
from voisoadmin.uploads.models import Upload

REMEMBERED = timedelta(days=1)  # how long a user's checked file counts
NEVER = datetime.min.replace(tzinfo=UTC)

Person = int | str


@dataclass(frozen=True, slots=True)
class Turns:
    waiting: list[int]  # uploads, first come the next ones
    free: int  # slots


def turns(*, at: datetime) -> Turns:
    """First work left by a dead worker; then the user with the fewest files in check; then the one whose last check began
    longest ago."""
    open_ones = Upload.objects.filter(stage__in=[Upload.Stage.RECEIVED, Upload.Stage.READING])
    fields = ("stage", "by_id", "by_label", "check_no", "check_beat_at", "received_at")
    waiting, in_check = [], Counter[Person]()
    for upload in open_ones.only(*fields).order_by("received_at", "pk"):
        if waits(upload, at=at):
            waiting.append(upload)
        else:
            in_check[_person(upload.by_id, upload.by_label)] += 1
    began = _last_begun(at) if waiting else {}

    def place(upload: Upload) -> tuple[bool, int, datetime]:
        person = _person(upload.by_id, upload.by_label)
        return upload.stage == Upload.Stage.RECEIVED, in_check[person], began.get(person, NEVER)

    return Turns([upload.pk for upload in sorted(waiting, key=place)], max(0, settings.CHECKS_AT_ONCE - in_check.total()))


def _last_begun(at: datetime) -> dict[Person, datetime]:
    """When the last check of each user's files began."""
    recent = Upload.objects.filter(check_began_at__gt=at - REMEMBERED).order_by()
    last: dict[Person, datetime] = {}
    for by, label, began in recent.values_list("by_id", "by_label").annotate(began=Max("check_began_at")):
        person = _person(by, label)
        last[person] = max(began, last.get(person, NEVER))
    return last


def _person(by: int | None, label: str) -> Person:
    """The user, whatever the label was then; for a command, the label of the user who ran it."""
    return by or label
