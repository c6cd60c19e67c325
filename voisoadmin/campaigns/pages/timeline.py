"""A campaign's states over one day: as a strip drawn without a script, and as rows."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.utils import timezone

from voisoadmin.campaigns.describing import Chip, actor_of, cause_of, chip_of
from voisoadmin.campaigns.models import Campaign, CampaignState
from voisoadmin.campaigns.statuses import STATUSES, UNKNOWN

MOST_STATES = 300
MINUTES = 1440
FIRST_DAY = date(2000, 1, 1)  # before any campaign; date arithmetic overflows near date.min


@dataclass(frozen=True, kw_only=True, slots=True)
class Span:
    state: CampaignState
    chip: Chip
    by: str
    why: str
    fill: str
    x: float  # minutes of the day
    width: float
    title: str
    began_before: bool  # the day shown
    seconds: float  # its duration within this day


@dataclass(frozen=True, kw_only=True, slots=True)
class Day:
    date: date
    is_today: bool
    spans: list[Span]  # latest first
    before: str  # the previous day, for the address
    after: str

    @property
    def in_words(self) -> str:
        """For people who can't see the strip."""
        return "; ".join(span.title for span in reversed(self.spans)) or "no data for this day"


def today(campaign: Campaign, *, at: datetime) -> Day:
    return of_day(campaign, "", at=at)


def of_day(campaign: Campaign, text: str, *, at: datetime) -> Day:
    """The states of a day `2026-11-23`, or of today. Raises ValueError."""
    now = timezone.localdate(at)
    day = date.fromisoformat(text) if text else now
    if not FIRST_DAY <= day <= now:
        raise ValueError(text)
    zone = timezone.get_current_timezone()
    begins = datetime.combine(day, datetime.min.time(), zone)
    ends = datetime.combine(day + timedelta(days=1), datetime.min.time(), zone)
    states = campaign.states.filter(since__lt=ends).exclude(until__lte=begins)[:MOST_STATES]
    is_today = day == now
    spans = [_span(state, begins=begins, ends=min(ends, at)) for state in states]
    return Day(
        date=day,
        is_today=is_today,
        spans=spans,
        before=(day - timedelta(days=1)).isoformat(),
        after="" if is_today else (day + timedelta(days=1)).isoformat(),
    )


def _span(state: CampaignState, *, begins: datetime, ends: datetime) -> Span:
    start, end = max(state.since, begins), min(state.until or ends, ends)
    seconds = max(0.0, (end - start).total_seconds())
    x = (start - begins).total_seconds() / 60
    chip = chip_of(state.status)
    first = timezone.localtime(start)
    open_end = state.until is None or state.until > ends
    title = f"{chip.word} since {first:%H:%M}" if open_end else f"{chip.word}, {first:%H:%M} to {timezone.localtime(end):%H:%M}"
    return Span(
        state=state,
        chip=chip,
        by=actor_of(state),
        why=cause_of(state),
        fill=STATUSES.get(state.status, UNKNOWN).fill,
        x=round(min(x, MINUTES), 2),
        width=round(max(1.5, min(seconds / 60, MINUTES - x)), 2),
        title=title,
        began_before=state.since < begins,
        seconds=seconds,
    )
