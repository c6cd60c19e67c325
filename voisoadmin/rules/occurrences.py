"""When the times of a rule come, and whether something may be started then. Pure: no clock is read and nothing is stored.

An occurrence is named by its local date and time: it comes once, also where a change of the clocks leaves its time out or
repeats it.
"""

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from typing import NamedTuple
from zoneinfo import ZoneInfo

from cronsim import CronSim

from voisoadmin.rules.days_off import day_off
from voisoadmin.rules.sentence import Hours, Sentence, TimeLine
from voisoadmin.rules.sentence_words import DAY_NAMES

ENDS_EARLY = timedelta(seconds=60)  # a request that leaves at the last moment is answered after it
LONGEST_SEARCH = timedelta(days=8)  # each weekday comes within these
NEXT_START_WITHIN = timedelta(days=32)  # days off follow one another, but not for a month


class Occurrence(NamedTuple):
    moment: datetime
    line: TimeLine
    date: date

    @property
    def local(self) -> str:
        """Its name: `2026-03-29 02:30`, whether or not the clock shows that time on that day."""
        return f"{self.date} {self.line.at:%H:%M}"


def occurrences(sentence: Sentence, *, after: datetime, until: datetime) -> list[Occurrence]:
    """Those with `after` < moment <= `until`, the earliest first; days off are among them."""
    zone = sentence.timezone
    # A time that a day leaves out comes early on the next day.
    first, last = after.astimezone(zone).date() - timedelta(days=1), until.astimezone(zone).date()
    days = [first + timedelta(days=number) for number in range((last - first).days + 1)]
    found = [
        Occurrence(moment, line, day)
        for line in sentence.lines
        for day in days
        if day.weekday() in line.weekdays and (moment := moment_of(day, line.at, zone)) is not None and after < moment <= until
    ]
    return sorted(found, key=lambda occurrence: occurrence.moment)


@lru_cache(maxsize=4096)
def moment_of(day: date, at: time, zone: ZoneInfo) -> datetime | None:
    """When a clock in this zone shows this time: the first time if twice; if never, the next minute that it shows.

    None for the few days that a zone has left out as a whole.
    """
    noon = datetime.combine(day, time(12), zone)
    if noon.astimezone(UTC).astimezone(zone).date() != day:
        return None
    return next(CronSim(f"{at.minute} {at.hour} {day.day} {day.month} *", noon - timedelta(days=1))).astimezone(zone)


def next_occurrence(sentence: Sentence, *, after: datetime) -> Occurrence | None:
    """The next time of any line at which it may act: of a start, the next one that no day off holds back."""
    return next(_to_come(sentence, after), None)


def _to_come(sentence: Sentence, after: datetime) -> Iterator[Occurrence]:
    begin, end = after, after + NEXT_START_WITHIN
    while begin < end and sentence.lines:
        until = begin + LONGEST_SEARCH
        for occurrence in occurrences(sentence, after=begin, until=until):
            if occurrence.line.then != "start" or not why_no_start(sentence, occurrence.moment):
                yield occurrence
        begin = until


def why_no_start(sentence: Sentence, at: datetime) -> str:
    """Empty, or why nothing may be started at this moment: it is outside the hours, or it's a day off."""
    if sentence.hours is None or not sentence.zone:
        return "This rule has no hours in which it may start campaigns"
    local = at.astimezone(sentence.timezone)
    if name := day_off(local.date(), sentence.days_off):
        return f"{local:%A} is a day off: {name}"
    if not is_in_hours(sentence.hours, sentence.timezone, at):
        return f"{local:%H:%M} on {DAY_NAMES[local.weekday()]} is outside its hours"
    return ""


def is_in_hours(hours: Hours, zone: ZoneInfo, at: datetime) -> bool:
    """Whether this moment and the minute after it are within the hours, by the clock on the wall there."""
    return _is_between(hours, at.astimezone(zone)) and _is_between(hours, (at + ENDS_EARLY).astimezone(zone))


def _is_between(hours: Hours, local: datetime) -> bool:
    # The minute that is added may end exactly with the hours.
    return local.weekday() in hours.weekdays and hours.begin <= local.time() <= hours.end


def day_bounds(sentence: Sentence, *, begin: datetime, end: datetime) -> Iterator[datetime]:
    """Each midnight in the rule's zone, and when its hours begin and end: what holds may change then."""
    zone, hours = sentence.timezone, sentence.hours
    clocks = {time(0)} | ({hours.begin, hours.end} if hours else set())
    day = begin.astimezone(zone).date()
    while day <= end.astimezone(zone).date():
        for clock in sorted(clocks):
            moment = moment_of(day, clock, zone)
            if moment is not None and begin < moment <= end:
                yield moment
        day += timedelta(days=1)
