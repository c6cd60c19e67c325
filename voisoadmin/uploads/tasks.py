from django.utils import timezone

from voisoadmin.lib.jobs import job
from voisoadmin.uploads import claims, reading, receiving, removing, sending


@job
def read_file(upload_id: int) -> None:
    """Read and check the upload whose turn it is, this one or another. Has a long timeout: a million rows take minutes."""
    reading.read_next()
    sending.send_what_was_asked_for(at=timezone.now())


@job
def forget_drafts(upload_id: int) -> None:
    """Delete the drafts of an upload that was discarded, or checked again with another choice."""
    reading.forget_left_drafts()
    removing.remove_discarded(at=timezone.now())


@job
def sweep() -> None:
    """Every minute: resume what a dead worker left, delete what is no longer needed."""
    now = timezone.now()
    reading.pick_up(at=now)
    sending.send_what_was_asked_for(at=now)
    reading.forget_left_drafts()
    claims.forget_old_locks(at=now)
    removing.remove_discarded(at=now)
    receiving.remove_orphans(at=now)
