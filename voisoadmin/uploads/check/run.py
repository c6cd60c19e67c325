"""Reading and checking a received file: whose turn it is, and what becomes of it if it can't be read."""

from __future__ import annotations

import logging
import time
from datetime import datetime
from typing import Any

from django.utils import timezone

from voisoadmin.contacts.parallel import TOO_SLOW
from voisoadmin.contacts.questions import DELIMITER, LINES_IN_QUOTES, WHICH_SHEET
from voisoadmin.lib import disk, processor_time
from voisoadmin.lib.garbage import rare_collections
from voisoadmin.lib.jobs import enqueue
from voisoadmin.sheets import ReadChoices, Table, Unreadable, open_table
from voisoadmin.uploads.check.claims import Claim, Superseded, claimed
from voisoadmin.uploads.check.left_drafts import forget_drafts
from voisoadmin.uploads.check.limits import limits
from voisoadmin.uploads.check.slots import slot
from voisoadmin.uploads.check.table_check import check_table
from voisoadmin.uploads.check.turns import turns
from voisoadmin.uploads.intake import spool
from voisoadmin.uploads.intake.receiving import FORGET_JOB, READ_JOB, READ_TIMEOUT
from voisoadmin.uploads.models import Upload

log = logging.getLogger(__name__)

OUR_FAULT = "VoisoAdmin had an internal error while checking the file. It was logged; contact an administrator."
DISK_FULL = "Couldn't check the file: the server's disk is full. Ask an administrator to free some space, then re-check it."
FILE_GONE = "The uploaded file is no longer on this server. Upload it again."


def read_next() -> bool:
    """Check the file whose turn it is; False if none waits or no slot is free. Safe to repeat."""
    claim = None
    with slot() as free:
        while free and claim is None and (waiting := turns(at=timezone.now()).waiting):
            # None again if another worker has just claimed it: then it is another file's turn.
            claim = _read_claimed(waiting[0])
    return _after(claim)


def read_upload(upload_id: int) -> bool:
    """Check this upload, whatever else waits; False if it doesn't wait or no slot is free. Safe to repeat."""
    claim = None
    with slot() as free:
        if free:
            claim = _read_claimed(upload_id)
    return _after(claim)


def pick_up(*, at: datetime) -> int:
    """Queue as many waiting uploads as there are free slots; return how many. The queue may have lost any job."""
    now = turns(at=at)
    due = now.waiting[: now.free]
    for pk in due:
        enqueue(READ_JOB, pk, timeout=READ_TIMEOUT)
    return len(due)


def _read_claimed(upload_id: int) -> Claim | None:
    with claimed(upload_id, at=timezone.now()) as claim:
        if claim is not None:
            try:
                with rare_collections():
                    _read(claim)
            except Superseded:
                log.info("The check of upload %s was overtaken by another choice or worker.", upload_id)
    return claim


def _after(claim: Claim | None) -> bool:
    """Work that a check leaves for after its slot is free; False if there was none."""
    if claim is None:
        return False
    pick_up(at=timezone.now())
    if claim.is_lost:
        # Deleting a million rows takes a while, and a discarded check must end at once.
        enqueue(FORGET_JOB, claim.upload.pk)
    else:
        forget_drafts(claim.upload.pk, claim.drafts)
    return True


def _read(claim: Claim) -> None:
    began = time.monotonic()
    upload = claim.upload
    path = spool.stored_path(upload.stored_name)

    try:
        if not path.exists():
            raise Unreadable(FILE_GONE)
        seconds = limits().check_seconds_for(path.stat().st_size)
        with claim.watched(), processor_time.at_most(seconds, Unreadable(TOO_SLOW)) as look:

            def meanwhile() -> None:
                claim.heartbeat()
                look()

            def open_again() -> Table:
                choices = read_choices(upload.choices)
                return open_table(path, choices, limits(), file_name=upload.file_name, meanwhile=meanwhile)

            check_table(claim, open_again, meanwhile, began)
    except Unreadable as problem:
        claim.end_without_draft(Upload.Stage.UNREADABLE, str(problem), {"error_code": problem.code})
    except Superseded:
        raise
    except Exception as problem:
        claim.confirm()  # a draft deleted during a discarded check isn't an error
        # An unexpected error must not be hidden: it is logged with its traceback. But a user is waiting, and a retry would
        # fail again.
        log.exception("The check of upload %s failed.", upload.pk)
        why = DISK_FULL if disk.is_full(problem) else OUR_FAULT
        claim.end_without_draft(Upload.Stage.UNREADABLE, why, {})


def read_choices(choices: dict[str, Any]) -> ReadChoices:
    return ReadChoices(
        encoding=str(choices.get("encoding") or ""),
        delimiter=str(choices.get("delimiter") or choices.get("answers", {}).get(DELIMITER) or ""),
        lines=str(choices.get("answers", {}).get(LINES_IN_QUOTES) or ""),
        sheet=str(choices.get("sheet") or choices.get("answers", {}).get(WHICH_SHEET) or ""),
        header_row=choices.get("header_row"),
        no_header=bool(choices.get("no_header")),
    )
