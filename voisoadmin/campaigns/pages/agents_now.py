"""How many of a campaign's agents may take a call now, for its row on the board.

Who is assigned is stored by an app above this one, so the expression for it is registered in `AppConfig.ready`.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from voisoadmin.campaigns.models import AgentPresence, Campaign, CampaignQuerySet, Presence
from voisoadmin.campaigns.pages.additions import load
from voisoadmin.connections.models import Connection

Group = AgentPresence.Group
AgentsSource = Callable[[], Any]
"""An expression of a campaign: `agents` and `teams` that are assigned to it, and of the agents `by_group`."""

_FACTS = "facts_of_agents"
_sources: list[AgentsSource] = []


@dataclass(frozen=True, kw_only=True, slots=True)
class AgentsNow:
    ready: int
    of: int
    word: str  # waiting or available
    on_call: int
    title: str


def add_agents(source: AgentsSource) -> None:
    _sources.append(source)


def with_agents(campaigns: CampaignQuerySet, connections: Sequence[Connection], *, at: datetime) -> CampaignQuerySet:
    """Campaigns for `agents_now`, without another query; at no cost while the status of no one's agents is known."""
    load()
    is_known = are_agents_known(connections, at=at)
    return campaigns.annotate(**{_FACTS: _sources[0]()}) if is_known and _sources else campaigns


def are_agents_known(connections: Sequence[Connection], *, at: datetime) -> bool:
    return any((presence := Presence.of(connection)) and presence.is_fresh(at) for connection in connections)


def agents_now(campaign: Campaign, at: datetime) -> AgentsNow | None:
    """None: not all of it is known. The agents of teams have no status here."""
    facts, presence = getattr(campaign, _FACTS, None), Presence.of(campaign.connection)
    if not facts or presence is None or not presence.is_fresh(at):
        return None
    assigned, by_group = facts["agents"], {row["group"]: row["count"] for row in facts["by_group"]}
    known = sum(count for group, count in by_group.items() if group != Group.UNKNOWN)
    if not assigned or facts["teams"] or known < assigned or campaign.agents_count not in {None, assigned}:
        return None
    waits = campaign.connection.capabilities.says_who_waits
    ready = Group.WAITING if waits else Group.AVAILABLE
    return AgentsNow(
        ready=by_group.get(ready, 0),
        of=assigned,
        word="waiting" if waits else "available",
        on_call=by_group.get(Group.ON_CALL, 0),
        title="Of the agents assigned from here" if campaign.agents_count is None else "Of all assigned agents",
    )
