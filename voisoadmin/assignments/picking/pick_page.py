"""The page for picking: agents, teams and campaigns in lists that are searched, with a box at each."""

from dataclasses import dataclass
from typing import TypeVar

from django.db.models import Model, Q, QuerySet
from django.http import QueryDict

from voisoadmin.assignments.agent_statuses import mark_statuses
from voisoadmin.assignments.models import Agent, Roster, Team
from voisoadmin.assignments.on_campaigns import running_campaigns
from voisoadmin.assignments.picking.picked import AGENT, CAMPAIGN, TEAM, Picked
from voisoadmin.assignments.preview import why_unread
from voisoadmin.assignments.preview_page import ACTION_WORDS, ActionWords
from voisoadmin.assignments.roster_page import LONGEST_SEARCH, agents_found, teams_found
from voisoadmin.campaigns.models import Campaign
from voisoadmin.connections.models import Connection
from voisoadmin.lib.keyset import MOST_ID, keyset_page
from voisoadmin.lib.numbers import whole_number
from voisoadmin.lib.paging import Page
from voisoadmin.lib.searching import contains

M = TypeVar("M", bound=Model)
ON_PAGE = 25
TEAMS = 10
CHOSEN_SHOWN = 50


@dataclass(frozen=True, kw_only=True, slots=True)
class PickPage:
    connection: Connection
    picked: Picked
    agents: Page[Agent]
    teams: list[Team]
    more_teams: int
    campaigns: Page[Campaign]
    search: str
    campaign_search: str
    chosen_agents: list[Agent]  # picked, and not in the list below
    chosen_teams: list[Team]
    chosen_campaigns: list[Campaign]
    roster: Roster | None
    unread: str
    problem: str = ""

    @property
    def words(self) -> ActionWords:
        return ACTION_WORDS[self.picked.do]

    @property
    def shown(self) -> str:
        """The boxes on this page."""
        boxes = [f"{AGENT}{agent.pk}" for agent in [*self.agents, *self.chosen_agents]]
        boxes += [f"{TEAM}{team.pk}" for team in [*self.teams, *self.chosen_teams]]
        boxes += [f"{CAMPAIGN}{campaign.pk}" for campaign in [*self.campaigns, *self.chosen_campaigns]]
        return " ".join(boxes)

    @property
    def picked_value(self) -> str:
        return " ".join(self.picked.boxes)

    @property
    def people(self) -> int:
        return len(self.picked.agents) + len(self.picked.teams)

    @property
    def unshown_people(self) -> int:
        on_page = {agent.pk for agent in [*self.agents, *self.chosen_agents]}
        teams_on_page = {team.pk for team in [*self.teams, *self.chosen_teams]}
        return len(self.picked.agents - on_page) + len(self.picked.teams - teams_on_page)

    @property
    def unshown_campaigns(self) -> int:
        return len(self.picked.campaigns - {campaign.pk for campaign in [*self.campaigns, *self.chosen_campaigns]})


def pick_page(connection: Connection, picked: Picked, sent: QueryDict, *, problem: str = "") -> PickPage:
    """`sent`: the form, or the address, with `q` and `campaign_q`, and `go` with the page of a list: `a>12`, `c<7`."""
    search, campaign_search = _search(sent, "q"), _search(sent, "campaign_q")
    agents = _page(agents_to_pick(connection, sent), sent, AGENT, by="sort_key")
    found_teams = teams_found(connection, search).order_by("sort_key", "pk")
    teams = list(found_teams[:TEAMS])
    campaigns = _page(campaigns_found(connection, campaign_search), sent, CAMPAIGN, by="name")
    mark_statuses(connection, agents)
    return PickPage(
        connection=connection,
        picked=picked,
        agents=agents,
        teams=teams,
        more_teams=found_teams.count() - len(teams),
        campaigns=campaigns,
        search=search,
        campaign_search=campaign_search,
        chosen_agents=list(picked.agents_in(connection).exclude(pk__in=[row.pk for row in agents])[:CHOSEN_SHOWN]),
        chosen_teams=list(picked.teams_in(connection).exclude(pk__in=[row.pk for row in teams])[:CHOSEN_SHOWN]),
        chosen_campaigns=list(picked.campaigns_in(connection).exclude(pk__in=[row.pk for row in campaigns])[:CHOSEN_SHOWN]),
        roster=Roster.objects.filter(connection=connection).first(),
        unread=why_unread(connection),
        problem=problem,
    )


def _search(sent: QueryDict, field: str) -> str:
    return sent.get(field, "").replace("\0", "")[:LONGEST_SEARCH]


def agents_to_pick(connection: Connection, sent: QueryDict) -> QuerySet[Agent]:
    return agents_found(connection, _search(sent, "q")).filter(missing_since=None)


def campaigns_found(connection: Connection, search: str) -> QuerySet[Campaign]:
    found = running_campaigns(connection)
    return found.filter(contains(search, "name") | Q(voiso_id__startswith=search)) if search else found


def _page(items: QuerySet[M], sent: QueryDict, kind: str, *, by: str) -> Page[M]:
    """The page that the pressed button names; the links of this page are values of such buttons."""
    go = sent.get("go", "")
    mark = whole_number(go[2:], least=1, most=MOST_ID) if go[:1] == kind else None
    after, before = (mark if go[1:2] == sign else None for sign in "><")

    def value(after: int | None = None, before: int | None = None) -> str:
        return f"{kind}>{after}" if after else f"{kind}<{before}"

    return keyset_page(items, by=by, after=after, before=before, size=ON_PAGE, url=value)
