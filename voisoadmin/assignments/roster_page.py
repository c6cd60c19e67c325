"""The agents and teams of a contact centre, as a list that is searched and leads to the campaigns of each."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, Q, QuerySet
from django.http import QueryDict
from django.utils import timezone

from voisoadmin.assignments.agent_statuses import Statuses, mark_statuses, statuses_of
from voisoadmin.assignments.member_page import NO_TEAMS
from voisoadmin.assignments.models import Agent, Roster, Team
from voisoadmin.assignments.on_campaigns import NOT_LISTED, ListsKnown, lists_known, mark_campaigns, mark_campaigns_of_teams
from voisoadmin.connections.models import Connection
from voisoadmin.lib.folded_columns import has_words
from voisoadmin.lib.keyset import keyset_page_for
from voisoadmin.lib.paging import Page

ON_PAGE = 50
LONGEST_SEARCH = 100


@dataclass(frozen=True, kw_only=True, slots=True)
class RosterPage:
    connections: list[Connection]
    connection: Connection | None = None
    roster: Roster | None = None
    agents: Page[Agent] | None = None
    teams: Page[Any] | None = None  # with `people`, how many agents each one has
    knows_members: bool = False  # whether the API says who is in a team
    lists: ListsKnown | None = None
    statuses: Statuses | None = None
    search: str = ""
    here: str = ""  # the address of this page

    @property
    def teams_why_not(self) -> str:
        """Why no team's campaigns are counted."""
        takes = self.connection is not None and self.connection.capabilities.assigns_teams
        return NOT_LISTED if takes else NO_TEAMS

    @property
    def all_url(self) -> str:
        return f"?connection={self.connection.pk}" if self.connection else ""


def roster_page(connections: QuerySet[Connection], query: QueryDict) -> RosterPage:
    """The agents and teams of one connection: the chosen one, else the first. `query`: of the address."""
    chosen, search = query.get("connection", ""), query.get("q", "")[:LONGEST_SEARCH]
    choice = list(connections)
    connection = next((each for each in choice if str(each.pk) == chosen), choice[0] if choice else None)
    if connection is None:
        return RosterPage(connections=[])
    at = timezone.now()
    agents = keyset_page_for(
        agents_found(connection, search).prefetch_related("teams"), by="sort_key", query=query, size=ON_PAGE
    )
    found_teams = teams_found(connection, search).annotate(people=Count("members", filter=Q(members__missing_since=None)))
    teams = keyset_page_for(found_teams, by="sort_key", query=query, size=ON_PAGE, prefix="team_")
    lists = lists_known(connection, at=at)
    mark_statuses(connection, agents)
    mark_campaigns(connection, agents, lists)
    mark_campaigns_of_teams(connection, list(teams))
    return RosterPage(
        connections=choice,
        connection=connection,
        roster=getattr(connection, "roster", None),
        agents=agents,
        teams=teams,
        knows_members=_knows_members(connection, agents),
        lists=lists,
        statuses=statuses_of(connection, at=at),
        search=search,
        here="?" + query.urlencode(),
    )


def _knows_members(connection: Connection, shown: Iterable[Agent]) -> bool:
    if any(agent.teams.all() for agent in shown):
        return True
    return Agent.objects.filter(connection=connection, teams__isnull=False).exists()


def agents_found(connection: Connection, search: str) -> QuerySet[Agent]:
    """By name, email, ID or team, in any order of the words, without case and accents."""
    agents = Agent.objects.filter(connection=connection)
    if not search:
        return agents
    # A subquery, for a join would list an agent of two teams twice.
    in_teams = Agent.objects.filter(teams__in=teams_found(connection, search)).values("pk")
    return agents.filter(has_words(search, "search_text") | Q(pk__in=in_teams))


def teams_found(connection: Connection, search: str) -> QuerySet[Team]:
    return Team.objects.filter(has_words(search, "search_text"), connection=connection)
