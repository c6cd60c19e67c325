"""Removes the files of discarded uploads. All others stay: they may be read again, or prove what was sent."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db.models import Q
from django.utils import timezone

from voisoadmin.lib import disk
from voisoadmin.uploads.intake import spool
from voisoadmin.uploads.models import Upload, UploadQuerySet

UNDO = timedelta(hours=1)  # how long a discarded upload keeps its file, and can be taken back
AT_A_TIME = 1000


def remove_discarded(*, at: datetime) -> int:
    """Remove the files of uploads that were discarded an hour ago; of all of them if the disk is nearly full. Return
    how many."""
    if not disk.has_room(0, spool.folder()):
        return _remove(_discarded(), at=at)
    return _remove(_discarded().filter(Q(discarded_at=None) | Q(discarded_at__lte=at - UNDO)), at=at)


def free_up() -> None:
    """Make room for an incoming file."""
    at = timezone.now()
    spool.remove_dead_parts(at=at)
    _remove(_discarded(), at=at)


def can_be_taken_back(upload: Upload, *, at: datetime) -> bool:
    """Whether discarding it can be undone: it was minutes ago, and its file is still there."""
    discarded = upload.discarded_at if upload.stage == Upload.Stage.CANCELLED else None
    return discarded is not None and upload.file_removed_at is None and at < discarded + UNDO


def _discarded() -> UploadQuerySet:
    return Upload.objects.filter(stage=Upload.Stage.CANCELLED, file_removed_at=None)


def _remove(uploads: UploadQuerySet, *, at: datetime) -> int:
    removed = 0
    for pk, stored_name in uploads.values_list("pk", "stored_name")[:AT_A_TIME]:
        # First the row: it must never promise a missing file. A file without a row is an orphan.
        if _discarded().filter(pk=pk).update(file_removed_at=at):
            spool.drop(stored_name)
            removed += 1
    return removed
