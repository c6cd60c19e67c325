"""The groups of the board in their order, from what is stored; each is a tab as well."""

from collections import Counter
from collections.abc import Collection
from enum import StrEnum
from functools import reduce
from operator import or_

from django.db.models import Count, Q, QuerySet

from voisoadmin.campaigns.models import Campaign, CampaignQuerySet, Lane
from voisoadmin.lib.statements import Statement, as_texts

Place, Sending = Campaign.Place, Lane.Sending


class BoardGroup(StrEnum):
    SENDING = "sending"
    ATTENTION = "attention"
    ACTIVE = "active"
    UNKNOWN = "unknown"
    PAUSED = "paused"
    NOT_STARTED = "draft"
    ENDED = "ended"
    GONE = "gone"

    @property
    def word(self) -> str:
        return "Sending" if self is BoardGroup.SENDING else str(_PLACES[self].label)


_PLACES = {
    BoardGroup.ATTENTION: Place.ATTENTION,
    BoardGroup.ACTIVE: Place.ACTIVE,
    BoardGroup.UNKNOWN: Place.UNKNOWN,
    BoardGroup.PAUSED: Place.PAUSED,
    BoardGroup.NOT_STARTED: Place.NOT_STARTED,
    BoardGroup.ENDED: Place.ENDED,
    BoardGroup.GONE: Place.GONE,
}
_OF_PLACE = {place: group for group, place in _PLACES.items()}
_FOR_A_PERSON = (Sending.BLOCKED, Sending.BUSY)
_FLOWS = (Sending.SENDING, Sending.WAITING, Sending.PAUSED)

LISTED = Q(place__lt=Place.GONE)
SHOWN = {
    BoardGroup.SENDING: 20,
    BoardGroup.ATTENTION: 20,
    BoardGroup.ACTIVE: 50,
    BoardGroup.UNKNOWN: 20,
    BoardGroup.PAUSED: 10,
}
"""How many rows of each group the board shows; the other groups are folded."""


def of_group(group: BoardGroup) -> Q:
    if group is BoardGroup.GONE:
        return Q(place=Place.GONE)
    if group is BoardGroup.ATTENTION:
        return Q(place=Place.ATTENTION) | LISTED & Q(lane__sending_state__in=_FOR_A_PERSON)
    if group is BoardGroup.SENDING:
        return LISTED & ~Q(place=Place.ATTENTION) & Q(lane__sending_state__in=_FLOWS)
    return Q(place=_PLACES[group], lane__sending_state=Sending.NOTHING)


def group_of(place: int, sending_state: str) -> BoardGroup:
    if place == Place.GONE:
        return BoardGroup.GONE
    if place == Place.ATTENTION or sending_state in _FOR_A_PERSON:
        return BoardGroup.ATTENTION
    return BoardGroup.SENDING if sending_state else _OF_PLACE[Place(place)]


_COUNTS = Statement(
    f"""
    SELECT place, '', COUNT(*) FROM campaigns_campaign WHERE connection_id {{among}} GROUP BY place
    UNION ALL
    SELECT place, sending_state, COUNT(*) FROM campaigns_lane AS lane
    JOIN campaigns_campaign AS campaign ON campaign.lane_id = lane.id
    WHERE lane.sending_state IN ({as_texts(state for state in Sending if state)}) AND campaign.connection_id {{among}}
    GROUP BY place, sending_state
    """
)


def counts_of(found: QuerySet[Campaign]) -> Counter[BoardGroup]:
    """How many campaigns each group has, in one query."""
    counts: Counter[BoardGroup] = Counter()
    for place, state, count in found.order_by().values_list("place", "lane__sending_state").annotate(Count("pk")):
        counts[group_of(place, state)] += count
    return counts


def counts_of_centres(connections: Collection[int]) -> Counter[BoardGroup]:
    """The same for all campaigns of contact centres, from indexes: no look at campaigns that send nothing."""
    counts: Counter[BoardGroup] = Counter()
    for place, state, count in _COUNTS.rows(list(connections), list(connections)):
        counts[group_of(place, state)] += count
        if state:  # it was counted as one that sends nothing
            counts[group_of(place, "")] -= count
    return +counts


def first_rows(found: CampaignQuerySet) -> CampaignQuerySet:
    """The latest campaigns of each group that isn't folded: few rows of each, however many there are."""
    latest = (found.filter(of_group(group)).order_by("-changed_at", "-pk")[:most] for group, most in SHOWN.items())
    return Campaign.objects.filter(reduce(or_, (Q(pk__in=some.values("pk")) for some in latest)))
