"""Answers that say yes and name no number: the same batch once more, then a person decides how the rest is sent."""

from datetime import datetime, timedelta

from voisoadmin.pushes import pacing
from voisoadmin.pushes.lanes import expect_one
from voisoadmin.pushes.models import Batch, Call, Push
from voisoadmin.pushes.outcomes.unclear import end_unsent, give_up
from voisoadmin.pushes.pacing import Rest

EACH_BATCH_ONCE = "each_batch_once"  # an option of the push: rows that are not named need review at once
MAX_UNNAMED_CALLS = 2


def note_unnamed(batch_id: int, *, words: str, at: datetime) -> Rest:
    """A call of a SENDING batch, closed by now, was answered without a number.

    The batch is sent once more, after the quiet time. Another such answer ends its rows and pauses the push, once: how
    Voiso answers will not change with more requests, and none of them proves anything.
    """
    batch = Batch.objects.select_related("push").defer("rows").get(pk=batch_id)
    push = batch.push
    times = batch.uncertain_calls + 1
    once = bool(push.options.get(EACH_BATCH_ONCE))
    Batch.objects.filter(pk=batch.root_id or batch.pk).update(was_uncertain=True)
    sending = Batch.objects.filter(pk=batch.pk, state=Batch.State.SENDING)
    changes = {"uncertain_calls": times, "busy": 0, "refusals": 0}
    unnamed = Call.objects.filter(batch=batch.pk, outcome=Call.Outcome.UNNAMED).count()
    ends = once or unnamed >= MAX_UNNAMED_CALLS or times >= pacing.MAX_UNCERTAIN_CALLS
    if push.state != Push.State.CANCELLED and not ends:
        rest = pacing.unnamed()
        again = at + timedelta(seconds=rest.total)
        expect_one(sending, state=Batch.State.UNCERTAIN, not_before=again, wait_reason=rest.reason, **changes)
        return rest
    expect_one(sending, state=Batch.State.UNCERTAIN, **changes)
    if push.state == Push.State.CANCELLED:
        give_up(batch.pk, at=at)
    else:
        end_unsent(batch.pk, state=Batch.State.PARKED, reason="voiso_named_nothing", at=at, answer=words)
        if not once:
            _pause(push, batch.size, words)
    return pacing.after_answer()


def _pause(push: Push, rows: int, words: str) -> None:
    """Pause it for the decision, unless that batch was the last one."""
    few = "the row" if rows == 1 else f"the same {rows:,} rows"
    Push.objects.running().filter(pk=push.pk).update(
        state=Push.State.PAUSED,
        paused_reason=f"Voiso accepted {few} twice without naming a number, so it is unknown which were added.",
        paused_answer=words,
        options={**push.options, EACH_BATCH_ONCE: True},
    )
