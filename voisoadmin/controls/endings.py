"""Texts about a start, pause or stop: why not, how it ended, what to do."""

from voisoadmin.campaigns.statuses import AT_REST, ENDS_IN
from voisoadmin.operations.models import Operation
from voisoadmin.operations.templatetags.operations import state
from voisoadmin.voiso import Change


def too_late(operation: Operation) -> str:
    if operation.parent_id:
        return "Not sent: it couldn't be sent within 30 s of its turn, and a start is never sent late. Retry it."
    return "Not sent: no worker took it within 30 s, and a start is never sent late. Check the campaign, then start it again."


def overtaken(status: str) -> str:
    return f"Not sent: in Voiso it is {state(status)} now, so something else came first."


def refused_advice(change: Change, words: str, status: str) -> str:
    """What to do after Voiso refused; `status` was read right after, empty if it couldn't be read."""
    reply = words.lower()
    if status in ENDS_IN[change]:
        return f"Nothing to do: it is already {state(status)}."
    if "agent" in reply:
        return "Add an agent, then start it again."
    if "lead" in reply or "contact" in reply:
        return "Upload contacts to it, then start it again."
    if status and status not in AT_REST:
        return f"It is {state(status)} now. Wait until that is done, then try again."
    if status:
        return f"Its state is now {state(status)}. Check, then decide."
    return "Check the campaign in Voiso, then try again."


def lost(change: Change, message: str, status: str | None, *, sent: int) -> str:
    """No answer came, and reading back doesn't show the effect. `status`: None couldn't be read, empty not reported."""
    if status is None:
        back = "The current state couldn't be read."
    elif status == "":
        back = "Voiso doesn't report this campaign's state to this key, so it can't be checked."
    else:
        back = f"Its state is {state(status)}."
    again = "A start is not resent automatically." if change == Change.START else f"It was sent {_times(sent)}."
    return f"{message} {back} {again} Check in Voiso, then decide."


def not_settled(status: str) -> str:
    return f"Voiso accepted it, but the campaign is {state(status)}. Check in Voiso, then decide."


def _times(count: int) -> str:
    return {1: "once", 2: "twice"}.get(count, f"{count} times")
