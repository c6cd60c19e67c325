"""The bar of what is being sent to a campaign, from its lane's stored counters only."""

from dataclasses import dataclass

from voisoadmin.campaigns.models import Lane
from voisoadmin.lib.clock import scaled
from voisoadmin.lib.templatetags.ui import about

CALL_SECONDS = 2.4  # the pace plus a short answer: the least time for a request with 1000 contacts

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
    state, left = Lane.Sending(lane.sending_state), left_seconds(lane)
    return Bar(
        done=lane.sending_done,
        rows=lane.sending_rows,
        word=WORDS[state] if left is None else about(left),
        title="" if left is None else "Time left, at best",
        tone="warn" if state in FOR_A_PERSON else "quiet",
        fill="b-progress" if state == Lane.Sending.SENDING else "b-held",
        reason=lane.sending_reason,
    )


def left_seconds(lane: Lane) -> float | None:
    """Estimated least time left to send: the pace is fixed, so the remaining requests can be counted."""
    left = lane.sending_rows - lane.sending_done
    if lane.sending_state != Lane.Sending.SENDING or left <= 0:
        return None
    return scaled(-(-left // 1000) * CALL_SECONDS)
