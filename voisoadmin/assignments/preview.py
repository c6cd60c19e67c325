"""What a change of people would do, name by name, before anything is sent."""

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, replace
from hashlib import sha256
from typing import Literal, TypedDict

from voisoadmin.assignments.models import Agent, Assignment, Roster, Team
from voisoadmin.assignments.typed_names import NameMatch, RosterIndex, folded, match_names, match_of
from voisoadmin.campaigns.models import Campaign
from voisoadmin.connections.models import Connection

Action = Literal["add", "remove"]
NO_MEMBERS = "Voiso lists no agents of this team."
AS_WE_KNOW = "Already assigned as far as we know; Voiso decides."


@dataclass(frozen=True, kw_only=True, slots=True)
class NameChange:
    """One name of a change, from the plan to its outcome; stored in the operation's `result`.

    `outcome`: waiting, sending, or how it ended (operations.presenting.NAME_WORDS).
    """

    name: str  # as typed
    action: Action
    kind: str = "agent"  # or team
    key: str = ""  # sent to Voiso: a user ID, an email, the name of a team
    called: str = ""  # the match, if it reads differently
    outcome: str = "waiting"
    note: str = ""
    nearest: str = ""
    via: str = ""  # the team that was named, where the API takes only its agents

    @property
    def is_open(self) -> bool:
        return self.outcome in {"waiting", "sending"}

    def ended(self, outcome: str, note: str = "") -> "NameChange":
        return replace(self, outcome=outcome, note=note or self.note)

    def as_json(self) -> dict[str, object]:
        return {name: value for name, value in asdict(self).items() if value}


def entries_from(result: dict[str, object]) -> list[NameChange]:
    named = result.get("names")
    return [NameChange(**entry) for entry in named] if isinstance(named, list) else []


class Facts(TypedDict):
    """What an operation stores of a plan."""

    request: dict[str, object]
    result: dict[str, object]


def request_and_result(entries: Sequence[NameChange], *, keeps_plan: bool = True) -> Facts:
    """`keeps_plan`: in the request too, for a bulk of which a part may never have its turn."""
    request: dict[str, object] = {
        f"{action}_{kind}s": [entry.name for entry in entries if (entry.action, entry.kind) == (action, kind)]
        for action in ("add", "remove")
        for kind in ("agent", "team")
    }
    names = [entry.as_json() for entry in entries]
    return Facts(request=request | ({"plan": names} if keeps_plan else {}), result={"names": names})


def plan(
    campaign: Campaign,
    *,
    add: Sequence[str] = (),
    remove: Sequence[str] = (),
    add_teams: Sequence[str] | None = None,
    remove_teams: Sequence[str] | None = None,
) -> list[NameChange]:
    """The planned outcome for each name. `add` and `remove` may name people and teams, unless teams are given separately."""
    only = "any" if add_teams is None and remove_teams is None else "agent"
    connection = campaign.connection
    known, unread = RosterIndex.of(connection), why_unread(connection)
    entries: list[NameChange] = []
    actions: tuple[tuple[Action, Sequence[str], Sequence[str]], ...] = (
        ("add", add, add_teams or ()),
        ("remove", remove, remove_teams or ()),
    )
    for action, names, teams in actions:
        for meant in match_names(connection, names, known):
            entries += _entries(meant, action, only, connection, unread)
        for name in teams:
            entries += _team(name, action, connection, known, unread)
    return _each_once(entries)


def plan_of(
    connection: Connection, action: Action, *, agents: Iterable[Agent], teams: Iterable[Team], names: Sequence[str]
) -> list[NameChange]:
    """The planned outcome for agents and teams that were picked, and for names that were pasted beside them."""
    unread, by_email = why_unread(connection), connection.capabilities.assigns_by_email
    meant = [match_of(agent, agent.called, by_email=by_email) for agent in agents]
    meant += [NameMatch(name=team.name, outcome="found", team=team) for team in teams]
    meant += match_names(connection, names) if names else []
    return _each_once([entry for one in meant for entry in _entries(one, action, "any", connection, unread)])


def teams_in(entries: Iterable[NameChange]) -> dict[str, list[NameChange]]:
    """The agents that are in a plan because their team was named, by team."""
    teams: dict[str, list[NameChange]] = {}
    for entry in entries:
        if entry.via:
            teams.setdefault(entry.via, []).append(entry)
    return teams


def fingerprint(entries: Iterable[NameChange]) -> str:
    """Which agents a team was replaced by, so that no one is added who wasn't shown."""
    members = sorted(f"{entry.action} {entry.via} {entry.key}" for entry in entries if entry.via)
    return sha256("\n".join(members).encode()).hexdigest()[:32] if members else "none"


def why_unread(connection: Connection) -> str:
    """Why a name missing from our roster proves nothing; empty if the roster is Voiso's list."""
    roster = Roster.objects.filter(connection=connection).first()
    if roster is not None and roster.problem:
        return f"Couldn't load the list of agents. {roster.problem}"
    if roster is None or roster.synced_at is None:
        return "The list of agents hasn't loaded yet. Try again in a moment."
    return ""


def mark_assigned(campaign: Campaign, entries: Iterable[NameChange]) -> list[NameChange]:
    """The plan, with names known to be assigned marked. For display: a fresh list, or Voiso, decides what is sent.

    If the API can't list assignments, ours may be stale: show them, but send the name anyway.
    """
    return mark_assigned_on([campaign], entries, campaign.connection)[campaign.pk]


def mark_assigned_on(
    campaigns: Iterable[Campaign], entries: Iterable[NameChange], connection: Connection
) -> dict[int, list[NameChange]]:
    """The same for several campaigns of a contact centre, by campaign."""
    there: dict[int, set[tuple[str, str]]] = {campaign.pk: set() for campaign in campaigns}
    by_email, lists = connection.capabilities.assigns_by_email, connection.capabilities.lists_agents
    for row in Assignment.objects.filter(campaign__in=there).select_related("agent", "team"):
        if row.agent is not None:
            there[row.campaign_id].add(("agent", row.agent.email if by_email else row.agent.voiso_id))
        elif row.team is not None:
            there[row.campaign_id].add(("team", row.team.name))
    entries = list(entries)
    return {pk: [_marked(entry, here, lists) for entry in entries] for pk, here in there.items()}


def _marked(entry: NameChange, there: set[tuple[str, str]], lists: bool) -> NameChange:
    is_there = (entry.kind, entry.key) in there
    if entry.outcome == "waiting" and entry.action == "add" and is_there:
        return entry.ended("already_there") if lists else replace(entry, note=AS_WE_KNOW)
    if entry.outcome == "waiting" and entry.action == "remove" and lists and not is_there:
        return entry.ended("not_in_campaign")
    return entry


def _entries(meant: NameMatch, action: Action, only: str, connection: Connection, unread: str) -> list[NameChange]:
    takes_teams = connection.capabilities.assigns_teams
    if meant.team is not None and only == "any" and not takes_teams:
        return _members(meant.name, meant.team, action, unread)
    return [_entry(meant, action, only, connection, unread)]


def _members(name: str, team: Team, action: Action, unread: str) -> list[NameChange]:
    """The agents of a team, as Voiso last listed them."""
    agents = Agent.objects.filter(teams=team, missing_since=None).exclude(voiso_id="")
    if not agents:
        return [NameChange(name=name, action=action, kind="team").ended("not_possible", unread or NO_MEMBERS)]
    return [
        NameChange(
            name=agent.called,
            action=action,
            key=agent.voiso_id,
            called=agent.name if agent.email else "",
            via=team.name,
        )
        for agent in agents
    ]


def _entry(meant: NameMatch, action: Action, only: str, connection: Connection, unread: str) -> NameChange:
    capabilities = connection.capabilities
    entry = NameChange(name=meant.name, action=action, note=meant.note, nearest=meant.nearest)
    if meant.agent is not None:
        key = meant.agent.email if capabilities.assigns_by_email else meant.agent.voiso_id
        other = meant.agent.email if meant.name.casefold() != meant.agent.email else meant.agent.name
        return replace(entry, key=key, called=other)
    if meant.team is not None and only == "any":
        return replace(entry, kind="team", key=meant.team.name)
    if meant.outcome == "unknown" and capabilities.assigns_by_email and "@" in meant.name:
        # The roster may be older than this person; if emails are sent, Voiso decides.
        return replace(entry, key=meant.name.strip().lower(), note="Not in the known list of agents; Voiso decides.")
    if meant.outcome == "unknown" and unread:
        if only == "any" and capabilities.assigns_teams:
            return replace(entry, kind="team", key=meant.name.strip(), note=f"Sent as a team name. {unread}")
        # Without a fresh list we can't say that Voiso doesn't know a name.
        return entry.ended("not_possible", unread)
    outcome = {"unknown": "not_found", "found": "not_found"}.get(meant.outcome, meant.outcome)
    if outcome == "not_found" and meant.nearest:
        return entry.ended(outcome, f"Did you mean {meant.nearest}?")
    return entry.ended(outcome)


def _team(name: str, action: Action, connection: Connection, known: RosterIndex, unread: str) -> list[NameChange]:
    entry = NameChange(name=name, action=action, kind="team", key=name.strip())
    if connection.capabilities.assigns_teams:
        return [entry]
    team = known.by_team.get(folded(name))
    if team is not None:
        return _members(name, team, action, unread)
    return [entry.ended("not_possible", unread) if unread else entry.ended("not_found")]


def _each_once(entries: list[NameChange]) -> list[NameChange]:
    """Send an agent once, even if listed twice (say, by email and by name)."""
    seen: set[tuple[str, str]] = set()
    result = []
    for entry in entries:
        key = (entry.kind, entry.key.casefold())
        if entry.outcome == "waiting" and key in seen:
            entry = entry.ended("twice", "Same as an earlier line.")
        seen.add(key)
        result.append(entry)
    return result
