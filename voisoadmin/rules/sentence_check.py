"""What keeps a sentence from being a rule.

Nothing here reads the database: whether a team or a campaign exists is for the form to ask.
"""

from collections.abc import Iterator

from voisoadmin.campaigns.statuses import AT_REST, impossible_in
from voisoadmin.lib.zones import is_time_zone
from voisoadmin.rules.days_off import known_countries
from voisoadmin.rules.sentence import (
    MOST_AGENTS,
    MOST_CONTACTS,
    MOST_LINES,
    MOST_MINUTES,
    MOST_WINDOW,
    Accepted,
    Agents,
    AutoPaused,
    Condition,
    Hours,
    Join,
    NotASentence,
    Problem,
    Sentence,
    Then,
    TimeLine,
    Times,
    WaitingContacts,
)
from voisoadmin.rules.sentence_json import understood


def from_json(data: object) -> Sentence:
    """Raises NotASentence, with everything that is wrong if the text can be understood at all."""
    sentence = understood(data)
    if problems := problems_of(sentence):
        raise NotASentence(problems)
    return sentence


def problems_of(sentence: Sentence) -> list[Problem]:
    return list(_problems(sentence))


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
    if sentence.days_off and sentence.days_off not in known_countries():
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
