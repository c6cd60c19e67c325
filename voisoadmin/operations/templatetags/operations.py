from django import template

from voisoadmin.lib.times import duration
from voisoadmin.operations.models import Operation

register = template.Library()


@register.filter("state")
def state(status: str) -> str:
    """A Voiso status inside a sentence: `auto-paused`; `unknown` if it didn't report one."""
    return status.replace("auto_", "auto-").replace("_", " ") or "unknown"


@register.filter("took")
def took(operation: Operation) -> str:
    """From the click, in a bulk from the campaign's turn, to the outcome: `1.2 s`. Empty while running."""
    if operation.ended_at is None:
        return ""
    began = (operation.started_at if operation.parent_id else None) or operation.asked_at
    seconds = max(0.0, (operation.ended_at - began).total_seconds())
    return duration(round(seconds, 1) if seconds >= 0.1 else 0.1)
