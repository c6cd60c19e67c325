"""A rule as a sentence: when, while, then, how often, in which hours."""

from dataclasses import dataclass
from datetime import time
from enum import StrEnum
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from voisoadmin.voiso import Change

Json = dict[str, Any]

MOST_LINES = 20  # times or conditions of one rule
MOST_CONTACTS = 10_000_000
MOST_AGENTS = 10_000
MOST_MINUTES = 24 * 60
MOST_WINDOW = 12 * 60
EVERY_DAY = (0, 1, 2, 3, 4, 5, 6)
WORKDAYS = (0, 1, 2, 3, 4)


class Then(StrEnum):
    START = Change.START.value
    PAUSE = Change.PAUSE.value
    STOP = Change.STOP.value
    NOTIFY = "notify"

    @property
    def change(self) -> Change | None:
        return None if self == Then.NOTIFY else Change(self.value)


class AtMostOnce(StrEnum):
    DAY = "day"
    HOUR = "hour"
    EACH_TIME = "each_time"


class Join(StrEnum):
    ANY = "any"
    ALL = "all"


class Since(StrEnum):
    TODAY = "today"
    START = "start"


class Which(StrEnum):
    AVAILABLE = "available"
    WAITING = "waiting"


ASSIGNED, CENTRE, TEAM = "assigned", "centre", "team:"


class Problem(NamedTuple):
    """What keeps a sentence from being a rule. `place` is the part of the form it belongs to: `lines`, `line-2`, `hours` ..."""

    place: str
    text: str


class NotASentence(ValueError):
    def __init__(self, problems: list[Problem]) -> None:
        super().__init__(" ".join(problem.text for problem in problems))
        self.problems = problems


@dataclass(frozen=True, slots=True)
class TimeLine:
    weekdays: tuple[int, ...]  # Monday is 0
    at: time
    then: Then

    def as_json(self) -> Json:
        return {"weekdays": list(self.weekdays), "at": f"{self.at:%H:%M}", "then": self.then.value}


@dataclass(frozen=True, slots=True)
class Times:
    lines: tuple[TimeLine, ...]

    def as_json(self) -> Json:
        return {"kind": "times", "lines": [line.as_json() for line in self.lines]}


@dataclass(frozen=True, slots=True)
class Accepted:
    """Contacts that Voiso accepted: added, and those of which it didn't say whether they are new."""

    since: Since
    at_least: int

    def as_json(self) -> Json:
        return {"kind": "accepted", "since": self.since.value, "at_least": self.at_least}


@dataclass(frozen=True, slots=True)
class WaitingContacts:
    """Contacts that wait here to be sent."""

    fewer_than: int

    def as_json(self) -> Json:
        return {"kind": "waiting_contacts", "fewer_than": self.fewer_than}


@dataclass(frozen=True, slots=True)
class Agents:
    which: Which
    of: str  # ASSIGNED, CENTRE, or TEAM and the team's ID here
    minutes: int
    at_least: int | None = None
    fewer_than: int | None = None  # exactly one of the two

    def as_json(self) -> Json:
        bound = {"at_least": self.at_least} if self.at_least is not None else {"fewer_than": self.fewer_than}
        return {"kind": "agents", "which": self.which.value, "of": self.of, **bound, "minutes": self.minutes}

    @property
    def team(self) -> int | None:
        return int(self.of.removeprefix(TEAM)) if self.of.startswith(TEAM) else None

    @property
    def bound(self) -> int:
        return self.at_least if self.at_least is not None else self.fewer_than or 0

    def holds_for(self, count: int) -> bool:
        return count >= self.bound if self.at_least is not None else count < self.bound


@dataclass(frozen=True, slots=True)
class AutoPaused:
    minutes: int

    def as_json(self) -> Json:
        return {"kind": "auto_pause", "minutes": self.minutes}


Condition = Accepted | WaitingContacts | Agents | AutoPaused


@dataclass(frozen=True, slots=True)
class Hours:
    """When something may be started. They end on the day they begin."""

    weekdays: tuple[int, ...]
    begin: time
    end: time

    def as_json(self) -> Json:
        return {"weekdays": list(self.weekdays), "from": f"{self.begin:%H:%M}", "to": f"{self.end:%H:%M}"}


PRESET = Hours(WORKDAYS, time(9), time(18))


@dataclass(frozen=True, kw_only=True, slots=True)
class Sentence:
    join: Join
    parts: tuple[Times | Condition, ...]
    states: tuple[str, ...] = ()  # in which of Voiso's statuses it acts; empty: in any in which it can
    then: Then
    at_most_once: AtMostOnce = AtMostOnce.DAY
    window: int = 10  # minutes after its time in which a start may still be made
    hours: Hours | None = None
    zone: str = ""
    days_off: str = ""  # ISO code of the country whose public holidays hold back starts

    @property
    def lines(self) -> tuple[TimeLine, ...]:
        return tuple(line for part in self.parts if isinstance(part, Times) for line in part.lines)

    @property
    def conditions(self) -> tuple[Condition, ...]:
        return tuple(part for part in self.parts if not isinstance(part, Times))

    @property
    def actions(self) -> frozenset[Then]:
        return frozenset(line.then for line in self.lines) | ({self.then} if self.conditions else frozenset())

    @property
    def starts(self) -> bool:
        return Then.START in self.actions

    @property
    def timezone(self) -> ZoneInfo:
        return ZoneInfo(self.zone or "UTC")

    @property
    def needs_presence(self) -> bool:
        return any(isinstance(condition, Agents) for condition in self.conditions)

    def as_json(self) -> Json:
        return {
            self.join.value: [part.as_json() for part in self.parts],
            "while": list(self.states),
            "then": self.then.value,
            "at_most_once": self.at_most_once.value,
            "window": self.window,
            "hours": self.hours.as_json() if self.hours else None,
            "zone": self.zone,
            "days_off": self.days_off,
        }
