"""In which group of the board a campaign is. Whatever changes one of the facts below keeps the stored place current."""

from django.db import transaction
from django.db.models import Case, PositiveSmallIntegerField, Q, QuerySet, Value, When

from voisoadmin.campaigns.models import Campaign
from voisoadmin.campaigns.statuses import NEED_A_PERSON, Group, Status, in_group

Place = Campaign.Place

WITHOUT_AGENTS = Q(status__in=[Status.DRAFT, Status.ACTIVE], agents_count=0)
"""No one can take its calls."""

_GROUPS = {
    Group.ACTIVE: Place.ACTIVE,
    Group.PAUSED: Place.PAUSED,
    Group.NOT_STARTED: Place.NOT_STARTED,
    Group.ENDED: Place.ENDED,
}
_PLACE = Case(
    When(missing_since__isnull=False, then=Value(Place.GONE)),
    When(Q(failed_operation__isnull=False) | Q(status__in=NEED_A_PERSON) | WITHOUT_AGENTS, then=Value(Place.ATTENTION)),
    *(When(status__in=in_group(group), then=Value(place)) for group, place in _GROUPS.items()),
    default=Value(Place.UNKNOWN),
    output_field=PositiveSmallIntegerField(),
)


def keep_places(campaigns: QuerySet[Campaign]) -> None:
    """Store where the board shows these campaigns, after a change to what decides it, in its transaction."""
    assert transaction.get_connection().in_atomic_block
    campaigns.update(place=_PLACE)
