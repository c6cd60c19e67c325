"""Reads what rules decide on: stored facts of many campaigns, in a few queries, with their age. Voiso isn't asked."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import NamedTuple

from django.db.models import Exists, OuterRef, Subquery

from voisoadmin.assignments.models import Agent, Assignment
from voisoadmin.campaigns.counted import accepted_today
from voisoadmin.campaigns.models import AgentPresence, Campaign, CampaignState, Cause, Presence
from voisoadmin.campaigns.polling_plan import LIST_EVERY, LONG_LIST, LONG_LIST_EVERY
from voisoadmin.campaigns.statuses import Status
from voisoadmin.connections.families import why_none_asked
from voisoadmin.connections.models import Connection, Family
from voisoadmin.lib.clock import scaled
from voisoadmin.rules.rule_conditions import AgentCount, Facts
from voisoadmin.rules.sentence import ASSIGNED, CENTRE, TEAM, Accepted, Agents, Sentence, Since, Which

Group = AgentPresence.Group
GROUPS = {Which.AVAILABLE: Group.AVAILABLE, Which.WAITING: Group.WAITING}
NOT_REPORTED = "This API doesn't report who waits for the Dialer"
NOT_LOADED = "Who is assigned to it isn't loaded yet"


class Wanted(NamedTuple):
    """A rule's sentence for one campaign."""

    sentence: Sentence
    campaign: int


@dataclass(slots=True)
class StoredFacts:
    """The facts of the campaigns of some rules, at one moment."""

    at: datetime
    connections: dict[int, Connection] = field(default_factory=dict)  # without their keys
    unlisted: set[int] = field(default_factory=set)  # campaigns whose assigned agents are asked for and never were loaded
    _base: dict[int, Facts] = field(default_factory=dict)
    _lanes: dict[int, int] = field(default_factory=dict)
    _connections: dict[int, int] = field(default_factory=dict)
    _holds: dict[int, tuple[str, str]] = field(default_factory=dict)
    _today: dict[str, dict[int, int]] = field(default_factory=dict)  # zone -> lane -> contacts
    _agents: dict[tuple[int, str], Mapping[Which, AgentCount]] = field(default_factory=dict)  # connection or campaign, whose

    def of(self, sentence: Sentence, campaign: int) -> Facts:
        base = self._base[campaign]
        conditions = sentence.conditions
        if not conditions:
            return base
        lane = self._lanes[campaign]
        today = self._today.get(sentence.zone, {}).get(lane, 0)
        agents = {
            (condition.which, condition.of): count
            for condition in conditions
            if isinstance(condition, Agents) and (count := self._count(condition, campaign)) is not None
        }
        return replace(base, accepted_today=today, agents=agents)

    def connection_of(self, campaign: int) -> int:
        return self._connections[campaign]

    def answered_at(self, campaign: int) -> datetime | None:
        """When Voiso last answered anything for the campaign's contact centre."""
        return self.connections[self._connections[campaign]].answered_at

    def hold_of(self, campaign: int) -> tuple[str, str]:
        """Why no rule starts it: `Firing.Hold` and a sentence; empty if rules may."""
        return self._holds.get(campaign, ("", ""))

    def _count(self, condition: Agents, campaign: int) -> AgentCount | None:
        key = campaign if condition.of == ASSIGNED else self._connections[campaign]
        found = self._agents.get((key, condition.of))
        return found[condition.which] if found else None


def load(wanted: Collection[Wanted], *, at: datetime) -> StoredFacts:
    facts = StoredFacts(at)
    rows = _campaigns({campaign for _, campaign in wanted})
    connections, paces = _connections({row.connection_id for row in rows})
    problems = why_none_asked(list(connections.values()), Family.OPERATION, at)
    since_start = _accepted_before(wanted)
    facts.connections = connections
    for row in rows:
        connection = connections[row.connection_id]
        facts._lanes[row.pk], facts._connections[row.pk] = row.lane_id, connection.pk
        if row.is_held:
            facts._holds[row.pk] = (row.hold or "", row.hold_reason or "")
        problem, before = problems.get(connection.pk, ""), since_start.get(row.pk)
        facts._base[row.pk] = _facts(row, connection, paces[connection.pk], problem, before, at)
    _load_today(facts, wanted, at)
    never_listed = {row.pk for row in rows if row.people_listed_at is None}
    _load_agents(facts, wanted, connections, never_listed, at)
    return facts


# Campaigns


class _Row(NamedTuple):
    """Of a campaign, what rules look at. Reading the whole of thousands would take long."""

    pk: int
    connection_id: int
    lane_id: int
    status: str
    read_at: datetime | None
    pending_operation: str
    missing_since: datetime | None
    sending_rows: int
    sending_done: int
    accepted: int
    people_listed_at: datetime | None
    is_held: bool | None
    hold: str | None
    hold_reason: str | None


def _campaigns(pks: set[int]) -> list[_Row]:
    names = ["pk", "connection_id", "lane_id", "status", "read_at", "pending_operation", "missing_since"]
    lane = ["lane__sending_rows", "lane__sending_done", "lane__contacts_accepted", "people_list__listed_at"]
    hold = ["start_hold__is_on", "start_hold__kind", "start_hold__reason"]
    return [_Row(*row) for row in Campaign.objects.filter(pk__in=pks).order_by().values_list(*names, *lane, *hold)]


def _connections(pks: set[int]) -> tuple[dict[int, Connection], dict[int, timedelta]]:
    """Contact centres by ID, and how often the list of campaigns of each is read."""
    # Without the keys: reading one decrypts it.
    found = Connection.objects.filter(pk__in=pks).defer("key", "user_key", "check_lines").select_related("presence")
    beyond = Campaign.objects.filter(connection=OuterRef("pk"), missing_since=None).order_by("pk").values("pk")
    rows = list(found.annotate(has_long_list=Exists(beyond[LONG_LIST:])).order_by())
    paces = {row.pk: LONG_LIST_EVERY if vars(row)["has_long_list"] else LIST_EVERY for row in rows}
    return {row.pk: row for row in rows}, paces


def _facts(
    row: _Row, connection: Connection, every: timedelta, problem: str, accepted_before: int | None, at: datetime
) -> Facts:
    read_at = max((moment for moment in (connection.synced_at, row.read_at) if moment is not None), default=None)
    return Facts(
        status=row.status,
        read_at=read_at,
        is_fresh=is_fresh(read_at, every, at),
        is_missing=row.missing_since is not None,
        pending=row.pending_operation,
        problem=problem or ("The connection was removed." if connection.removed_at else ""),
        accepted_since_start=None if accepted_before is None else max(0, row.accepted - accepted_before),
        waiting=max(0, row.sending_rows - row.sending_done),
    )


def is_fresh(read_at: datetime | None, every: timedelta, at: datetime) -> bool:
    """Whether it may decide a start: it isn't older than twice its pace. A time that is ahead is as wrong as an old one."""
    return read_at is not None and abs(at - read_at) <= 2 * max(every, timedelta(seconds=scaled(every.total_seconds())))


def _accepted_before(wanted: Collection[Wanted]) -> dict[int, int]:
    """How many contacts each campaign's lane had accepted when the campaign was last started, where that is known."""
    asks = {
        campaign
        for sentence, campaign in wanted
        if any(isinstance(condition, Accepted) and condition.since == Since.START for condition in sentence.conditions)
    }
    if not asks:
        return {}
    # Not when the dialer made it active again.
    starts = CampaignState.objects.filter(campaign=OuterRef("pk"), status=Status.ACTIVE).exclude(
        cause__in=[Cause.CONTINUED, Cause.FIRST_SEEN]
    )
    last = (
        Campaign.objects.filter(pk__in=asks)
        .order_by()
        .annotate(before=Subquery(starts.order_by("-since", "-pk").values("accepted_before")[:1]))
    )
    return {pk: before for pk, before in last.values_list("pk", "before") if before is not None}


def _load_today(facts: StoredFacts, wanted: Collection[Wanted], at: datetime) -> None:
    lanes: dict[str, set[int]] = defaultdict(set)
    zones = {}
    for sentence, campaign in wanted:
        if any(isinstance(one, Accepted) and one.since == Since.TODAY for one in sentence.conditions):
            lanes[sentence.zone].add(facts._lanes[campaign])
            zones[sentence.zone] = sentence.timezone
    for name, of_zone in lanes.items():
        sums = accepted_today(of_zone, zones[name], at=at)
        facts._today[name] = {lane: found.accepted for lane, found in sums.items()}


# Agents


def _load_agents(
    facts: StoredFacts,
    wanted: Collection[Wanted],
    connections: Mapping[int, Connection],
    never_listed: Collection[int],
    at: datetime,
) -> None:
    asked: set[tuple[int, str]] = set()  # a campaign or a connection, and whose agents
    for sentence, campaign in wanted:
        for of in {one.of for one in sentence.conditions if isinstance(one, Agents)}:
            asked.add((campaign if of == ASSIGNED else facts._connections[campaign], of))
    if not asked:
        return
    concerned = {facts._connections[key] if of == ASSIGNED else key for key, of in asked}
    groups = _groups(concerned)
    identities = agents_meant(asked, concerned, connections)
    for key, of in asked:
        connection = connections[facts._connections[key] if of == ASSIGNED else key]
        words = groups.get(connection.pk, {})
        whose = set(words) if of == CENTRE else identities.get((key, of), set())
        if of == ASSIGNED and not whose and key in never_listed and connection.capabilities.lists_agents:
            facts.unlisted.add(key)
            facts._agents[key, of] = dict.fromkeys(Which, AgentCount(problem=NOT_LOADED))
        else:
            facts._agents[key, of] = _counts(connection, words, whose, at)


def _groups(connections: set[int]) -> dict[int, dict[str, str]]:
    found: dict[int, dict[str, str]] = defaultdict(dict)
    rows = AgentPresence.objects.filter(connection__in=connections).order_by()
    for connection, who, group in rows.values_list("connection_id", "who", "group"):
        found[connection][who] = group
    return found


def agents_meant(
    asked: set[tuple[int, str]], concerned: set[int], connections: Mapping[int, Connection]
) -> dict[tuple[int, str], set[str]]:
    """Who is meant, as `AgentPresence.who` names them: those assigned to a campaign, in person or by a team, and teams."""
    agents = {
        pk: email if connections[connection].capabilities.assigns_by_email else voiso_id
        for pk, connection, email, voiso_id in Agent.objects.filter(connection__in=concerned, missing_since=None)
        .order_by()
        .values_list("pk", "connection_id", "email", "voiso_id")
    }
    campaigns = {key for key, of in asked if of == ASSIGNED}
    assigned = list(
        Assignment.objects.filter(campaign__in=campaigns).order_by().values_list("campaign_id", "agent_id", "team_id")
    )
    by_id = {int(of.removeprefix(TEAM)) for _, of in asked if of.startswith(TEAM)}
    teams = by_id | {team for _, _, team in assigned if team is not None}
    members: dict[int, set[int]] = defaultdict(set)
    if teams:
        # A team of another contact centre has no members here.
        rows = Agent.objects.filter(connection__in=concerned, missing_since=None, teams__in=teams).order_by()
        for team, agent in rows.values_list("teams", "pk"):
            members[team].add(agent)
    found: dict[tuple[int, str], set[int]] = defaultdict(set)
    for campaign, agent, team in assigned:
        found[campaign, ASSIGNED] |= {agent} if agent is not None else members[team]
    for key, of in asked:
        if of.startswith(TEAM):
            found[key, of] = members[int(of.removeprefix(TEAM))]
    return {key: {agents[pk] for pk in pks if agents.get(pk)} for key, pks in found.items()}


def _counts(
    connection: Connection, groups: Mapping[str, str], whose: Iterable[str], at: datetime
) -> Mapping[Which, AgentCount]:
    presence = Presence.of(connection)
    if presence is None or presence.read_at is None:
        counts = dict.fromkeys(Which, AgentCount())
    else:
        of_them = [groups.get(who, Group.UNKNOWN) for who in whose]
        unknown = sum(group == Group.UNKNOWN for group in of_them)
        counts = {
            which: AgentCount(
                known=sum(group == wanted for group in of_them),
                unknown=unknown,
                read_at=presence.read_at,
                is_fresh=presence.is_fresh(at) and presence.is_whole,
            )
            for which, wanted in GROUPS.items()
        }
    if not connection.capabilities.says_who_waits:
        counts[Which.WAITING] = AgentCount(problem=NOT_REPORTED)
    return counts
