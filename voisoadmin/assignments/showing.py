"""What the people panel and the roster page show."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.core.paginator import Page, Paginator
from django.db.models import Count, F, Q, QuerySet

from voisoadmin.assignments.models import Agent, Assignment, PeopleList, Roster, Team
from voisoadmin.campaigns.models import Campaign
from voisoadmin.connections.models import Connection
from voisoadmin.operations.models import Operation
from voisoadmin.operations.reading import Line, line_of
from voisoadmin.voiso import CAPABILITIES, Capabilities, Generation

IN_RAIL = 12
ON_PAGE = 50


@dataclass(frozen=True, kw_only=True, slots=True)
class People:
    """Who is on a campaign, how we know, and what came of the last change."""

    campaign: Campaign
    capabilities: Capabilities
    assigned: Page[Assignment]
    agents: int
    teams: int
    listed_at: datetime | None = None
    problem: str = ""
    last: Line | None = None
    search: str = ""
    is_rail: bool = False

    @property
    def more(self) -> int:
        return self.assigned.paginator.count - len(self.assigned) if self.is_rail else 0

    @property
    def is_moving(self) -> bool:
        return self.last is not None and not self.last.has_ended


def capabilities_of(connection: Connection) -> Capabilities:
    return CAPABILITIES[Generation(connection.generation)]


def people_of(campaign: Campaign, *, search: str = "", page: str = "", is_rail: bool = False) -> People:
    rows = Assignment.objects.filter(campaign=campaign)
    counted = rows.aggregate(agents=Count("agent"), teams=Count("team"))
    shown = rows.select_related("agent", "team").prefetch_related("agent__teams")
    if search:
        shown = shown.filter(
            Q(agent__name__icontains=search) | Q(agent__email__icontains=search) | Q(team__name__icontains=search)
        )
    shown = shown.order_by(F("team__name").asc(nulls_last=True), "agent__name", "agent__email", "pk")
    known = PeopleList.objects.filter(campaign=campaign).first()
    latest = Operation.objects.about_campaign(campaign.pk).filter(kind=Operation.Kind.ASSIGN).first()
    return People(
        campaign=campaign,
        capabilities=capabilities_of(campaign.connection),
        assigned=Paginator(shown, IN_RAIL if is_rail else ON_PAGE).get_page(page),
        agents=counted["agents"],
        teams=counted["teams"],
        listed_at=known.listed_at if known else None,
        problem=known.problem if known else "",
        last=line_of(latest) if latest else None,
        search=search,
        is_rail=is_rail,
    )


@dataclass(frozen=True, kw_only=True, slots=True)
class RosterPage:
    connections: list[Connection]
    connection: Connection | None = None
    roster: Roster | None = None
    agents: Page[Any] | None = None  # with `campaigns`, how many each is on
    teams: list[Team] = field(default_factory=list)
    search: str = ""


def roster_page(connections: QuerySet[Connection], *, chosen: str, search: str, page: str) -> RosterPage:
    """The agents and teams of one connection: the chosen one, else the first."""
    choice = list(connections)
    connection = next((each for each in choice if str(each.pk) == chosen), choice[0] if choice else None)
    if connection is None:
        return RosterPage(connections=[])
    agents = Agent.objects.filter(connection=connection).annotate(campaigns=Count("assignments"))
    teams = Team.objects.filter(connection=connection).annotate(people=Count("members"))
    if search:
        agents = agents.filter(
            pk__in=Agent.objects.filter(connection=connection).filter(
                Q(name__icontains=search) | Q(email__icontains=search) | Q(teams__name__icontains=search)
            )
        )
        teams = teams.filter(name__icontains=search)
    return RosterPage(
        connections=choice,
        connection=connection,
        roster=Roster.objects.filter(connection=connection).first(),
        agents=Paginator(agents.prefetch_related("teams").order_by("name", "email", "pk"), ON_PAGE).get_page(page),
        teams=list(teams.order_by("name")[:200]),
        search=search,
    )
