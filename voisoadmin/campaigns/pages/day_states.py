"""A campaign's states over one day of its contact centre: as a strip drawn without a script, as rows, and as sums."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from voisoadmin.campaigns.counted import Hour
from voisoadmin.campaigns.describing import Chip, actor_of, cause_of, chip_of
from voisoadmin.campaigns.models import Campaign, CampaignState
from voisoadmin.campaigns.statuses import RUNNING, STATUSES, UNKNOWN

MOST_STATES = 300
WIDTH = 1000.0  # of the strip, which is stretched to its panel
FIRST_DAY = date(2000, 1, 1)  # before any campaign; date arithmetic overflows near date.min
LEAST = timedelta(minutes=15)  # of the hours shown

KINDS = {
    "s-active": ("Active", "b-added"),
    "s-auto": ("Auto-paused", "k-auto"),
    "s-paused": ("Paused", "b-dupfile"),
    "s-stopped": ("Not running", "b-pending"),
    "s-unknown": ("Other", "hollow"),
}
"""Of the states: how the strip fills them, with their word and the mark beside it."""


def kind_of(status: str) -> str:
    return STATUSES.get(status, UNKNOWN).fill


@dataclass(frozen=True, kw_only=True, slots=True)
class Span:
    """A state within the hours shown."""

    state: CampaignState
    chip: Chip
    by: str
    why: str
    kind: str
    since_words: str
    x: float
    width: float
    title: str
    began_before: bool  # the hours shown
    seconds: float


@dataclass(frozen=True, kw_only=True, slots=True)
class TimeIn:
    """How long it was in states of one kind."""

    word: str
    css: str
    seconds: float


@dataclass(frozen=True, kw_only=True, slots=True)
class Day:
    date: date
    zone: ZoneInfo
    is_today: bool
    begins: datetime  # the hours shown
    ends: datetime
    spans: list[Span]  # latest first

    @property
    def before(self) -> str:
        """The previous day, for the address."""
        return (self.date - timedelta(days=1)).isoformat()

    @property
    def after(self) -> str:
        return "" if self.is_today else (self.date + timedelta(days=1)).isoformat()

    @property
    def words(self) -> str:
        """`23 November 2026`"""
        return f"{self.date.day} {self.date:%B %Y}"

    @property
    def in_words(self) -> str:
        """For people who can't see the strip."""
        return "; ".join(span.title for span in reversed(self.spans)) or "no data for this day"

    @property
    def times(self) -> list[TimeIn]:
        return times_in((span.kind, span.seconds) for span in self.spans)

    @property
    def marks(self) -> list[str]:
        """The times below the strip: its beginning, middle and end."""
        middle = self.begins + (self.ends - self.begins) / 2
        return [f"{moment.astimezone(self.zone):%H:%M}" for moment in (self.begins, middle, self.ends)]


def day_named(text: str, zone: ZoneInfo, *, at: datetime) -> date:
    """A day `2026-11-23`, or today in the time zone. Raises ValueError."""
    today = at.astimezone(zone).date()
    day = date.fromisoformat(text) if text else today
    if not FIRST_DAY <= day <= today:
        raise ValueError(text)
    return day


def states_between(campaign: Campaign, begins: datetime, ends: datetime, *, most: int = MOST_STATES) -> list[CampaignState]:
    """The latest first."""
    return list(campaign.states.filter(since__lt=ends).exclude(until__lte=begins)[:most])


def of_day(
    campaign: Campaign,
    hours: Sequence[Hour],
    latest: Sequence[CampaignState] = (),
    latest_since: datetime | None = None,
    *,
    at: datetime,
    known_until: datetime | None = None,
) -> Day:
    """The states in the hours of that day in which it was to call: from the first in which it ran, or was sent contacts, to
    the last; today until now. `hours`: all of the day. `latest`: all states that lasted longer than until
    `latest_since`, if they were read before. `known_until`: Voiso hasn't answered since."""
    zone = campaign.connection.zone
    begins, ends = hours[0].begins, hours[-1].begins + timedelta(hours=1)
    is_today = begins <= at < ends
    until = min(ends, at) if is_today else ends
    if latest_since is not None and latest_since <= begins:
        states = [state for state in latest if state.since < until and (state.until is None or state.until > begins)]
    else:
        states = states_between(campaign, begins, until)
    first, last = _hours_of_calling(states, hours, begins, until)
    if is_today:
        last = until
    last = max(last, first + LEAST)
    shown = [state for state in states if state.since < last and (state.until is None or state.until > first)]
    return Day(
        date=begins.astimezone(zone).date(),
        zone=zone,
        is_today=is_today,
        begins=first,
        ends=last,
        spans=[_span(state, zone, begins=first, ends=last, known_until=known_until or last) for state in shown],
    )


def times_in(parts: Iterable[tuple[str, float]]) -> list[TimeIn]:
    """The seconds in each kind of state, for the kinds that occur."""
    sums = dict.fromkeys(KINDS, 0.0)
    for kind, seconds in parts:
        sums[kind] += seconds
    return [TimeIn(word=word, css=css, seconds=sums[kind]) for kind, (word, css) in KINDS.items() if sums[kind] >= 1]


def seconds_within(state: CampaignState, begins: datetime, ends: datetime, *, known_until: datetime) -> float:
    start, end = max(state.since, begins), min(state.until or known_until, ends)
    return max(0.0, (end - start).total_seconds())


def _hours_of_calling(
    states: Sequence[CampaignState], hours: Sequence[Hour], begins: datetime, until: datetime
) -> tuple[datetime, datetime]:
    """Voiso doesn't report the calling hours. If nothing happened in the whole day, it is all of them."""
    moments = [hour.begins for hour in hours if hour.sums.answered]
    moments += [moment + timedelta(hours=1) for moment in moments]
    for state in states:
        if state.status in RUNNING:
            moments += [max(state.since, begins), min(state.until or until, until)]
    moments = moments or [moment for state in states if (moment := state.since) > begins] or [begins, until]
    first, last = min(moments).astimezone(begins.tzinfo), max(moments)
    full_hour = first.replace(minute=0, second=0, microsecond=0)
    return max(full_hour, begins), min(last, until)


def _span(state: CampaignState, zone: ZoneInfo, *, begins: datetime, ends: datetime, known_until: datetime) -> Span:
    start, end = max(state.since, begins), min(state.until or ends, ends)
    length = (ends - begins).total_seconds()
    x = WIDTH * (start - begins).total_seconds() / length
    seconds = seconds_within(state, begins, ends, known_until=known_until)
    chip = chip_of(state.status)
    first = f"{start.astimezone(zone):%H:%M}"
    is_open = state.until is None or state.until > ends
    return Span(
        state=state,
        chip=chip,
        by=actor_of(state),
        why=cause_of(state),
        kind=kind_of(state.status),
        since_words=_clock(state.since.astimezone(zone), begins.astimezone(zone).date()),
        x=round(min(x, WIDTH - 1), 2),
        width=round(max(1.0, WIDTH * seconds / length), 2),
        title=f"{chip.word} since {first}" if is_open else f"{chip.word}, {first} to {end.astimezone(zone):%H:%M}",
        began_before=state.since < begins,
        seconds=seconds,
    )


def _clock(moment: datetime, day: date) -> str:
    """With the date if it isn't this day."""
    return f"{moment:%H:%M:%S}" if moment.date() == day else f"{moment.day} {moment:%b %H:%M}"
