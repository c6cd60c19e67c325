"""What a user does with a checked or running upload. Each is one transaction, one effect per click, and one Operation."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from django.db import transaction

from voisoadmin.connections.models import Connection
from voisoadmin.contacts.questions import open_ones
from voisoadmin.operations.clicks import ActionRefused, Click
from voisoadmin.operations.models import Operation
from voisoadmin.operations.services import ask, record_done, take_up
from voisoadmin.pushes import services as pushes
from voisoadmin.pushes.models import Push
from voisoadmin.uploads.intake.read_options import TOO_LATE, begin_again, why_out_of_date
from voisoadmin.uploads.intake.remembered_columns import remember
from voisoadmin.uploads.models import Upload

ASKED = "Answer the questions about the file first. Nothing was sent."
CHECKED_AGAIN = (
    "The rules that check a file have changed since this file was checked, so it is being checked again. Nothing was sent: "
    "see what is ready now, then send it."
)
ENDED = "Sending has already ended. Nothing was changed."


def send(upload: Upload, *, version: int, click: Click) -> bool:
    """Confirm the draft that the user saw. False if other rules checked it: then a new check is queued, and nothing is sent.
    A newer version, or another user's click, refuses; the same click again does nothing. Raises ActionRefused."""
    if upload.stage == Upload.Stage.CHECKED and upload.version == version and upload.checked_by_other_rules:
        begin_again(upload, choices=upload.choices, kind=upload.kind)
        return False
    _confirm(upload, version=version, click=click)
    return True


@transaction.atomic
def _confirm(upload: Upload, *, version: int, click: Click) -> None:
    operation = ask(
        Operation.Kind.SEND,
        upload.subject,
        click,
        request={"version": version, "rows": upload.rows, "kind": upload.kind},
    )
    connection = Connection.objects.get(campaigns=upload.campaign_id)
    if connection.removed_at is not None:
        raise ActionRefused(f"The connection {connection.name} was removed, so nothing can be sent through it.")
    moved = Upload.objects.filter(pk=upload.pk, stage=Upload.Stage.CHECKED, version=version, draft__isnull=False).update(
        stage=Upload.Stage.SENT
    )
    current = Upload.objects.select_related("draft").get(pk=upload.pk)
    draft = current.draft
    if not moved or draft is None:
        raise ActionRefused(why_out_of_date(current))
    if open_ones(current.notices):
        raise ActionRefused(ASKED)
    remember(current, at=click.at)
    # The engine closes the operation when the push ends.
    draft.operation = operation
    draft.save(update_fields=["operation"])
    upload.pushes.add(draft)
    take_up(operation.pk, attempt=operation.attempt, at=click.at)
    if not pushes.confirm(draft, by=click.by, by_label=click.label, at=click.at):
        raise ActionRefused(TOO_LATE)


def send_what_was_asked_for(*, at: datetime) -> None:
    """Confirm an upload for `manage.py push`, which asked to send it once checked. Safe to repeat, also in parallel."""
    asked = Upload.objects.filter(stage=Upload.Stage.CHECKED, choices__send_when_checked=True)
    for upload in asked.for_pages().order_by("pk")[:100]:
        try:
            send(upload, version=upload.version, click=Click(by=None, by_label=upload.by_label, at=at))
        except ActionRefused:
            continue  # another worker or a user was first


def pause(upload: Upload, *, click: Click) -> None:
    """Send nothing more for now. The open request keeps its outcome."""
    _each(upload, click, Operation.Kind.PAUSE_SENDING, pushes.pause_push, already=Push.State.PAUSED)


def resume(upload: Upload, *, click: Click) -> None:
    _each(upload, click, Operation.Kind.RESUME_SENDING, pushes.resume_push, already=Push.State.SENDING)


def cancel(upload: Upload, *, click: Click) -> None:
    """Send nothing more, ever. Sent contacts stay in the campaign."""
    _each(upload, click, Operation.Kind.CANCEL_SENDING, pushes.cancel_push, already=Push.State.CANCELLED)


@transaction.atomic
def release(upload: Upload, *, click: Click) -> None:
    """Unblock the lane of the upload's campaign, with everything that waits in it."""
    lane = upload.campaign.lane
    reason = lane.held_reason
    if not pushes.release_lane(lane, by=click.by, by_label=click.label, at=click.at):
        return  # another user did it: the request is fulfilled
    record_done(Operation.Kind.RELEASE_LANE, upload.subject, click, request={"held": reason})


@transaction.atomic
def _each(upload: Upload, click: Click, kind: Operation.Kind, change: Callable[..., bool], *, already: str) -> None:
    """Change every push of the upload that can be changed. Fine if another user's click has already done so."""
    own = list(upload.own_pushes().running())
    moved = [push for push in own if change(push, at=click.at)]
    if not moved:
        # Read again: another click may have changed them while this one waited for their lane.
        if upload.own_pushes().filter(state=already).exists():
            return
        raise ActionRefused(ENDED)
    left: dict[str, object] = {
        "rows_waiting": sum(push.pending for push in moved),
        "rows_not_sent": sum(push.not_sent for push in moved),
    }
    record_done(kind, upload.subject, click, result=left)
