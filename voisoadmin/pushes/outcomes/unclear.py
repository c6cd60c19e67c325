"""Calls without a clear answer."""

from datetime import datetime
from typing import Any

from voisoadmin.pushes import pacing
from voisoadmin.pushes.lanes import LockedLane
from voisoadmin.pushes.models import Batch, Push
from voisoadmin.pushes.outcomes.settle import end_alike, give_up, mark_root, put_back
from voisoadmin.pushes.pacing import Rest

PARKED_REASON = "Voiso gave no clear answer for the same rows 8 times. Check the campaign in Voiso before you resume."


def note_unclear(locked: LockedLane, batch: Batch, *, at: datetime) -> Rest:
    """A call of a SENDING batch had no clear answer: the same batch is sent again, or parked after the eighth."""
    times = batch.uncertain_calls + 1
    rest = pacing.uncertain(times)
    changes = doubtful(batch, times)
    if locked.push(batch.push_id).state == Push.State.CANCELLED:
        give_up(locked, batch, at=at, **changes)
    elif times >= pacing.MAX_UNCERTAIN_CALLS:
        end_alike(locked, batch, state=Batch.State.PARKED, reason="no_clear_answer", at=at, **changes)
        locked.block(PARKED_REASON)
    else:
        put_back(batch, rest, at=at, state=Batch.State.UNCERTAIN, **changes)
    return rest


def doubtful(batch: Batch, times: int) -> dict[str, Any]:
    """What to store of a batch, and on its root, after a call that may have added its rows without reporting them."""
    return {**mark_root(batch, was_uncertain=True), "uncertain_calls": times, "busy": 0, "refusals": 0}
