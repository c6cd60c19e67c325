"""The bar of what is being sent to a campaign, from its lane's stored counters only."""

from dataclasses import dataclass

from voisoadmin.campaigns.models import Lane
from voisoadmin.lib.times import about

WORDS = {
    Lane.Sending.SENDING: "sending",
    Lane.Sending.PAUSED: "paused",
    Lane.Sending.BLOCKED: "action needed",
    Lane.Sending.BUSY: "Voiso busy",
    Lane.Sending.WAITING: "waiting",
}
FOR_A_PERSON = {Lane.Sending.BLOCKED, Lane.Sending.BUSY}


@dataclass(frozen=True, kw_only=True, slots=True)
class Bar:
    done: int
    rows: int
    word: str
    title: str  # of the word
    tone: str  # warn if a person should look
    fill: str
    reason: str


def bar_of(lane: Lane) -> Bar | None:
    """None if nothing is being sent."""
    if not lane.sending_state or not lane.sending_rows:
        return None
    state, left = Lane.Sending(lane.sending_state), lane.sending_seconds
    return Bar(
        done=lane.sending_done,
        rows=lane.sending_rows,
        word=WORDS[state] if left is None else about(left),
        title="" if left is None else "Estimated time left",
        tone="warn" if state in FOR_A_PERSON else "quiet",
        fill="b-progress" if state == Lane.Sending.SENDING else "b-held",
        reason=lane.sending_reason,
    )
