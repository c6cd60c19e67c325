"""What Voiso answered, counted with each outcome for the sums of an hour and a day."""

from datetime import UTC, datetime, timedelta
from importlib import import_module
from zoneinfo import ZoneInfo

import pytest
from django.apps import apps
from django.db import connection
from django.db.models import Sum
from django.utils import timezone

from tests.pushes.support import Cast, buckets, numbers
from voisoadmin.campaigns.counted import COUNTED, Sums, accepted_today, between, by_hour, count, quarter_of
from voisoadmin.campaigns.models import CampaignState, CentreQuarterHour, Lane, QuarterHour
from voisoadmin.campaigns.status_writes import record_status

INVALID = "12345"
UTC_ZONE = ZoneInfo("UTC")


def pushed_with_every_outcome(cast: Cast) -> dict[str, int]:
    """Twelve rows: some were there before, one is rejected, and of two the first answer was lost."""
    given = numbers(11)
    cast.sandbox.add_leads(cast.id, given[:3])
    cast.sandbox.fault("partial_answer", times=1, missing=2, created=True)
    push = cast.push([*given, INVALID])
    cast.drain()
    found = buckets(push)
    assert found == {"added": 6, "duplicate": 3, "unattributed": 2, "rejected": 1}
    return found


def counted(lane: Lane) -> dict[str, int]:
    return QuarterHour.objects.filter(lane=lane).aggregate(**{name: Sum(name) for name in COUNTED})


def of_centre(lane: Lane) -> dict[str, int]:
    return CentreQuarterHour.objects.filter(address=lane.address).aggregate(**{name: Sum(name) for name in COUNTED})


def test_counters_equal_the_outcomes_of_a_push(any_cast):
    began = timezone.now()
    found = pushed_with_every_outcome(any_cast)

    lane = Lane.objects.get()
    assert counted(lane) == found == of_centre(lane)
    assert lane.contacts_accepted == 8
    assert all(quarter_of(one.began_at) == one.began_at for one in QuarterHour.objects.all())
    day_ago = timezone.now() - timedelta(days=1)
    today = accepted_today([lane.pk], UTC_ZONE, at=timezone.now())
    if began.date() == timezone.now().date():
        assert today == {lane.pk: Sums(**found)}
    assert between([lane.pk], day_ago, timezone.now() + timedelta(minutes=15)) == Sums(**found)


def test_a_state_knows_how_many_contacts_were_accepted_before_it(cast):
    pushed_with_every_outcome(cast)

    record_status(cast.campaign, "paused", source="polled", at=timezone.now())

    lane, state = Lane.objects.get(), CampaignState.objects.get(until=None)
    assert state.accepted_before == 8
    cast.push(numbers(4))
    cast.drain()
    lane.refresh_from_db()
    assert lane.contacts_accepted - state.accepted_before == 4


@pytest.mark.parametrize("zone", ["Asia/Kathmandu", "Asia/Kolkata", "America/St_Johns"])
def test_days_and_hours_are_those_of_the_time_zone(cast, zone):
    """Of zones that are ahead or behind by three quarters or half an hour."""
    lane, there = cast.campaign.lane_id, ZoneInfo(zone)
    first = datetime(2026, 11, 23, 0, 0, tzinfo=there)
    count(lane, quarter_of((first - timedelta(minutes=1)).astimezone(UTC)), {"added": 1})
    count(lane, quarter_of(first.astimezone(UTC)), {"added": 10})
    count(lane, quarter_of((first + timedelta(minutes=59)).astimezone(UTC)), {"unattributed": 5})
    count(lane, quarter_of((first + timedelta(hours=23, minutes=59)).astimezone(UTC)), {"added": 100})
    at = first + timedelta(hours=12)

    hours = by_hour([lane], there, at=at)

    assert accepted_today([lane], there, at=at)[lane].accepted == 115
    assert [f"{hour.begins:%H:%M}" for hour in hours] == [f"{n:02}:00" for n in range(24)]
    assert [hour.sums.accepted for hour in hours] == [15, *[0] * 22, 100]
    assert accepted_today([lane], there, at=at - timedelta(days=1))[lane].accepted == 1
    assert sum(hour.sums.accepted for hour in by_hour([lane], there, at=at, days_ago=1)) == 1


def test_a_day_on_which_clocks_change_has_all_its_hours(cast):
    lane, berlin = cast.campaign.lane_id, ZoneInfo("Europe/Berlin")
    twice = datetime(2026, 10, 25, 0, 30, tzinfo=UTC)  # 02:30 in summer time, and an hour later 02:30 once more
    count(lane, twice, {"added": 1})
    count(lane, twice + timedelta(hours=1), {"added": 2})

    long_day = by_hour([lane], berlin, at=twice)
    short_day = by_hour([lane], berlin, at=datetime(2027, 3, 28, 12, tzinfo=UTC))

    assert len(long_day) == 25
    assert [hour.sums.accepted for hour in long_day[1:5]] == [0, 1, 2, 0]
    assert [f"{hour.begins:%H}" for hour in short_day] == ["00", "01", *[f"{n:02}" for n in range(3, 24)]]


def test_what_was_stored_before_is_filled_in_exactly(cast):
    """Counters that were kept with the outcomes, and those the upgrade makes of stored batches, are the same."""
    found = pushed_with_every_outcome(cast)
    record_status(cast.campaign, "paused", source="polled", at=timezone.now())
    kept = list(QuarterHour.objects.values_list("lane", "began_at", *COUNTED).order_by("began_at"))
    QuarterHour.objects.all().delete()
    CentreQuarterHour.objects.all().delete()
    Lane.objects.update(contacts_accepted=0)
    CampaignState.objects.update(accepted_before=None)
    upgrade = import_module("voisoadmin.pushes.migrations.0015_fill_quarter_hours")

    upgrade.fill_quarter_hours(apps, None)
    upgrade.fill_accepted(apps, None)
    with connection.cursor() as cursor:
        cursor.execute(import_module("voisoadmin.campaigns.migrations.0015_quarter_hours_of_centres").FILL)

    assert list(QuarterHour.objects.values_list("lane", "began_at", *COUNTED).order_by("began_at")) == kept
    lane = Lane.objects.get()
    assert of_centre(lane) == found
    assert lane.contacts_accepted == found["added"] + found["unattributed"]
    latest = cast.campaign.states.get(until=None)
    assert latest.accepted_before == 8
    assert set(cast.campaign.states.exclude(pk=latest.pk).values_list("accepted_before", flat=True)) <= {None}
