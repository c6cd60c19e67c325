"""A lane that Voiso answers only with "not now": busy, which passes, or a conflict, which needs a person after ten
minutes.

The duration counts per lane, from the first such answer until a batch of the lane is accepted. Each change is made in
memory, to the row of a locked lane.
"""

from datetime import datetime

from django.utils import timezone

from voisoadmin.campaigns.models import Campaign, Lane
from voisoadmin.campaigns.statuses import Status
from voisoadmin.lib.clock import begun
from voisoadmin.pushes import pacing
from voisoadmin.pushes.pacing import Rest

AT_WORK = "Voiso is still working on an earlier request."


def is_processing(lane_id: int) -> bool:
    """Whether Voiso lists the campaign as processing: then a refusal with unknown words may mean exactly that."""
    return Campaign.objects.filter(lane=lane_id, status=Status.PROCESSING).exists()


def note_busy(lane: Lane, *, words: str, times: int, at: datetime) -> Rest:
    """Voiso is processing or importing. However long it takes, it is asked again; once a minute if it lasts."""
    lane.busy_since, lane.conflict_since, lane.not_now_words = begun(lane.busy_since, at), None, words[:300]
    if _lasts(lane.busy_since, at):
        return pacing.busy_for_long(busy_sentence(lane.busy_since, words, at))
    return pacing.busy(times, AT_WORK)


def note_conflict(lane: Lane, *, words: str, at: datetime) -> str:
    """A refusal whose words describe a conflict. Returns why the lane must be blocked, if it has lasted with equal words."""
    equal = lane.conflict_since is not None and lane.not_now_words == words[:300]
    since = begun(lane.conflict_since if equal else None, at)
    lane.busy_since, lane.conflict_since, lane.not_now_words = None, since, words[:300]
    if not _lasts(since, at):
        return ""
    return f"Voiso has refused all contacts since {_moment(since, at)}: “{words}”. No row was marked as rejected."


def forget(lane: Lane) -> None:
    """A batch was accepted, or a person resumed sending: the next "not now" starts a new count."""
    if lane.busy_since or lane.conflict_since:
        lane.busy_since, lane.conflict_since, lane.not_now_words = None, None, ""


def busy_for_long(lane: Lane, at: datetime) -> str:
    """The sentence to show once Voiso has been busy for long; empty until then."""
    if lane.busy_since is None or not _lasts(lane.busy_since, at):
        return ""
    return busy_sentence(lane.busy_since, lane.not_now_words, at)


def busy_sentence(since: datetime, words: str, at: datetime) -> str:
    return f"Voiso has been busy since {_moment(since, at)}." + (f" Voiso: “{words}”." if words else "")


def _lasts(since: datetime, at: datetime) -> bool:
    return (at - since).total_seconds() >= pacing.not_now_for_long()


def _moment(since: datetime, at: datetime) -> str:
    local, today = timezone.localtime(since), timezone.localtime(at).date()
    return f"{local:%H:%M}" if local.date() == today else f"{local.day} {local:%b, %H:%M}"
