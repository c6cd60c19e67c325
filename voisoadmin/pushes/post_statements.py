"""What a post of leads asks and changes in each of its transactions, of which there may be a hundred in a second."""

from voisoadmin.lib.statements import Statement
from voisoadmin.pushes.models import Batch, Push

LOCK_INBOX = Statement(
    """
    SELECT lane_id, resends_known, paused_at IS NOT NULL, waiting FROM pushes_inbox WHERE id = %s
    """,
    locks="pushes_inbox",
)
KNOWN = Statement("SELECT number FROM pushes_contact WHERE lane_id = %s AND number {among}")
# Of those, the ones that a lead of the inbox added on that day.
ADDED_TODAY = Statement(
    """
    SELECT contact.number FROM pushes_contact AS contact
    JOIN pushes_push AS push ON push.id = contact.push_id
    JOIN pushes_intake AS intake ON intake.id = push.intake_id
    WHERE contact.lane_id = %s AND contact.number {among} AND intake.inbox_id = %s AND intake.day = %s
    """
)
WAITING = Statement("SELECT number FROM pushes_waitinglead WHERE inbox_id = %s AND number {among}")
# Batches of its pushes that haven't ended; without pieces, whose rows their root has.
OPEN_BATCHES = Statement(
    """
    SELECT batch.id, push.confirmed_at FROM pushes_batch AS batch
    JOIN pushes_push AS push ON push.id = batch.push_id
    JOIN pushes_intake AS intake ON intake.id = push.intake_id
    WHERE push.lane_id = %s AND intake.inbox_id = %s AND push.state IN ({running})
        AND batch.root_id IS NULL AND batch.state <> '{left_out}'
    """,
    running=", ".join(f"'{state.value}'" for state in Push.RUNNING),
    left_out=Batch.State.LEFT_OUT.value,
)
LAST_INTAKE = Statement(
    """
    SELECT id, number, accepted FROM pushes_intake WHERE inbox_id = %s AND day = %s ORDER BY number DESC LIMIT 1
    """,
    locks="pushes_intake",
)
MORE_ROWS = Statement("UPDATE pushes_intake SET accepted = accepted + %s, waiting = waiting + %s WHERE id = %s")
MORE_WAITING = Statement("UPDATE pushes_inbox SET waiting = waiting + %s, oldest_at = coalesce(oldest_at, %s) WHERE id = %s")
