from django.utils import timezone

from voisoadmin.lib.job_process import run_apart
from voisoadmin.lib.jobs import job
from voisoadmin.sheets.facts import MIB
from voisoadmin.uploads import services
from voisoadmin.uploads.check import claims, left_drafts, run
from voisoadmin.uploads.intake import receiving, removing

MEMORY_BYTES = 2048 * MIB  # of the address space of a check; its largest file takes a fraction of that


@job
def read_file(upload_id: int) -> None:
    """Read and check the upload whose turn it is, this one or another. Has a long timeout: a million rows take minutes."""
    run_apart(run.read_next, memory_bytes=MEMORY_BYTES)
    services.send_what_was_asked_for(at=timezone.now())


@job
def forget_drafts(upload_id: int) -> None:
    """Delete the drafts of an upload that was discarded, or checked again with another choice."""
    run_apart(left_drafts.forget_left_drafts, memory_bytes=MEMORY_BYTES)
    removing.remove_discarded(at=timezone.now())


@job
def sweep() -> None:
    """Every minute: resume what a dead worker left, delete what is no longer needed."""
    now = timezone.now()
    run.pick_up(at=now)
    services.send_what_was_asked_for(at=now)
    left_drafts.forget_left_drafts()
    claims.forget_old_locks(at=now)
    removing.remove_discarded(at=now)
    receiving.remove_orphans(at=now)
