"""What the page of a sending upload says about its progress, in words."""

from datetime import datetime

from django.utils import timezone

from voisoadmin.lib.times import about
from voisoadmin.uploads.pages.states import State


def summary(state: State, *, waits: bool, seconds_left: float | None, ends_at: datetime | None) -> str:
    """Beside the count of sent rows."""
    if state == State.PAUSED:
        return "Paused"
    if state == State.BLOCKED:
        return "Action needed"
    if waits:
        return "Waiting"
    if ends_at is None:
        return ""
    left = about(seconds_left)
    return f"{left[:1].upper()}{left[1:]} left · done at about {timezone.localtime(ends_at):%H:%M}"


def how_it_goes_on(state: State, *, of_lane: bool, is_idle: bool) -> str:
    """What happens next, and whether a person must do something for it."""
    if state == State.PAUSED:
        return "Nothing is sent until someone resumes."
    if state == State.BLOCKED and of_lane:
        return "Nothing is sent until someone resumes or cancels."
    if state == State.BLOCKED:
        return "Nothing is sent until the connection works again."
    if is_idle:
        return "Sending resumes automatically once the background worker runs."
    return "You can leave this page; sending continues."
