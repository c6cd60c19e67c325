"""The page of one agent, and that of one team: the campaigns it is on, as far as that is known."""

from dataclasses import dataclass

from django.http import QueryDict
from django.utils import timezone

from voisoadmin.assignments.agent_statuses import mark_statuses
from voisoadmin.assignments.models import Agent, Team
from voisoadmin.assignments.on_campaigns import NOT_LISTED, ListsKnown, lists_known, mark_campaigns, mark_campaigns_of_teams
from voisoadmin.connections.models import Connection
from voisoadmin.lib.keyset import keyset_page_for
from voisoadmin.lib.paging import Page

ON_PAGE = 50
NO_TEAMS = "This contact centre takes no teams; a team is sent as its agents."


@dataclass(frozen=True, kw_only=True, slots=True)
class MemberPage:
    connection: Connection
    lists: ListsKnown
    agent: Agent | None = None
    team: Team | None = None
    members: Page[Agent] | None = None  # of the team

    @property
    def member(self) -> Agent | Team:
        found = self.agent or self.team
        assert found is not None
        return found

    @property
    def box(self) -> str:
        """What ticks it on the page for picking."""
        return f"a{self.agent.pk}" if self.agent else f"t{self.member.pk}"

    @property
    def why_not_counted(self) -> str:
        if self.agent is not None:
            return self.lists.why_not
        return NOT_LISTED if self.connection.capabilities.assigns_teams else NO_TEAMS


def agent_page(agent: Agent) -> MemberPage:
    lists = lists_known(agent.connection, at=timezone.now())
    mark_statuses(agent.connection, [agent])
    mark_campaigns(agent.connection, [agent], lists)
    return MemberPage(connection=agent.connection, lists=lists, agent=agent)


def team_page(team: Team, query: QueryDict) -> MemberPage:
    mark_campaigns_of_teams(team.connection, [team])
    found = Agent.objects.filter(teams=team, missing_since=None)
    members = keyset_page_for(found, by="sort_key", query=query, size=ON_PAGE)
    mark_statuses(team.connection, members)
    return MemberPage(
        connection=team.connection, lists=lists_known(team.connection, at=timezone.now()), team=team, members=members
    )
