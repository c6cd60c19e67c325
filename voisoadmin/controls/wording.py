"""Texts about a start, pause or stop: why not, how it ended, what to do."""

from datetime import datetime

from voisoadmin.campaigns.models import Campaign
from voisoadmin.lib.templatetags.ui import relative
from voisoadmin.operations.models import Operation
from voisoadmin.voiso import Change

ENDS_IN: dict[Change, frozenset[str]] = {
    Change.START: frozenset({"active", "auto_paused"}),
    Change.PAUSE: frozenset({"paused"}),
    Change.STOP: frozenset({"stopped", "completed"}),
}
ON_THE_WAY: dict[Change, frozenset[str]] = {
    Change.START: frozenset({"processing", "auto_pausing"}),
    Change.PAUSE: frozenset({"pausing"}),
    Change.STOP: frozenset({"stopping"}),
}
AT_REST = frozenset({"draft", "active", "paused", "completed", "stopped", "auto_paused", "import_error"})

_DID = {"active": "started", "paused": "paused", "pausing": "paused", "stopped": "stopped", "stopping": "stopped"}
_ASKED = {"start": "started", "pause": "paused", "stop": "stopped"}


def status_word(status: str) -> str:
    return status.replace("_", "-") if status else "unknown"


def overtaken(campaign: Campaign, *, by_label: str, at: datetime) -> str:
    """Another user changed the state since the page was shown."""
    ago = relative(campaign.status_since, at=at) if campaign.status_since else "a moment"
    did = _DID.get(campaign.status)
    if campaign.status_by and did:
        who = "You" if campaign.status_by == by_label else campaign.status_by
        return f"{who} {did} this {ago} ago. Check the state, then decide."
    return f"It changed to {status_word(campaign.status)} {ago} before you clicked. Check the state, then decide."


def under_way(holder: Operation | None, *, by_label: str, at: datetime) -> str:
    """Another operation has the lane."""
    if holder is None:
        return "Another change is in progress. Wait until it ends, then decide."
    who = "You" if holder.by_label == by_label else holder.by_label
    ago = relative(holder.asked_at, at=at)
    if holder.kind in _ASKED:
        return f"{who} {_ASKED[holder.kind]} this {ago} ago; Voiso hasn't confirmed it yet. Wait, then decide."
    return f"{who} changed its agents {ago} ago; that is still in progress. Wait until it ends, then try again."


def too_late() -> str:
    return "Not sent: no worker took it within 30 s, and a start is never sent late. Check the campaign, then start it again."


def refused_advice(change: Change, words: str, status: str) -> str:
    """What to do after Voiso refused; `status` was read right after, empty if it couldn't be read."""
    said = words.lower()
    if status in ENDS_IN[change]:
        return f"Nothing to do: it is already {status_word(status)}."
    if "agent" in said:
        return "Add an agent, then start it again."
    if "lead" in said or "contact" in said:
        return "Upload contacts to it, then start it again."
    if status and status not in AT_REST:
        return f"It is {status_word(status)} now. Wait until that is done, then try again."
    if status:
        return f"Its state is now {status_word(status)}. Check, then decide."
    return "Check the campaign in Voiso, then try again."


def lost(change: Change, message: str, status: str | None, *, sent: int) -> str:
    """No answer came, and reading back doesn't show the effect. `status`: None couldn't be read, empty not reported."""
    if status is None:
        back = "The current state couldn't be read."
    elif status == "":
        back = "Voiso doesn't report this campaign's state to this key, so it can't be checked."
    else:
        back = f"Its state is {status_word(status)}."
    again = "A start is not resent automatically." if change == Change.START else f"It was sent {_times(sent)}."
    return f"{message} {back} {again} Check in Voiso, then decide."


def not_settled(status: str) -> str:
    return f"Voiso accepted it, but the campaign is {status_word(status)}. Check in Voiso, then decide."


def _times(count: int) -> str:
    return {1: "once", 2: "twice"}.get(count, f"{count} times")
