"""What Voiso answered to the contacts of a day, from counters that are kept with each outcome: no page counts rows.

A day is one of a time zone, by default the contact centre's.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import reduce
from operator import or_
from typing import Any
from zoneinfo import ZoneInfo

from django.db import connection
from django.db.models import Case, DateTimeField, F, OuterRef, Q, QuerySet, Sum, Value, When

from voisoadmin.campaigns.models import Campaign, CampaignQuerySet, CentreQuarterHour, Lane, QuarterHour
from voisoadmin.connections.models import Connection
from voisoadmin.lib.subqueries import SumOf

QUARTER = timedelta(minutes=15)
HOUR = timedelta(hours=1)
COUNTED = ("added", "unattributed", "duplicate", "rejected")
# In the transaction of each outcome: Django's upsert can't add to what is there.
_ADDED = ", ".join(f"{name} = {{table}}.{name} + excluded.{name}" for name in COUNTED)
_COUNT_OF_LANE = f"""
    INSERT INTO campaigns_quarterhour (lane_id, began_at, {", ".join(COUNTED)}) VALUES (%s, %s, %s, %s, %s, %s)
    ON CONFLICT (lane_id, began_at) DO UPDATE SET {_ADDED.format(table="campaigns_quarterhour")}
"""
_COUNT_OF_CENTRE = f"""
    INSERT INTO campaigns_centrequarterhour (address, began_at, {", ".join(COUNTED)})
    SELECT address, %s, %s, %s, %s, %s FROM campaigns_lane WHERE id = %s
    ON CONFLICT (address, began_at) DO UPDATE SET {_ADDED.format(table="campaigns_centrequarterhour")}
"""
_ACCEPTED = "accepted_today"
Lanes = Collection[int] | QuerySet[Lane]


@dataclass(frozen=True, kw_only=True, slots=True)
class Sums:
    added: int = 0
    unattributed: int = 0
    duplicate: int = 0
    rejected: int = 0

    @property
    def accepted(self) -> int:
        """Rows that became contacts."""
        return self.added + self.unattributed

    @property
    def answered(self) -> int:
        """All rows that Voiso answered."""
        return self.accepted + self.duplicate + self.rejected

    def __add__(self, other: "Sums") -> "Sums":
        return Sums(**{name: getattr(self, name) + getattr(other, name) for name in COUNTED})


@dataclass(frozen=True, kw_only=True, slots=True)
class Hour:
    begins: datetime  # in the time zone of the day
    sums: Sums


Quarters = Mapping[datetime, Sums]
"""By their beginnings."""


def quarter_of(moment: datetime) -> datetime:
    """The beginning of its quarter of an hour."""
    return moment - timedelta(minutes=moment.minute % 15, seconds=moment.second, microseconds=moment.microsecond)


def count(lane_id: int, quarter: datetime, rows: Mapping[str, int]) -> None:
    """Add rows to a quarter of an hour, whether it has a row yet or not. `rows`: by the names in COUNTED.

    At the end of its transaction: other lanes of the contact centre wait for it.
    """
    began_at = connection.ops.adapt_datetimefield_value(quarter)
    numbers = [rows.get(name, 0) for name in COUNTED]
    with connection.cursor() as cursor:
        cursor.execute(_COUNT_OF_LANE, [lane_id, began_at, *numbers])
        cursor.execute(_COUNT_OF_CENTRE, [began_at, *numbers, lane_id])


def day_of(zone: ZoneInfo, *, at: datetime, days_ago: int = 0) -> tuple[datetime, datetime]:
    """When the day of a moment, or an earlier one, begins and ends in a time zone. Some days have 23 or 25 hours."""
    day = at.astimezone(zone).date() - timedelta(days=days_ago)
    midnight = datetime.min.time()
    return datetime.combine(day, midnight, zone), datetime.combine(day + timedelta(days=1), midnight, zone)


def accepted_today(lanes: Lanes, zone: ZoneInfo, *, at: datetime) -> dict[int, Sums]:
    """The sums of the day up to now, by lane. A lane without an answer today has no entry."""
    begins, ends = day_of(zone, at=at)
    found = QuarterHour.objects.filter(lane__in=lanes, **_span(begins, ends))
    sums = found.values("lane_id").annotate(**{f"all_{name}": Sum(name) for name in COUNTED}).order_by()
    return {row["lane_id"]: _sums(row) for row in sums}


def with_accepted_today(campaigns: CampaignQuerySet, connections: Sequence[Connection], *, at: datetime) -> CampaignQuerySet:
    """Campaigns of these connections for `accepted_of`, each with its day up to now, without another query."""
    days = [(connection.pk, *day_of(connection.zone, at=at)) for connection in connections]
    begins, ends = (
        Case(*(When(connection=day[0], then=Value(day[edge])) for day in days), output_field=DateTimeField()) for edge in (1, 2)
    )
    quarters = QuarterHour.objects.filter(
        lane=OuterRef("lane"), began_at__gte=OuterRef("day_begins"), began_at__lt=OuterRef("day_ends")
    )
    accepted = SumOf(quarters.order_by().values(total=F("added") + F("unattributed")))
    return campaigns.alias(day_begins=begins, day_ends=ends).annotate(**{_ACCEPTED: accepted})


def accepted_of(campaign: Campaign) -> int:
    return int(getattr(campaign, _ACCEPTED))


def between(lanes: Lanes, begins: datetime, ends: datetime) -> Sums:
    """The sums of all the lanes together. Both moments are rounded down to quarters of an hour."""
    found = QuarterHour.objects.filter(lane__in=lanes, began_at__gte=quarter_of(begins), began_at__lt=quarter_of(ends))
    return _sums(found.aggregate(**{f"all_{name}": Sum(name) for name in COUNTED}))


def by_hour(lanes: Lanes, zone: ZoneInfo, *, at: datetime, days_ago: int = 0, quarters: Quarters | None = None) -> list[Hour]:
    """Each hour of the day of a moment, or of an earlier one, for all the lanes together. `quarters`: those of the day, among
    others, if they were read before."""
    begins, ends = day_of(zone, at=at, days_ago=days_ago)
    return _hours(
        quarters_of(lanes, began_at__gte=begins, began_at__lt=ends) if quarters is None else quarters, zone, begins, ends
    )


def days_of_centres(zones: Mapping[ZoneInfo, Collection[str]], *, at: datetime) -> list[tuple[list[Hour], Sums]]:
    """In each time zone, for the contact centres at its addresses together: each hour of the day, and the sums of the day
    before up to the same time."""
    spans = [Q(address__in=some, **_span(*_two_days(zone, at))) for zone, some in zones.items()]
    if not spans:
        return []
    found = CentreQuarterHour.objects.filter(reduce(or_, spans))
    quarters: dict[str, dict[datetime, Sums]] = {}
    for row in found.values_list("address", "began_at", *COUNTED):
        quarters.setdefault(row[0], {})[row[1]] = Sums(**dict(zip(COUNTED, row[2:], strict=True)))
    return [_today_and_yesterday(_added(quarters.get(one, {}) for one in some), zone, at) for zone, some in zones.items()]


def _added(several: Iterable[Mapping[datetime, Sums]]) -> dict[datetime, Sums]:
    together: dict[datetime, Sums] = {}
    for quarters in several:
        for quarter, sums in quarters.items():
            together[quarter] = together.get(quarter, Sums()) + sums
    return together


def _today_and_yesterday(quarters: Mapping[datetime, Sums], zone: ZoneInfo, at: datetime) -> tuple[list[Hour], Sums]:
    begins, ends = day_of(zone, at=at)
    then = at - timedelta(days=1)
    earlier = sum((sums for quarter, sums in quarters.items() if quarter < begins and quarter < then), Sums())
    return _hours(quarters, zone, begins, ends), earlier


def _two_days(zone: ZoneInfo, at: datetime) -> tuple[datetime, datetime]:
    return day_of(zone, at=at, days_ago=1)[0], day_of(zone, at=at)[1]


def _span(begins: datetime, ends: datetime) -> dict[str, datetime]:
    return {"began_at__gte": begins, "began_at__lt": ends}


def quarters_of(lanes: Lanes, **span: datetime) -> dict[datetime, Sums]:
    """The sums of each quarter of an hour with an answer, for all the lanes together."""
    found = QuarterHour.objects.filter(lane__in=lanes, **span)
    rows = found.values("began_at").annotate(**{f"all_{name}": Sum(name) for name in COUNTED}).order_by()
    return {row["began_at"]: _sums(row) for row in rows}


def _hours(quarters: Mapping[datetime, Sums], zone: ZoneInfo, begins: datetime, ends: datetime) -> list[Hour]:
    sums: dict[datetime, Sums] = {}
    for quarter, some in quarters.items():
        hour = _hour_of(quarter, zone)
        sums[hour] = sums.get(hour, Sums()) + some
    hours, moment = [], begins.astimezone(UTC)
    while moment < ends:
        hours.append(Hour(begins=moment.astimezone(zone), sums=sums.get(moment, Sums())))
        moment = _hour_of(moment + HOUR, zone)
    return hours


def by_day(quarters: Quarters, zone: ZoneInfo) -> dict[date, Sums]:
    """The sums of each day of the zone with an answer."""
    days: dict[date, Sums] = {}
    for began_at, sums in quarters.items():
        day = began_at.astimezone(zone).date()
        days[day] = days.get(day, Sums()) + sums
    return days


def _hour_of(moment: datetime, zone: ZoneInfo) -> datetime:
    """When the zone's hour of a moment began, in UTC: of an hour that the clock shows twice, the right one."""
    local = moment.astimezone(zone)
    return (moment - timedelta(minutes=local.minute, seconds=local.second, microseconds=local.microsecond)).astimezone(UTC)


def _sums(row: Mapping[str, Any]) -> Sums:
    return Sums(**{name: row[f"all_{name}"] or 0 for name in COUNTED})
