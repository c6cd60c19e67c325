"""Which campaigns the agents and teams of a contact centre are on, and whether that is all of them."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.db.models import Count, Min, Q, QuerySet

from voisoadmin.assignments.models import Agent, Assignment, Team
from voisoadmin.campaigns.models import Campaign
from voisoadmin.campaigns.statuses import STATUSES, Group
from voisoadmin.connections.models import Connection

COUNTED_FOR = timedelta(days=1)  # an older list of a campaign's agents counts as not loaded
ENDED = [status for status, facts in STATUSES.items() if facts.group == Group.ENDED]
NOT_LISTED = "The legacy API doesn't list who is on a campaign. Shown is what was added here and confirmed by Voiso."


@dataclass(frozen=True, kw_only=True, slots=True)
class ListsKnown:
    """How much is known about who is on the campaigns of a contact centre that have not ended."""

    campaigns: int
    listed: int
    oldest: datetime | None  # when the oldest of these lists was read
    why_not: str  # why no one's campaigns can be counted; empty if they can

    @property
    def is_whole(self) -> bool:
        return not self.why_not


@dataclass(frozen=True, kw_only=True, slots=True)
class Placement:
    """An agent or a team on a campaign."""

    campaign: Campaign
    via: str = ""  # the team that is on the campaign


@dataclass(slots=True)
class Placements:
    """The campaigns of one agent or team that are known. `count` is empty where there may be others."""

    known: list[Placement] = field(default_factory=list)
    count: int | None = None

    @property
    def first(self) -> list[Placement]:
        return self.known[:3]

    @property
    def more(self) -> int:
        return len(self.known) - len(self.first)


def running_campaigns(connection: Connection) -> QuerySet[Campaign]:
    """The campaigns that Voiso lists and that have not ended."""
    return Campaign.objects.filter(connection=connection, missing_since=None).exclude(status__in=ENDED)


def lists_known(connection: Connection, *, at: datetime) -> ListsKnown:
    fresh = Q(people_list__listed_at__gte=at - COUNTED_FOR)
    counted = running_campaigns(connection).aggregate(
        campaigns=Count("pk"), listed=Count("pk", filter=fresh), oldest=Min("people_list__listed_at", filter=fresh)
    )
    why_not = ""
    if not connection.capabilities.lists_agents:
        why_not = NOT_LISTED
    elif connection.synced_at is None:
        why_not = "The list of campaigns hasn't loaded yet."
    elif missing := counted["campaigns"] - counted["listed"]:
        why_not = f"Who is on {missing:,} of {counted['campaigns']:,} campaigns hasn't loaded yet."
    return ListsKnown(**counted, why_not=why_not)


def mark_campaigns(connection: Connection, agents: Iterable[Agent], known: ListsKnown) -> None:
    """Set `placements` of each of these agents. A team's campaigns are its agents' as well."""
    by_pk = {agent.pk: agent for agent in agents}
    for agent in by_pk.values():
        agent.placements = Placements()
    members = [(agent.pk, team.pk) for agent in by_pk.values() for team in agent.teams.all()]
    rows = _assignments(connection).filter(Q(agent__in=by_pk) | Q(team__in={team for _, team in members}))
    of_team: dict[int, list[Assignment]] = {}
    for row in rows:
        if row.agent_id is not None:
            by_pk[row.agent_id].placements.known.append(Placement(campaign=row.campaign))
        elif row.team_id is not None:
            of_team.setdefault(row.team_id, []).append(row)
    for agent_pk, team_pk in members:
        known_here = by_pk[agent_pk].placements.known
        there = {placement.campaign.pk for placement in known_here}
        known_here += [
            Placement(campaign=row.campaign, via=str(row.team))
            for row in of_team.get(team_pk, [])
            if row.campaign_id not in there
        ]
    for agent in by_pk.values():
        agent.placements.count = len(agent.placements.known) if known.is_whole else None


def mark_campaigns_of_teams(connection: Connection, teams: Sequence[Team]) -> None:
    """No API lists the teams of a campaign: only what Voiso confirmed here is known, so nothing is counted."""
    by_pk = {team.pk: team for team in teams}
    for team in teams:
        team.placements = Placements()
    for row in _assignments(connection).filter(team__in=by_pk):
        if row.team_id is not None:
            by_pk[row.team_id].placements.known.append(Placement(campaign=row.campaign))


def _assignments(connection: Connection) -> QuerySet[Assignment]:
    rows = Assignment.objects.filter(campaign__in=running_campaigns(connection))
    return rows.select_related("campaign", "team").order_by("campaign__name", "campaign__pk")
