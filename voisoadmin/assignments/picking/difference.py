"""What a change would do on each of several campaigns, before anything is sent. Campaigns on which it does the same are shown
together.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from hashlib import sha256

from voisoadmin.assignments.models import PeopleList
from voisoadmin.assignments.picking.picked import MOST_CAMPAIGNS, Picked
from voisoadmin.assignments.preview import Action, NameChange, fingerprint, mark_assigned_on, plan_of, teams_in
from voisoadmin.assignments.preview_page import IMPOSSIBLE, NEEDS_NOTHING, NotSentLine
from voisoadmin.assignments.typed_names import MOST_NAMES, MOST_TEXT, RosterIndex, split_names
from voisoadmin.campaigns.models import Campaign
from voisoadmin.connections.models import Connection

MOST_CHANGES = 20_000  # names on campaigns, together


class CannotPlan(Exception):
    """What is picked gives no change; the text says what to pick instead."""


@dataclass(slots=True)
class SameOn:
    """The campaigns on which a change does the same."""

    will: list[NameChange]
    need_nothing: list[NotSentLine]
    is_listed: bool  # whether who is on them was ever read, where the API lists it
    campaigns: list[Campaign] = field(default_factory=list)


@dataclass(frozen=True, kw_only=True, slots=True)
class Difference:
    action: Action
    entries: list[NameChange]  # the plan that holds for every campaign
    groups: list[SameOn]
    cannot: list[NotSentLine]
    seal: str  # of all that is shown

    @property
    def changed(self) -> list[Campaign]:
        return [campaign for group in self.groups if group.will for campaign in group.campaigns]

    @property
    def names(self) -> int:
        """How many agents and teams are changed anywhere."""
        return len({(entry.kind, entry.key) for group in self.groups for entry in group.will})

    @property
    def changes(self) -> int:
        return sum(len(group.will) * len(group.campaigns) for group in self.groups)

    @property
    def to_send(self) -> list[NameChange]:
        """What every campaign is sent: names that can't be sent stay out."""
        return [entry for entry in self.entries if entry.outcome == "waiting"]

    @property
    def teams(self) -> dict[str, int]:
        """The teams that are sent as their agents, and how many these are."""
        return {name: len(members) for name, members in teams_in(self.entries).items()}


def difference(connection: Connection, picked: Picked) -> Difference:
    """Raises CannotPlan."""
    names = split_names(picked.names, RosterIndex.of(connection)) if picked.names.strip() else []
    agents, teams = list(picked.agents_in(connection)), list(picked.teams_in(connection))
    campaigns = list(picked.campaigns_in(connection))
    if why_not := _why_not(picked, len(agents) + len(teams) + len(names), len(campaigns)):
        raise CannotPlan(why_not)
    entries = plan_of(connection, picked.do, agents=agents, teams=teams, names=names)
    if len(entries) * len(campaigns) > MOST_CHANGES:
        raise CannotPlan(
            f"{len(entries):,} names on {len(campaigns):,} campaigns are too many changes at once "
            f"(limit {MOST_CHANGES:,}). Pick fewer."
        )
    groups = _groups(connection, campaigns, entries)
    return Difference(
        action=picked.do,
        entries=entries,
        groups=groups,
        cannot=[NotSentLine.of(entry) for entry in entries if entry.outcome in IMPOSSIBLE],
        seal=_seal(picked.do, groups, entries),
    )


def _why_not(picked: Picked, names: int, campaigns: int) -> str:
    if len(picked.names) > MOST_TEXT:
        return f"The list is too long (limit {MOST_TEXT:,} characters). Paste fewer names."
    if names > MOST_NAMES:
        return f"Too many names (limit {MOST_NAMES:,}). Pick or paste fewer."
    if campaigns > MOST_CAMPAIGNS:
        return f"Too many campaigns (limit {MOST_CAMPAIGNS:,}). Pick fewer."
    if not names:
        return "Pick at least one agent or team, or paste a name."
    return "" if campaigns else "Pick at least one campaign."


def _groups(connection: Connection, campaigns: Sequence[Campaign], entries: Sequence[NameChange]) -> list[SameOn]:
    """Those with most campaigns first; those on which nothing changes last."""
    marked = mark_assigned_on(campaigns, entries, connection)
    listed = set(PeopleList.objects.filter(campaign__in=campaigns, listed_at__isnull=False).values_list("campaign", flat=True))
    lists = connection.capabilities.lists_agents
    groups: dict[tuple[object, ...], SameOn] = {}
    for campaign in campaigns:
        here, is_listed = marked[campaign.pk], not lists or campaign.pk in listed
        key = (is_listed, *(entry.outcome for entry in here))
        if key not in groups:
            groups[key] = SameOn(
                will=[entry for entry in here if entry.outcome == "waiting"],
                need_nothing=[NotSentLine.of(entry) for entry in here if entry.outcome in NEEDS_NOTHING],
                is_listed=is_listed,
            )
        groups[key].campaigns.append(campaign)
    return sorted(groups.values(), key=lambda group: (not group.will, -len(group.campaigns)))


def _seal(action: Action, groups: Iterable[SameOn], entries: Iterable[NameChange]) -> str:
    """Changes with everything that is shown, so that nothing else is done than what was confirmed."""
    lines = sorted(
        f"{campaign.pk} {action} {entry.kind} {entry.key}"
        for group in groups
        for campaign in group.campaigns
        for entry in group.will
    )
    return sha256("\n".join([fingerprint(entries), *lines]).encode()).hexdigest()[:32]
