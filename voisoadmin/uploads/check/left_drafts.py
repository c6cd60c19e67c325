"""Drafts that a check began and no upload will send: superseded, or left by a worker that died."""

from collections.abc import Iterable

from django.db.models import F, Q

from voisoadmin.pushes.drafts import discard_draft
from voisoadmin.pushes.models import Push
from voisoadmin.uploads.models import Upload


def forget_drafts(upload_id: int, drafts: Iterable[int]) -> None:
    """Delete these drafts of the upload, except the current one."""
    current = Upload.objects.filter(pk=upload_id).values_list("draft_id", flat=True).first()
    for draft in drafts:
        if draft != current:
            discard_draft(draft)


def forget_left_drafts() -> int:
    """Delete drafts that belong to no upload and no running check: their worker died first. Return how many."""
    at_rest = Upload.objects.exclude(stage__in=[Upload.Stage.RECEIVED, Upload.Stage.READING])
    # A cancelled push can also be an unconfirmed draft: the process that was deleting it died.
    begun = at_rest.filter(drafts__confirmed_at=None, drafts__state__in=[Push.State.DRAFT, Push.State.CANCELLED])
    left = begun.annotate(begun=F("drafts")).filter(Q(draft=None) | ~Q(draft=F("begun")))
    pairs = list(left.values_list("pk", "begun")[:20])
    for upload_id, draft in pairs:
        forget_drafts(upload_id, [draft])
    return len(pairs)
