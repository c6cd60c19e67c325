"""One check of an upload at a time: a worker claims it by raising `check_no`, and every later write carries that number.

While it works it holds a lock file with that number. The kernel releases the lock when the worker dies, and the next
worker restarts the check.
"""

from __future__ import annotations

import contextlib
import logging
import os
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from django.db import DEFAULT_DB_ALIAS, DatabaseError, connection, connections
from django.db.models import F
from django.utils import timezone

from voisoadmin.lib import filelocks, processor_time
from voisoadmin.operations.models import Operation
from voisoadmin.uploads.check.slots import lock_folder
from voisoadmin.uploads.intake.fix_operations import end_fixes
from voisoadmin.uploads.models import Upload, UploadQuerySet

BEAT_EVERY = 0.8  # seconds between two heartbeats, which carry the page's progress and detect a lost claim
SILENT_AFTER = 1.2  # seconds without a heartbeat: the check is busy with one thing
LOOK_EVERY = 0.4  # seconds of processor time between two looks at whether that thing is still needed
# A worker on a host whose locks aren't visible here counts as alive for this long after its last heartbeat.
LEFT_AFTER = timedelta(seconds=8)
OLD_LOCK = timedelta(days=1)
MAX_TRIES = 3
GIVEN_UP = "Checking this file was interrupted three times. Upload it again. If that fails too, contact an administrator."

log = logging.getLogger(__name__)


class Superseded(Exception):
    """A user changed a choice or discarded the upload, or another worker took over: our work no longer counts."""


@dataclass(slots=True)
class Claim:
    """An upload that only this worker checks."""

    upload: Upload
    check_no: int
    drafts: list[int] = field(default_factory=list)  # drafts that may be left when we end: earlier ones, and our own
    rows_read: int = 0
    beaten_at: float = field(default_factory=time.monotonic)
    is_lost: bool = False

    def write(self, **changes: Any) -> None:
        """Raises Superseded if the claim is lost."""
        self._must(self._mine().update(**changes))

    def end_without_draft(
        self, stage: Upload.Stage, problem: str, notices: dict[str, Any], *, rows: int | None = None, **found: Any
    ) -> None:
        """There is nothing to send: `problem` says why. Raises Superseded if the claim is lost."""
        self.write(stage=stage, problem=problem, notices=notices, check_beat_at=None, rows=rows, draft=None, **found)
        end_fixes(self.upload.pk, Operation.Status.REFUSED, at=timezone.now(), problem=problem)

    def expect(self, rows: int | None) -> None:
        """About how many rows the file has. Raises Superseded if the claim is lost."""
        self.write(rows_expected=rows)

    def confirm(self) -> None:
        """Raises Superseded if the claim is lost."""
        self._must(self._mine().exists())

    def heartbeat(self, rows_read: int | None = None) -> None:
        """Heartbeat with progress, every BEAT_EVERY seconds at most. Raises Superseded if the claim is lost."""
        if rows_read is not None:
            self.rows_read = rows_read
        if time.monotonic() - self.beaten_at >= BEAT_EVERY:
            self.write(rows_read=self.rows_read, check_beat_at=timezone.now())
            self.beaten_at = time.monotonic()

    @contextlib.contextmanager
    def watched(self) -> Iterator[None]:
        """Raise Superseded in the block soon after the claim is lost, even within one long regular expression."""
        with processor_time.every(LOOK_EVERY, self._end_if_lost):
            yield

    def _end_if_lost(self) -> None:
        # It interrupts anything, so it never acts within a transaction, and it uses a separate connection.
        if time.monotonic() - self.beaten_at < SILENT_AFTER or connection.in_atomic_block:
            return
        own = connections.create_connection(DEFAULT_DB_ALIAS)
        try:
            self._must(self._mine().query.get_compiler(connection=own).has_results())
        except DatabaseError:
            log.warning("Couldn't look whether the check of upload %s is still needed.", self.upload.pk)
        finally:
            own.close()

    def _mine(self) -> UploadQuerySet:
        return Upload.objects.filter(pk=self.upload.pk, check_no=self.check_no, stage=Upload.Stage.READING)

    def _must(self, holds: object) -> None:
        if not holds:
            self.is_lost = True
            raise Superseded


@contextlib.contextmanager
def claimed(upload_id: int, *, at: datetime) -> Iterator[Claim | None]:
    """Hold the claim while the block runs; None if the upload doesn't wait, or another worker was first."""
    upload = Upload.objects.select_related("campaign__connection", "campaign__lane").filter(pk=upload_id).first()
    if upload is None or not waits(upload, at=at):
        yield None
        return
    path = _lock_of(upload.pk, upload.check_no + 1)
    lock = filelocks.take(path)
    if lock is None:
        yield None
        return
    try:
        yield _claim(upload, at=at)
    finally:
        path.unlink(missing_ok=True)
        os.close(lock)


def waits(upload: Upload, *, at: datetime) -> bool:
    """Whether the upload waits for a check, its first one or because its worker died."""
    return upload.stage == Upload.Stage.RECEIVED or (upload.stage == Upload.Stage.READING and _was_left(upload, at=at))


def forget_old_locks(*, at: datetime) -> None:
    """Remove the lock files of workers that died while their upload was discarded."""
    for path in lock_folder().glob("upload-*"):
        with contextlib.suppress(FileNotFoundError):  # its check has just ended
            age = at.timestamp() - path.stat().st_mtime
            if age > OLD_LOCK.total_seconds() and not filelocks.is_taken(path):
                path.unlink()


def _was_left(upload: Upload, *, at: datetime) -> bool:
    silent = upload.check_beat_at is None or upload.check_beat_at < at - LEFT_AFTER
    return silent and not filelocks.is_taken(_lock_of(upload.pk, upload.check_no))


def _claim(upload: Upload, *, at: datetime) -> Claim | None:
    mine = Upload.objects.filter(pk=upload.pk, stage=upload.stage, check_no=upload.check_no)
    if upload.check_tries >= MAX_TRIES:
        mine.update(stage=Upload.Stage.UNREADABLE, problem=GIVEN_UP, check_beat_at=None)
        end_fixes(upload.pk, Operation.Status.REFUSED, at=at, problem=GIVEN_UP)
        return None
    claimed = mine.update(
        stage=Upload.Stage.READING,
        check_no=F("check_no") + 1,
        version=F("version") + 1,
        check_tries=F("check_tries") + 1,
        check_began_at=at,
        check_beat_at=at,
        rows_read=0,
        problem="",
    )
    if not claimed:
        return None
    _lock_of(upload.pk, upload.check_no).unlink(missing_ok=True)
    return Claim(upload, upload.check_no + 1, list(upload.drafts.values_list("pk", flat=True)))


def _lock_of(upload_id: int, check_no: int) -> Path:
    return lock_folder() / f"upload-{upload_id}-{check_no}"
