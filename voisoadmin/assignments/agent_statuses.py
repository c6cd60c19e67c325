"""The status of agents, for pages: of each agent, and of those of a campaign in a sentence with its age."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Case, OuterRef, QuerySet, Subquery, When

from voisoadmin.assignments.models import Agent, Assignment
from voisoadmin.campaigns.models import AgentPresence, Presence
from voisoadmin.campaigns.presence.groups import breakdown
from voisoadmin.connections.families import why_not_as_read
from voisoadmin.connections.models import Connection, Family

Group = AgentPresence.Group
UNKNOWN = "unknown"
IN_ORDER = (Group.WAITING, Group.AVAILABLE, Group.IDLE, Group.ON_CALL, Group.OTHER, Group.OUT)
BY_PRESENCE = ("presence_place", "presence_since")


@dataclass(frozen=True, kw_only=True, slots=True)
class Statuses:
    """How the status of agents is known, and a sentence about those of a campaign."""

    read_at: datetime | None
    is_old: bool  # older than two reads
    problem: str  # why it isn't read
    sentence: str = ""
    others: str = ""  # what the sentence doesn't cover

    @property
    def is_awaited(self) -> bool:
        return self.read_at is None and not self.problem


def identity_field(connection: Connection) -> str:
    """The field of an agent that `AgentPresence.who` names."""
    return "email" if connection.capabilities.assigns_by_email else "voiso_id"


def presences_of(connection: Connection, agents: QuerySet[Agent]) -> QuerySet[AgentPresence]:
    """The known statuses of these agents of the connection."""
    return AgentPresence.objects.filter(connection=connection, who__in=agents.values(identity_field(connection)))


def with_presence(assignments: QuerySet[Assignment], connection: Connection) -> QuerySet[Assignment]:
    """With what `BY_PRESENCE` orders by: who may take the next call first, and among equals who has waited longest."""
    of_agent = AgentPresence.objects.filter(connection=connection, who=OuterRef(f"agent__{identity_field(connection)}"))
    known = assignments.annotate(presence_group=Subquery(of_agent.values("group")[:1]))
    places = [When(presence_group=group, then=place) for place, group in enumerate(IN_ORDER)]
    return known.annotate(
        presence_place=Case(*places, default=len(IN_ORDER)), presence_since=Subquery(of_agent.values("since")[:1])
    )


def mark_statuses(connection: Connection, agents: Iterable[Agent]) -> None:
    """Set `presence` of each of these agents."""
    name = identity_field(connection)
    by_who = {getattr(agent, name): agent for agent in agents}
    for presence in AgentPresence.objects.filter(connection=connection, who__in=[who for who in by_who if who]):
        by_who[presence.who].presence = presence


def statuses_of(
    connection: Connection, *, at: datetime, agents: QuerySet[Agent] | None = None, has_teams: bool = False
) -> Statuses:
    """`agents`: those assigned to a campaign; `has_teams`: teams are assigned as well."""
    presence = Presence.of(connection)
    read_at = presence.read_at if presence else None
    known = Statuses(
        read_at=read_at,
        is_old=presence is not None and read_at is not None and not presence.is_fresh(at),
        problem=_problem(connection, presence, at),
    )
    if agents is None or read_at is None:
        return known
    sentence, others = _in_words(connection, agents)
    if has_teams and sentence:
        others = f"The agents of its teams aren't counted. {others}"
    return Statuses(read_at=read_at, is_old=known.is_old, problem=known.problem, sentence=sentence, others=others)


def _problem(connection: Connection, presence: Presence | None, at: datetime) -> str:
    return why_not_as_read(connection, Family.PRESENCE, at) or (presence.problem if presence else "")


def _in_words(connection: Connection, agents: QuerySet[Agent]) -> tuple[str, str]:
    count = agents.count()
    if not count:
        return "", ""
    known = [row for row in presences_of(connection, agents) if row.group != Group.UNKNOWN]
    unknown = count - len(known)
    whose = f"Of the {count:,} agents" if count > 1 else "Of the 1 agent"
    if not connection.capabilities.says_who_waits:
        general = "This is their general status: Voiso doesn't say who waits for the Dialer."
        return f"{whose} that Voiso lists: {_counted(known, unknown)}.", general
    waiting = sum(row.group == Group.WAITING for row in known)
    rest = _counted([row for row in known if row.group != Group.WAITING], unknown)
    waits = "–" if not known else f"{waiting:,}"
    verb = "is" if waiting == 1 else "are"
    sentence = f"{whose} assigned from here, {waits} {verb} waiting for the Dialer{f'; {rest}' if rest else ''}."
    return sentence, "Others may be assigned in Voiso."


def _counted(known: Iterable[AgentPresence], unknown: int) -> str:
    """`2 available, 1 “Lunch”, 1 unknown`. Voiso's own words are quoted."""
    labels = (f"“{row.word}”" if row.group == Group.OTHER else row.label.lower() for row in known)
    parts = [f"{number:,} {label}" for label, number in breakdown(labels)]
    return ", ".join([*parts, *([f"{unknown:,} {UNKNOWN}"] if unknown else [])])
