"""How many requests a minute a connection's reads may take: Voiso documents no limit, only that there is one.

Read-backs of clicks aren't counted.
"""

from datetime import datetime, timedelta

from django.db import models, transaction

from voisoadmin.campaigns.models import Campaign, Polling
from voisoadmin.campaigns.presence.needs import is_on_a_page
from voisoadmin.connections.models import Connection
from voisoadmin.lib.clock import lately

MINUTE = timedelta(seconds=60)
WATCHED = 20  # requests in any minute
UNWATCHED = 6
FOR_STATES = 18  # of those, while watched: the rest is for agents
FOR_PRESENCE = 6  # at most; where the states leave less, it is read less often
PRESENCE_LEAST = 2  # while something needs it and no page is open
FOR_LOOKUPS = 3  # room that is made for users and teams
MOST_LOOKUPS = 6
LOOKUPS_WAIT = timedelta(minutes=3)
WATCHED_FOR = timedelta(seconds=45)  # an open page says so every 30 s


class Purpose(models.TextChoices):
    LIST = "list", "List of campaigns"
    CAMPAIGN = "campaign", "One campaign"
    AGENTS = "agents", "Agents of a campaign"
    LOOKUP = "lookup", "Users and teams"
    PRESENCE = "presence", "Status of the agents"


STATES = frozenset({Purpose.LIST, Purpose.CAMPAIGN})


def watched_campaigns(connection: Connection, *, at: datetime) -> models.QuerySet[Campaign]:
    """The campaigns that are open on a page."""
    return Campaign.objects.filter(connection=connection, missing_since=None, looked_at__range=lately(at, WATCHED_FOR))


def is_watched(connection: Connection, *, at: datetime) -> bool:
    """Whether an open page shows anything that is read of this contact centre."""
    return watched_campaigns(connection, at=at).exists() or is_on_a_page(connection, at=at)


@transaction.atomic
def take(connection: Connection, purpose: Purpose, *, at: datetime, count: int = 1, most: int | None = None) -> bool:
    """Whether this many further requests may be sent now; they then count. `most`: in a minute and with this purpose."""
    polling, _ = Polling.objects.get_or_create(connection=connection)
    polling = Polling.objects.select_for_update().get(pk=polling.pk)
    recent = _recent(polling, at)
    limit = WATCHED if is_watched(connection, at=at) else UNWATCHED
    states = sum(kind in STATES for _, kind in recent)
    if purpose in STATES and states + count > FOR_STATES:
        return False
    same = sum(kind == purpose for _, kind in recent)
    waits = polling.lookups_wait_since
    if purpose != Purpose.LOOKUP and waits is not None and at - LOOKUPS_WAIT < waits <= at:
        limit -= FOR_LOOKUPS
    if len(recent) + count > limit or (most is not None and same + count > most):
        return False
    Polling.objects.filter(pk=polling.pk).update(requests=recent + [[at.timestamp(), purpose.value]] * count)
    return True


def take_lookup(connection: Connection, *, at: datetime) -> bool:
    """Whether one request for users or teams may be sent now; if not, room is made for them within a minute."""
    may = take(connection, Purpose.LOOKUP, at=at, most=MOST_LOOKUPS)
    Polling.objects.filter(connection=connection).update(lookups_wait_since=None if may else at)
    return may


def room_at(connection: Connection, *, at: datetime) -> datetime:
    """When the oldest request of the last minute no longer counts."""
    polling = Polling.objects.filter(connection=connection).first()
    recent = _recent(polling, at) if polling else []
    return datetime.fromtimestamp(recent[0][0], tz=at.tzinfo) + MINUTE if recent else at


def _recent(polling: Polling, at: datetime) -> list[tuple[float, str]]:
    # Moments in the future were written before the clock was set back.
    begin, now = (at - MINUTE).timestamp(), at.timestamp()
    return [(moment, kind) for moment, kind in polling.requests if begin < moment <= now + 1]
