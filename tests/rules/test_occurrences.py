"""When the times of a rule come: once each, also where the clocks change, and starts only within the hours."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from voisoadmin.rules.occurrences import is_in_hours, next_occurrence, occurrences, why_no_start
from voisoadmin.rules.sentence import EVERY_DAY, Hours
from voisoadmin.rules.sentence_check import from_json

pytestmark = pytest.mark.once


def every_day(*clocks: str, zone: str, then: str = "pause", **more):
    lines = [{"weekdays": list(EVERY_DAY), "at": at, "then": then} for at in clocks]
    return from_json({"any": [{"kind": "times", "lines": lines}], "then": then, "zone": zone, **more})


def moments(sentence, after: datetime, days: int) -> list[str]:
    found = occurrences(sentence, after=after, until=after + timedelta(days=days))
    return [f"{occurrence.moment.astimezone(sentence.timezone):%d %H:%M %Z}" for occurrence in found]


def test_a_time_that_the_clock_leaves_out_comes_once_right_after_it():
    berlin = every_day("02:30", zone="Europe/Berlin")
    assert moments(berlin, datetime(2026, 3, 27, 12, tzinfo=UTC), 3) == ["28 02:30 CET", "29 03:00 CEST", "30 02:30 CEST"]


def test_a_time_that_the_clock_shows_twice_comes_the_first_time_only():
    berlin = every_day("02:30", zone="Europe/Berlin")
    assert moments(berlin, datetime(2026, 10, 24, 12, tzinfo=UTC), 2) == ["25 02:30 CEST", "26 02:30 CET"]

    between = datetime(2026, 10, 25, 0, 45, tzinfo=UTC)  # after the first 02:30, before the second
    assert moments(berlin, between, 1) == []
    assert moments(berlin, between, 2) == ["26 02:30 CET"]


@pytest.mark.parametrize(
    "zone", ["Europe/Berlin", "America/Santiago", "Africa/Cairo", "America/Nuuk", "Australia/Lord_Howe", "Asia/Kathmandu"]
)
def test_each_time_comes_once_for_each_day_of_a_year_however_it_is_cut_into_pieces(zone):
    """Midnight that does not exist (Santiago, Cairo), an evening that does not (Nuuk), half an hour (Lord Howe)."""
    clocks = ["00:00", "00:30", "01:30", "02:00", "02:30", "23:00", "23:30"]
    sentence = every_day(*clocks, zone=zone)
    begin = at = datetime(2026, 1, 1, 12, tzinfo=UTC)

    found = []
    while at < begin + timedelta(days=364):
        found += occurrences(sentence, after=at, until=at + timedelta(days=3, hours=7))
        at += timedelta(days=3, hours=7)

    names = [occurrence.local for occurrence in found]
    assert len(set(names)) == len(names)
    inner = {date(2026, 1, 3) + timedelta(days=number) for number in range(360)}
    assert {f"{day} {clock}" for day in inner for clock in clocks} <= set(names)


def test_the_day_that_a_zone_left_out_has_no_times():
    apia = every_day("09:00", zone="Pacific/Apia")
    assert moments(apia, datetime(2011, 12, 29, 12, tzinfo=UTC), 3) == ["29 09:00 -10", "31 09:00 +14", "01 09:00 +14"]


HOURS = Hours((0, 1, 2, 3, 4), time(9), time(18))


@pytest.mark.parametrize(
    ("local", "may"),
    [
        ("2026-11-30 08:59:59", False),
        ("2026-11-30 09:00:00", True),
        ("2026-11-30 17:59:00", True),
        ("2026-11-30 17:59:01", False),
        ("2026-11-30 18:00:00", False),
        ("2026-11-29 12:00:00", False),
    ],
)
def test_hours_end_a_minute_early(local, may):
    zone = ZoneInfo("Europe/Berlin")
    assert is_in_hours(HOURS, zone, datetime.fromisoformat(local).replace(tzinfo=zone)) is may


WEEK = {"weekdays": [0, 1, 2, 3, 4], "from": "09:00", "to": "18:00"}


def test_a_day_off_holds_back_a_start_and_no_pause():
    """Christmas 2026 is a Friday, and Boxing Day is a holiday in Germany, too."""
    starts = every_day("09:00", zone="Europe/Berlin", then="start", hours=WEEK, days_off="DE")
    pauses = every_day("17:00", zone="Europe/Berlin", days_off="DE")
    morning, thursday = datetime(2026, 12, 25, 8, tzinfo=UTC), datetime(2026, 12, 24, 20, tzinfo=UTC)

    assert "Christmas" in why_no_start(starts, morning)
    assert next_occurrence(starts, after=thursday).local == "2026-12-28 09:00"
    assert next_occurrence(pauses, after=thursday).local == "2026-12-25 17:00"


def test_a_rule_without_hours_starts_nothing():
    assert "no hours" in why_no_start(every_day("09:00", zone="UTC"), datetime(2026, 11, 30, 9, tzinfo=UTC))
