"""Answers that say yes and name no number: the same batch once more, then a person decides how the rest is sent."""

from datetime import datetime

from voisoadmin.pushes import pacing
from voisoadmin.pushes.lanes import LockedLane
from voisoadmin.pushes.models import Batch, Call, Push
from voisoadmin.pushes.outcomes.settle import end_alike, give_up, put_back
from voisoadmin.pushes.outcomes.unclear import doubtful
from voisoadmin.pushes.pacing import Rest

MAX_UNNAMED_CALLS = 2


def note_unnamed(locked: LockedLane, batch: Batch, *, words: str, at: datetime) -> Rest:
    """A call of a SENDING batch, closed by now, was answered without a number.

    The batch is sent once more, after the quiet time. Another such answer ends its rows and pauses the push, once: how
    Voiso answers will not change with more requests, and none of them proves anything.
    """
    push = locked.push(batch.push_id)
    times = batch.uncertain_calls + 1
    once = push.each_batch_once
    changes = doubtful(batch, times)
    if push.state == Push.State.CANCELLED:
        give_up(locked, batch, at=at, **changes)
        return pacing.after_answer()
    unnamed = Call.objects.filter(batch=batch.pk, outcome=Call.Result.UNNAMED).count()
    if not once and unnamed < MAX_UNNAMED_CALLS and times < pacing.MAX_UNCERTAIN_CALLS:
        return put_back(batch, pacing.unnamed(), at=at, state=Batch.State.UNCERTAIN, **changes)
    end_alike(locked, batch, state=Batch.State.PARKED, reason="voiso_named_nothing", at=at, answer=words, **changes)
    if not once and push.state in Push.RUNNING:
        _pause(push, batch.size, words)
    return pacing.after_answer()


def _pause(push: Push, rows: int, words: str) -> None:
    """Pause it for the decision how the rest is sent."""
    few = "the row" if rows == 1 else f"the same {rows:,} rows"
    push.state = Push.State.PAUSED
    push.paused_reason = f"Voiso accepted {few} twice without naming a number, so it is unknown which were added."
    push.paused_answer = words
    push.each_batch_once = True
