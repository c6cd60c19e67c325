"""From pasted text to the agents and teams it means."""

import csv
import difflib
import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from voisoadmin.assignments.models import Agent, Team
from voisoadmin.connections.models import Connection

MOST_NAMES = 5000
MOST_SUGGESTIONS = 50  # unknown names to search for; each costs a pass over the roster
MOST_COMPARED = 50_000  # names in these passes, which take about a second
LIKE_ENOUGH = 0.75
LONGEST_NAME = 320  # characters; longer than any email address or name in a roster
LONGEST_LINE = 100_000  # characters; longer lines aren't names in quotes, and the CSV reader takes little more

_LINES = re.compile(r"[\n\r\t;|\u2028\u2029\x0b\x0c]+")
_ADDRESS_IN_BRACKETS = re.compile(r"<\s*([^<>\s@]+@[^<>\s@]+)\s*>")
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


def split_names(text: str, known: RosterIndex | None = None) -> list[str]:
    """The names in a pasted text, each once: one per line, or separated by tabs, semicolons or commas, as in a
    spreadsheet.

    A comma may be part of a name ("Fischer, Lena"), so a piece that the roster knows as a whole stays whole.
    """
    text = _ODD.sub(lambda found: "" if unicodedata.category(found[0]) in _INVISIBLE else found[0], text)
    names: dict[str, str] = {}
    for line in _LINES.split(text):
        for piece, whole in _pieces(line):
            for name in map(_cut, [piece] if whole else _names_of(piece, known)):
                names.setdefault(folded(name), name)
    return list(names.values())


def _pieces(line: str) -> Iterator[tuple[str, bool]]:
    """A line, or its quoted parts; whether a piece is one whole name, whatever it contains."""
    line = line.strip()
    if not line.startswith('"') or len(line) > LONGEST_LINE:
        yield _clean(line), False
        return
    for cell in next(csv.reader([line], skipinitialspace=True)):
        piece = _clean(cell)
        yield piece, "," in piece and "@" not in piece


def _names_of(piece: str, known: RosterIndex | None) -> Iterable[str]:
    if not piece:
        return []
    if addresses := _ADDRESS_IN_BRACKETS.findall(piece):
        return addresses
    if "," in piece:
        if known is not None and len(piece) <= LONGEST_NAME:
            if known.has(piece):
                return [piece]
            last, _, first = piece.partition(",")
            if known.has(f"{first} {last}"):
                return [f"{_clean(first)} {_clean(last)}"]
        return [name for part in piece.split(",") for name in _names_of(_clean(part), known)]
    words = piece.split()
    if len(words) > 1 and all("@" in word for word in words):
        return words
    return [piece]


def _cut(name: str) -> str:
    """A long text isn't a name and must not be compared with all of them; the mark at its end keeps it from matching one."""
    return name if len(name) <= LONGEST_NAME else f"{name[: LONGEST_NAME - 1]}…"


def _clean(piece: str) -> str:
    return piece.strip().strip("\"'").removeprefix("mailto:").strip()


def match_names(connection: Connection, names: Sequence[str], known: RosterIndex | None = None) -> list[NameMatch]:
    """Match each name: by email, by exact name of a person, by name of a team."""
    known = known or RosterIndex.of(connection)
    capabilities = connection.capabilities
    found, looked_for = [], 0
    suggestions = min(MOST_SUGGESTIONS, MOST_COMPARED // max(len(known.spelling), 1))
    for name in names:
        meant = _find(name, known, by_email=capabilities.assigns_by_email)
        if meant.outcome == "unknown" and looked_for < suggestions:
            looked_for += 1
            meant = NameMatch(name=name, outcome="unknown", note=meant.note, nearest=_nearest(name, known))
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
    agent = agents[0]
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


def _nearest(name: str, known: RosterIndex) -> str:
    near = difflib.get_close_matches(folded(name), known.spelling, n=1, cutoff=LIKE_ENOUGH)
    return known.spelling[near[0]] if near else ""
