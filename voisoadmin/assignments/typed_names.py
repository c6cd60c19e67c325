"""From pasted text to the agents and teams it means."""

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, field

from voisoadmin.assignments.models import Agent, Team
from voisoadmin.assignments.nearest import Nearest
from voisoadmin.assignments.pasted_names import LONGEST_NAME, NoSpellings, Spellings, names_in_line
from voisoadmin.connections.models import Connection

MOST_TEXT = 500_000  # characters
MOST_NAMES = 5000
MOST_SUGGESTIONS = 200  # unknown names to search for; each costs a pass over the roster
MOST_COMPARED = 2_000_000  # names in these passes, which take about a second

_LINES = re.compile(r"[\n\r;|\u2028\u2029\x0b\x0c]")
_ODD = re.compile(r"[^ -~\n\r\t]")  # may be invisible; nearly all of a list is plain ASCII
_INVISIBLE = {"Cf", "Cc"}


@dataclass(frozen=True, kw_only=True, slots=True)
class NameMatch:
    """A name as typed, and the agent or team it matches.

    `outcome`: found, unknown, ambiguous, or not_possible.
    """

    name: str
    outcome: str
    agent: Agent | None = None
    team: Team | None = None
    note: str = ""
    nearest: str = ""  # for an unknown name, the most similar one in the roster

    @property
    def key(self) -> tuple[str, int | str]:
        """The same for two spellings of one person."""
        if self.agent is not None:
            return "agent", self.agent.pk
        if self.team is not None:
            return "team", self.team.pk
        return "name", folded(self.name)


@dataclass(slots=True)
class RosterIndex:
    """The roster of a connection, by everything that can be typed."""

    by_email: dict[str, list[Agent]] = field(default_factory=dict)
    by_name: dict[str, list[Agent]] = field(default_factory=dict)
    by_team: dict[str, Team] = field(default_factory=dict)
    spelling: dict[str, str] = field(default_factory=dict)  # folded -> original spelling

    @classmethod
    def of(cls, connection: Connection) -> "RosterIndex":
        known = cls()
        for agent in Agent.objects.filter(connection=connection, missing_since=None):
            if agent.email:
                known.by_email.setdefault(folded(agent.email), []).append(agent)
                known.spelling[folded(agent.email)] = agent.email
            if agent.name:
                known.by_name.setdefault(folded(agent.name), []).append(agent)
                known.spelling[folded(agent.name)] = agent.name
        for team in Team.objects.filter(connection=connection):
            known.by_team[folded(team.name)] = team
            known.spelling[folded(team.name)] = team.name
        return known

    def has(self, text: str) -> bool:
        return folded(text) in self.spelling


def folded(text: str) -> str:
    """A name for comparison: composed, case-folded, with single blanks."""
    return " ".join(unicodedata.normalize("NFKC", text).casefold().split())


def split_names(text: str, known: Spellings | None = None) -> list[str]:
    """The names in a pasted text, each once; of a text longer than MOST_TEXT those at its begin, and at most one more than
    MOST_NAMES."""
    known = known or NoSpellings()
    text = _ODD.sub(lambda found: "" if unicodedata.category(found[0]) in _INVISIBLE else found[0], text[:MOST_TEXT])
    names: dict[str, str] = {}
    for line in _LINES.split(text):
        for name in map(_cut, names_in_line(line, known)):
            names.setdefault(folded(name), name)
            if len(names) > MOST_NAMES:
                return list(names.values())
    return list(names.values())


def _cut(name: str) -> str:
    """A long text isn't a name and must not be compared with all of them; the mark at its end keeps it from matching one."""
    return name if len(name) <= LONGEST_NAME else f"{name[: LONGEST_NAME - 1]}…"


def match_names(connection: Connection, names: Sequence[str], known: RosterIndex | None = None) -> list[NameMatch]:
    """Match each name: by email, by exact name of a person, by name of a team."""
    known = known or RosterIndex.of(connection)
    capabilities = connection.capabilities
    found, looked_for = [], 0
    suggestions = min(MOST_SUGGESTIONS, MOST_COMPARED // max(len(known.spelling), 1))
    nearest: Nearest | None = None
    for name in names:
        meant = _find(name, known, by_email=capabilities.assigns_by_email)
        if meant.outcome == "unknown" and looked_for < suggestions:
            looked_for += 1
            nearest = nearest or Nearest(known.spelling.values())
            meant = NameMatch(name=name, outcome="unknown", note=meant.note, nearest=nearest.of(name))
        found.append(meant)
    return found


def _find(name: str, known: RosterIndex, *, by_email: bool) -> NameMatch:
    text = folded(name)
    agents = known.by_email.get(text) or known.by_name.get(text) or known.by_name.get(_last_name_first(text), [])
    team = known.by_team.get(text)
    if len(agents) + (team is not None) > 1:
        candidates = [agent.email or f"number {agent.voiso_id}" for agent in agents] + (["a team"] if team else [])
        return NameMatch(name=name, outcome="ambiguous", note=f"Could be {', or '.join(candidates[:5])}. Use the email.")
    if team is not None:
        return NameMatch(name=name, outcome="found", team=team)
    if not agents:
        return NameMatch(name=name, outcome="unknown")
    return match_of(agents[0], name, by_email=by_email)


def match_of(agent: Agent, name: str, *, by_email: bool) -> NameMatch:
    """The agent, if Voiso can be sent what its API identifies agents by."""
    if by_email and not agent.email:
        return NameMatch(
            name=name, outcome="not_possible", note="This contact centre needs an email, and none is known for this agent."
        )
    if not by_email and not agent.voiso_id:
        return NameMatch(name=name, outcome="not_possible", note="This agent's ID in Voiso isn't known here yet.")
    return NameMatch(name=name, outcome="found", agent=agent)


def _last_name_first(text: str) -> str:
    """`fischer, lena` as `lena fischer`."""
    last, comma, first = text.partition(",")
    return f"{first.strip()} {last.strip()}" if comma else text
