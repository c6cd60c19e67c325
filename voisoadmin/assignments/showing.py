"""The contents of the panel of a campaign's people, and of its page."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Count, F
from django.http import QueryDict
from django.utils import timezone

from voisoadmin.assignments.agent_statuses import BY_PRESENCE, Statuses, mark_statuses, statuses_of, with_presence
from voisoadmin.assignments.models import Agent, Assignment, PeopleList
from voisoadmin.campaigns.models import Campaign
from voisoadmin.connections.families import why_not_as_read
from voisoadmin.connections.models import Family
from voisoadmin.lib.folded_columns import has_words
from voisoadmin.lib.paging import Page, page_for
from voisoadmin.operations.models import Operation
from voisoadmin.operations.presenting import ActivityLine, line_of
from voisoadmin.voiso import Capabilities

IN_RAIL = 12
ON_PAGE = 50


@dataclass(frozen=True, kw_only=True, slots=True)
class People:
    """Who is on a campaign, how we know, and how the last change ended."""

    campaign: Campaign
    capabilities: Capabilities
    assigned: Page[Assignment]
    agents: int
    teams: int
    statuses: Statuses
    is_held: bool  # nothing is asked of Voiso now
    listed_at: datetime | None = None
    problem: str = ""
    last: ActivityLine | None = None
    search: str = ""
    is_rail: bool = False

    @property
    def more(self) -> int:
        return (self.assigned.total or 0) - len(self.assigned) if self.is_rail else 0

    @property
    def is_moving(self) -> bool:
        return self.last is not None and not self.last.has_ended

    @property
    def waits_for_list(self) -> bool:
        """We haven't yet asked Voiso who is on the campaign, though its API lists them."""
        return self.capabilities.lists_agents and self.listed_at is None and not self.problem

    @property
    def is_being_asked(self) -> bool:
        return self.is_rail and self.waits_for_list and not self.is_held

    @property
    def empty_words(self) -> tuple[str, str]:
        """Why no one is shown, and what that means."""
        if self.search:
            return "No one matches", ""
        if self.waits_for_list:
            what = "The connection doesn't work right now. The list loads once it does."
            return "Not loaded yet", what if self.is_held else "Press Refresh to ask Voiso now."
        if self.problem and not self.listed_at:
            return "Couldn't load who is assigned", self.problem
        if self.capabilities.lists_agents:
            return "No one is assigned", "A campaign needs at least one agent to start."
        return "No one that we know of", "This contact centre doesn't list who is assigned."

    @property
    def source_words(self) -> str:
        """What the list is worth, if it isn't a list of Voiso."""
        if self.problem:
            return f"Couldn't refresh: {self.problem}"
        if not self.capabilities.lists_agents:
            return (
                "Added here and confirmed by Voiso. The legacy API doesn't list who is on a campaign, so there may be others."
            )
        return ""

    @property
    def has_foot(self) -> bool:
        noted = self.problem or self.listed_at or not self.capabilities.lists_agents
        return bool(noted or self.more or (not self.is_rail and self.assigned.has_others))

    @property
    def refreshes_after(self) -> int:
        """Seconds until the open page asks again."""
        if self.is_moving or self.is_being_asked:
            return 2
        return 5 if self.statuses.is_awaited else 20

    @property
    def count_words(self) -> str:
        """Number of agents: from the list, else from the campaign's own data."""
        reported = self.campaign.agents_count
        agents = reported if self.waits_for_list and reported is not None else self.agents
        if self.listed_at is None and not agents and not self.teams:
            return ""
        words = f"{agents:,} agent" + ("" if agents == 1 else "s")
        if self.capabilities.assigns_teams:
            words += f" · {self.teams:,} team" + ("" if self.teams == 1 else "s")
        return words


def people_of(campaign: Campaign, *, query: QueryDict | None = None, is_rail: bool = False) -> People:
    """`query`: of the address, with `q` and `page`."""
    query = query or QueryDict()
    search = query.get("q", "")[:100]
    rows = Assignment.objects.filter(campaign=campaign)
    counted = rows.aggregate(rows=Count("pk"), agents=Count("agent"), teams=Count("team"))
    shown = rows.select_related("agent", "team").prefetch_related("agent__teams")
    if search:
        shown = shown.filter(has_words(search, "agent__search_text", "team__search_text"))
    order: list[Any] = [F("team__name").asc(nulls_last=True), "agent__name", "agent__email", "pk"]
    if is_rail:
        shown, order = with_presence(shown, campaign.connection), [order[0], *BY_PRESENCE, *order[1:]]
    shown = shown.order_by(*order)
    known = PeopleList.objects.filter(campaign=campaign).first()
    total = shown.count() if search else counted["rows"]
    page_of_rows = page_for(shown, query=query, size=IN_RAIL if is_rail else ON_PAGE, total=total)
    mark_statuses(campaign.connection, [row.agent for row in page_of_rows if row.agent])
    at = timezone.now()
    latest = Operation.objects.about_campaign(campaign.pk).filter(kind=Operation.Kind.ASSIGN).first()
    return People(
        campaign=campaign,
        capabilities=campaign.connection.capabilities,
        assigned=page_of_rows,
        statuses=statuses_of(
            campaign.connection,
            at=at,
            agents=Agent.objects.filter(assignments__campaign=campaign),
            has_teams=bool(counted["teams"]),
        ),
        is_held=bool(why_not_as_read(campaign.connection, Family.PEOPLE, at)),
        agents=counted["agents"],
        teams=counted["teams"],
        listed_at=known.listed_at if known else None,
        problem=known.problem if known else "",
        last=line_of(latest) if latest else None,
        search=search,
        is_rail=is_rail,
    )
