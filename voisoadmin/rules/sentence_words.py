"""A rule's sentence in words, as a page and the command line show it."""

from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

from voisoadmin.campaigns.statuses import STATUSES, Status
from voisoadmin.rules.sentence import (
    ASSIGNED,
    CENTRE,
    EVERY_DAY,
    Accepted,
    Agents,
    AtMostOnce,
    AutoPaused,
    Condition,
    Hours,
    Join,
    Sentence,
    Since,
    Then,
    TimeLine,
    WaitingContacts,
    Which,
)

DAY_NAMES = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
THEN = {Then.START: "start", Then.PAUSE: "pause", Then.STOP: "stop", Then.NOTIFY: "notify me"}
DONE: dict[Then, str] = {Then.START: "started", Then.PAUSE: Status.PAUSED, Then.STOP: Status.STOPPED, Then.NOTIFY: "notified"}
OFTEN = {
    AtMostOnce.DAY: "at most once a day",
    AtMostOnce.HOUR: "at most once an hour",
    AtMostOnce.EACH_TIME: "each time it becomes true",
}

TeamName = Callable[[int], str]


class Word(NamedTuple):
    text: str
    is_strong: bool = False


def in_words(sentence: Sentence, campaigns: str, *, team: TeamName = lambda pk: "a team") -> list[Word]:
    """The sentence in pieces, of which some are shown bold. `campaigns`: whose they are, in words."""
    return list(_pieces(sentence, campaigns, team))


def as_text(sentence: Sentence, campaigns: str, *, team: TeamName = lambda pk: "a team") -> str:
    return "".join(word.text for word in in_words(sentence, campaigns, team=team))


def days_in_words(days: Sequence[int]) -> str:
    """`Mon to Fri`, `every day`, `Mon, Wed, Fri`."""
    chosen = tuple(sorted(days))
    if chosen == EVERY_DAY:
        return "every day"
    if len(chosen) > 2 and chosen == tuple(range(chosen[0], chosen[-1] + 1)):
        return f"{DAY_NAMES[chosen[0]]} to {DAY_NAMES[chosen[-1]]}"
    return ", ".join(DAY_NAMES[day] for day in chosen) or "no day"


def hours_in_words(hours: Hours) -> str:
    days = "" if hours.weekdays == EVERY_DAY else f", {days_in_words(hours.weekdays)}"
    return f"{hours.begin:%H:%M} to {hours.end:%H:%M}{days}"


def zone_in_words(zone: str) -> str:
    """`Berlin` for `Europe/Berlin`."""
    return zone.rpartition("/")[2].replace("_", " ")


def states_in_words(states: Sequence[str]) -> str:
    words = [STATUSES[status].word.lower() if status in STATUSES else status for status in states]
    return " or ".join(words) if words else "in any state"


def count_of(number: int, one: str, several: str = "") -> str:
    return f"{number:,} {one if number == 1 else several or one + 's'}"


def condition_in_words(condition: Condition, *, team: TeamName = lambda pk: "a team") -> str:
    """`at least 3 assigned agents are waiting for 2 min`."""
    return "".join(word.text for word in _condition(condition, team))


def _condition(condition: Condition, team: TeamName) -> Iterator[Word]:
    match condition:
        case Accepted():
            since = "today" if condition.since == Since.TODAY else "since the last start"
            yield Word(count_of(condition.at_least, "contact"), True)
            yield Word(f" {'was' if condition.at_least == 1 else 'were'} accepted {since}")
        case WaitingContacts():
            yield Word("fewer than ")
            yield Word(count_of(condition.fewer_than, "contact"), True)
            yield Word(" wait here")
        case AutoPaused():
            yield Word("Voiso has auto-paused it for ")
            yield Word(f"{condition.minutes:,} min", True)
        case Agents():
            number = condition.bound
            yield Word("at least " if condition.at_least is not None else "fewer than ")
            yield Word(f"{number:,} {_whose(condition, number, team)}", True)
            does = "waiting for the Dialer" if condition.which == Which.WAITING else "available"
            yield Word(f" {'is' if number == 1 else 'are'} {does}")
            if condition.minutes:
                yield Word(" for ")
                yield Word(f"{condition.minutes:,} min", True)


def _whose(condition: Agents, number: int, team: TeamName) -> str:
    agents = "agent" if number == 1 else "agents"
    if condition.of == ASSIGNED:
        return f"assigned {agents}"
    if condition.of == CENTRE:
        return f"{agents} of the contact centre"
    return f"{agents} of team {team(condition.team or 0)}"


def _pieces(sentence: Sentence, campaigns: str, team: TeamName) -> Iterator[Word]:
    lines, conditions = sentence.lines, sentence.conditions
    if lines and conditions and sentence.join == Join.ALL:
        # One trigger: the times say when the conditions are looked at.
        yield from _times(lines, sentence, campaigns, with_action=False)
        yield Word(", if ")
        yield from _joined(conditions, " and ", team)
        yield Word(", ")
        yield from _action(sentence.then, campaigns)
    else:
        yield from _times(lines, sentence, campaigns, with_action=True)
        if conditions:
            yield Word(". When " if lines else "When ")
            yield from _joined(conditions, " and " if sentence.join == Join.ALL else " or ", team)
            yield Word(", ")
            yield from _action(sentence.then, campaigns)
    if conditions and sentence.at_most_once != AtMostOnce.DAY:
        yield Word(f", {OFTEN[sentence.at_most_once]}")
    if sentence.states:
        yield Word(f", while {'it is' if conditions or lines else ''} {states_in_words(sentence.states)}")
    if sentence.starts and sentence.hours and conditions:
        yield Word(f"; starts only {hours_in_words(sentence.hours)}")
    if sentence.zone:
        yield Word(f" ({zone_in_words(sentence.zone)} time)")
    yield Word(".")


def _times(lines: Sequence[TimeLine], sentence: Sentence, campaigns: str, *, with_action: bool) -> Iterator[Word]:
    for number, line in enumerate(lines):
        same_days = number and line.weekdays == lines[number - 1].weekdays
        yield Word("; at " if number else "At ")
        yield Word(f"{line.at:%H:%M}", True)
        if not same_days:
            yield Word(f", {days_in_words(line.weekdays)}")
        if with_action:
            yield Word(", " if not same_days else " ")
            yield from _action(line.then, campaigns if not number else "it" if campaigns.count(",") == 0 else "them")


def _action(then: Then, campaigns: str) -> Iterator[Word]:
    yield Word(THEN[then], True)
    yield Word(f" {campaigns}" if then != Then.NOTIFY else f" about {campaigns}")


def _joined(conditions: Sequence[Condition], join: str, team: TeamName) -> Iterator[Word]:
    for number, condition in enumerate(conditions):
        if number:
            yield Word(join)
        yield from _condition(condition, team)
