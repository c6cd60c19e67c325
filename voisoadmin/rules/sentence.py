"""A rule as a sentence: when, while, then, how often, in which hours. To JSON and back, checked.

Nothing here reads the database: whether a team or a campaign exists is for the form to ask.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import time
from enum import StrEnum
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

import holidays

from voisoadmin.campaigns.statuses import AT_REST, impossible_in
from voisoadmin.lib.zones import is_time_zone
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

    def problems(self) -> list[Problem]:
        return list(_problems(self))


def from_json(data: object) -> Sentence:
    """Raises NotASentence, with everything that is wrong if the text can be understood at all."""
    sentence = understood(data)
    if problems := sentence.problems():
        raise NotASentence(problems)
    return sentence


def understood(data: object) -> Sentence:
    """A sentence that may have problems, as a half filled form is. Raises NotASentence if the shape itself is wrong."""
    try:
        return _understood(data)
    except (ValueError, TypeError, KeyError, AttributeError, OverflowError):
        raise NotASentence([Problem("lines", "This isn't a rule's sentence.")]) from None


def _understood(data: object) -> Sentence:
    if not isinstance(data, Mapping):
        raise ValueError
    join = Join.ALL if Join.ALL.value in data else Join.ANY
    hours = data.get("hours")
    sentence = Sentence(
        join=join,
        parts=tuple(_part(part) for part in data[join.value]),
        states=tuple(str(status) for status in data.get("while") or ()),
        then=Then(data["then"]),
        at_most_once=AtMostOnce(data.get("at_most_once", AtMostOnce.DAY)),
        window=_whole(data.get("window", 10)),
        hours=Hours(_days(hours["weekdays"]), _clock(hours["from"]), _clock(hours["to"])) if hours else None,
        zone=str(data.get("zone") or ""),
        days_off=str(data.get("days_off") or ""),
    )
    return sentence


def _part(data: Mapping[str, Any]) -> Times | Condition:
    match data["kind"]:
        case "times":
            return Times(
                tuple(TimeLine(_days(line["weekdays"]), _clock(line["at"]), Then(line["then"])) for line in data["lines"])
            )
        case "accepted":
            return Accepted(Since(data["since"]), _whole(data["at_least"]))
        case "waiting_contacts":
            return WaitingContacts(_whole(data["fewer_than"]))
        case "auto_pause":
            return AutoPaused(_whole(data["minutes"]))
        case "agents":
            bounds = {name: _whole(data[name]) for name in ("at_least", "fewer_than") if data.get(name) is not None}
            if len(bounds) != 1:
                raise ValueError
            return Agents(Which(data["which"]), _whose(data["of"]), _whole(data["minutes"]), **bounds)
    raise ValueError


def _whose(of: str) -> str:
    if of in (ASSIGNED, CENTRE) or (
        of.startswith(TEAM) and of.removeprefix(TEAM).isascii() and of.removeprefix(TEAM).isdigit()
    ):
        return of
    raise ValueError


def _whole(value: object) -> int:
    if not isinstance(value, int) or isinstance(value, bool):
        raise ValueError
    return value


def _days(value: object) -> tuple[int, ...]:
    if not isinstance(value, list | tuple) or any(day not in EVERY_DAY for day in value):
        raise ValueError
    return tuple(sorted({int(day) for day in value}))


def _clock(text: object) -> time:
    if not isinstance(text, str) or len(text) != 5:
        raise ValueError
    return time.fromisoformat(text)


def _problems(sentence: Sentence) -> Iterator[Problem]:
    if not sentence.parts:
        yield Problem("lines", "Add a time or a condition.")
    if len(sentence.lines) + len(sentence.conditions) > MOST_LINES:
        yield Problem("lines", f"A rule has at most {MOST_LINES} lines. Make another rule for the rest.")
    place = 0
    for part in sentence.parts:
        if isinstance(part, Times):
            for line in part.lines:
                yield from _of_line(sentence, line, f"line-{place}")
                place += 1
        else:
            yield from _of_condition(part, f"line-{place}")
            place += 1
    yield from _of_states(sentence)
    if not 1 <= sentence.window <= MOST_WINDOW:
        yield Problem("window", f"Enter 1 to {MOST_WINDOW} minutes.")
    yield from _of_zone(sentence)
    if sentence.starts:
        yield from _of_hours(sentence.hours)
    if sentence.days_off and sentence.days_off not in holidays.list_supported_countries(include_aliases=False):
        yield Problem("days_off", "The public holidays of this country aren't known. Choose another, or none.")


def _of_line(sentence: Sentence, line: TimeLine, place: str) -> Iterator[Problem]:
    if not line.weekdays:
        yield Problem(place, "Choose at least one day.")
    if sentence.join == Join.ALL and sentence.conditions and line.then != sentence.then:
        yield Problem(
            place, f"With “and”, this time can only {sentence.then.value}, as the whole rule does. Use “or”, or two rules."
        )
    hours = sentence.hours
    if line.then == Then.START and hours and hours.weekdays and hours.begin < hours.end:
        if not hours.begin <= line.at < hours.end:
            yield Problem(
                place, f"{line.at:%H:%M} is outside the hours {hours.begin:%H:%M} to {hours.end:%H:%M}: it would never start."
            )
        elif not set(line.weekdays) & set(hours.weekdays):
            yield Problem(place, "Its days aren't among the days of the hours: it would never start.")


def _of_condition(condition: Condition, place: str) -> Iterator[Problem]:
    match condition:
        case Accepted(at_least=number) | WaitingContacts(fewer_than=number):
            if not 1 <= number <= MOST_CONTACTS:
                yield Problem(place, f"Enter 1 to {MOST_CONTACTS:,} contacts.")
        case AutoPaused(minutes=minutes):
            if not 1 <= minutes <= MOST_MINUTES:
                yield Problem(place, f"Enter 1 to {MOST_MINUTES} minutes.")
        case Agents():
            if not 1 <= condition.bound <= MOST_AGENTS:
                yield Problem(place, f"Enter 1 to {MOST_AGENTS:,} agents.")
            if not 0 <= condition.minutes <= MOST_MINUTES:
                yield Problem(place, f"Enter 0 to {MOST_MINUTES} minutes.")


def _of_states(sentence: Sentence) -> Iterator[Problem]:
    if any(status not in AT_REST for status in sentence.states):
        yield Problem("states", "Choose among the states shown.")
        return
    for action in sorted(sentence.actions):
        change = action.change
        if change and sentence.states and all(impossible_in(status)[change] for status in sentence.states):
            yield Problem(
                "states", f"In the chosen states a campaign can't {change.value}. Choose others, or none for any state."
            )


def _of_zone(sentence: Sentence) -> Iterator[Problem]:
    if sentence.zone and not is_time_zone(sentence.zone):
        yield Problem("zone", "Choose a time zone from the list.")
    elif not sentence.zone and sentence.starts:
        yield Problem("zone", "Choose the time zone of the hours. A rule that starts campaigns needs one that you chose.")
    elif not sentence.zone:
        yield Problem("zone", "Choose a time zone.")


def _of_hours(hours: Hours | None) -> Iterator[Problem]:
    if hours is None or not hours.weekdays:
        yield Problem("hours", "Choose the days and hours in which this rule may start campaigns.")
    elif hours.begin >= hours.end:
        yield Problem("hours", "The hours must end later on the same day than they begin.")
