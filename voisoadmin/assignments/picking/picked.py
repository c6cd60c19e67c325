"""What is ticked on the page for picking, from page to page of its lists.

The page sends what was picked before, which boxes it showed, and which of these are ticked: so a box that is on another page
of a list, or isn't found by the search, keeps its tick.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace

from django.db.models import QuerySet
from django.http import QueryDict

from voisoadmin.assignments.models import Agent, Team
from voisoadmin.assignments.preview import Action
from voisoadmin.assignments.typed_names import MOST_NAMES, MOST_TEXT
from voisoadmin.campaigns.models import Campaign
from voisoadmin.connections.models import Connection
from voisoadmin.lib.keyset import MOST_ID
from voisoadmin.lib.numbers import whole_number

MOST_CAMPAIGNS = 500
MOST_BOXES = 3 * MOST_NAMES
AGENT, TEAM, CAMPAIGN = "a", "t", "c"  # in front of an ID


@dataclass(frozen=True, kw_only=True, slots=True)
class Picked:
    """IDs of what is ticked, as they were posted: the contact centre may not have them."""

    agents: frozenset[int] = frozenset()
    teams: frozenset[int] = frozenset()
    campaigns: frozenset[int] = frozenset()
    names: str = ""  # pasted
    do: Action = "add"

    @classmethod
    def of(cls, sent: QueryDict) -> "Picked":
        """From a form of the page, or from the address that leads to it."""
        boxes = _boxes(sent.get("picked", "").split()) - _boxes(sent.get("shown", "").split()) | _boxes(sent.getlist("tick"))
        boxes |= _boxes(f"{CAMPAIGN}{pk}" for pk in sent.get("on", "").split(","))  # of a link, which has to be short
        return cls(
            **_by_kind(boxes),
            names=sent.get("names", "")[: MOST_TEXT + 1],
            do="remove" if sent.get("do") == "remove" else "add",
        )

    @property
    def boxes(self) -> list[str]:
        by_kind = ((AGENT, self.agents), (TEAM, self.teams), (CAMPAIGN, self.campaigns))
        return [f"{kind}{pk}" for kind, ids in by_kind for pk in sorted(ids)]

    def with_agents(self, ids: Iterable[int]) -> "Picked":
        return replace(self, agents=self.agents | set(ids))

    def known_in(self, connection: Connection) -> "Picked":
        """Without what this contact centre doesn't have, or no longer has."""
        return replace(
            self,
            agents=frozenset(self.agents_in(connection).values_list("pk", flat=True)),
            teams=frozenset(self.teams_in(connection).values_list("pk", flat=True)),
            campaigns=frozenset(self.campaigns_in(connection).values_list("pk", flat=True)),
        )

    def agents_in(self, connection: Connection) -> QuerySet[Agent]:
        return Agent.objects.filter(connection=connection, pk__in=self.agents).order_by("sort_key", "pk")

    def teams_in(self, connection: Connection) -> QuerySet[Team]:
        return Team.objects.filter(connection=connection, pk__in=self.teams).order_by("sort_key", "pk")

    def campaigns_in(self, connection: Connection) -> QuerySet[Campaign]:
        found = Campaign.objects.filter(connection=connection, missing_since=None, pk__in=self.campaigns)
        return found.order_by("name", "pk")


def _boxes(texts: Iterable[str]) -> set[str]:
    return {text for text in list(texts)[:MOST_BOXES] if text[:1] in (AGENT, TEAM, CAMPAIGN)}


def _by_kind(boxes: Iterable[str]) -> dict[str, frozenset[int]]:
    found: dict[str, set[int]] = {AGENT: set(), TEAM: set(), CAMPAIGN: set()}
    for box in boxes:
        pk = whole_number(box[1:], least=1, most=MOST_ID)
        if pk is not None:
            found[box[0]].add(pk)
    return {
        "agents": frozenset(found[AGENT]),
        "teams": frozenset(found[TEAM]),
        "campaigns": frozenset(found[CAMPAIGN]),
    }
