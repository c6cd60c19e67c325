"""The last days of a campaign: how long it was in which states, and how many contacts it took."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from voisoadmin.campaigns.counted import Quarters, Sums, by_day, day_of
from voisoadmin.campaigns.models import Campaign, CampaignState
from voisoadmin.campaigns.pages.day_states import TimeIn, kind_of, seconds_within, times_in

SHOWN = 14
MOST_STATES = 2000


@dataclass(frozen=True, kw_only=True, slots=True)
class PastDay:
    date: date
    is_today: bool
    times: list[TimeIn]  # empty: nothing is known of that day
    sums: Sums

    @property
    def address(self) -> str:
        return self.date.isoformat()

    @property
    def cells(self) -> list[tuple[str, float | None]]:
        """The seconds in each kind of state; None: nothing is known of that day."""
        known = {part.word: part.seconds for part in self.times}
        return [(word, known.get(word, 0.0) if known else None) for word in ("Active", "Auto-paused", "Paused")]


def first_moment(campaign: Campaign, *, at: datetime) -> datetime:
    return day_of(campaign.connection.zone, at=at, days_ago=SHOWN - 1)[0]


def past_days(
    campaign: Campaign,
    latest: Sequence[CampaignState],
    quarters: Quarters,
    *,
    at: datetime,
    known_until: datetime | None = None,
) -> list[PastDay]:
    """Today first. `latest`: at most MOST_STATES of its states. `quarters`: all since `first_moment`. `known_until`: Voiso
    hasn't answered since."""
    zone, known, first = campaign.connection.zone, known_until or at, first_moment(campaign, at=at)
    states = [state for state in latest if state.since < at and (state.until is None or state.until > first)]
    known_from = states[-1].since if len(states) == MOST_STATES else first
    counted = by_day(quarters, zone)
    days = []
    for number in range(SHOWN):
        begins, ends = day_of(zone, at=at, days_ago=number)
        ends = min(ends, at)
        parts = ((kind_of(state.status), seconds_within(state, begins, ends, known_until=known)) for state in states)
        times = times_in(parts) if begins >= known_from else []
        days.append(PastDay(date=begins.date(), is_today=number == 0, times=times, sums=counted.get(begins.date(), Sums())))
    while len(days) > 1 and not days[-1].times and not days[-1].sums.answered:
        days.pop()  # before we knew it
    return days
