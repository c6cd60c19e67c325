"""Sending rows of an upload again, into the same upload: one click, one new push, one Operation."""

from __future__ import annotations

from collections.abc import Sequence

from django.db import transaction

from voisoadmin.connections.models import Connection
from voisoadmin.contacts.reasons import BY_CODE, Bucket
from voisoadmin.contacts.wording import title_of
from voisoadmin.operations.clicks import ActionRefused, Click
from voisoadmin.operations.models import Operation
from voisoadmin.operations.services import ask, take_up
from voisoadmin.pushes import services as pushes
from voisoadmin.pushes.models import EditedRow, Push, RejectedRecord
from voisoadmin.pushes.replacing import NEVER_SENT
from voisoadmin.pushes.resent_rows import RESENDABLE, Resend, draft_of_same_rows, rows_to_resend
from voisoadmin.uploads.models import Upload

REST = "rest"
FIXED = "Some of these rows are fixed and not sent yet. Send the fixed rows first. Nothing was sent."
NOTHING_THERE = "Choose the rows to send again."
OTHER_RULES = (
    "The rules that check a file have changed since this file was checked, so the rest isn't sent as it was read then. Upload "
    "the file again: contacts that are already known in the campaign are left out."
)


def reasons_of(what: str) -> frozenset[str]:
    """The reasons that a form names: one of them, all of an outcome, or what a cancel left unsent. Empty: unknown."""
    if what == REST:
        return frozenset({NEVER_SENT})
    if what in set(Bucket):
        return frozenset(code for code in RESENDABLE - {NEVER_SENT} if BY_CODE[code].bucket == what)
    return RESENDABLE & {what}


def rows_of(uploads_pushes: Sequence[Push], what: str) -> int:
    """How many rows the button may send."""
    return rows_to_resend(uploads_pushes, reasons_of(what))


@transaction.atomic
def send_again(upload: Upload, *, what: str, rows: int, click: Click) -> None:
    """Send the rows with one of these reasons once more, as they are. `rows`: how many the user saw.

    Raises ActionRefused if there are others now, because another user's click or an answer came first.
    """
    reasons = reasons_of(what)
    if not reasons:
        raise ActionRefused(NOTHING_THERE)
    # One at a time for each upload: who comes second counts what the first one left.
    current = Upload.objects.select_for_update().get(pk=upload.pk)
    refuse_if_removed(current)
    if NEVER_SENT in reasons and current.checked_by_other_rules:
        raise ActionRefused(OTHER_RULES)
    own = current.pushes_to_resend()
    found = rows_to_resend(own, reasons)
    if found != rows or not found:
        raise ActionRefused(changed(found))
    _refuse_if_fixed(current, own, reasons)
    resend = draft_of_same_rows(own, reasons, by=click.by, by_label=click.label)
    found_reasons = sorted({title_of(code) for push in own for code in reasons & push.reasons.keys()})
    confirm_resend(current, resend, request={"rows": rows, "reason": ", ".join(found_reasons)}, click=click)


def confirm_resend(upload: Upload, resend: Resend, *, request: dict[str, object], click: Click) -> None:
    """Confirm a draft that sends rows of the upload again, in the caller's transaction. Raises ActionRefused."""
    draft = resend.draft
    operation = ask(Operation.Kind.RESEND, upload.subject, click, request=request)
    # The engine closes the operation when the push ends.
    draft.operation = operation
    draft.save(update_fields=["operation"])
    if upload.intake_id is None:
        upload.pushes.add(draft)
    upload.version += 1
    upload.save(update_fields=["version"])
    take_up(operation.pk, attempt=operation.attempt, at=click.at)
    confirmed = pushes.confirm(
        draft,
        by=click.by,
        by_label=operation.by_label,
        at=click.at,
        replaces=resend.records,
        never_sent=resend.never_sent,
    )
    if not confirmed:
        raise ActionRefused(changed(rows_to_resend(upload.own_pushes().exclude(pk=draft.pk), RESENDABLE)))


def changed(rows: int) -> str:
    """Why a click on an outdated page is refused, with the count of now."""
    now = "none of them can" if not rows else "1 can" if rows == 1 else f"{rows:,} can"
    return f"These rows have changed since this page was shown: {now} be sent again now. Nothing was sent."


def refuse_if_removed(upload: Upload) -> None:
    connection = Connection.objects.get(campaigns=upload.campaign_id)
    if connection.removed_at is not None:
        raise ActionRefused(f"The connection {connection.name} was removed, so nothing can be sent through it.")


def _refuse_if_fixed(upload: Upload, own: Sequence[Push], reasons: frozenset[str]) -> None:
    """A row that was fixed must not go out as it was."""
    if upload.resend_draft_id is None:
        return
    fixed = EditedRow.objects.filter(push=upload.resend_draft_id).values("row_number")
    if RejectedRecord.objects.filter(push__in=own, replaced_by=None, reason__in=reasons, row_number__in=fixed).exists():
        raise ActionRefused(FIXED)
