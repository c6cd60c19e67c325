"""What a post of leads asks and changes in each of its transactions, of which there may be a hundred in a second."""

from voisoadmin.lib.statements import Statement, as_texts
from voisoadmin.pushes.models import Batch, Push

WAITS, IS_SENT, KNOWN = "waiting", "sending", "known_here"
LOCK_INBOX = Statement(
    """
    SELECT lane_id, resends_known, paused_at IS NOT NULL, waiting FROM pushes_inbox WHERE id = %s
    """,
    locks="pushes_inbox",
)
_KNOWN = "pushes_contact AS contact"
_ADDED_THAT_DAY = f"""
    {_KNOWN}
    JOIN pushes_push AS adding ON adding.id = contact.push_id
    JOIN pushes_intake AS day ON day.id = adding.intake_id AND day.inbox_id = %s AND day.day = %s
"""
# In one statement, because a batch may end meanwhile: then its numbers are known. Batches are those that haven't ended of
# the inbox's pushes, without pieces, whose rows their root has.
_TAKEN = """
    SELECT '{sent}', batch.id, push.confirmed_at FROM pushes_batch AS batch
    JOIN pushes_push AS push ON push.id = batch.push_id
    JOIN pushes_intake AS intake ON intake.id = push.intake_id
    WHERE push.lane_id = %s AND intake.inbox_id = %s AND push.state IN ({running})
        AND batch.root_id IS NULL AND batch.state <> '{left_out}'
    UNION ALL
    SELECT '{known}', contact.number, NULL FROM {contacts} WHERE contact.lane_id = %s AND contact.number {{among}}
    UNION ALL
    SELECT '{waits}', number, NULL FROM pushes_waitinglead WHERE inbox_id = %s AND number {{among}}
"""


def _taken(contacts: str) -> Statement:
    running = as_texts(Push.RUNNING)
    left_out = Batch.State.LEFT_OUT.value
    return Statement(
        _TAKEN.format(sent=IS_SENT, known=KNOWN, waits=WAITS, running=running, left_out=left_out, contacts=contacts)
    )


TAKEN = _taken(_KNOWN)
TAKEN_THAT_DAY = _taken(_ADDED_THAT_DAY)
LAST_INTAKE = Statement(
    """
    SELECT id, number, accepted FROM pushes_intake WHERE inbox_id = %s AND day = %s ORDER BY number DESC LIMIT 1
    """,
    locks="pushes_intake",
)
MORE_ROWS = Statement("UPDATE pushes_intake SET accepted = accepted + %s, waiting = waiting + %s WHERE id = %s")
MORE_WAITING = Statement("UPDATE pushes_inbox SET waiting = waiting + %s, oldest_at = coalesce(oldest_at, %s) WHERE id = %s")
