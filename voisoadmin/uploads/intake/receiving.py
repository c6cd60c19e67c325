"""Turns a file into an upload: one transaction with its operation and the job that checks it."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.conf import settings
from django.db import OperationalError, transaction

from voisoadmin.accounts.models import User
from voisoadmin.campaigns.models import Campaign
from voisoadmin.lib import disk
from voisoadmin.lib.jobs import enqueue
from voisoadmin.operations.clicks import Click
from voisoadmin.operations.models import Operation
from voisoadmin.operations.services import record_done
from voisoadmin.pushes.models import Push
from voisoadmin.uploads.intake import spool
from voisoadmin.uploads.models import Upload

READ_JOB = "voisoadmin.uploads.tasks.read_file"
FORGET_JOB = "voisoadmin.uploads.tasks.forget_drafts"
READ_TIMEOUT = 3000  # seconds; a million rows on a slow disk take minutes, and the queue's retry is far longer


def receive_file(
    *,
    campaign: Campaign,
    file: spool.SpooledFile,
    file_name: str,
    by: User | None,
    by_label: str,
    at: datetime,
    kind: str = Push.Kind.ADD,
    choices: Mapping[str, Any] | None = None,
    queue_reading: bool = True,
) -> Upload:
    """Keep the whole file and queue its check. Raises NotStored."""
    stored_name = spool.keep(file)
    try:
        with transaction.atomic():
            upload = Upload.objects.create(
                campaign=campaign,
                kind=kind,
                by=by,
                by_label=by_label,
                received_at=at,
                stored_name=stored_name,
                file_name=spool.clean_file_name(file_name),
                file_size=file.size,
                sha256=file.sha256,
                choices=dict(choices or {}),
            )
            record_done(
                Operation.Kind.UPLOAD,
                upload.subject,
                Click(by=by, by_label=by_label, at=at),
                request={"size": upload.file_size, "sha256": upload.sha256, "kind": upload.kind},
            )
            if queue_reading:
                enqueue(READ_JOB, upload.pk, timeout=READ_TIMEOUT)
    except OperationalError as problem:
        if not disk.is_full(problem):
            raise
        spool.drop(stored_name)
        raise spool.NotStored(spool.NO_ROOM) from None
    # On any other error leave the file to the sweep: the row may exist if only the commit's answer was lost.
    return upload


def sent_before(upload: Upload) -> list[Upload]:
    """Sent uploads of exactly the same bytes, those into the same lane first, then the latest; at most three."""
    same = (
        Upload.objects.filter(sha256=upload.sha256, stage=Upload.Stage.SENT)
        .exclude(pk=upload.pk)
        .select_related("campaign")
        .prefetch_related("pushes")
        .order_by("-received_at", "-pk")
    )
    here = list(same.filter(campaign__lane_id=upload.campaign.lane_id)[:3])
    elsewhere = list(same.exclude(campaign__lane_id=upload.campaign.lane_id)[: 3 - len(here)])
    return here + elsewhere


def remove_orphans(*, at: datetime) -> int:
    """Remove files that a dead process left: partial ones soon, whole ones a day later; return how many."""
    kept = set(Upload.objects.filter(file_removed_at=None).values_list("stored_name", flat=True).iterator())
    folders = (spool.folder(), spool.folder("incoming"), spool.folder("numbers"), settings.TEMP_ROOT)
    return spool.remove_dead_parts(at=at) + spool.remove_orphans(folders, known=kept, at=at)
