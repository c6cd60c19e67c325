"""The last seven days of a rule as strips: its hours, when it would have acted, and what isn't known."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from voisoadmin.rules.days_off import day_off
from voisoadmin.rules.models import Firing
from voisoadmin.rules.replay import ACTED, Replay
from voisoadmin.rules.sentence import Accepted, Sentence, Then
from voisoadmin.rules.sentence_words import DONE, count_of

DAY_MINUTES = 1440
MARK = 9  # minutes wide, so that it is seen
NAMED = 3  # times in the words of a day
Outcome = Firing.Outcome
NOT_DONE = {
    Outcome.HELD: "held",
    Outcome.MISSED: "missed",
    Outcome.NOT_DECIDED: "not decided",
    Outcome.NOTHING: "nothing to do",
    Outcome.OVERTAKEN: "overtaken",
}


@dataclass(frozen=True, kw_only=True, slots=True)
class Bar:
    x: int  # minutes of the day
    width: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Day:
    name: str
    hours: Sequence[Bar]
    unknown: Sequence[Bar]
    fired: Sequence[Bar]
    words: str
    has_fired: bool


@dataclass(frozen=True, kw_only=True, slots=True)
class Week:
    days: Sequence[Day]
    count: int
    is_whole: bool
    note: str

    @property
    def headline(self) -> str:
        return f"Would have acted {'' if self.is_whole else 'at least '}{count_of(self.count, 'time')} in 7 days"

    @property
    def has_unknown(self) -> bool:
        return any(day.unknown for day in self.days)


def week_of(sentence: Sentence, found: Replay) -> Week:
    zone = sentence.timezone
    by_day: dict[date, list[Firing]] = defaultdict(list)
    for firing in found.firings:
        by_day[firing.due_at.astimezone(zone).date()].append(firing)
    last = found.end.astimezone(zone).date()
    days = [last - timedelta(days=number) for number in range(6, -1, -1)]
    return Week(
        days=[_day(sentence, found, day, by_day[day]) for day in days],
        count=sum(firing.due_at.astimezone(zone).date() >= days[0] for firing in found.acted),
        is_whole=found.is_whole,
        note=_note(found, sentence),
    )


def _note(found: Replay, sentence: Sentence) -> str:
    notes = [found.problem] if found.problem else []
    if found.left_out:
        notes.append(f"Replayed for the first {found.campaigns} campaigns; {count_of(found.left_out, 'campaign')} left out.")
    if found.shortened:
        since = max(found.shortened).astimezone(sentence.timezone)
        of = f" of {count_of(len(found.shortened), 'campaign')}" if found.campaigns > 1 else ""
        notes.append(f"Too much happened{of} to replay it all: only what came after {since:%a %H:%M} is counted.")
    if any(isinstance(one, Accepted) for one in sentence.conditions):
        notes.append("Accepted contacts are recorded by the hour: each counts at the end of its hour.")
    if sentence.needs_presence:
        notes.append("Agents are counted as they were recorded, with today's assignments.")
    return " ".join(notes)


def _day(sentence: Sentence, found: Replay, day: date, firings: Sequence[Firing]) -> Day:
    begin = datetime.combine(day, time(0), sentence.timezone)
    end = datetime.combine(day + timedelta(days=1), time(0), sentence.timezone)
    acted = [firing for firing in firings if firing.outcome in ACTED]
    unknown = [
        _bar(max(span.begin, begin), min(span.end, end), sentence)
        for span in found.unknown
        if span.begin < end and span.end > begin
    ]
    off = day_off(day, sentence.days_off) if sentence.starts else ""
    return Day(
        name=f"{day:%a} {day.day} {day:%b}",
        hours=_hours(sentence, day) if not off else [],
        unknown=unknown,
        fired=[Bar(x=min(_minute(firing.due_at, sentence), DAY_MINUTES - MARK), width=MARK) for firing in acted],
        words=_words(sentence, firings, acted, off, day) or ("not known" if unknown else "never"),
        has_fired=bool(acted),
    )


def _hours(sentence: Sentence, day: date) -> list[Bar]:
    hours = sentence.hours
    if hours is None:
        return [Bar(x=0, width=DAY_MINUTES)]
    if day.weekday() not in hours.weekdays:
        return []
    begin, end = (clock.hour * 60 + clock.minute for clock in (hours.begin, hours.end))
    return [Bar(x=begin, width=end - begin)]


def _bar(begin: datetime, end: datetime, sentence: Sentence) -> Bar:
    x = _minute(begin, sentence)
    until = _minute(end, sentence) or DAY_MINUTES
    return Bar(x=x, width=max(1, until - x))


def _minute(moment: datetime, sentence: Sentence) -> int:
    local = moment.astimezone(sentence.timezone)
    return local.hour * 60 + local.minute


def _words(sentence: Sentence, firings: Sequence[Firing], acted: Sequence[Firing], off: str, day: date) -> str:
    if acted:
        moments = list(
            dict.fromkeys((firing.change, f"{firing.due_at.astimezone(sentence.timezone):%H:%M}") for firing in acted)
        )
        shown = [f"{DONE[Then(change)]} {clock}" for change, clock in moments[:NAMED]]
        more = len(moments) - NAMED
        return ", ".join(shown) + (f", {more} more" if more > 0 else "")
    for outcome, words in NOT_DONE.items():
        if any(firing.outcome == outcome for firing in firings):
            return words
    if off:
        return off
    if sentence.starts and sentence.hours and day.weekday() not in sentence.hours.weekdays and not sentence.lines:
        return "not a chosen day"
    return ""
