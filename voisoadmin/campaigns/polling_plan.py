"""How often the campaigns of a connection are read: as many requests as the budget allows, and as the open pages need."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from math import ceil, inf

from django.db.models import QuerySet

from voisoadmin.campaigns.budget import FOR_PRESENCE, FOR_STATES, PRESENCE_LEAST, UNWATCHED, WATCHED, watched_campaigns
from voisoadmin.campaigns.models import Campaign
from voisoadmin.campaigns.presence.needs import is_needed
from voisoadmin.campaigns.statuses import TRANSITIONAL
from voisoadmin.connections.models import Connection
from voisoadmin.voiso import Capabilities

LIST_EVERY = timedelta(seconds=60)
LONG_LIST_EVERY = timedelta(minutes=5)
LONG_LIST = 1000  # campaigns
STATE_EVERY = timedelta(seconds=8)


@dataclass(frozen=True, slots=True)
class PollingPlan:
    """What is read how often.

    `one_by_one`: the states on open pages are read campaign by campaign, as that takes fewer requests than the list.
    """

    is_watched: bool
    list_every: timedelta
    most_pages: int  # in a minute
    one_by_one: bool = False
    state_every: timedelta = STATE_EVERY
    most_agents: int = 0  # counts in a minute
    most_presence: int = 0  # requests in a minute


def plan_of(connection: Connection, *, at: datetime) -> PollingPlan:
    listed = Campaign.objects.filter(connection=connection, missing_since=None).count()
    shown = shown_campaigns(connection, at=at).count()
    capabilities = connection.capabilities
    return plan_for(capabilities, listed=listed, shown=shown, presence=is_needed(connection, at=at))


def plan_for(capabilities: Capabilities, *, listed: int, shown: int, presence: bool = False) -> PollingPlan:
    """`listed`: campaigns of the connection; `shown`: those on open pages or changing; `presence`: it is needed."""
    every = LONG_LIST_EVERY if listed > LONG_LIST else LIST_EVERY
    pages = max(1, ceil(listed / capabilities.list_page)) if capabilities.list_page else 1
    pages_a_minute = pages * (LIST_EVERY / every)
    if not shown and not presence:
        return PollingPlan(False, every, UNWATCHED)
    if not shown:
        left = max(PRESENCE_LEAST, UNWATCHED - ceil(pages_a_minute))
        return PollingPlan(False, every, UNWATCHED - PRESENCE_LEAST, most_presence=min(FOR_PRESENCE, left))
    left = FOR_STATES - ceil(pages_a_minute)
    by_list = max(STATE_EVERY, LIST_EVERY * pages / FOR_STATES)
    seconds = LIST_EVERY.total_seconds() * shown / left if capabilities.reads_one_campaign and left > 0 else inf
    if seconds < by_list.total_seconds():
        state_every = max(STATE_EVERY, timedelta(seconds=seconds))
        states = FOR_STATES - left + ceil(shown * (LIST_EVERY / state_every))
        plan = PollingPlan(True, every, FOR_STATES - left, True, state_every)
        left = WATCHED - states
    else:
        plan = PollingPlan(True, by_list, FOR_STATES)
        left = WATCHED - ceil(pages * (LIST_EVERY / by_list))
    most_presence = min(FOR_PRESENCE, max(1, left // 2)) if presence else 0
    return replace(plan, most_agents=left - most_presence, most_presence=most_presence)


def shown_campaigns(connection: Connection, *, at: datetime) -> QuerySet[Campaign]:
    """The campaigns on open pages, and while a page is open those that are changing."""
    watched = watched_campaigns(connection, at=at)
    if not watched.exists():
        return watched
    changing = Campaign.objects.filter(connection=connection, missing_since=None, status__in=TRANSITIONAL)
    return watched | changing
