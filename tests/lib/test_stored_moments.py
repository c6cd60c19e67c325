"""A stored moment further ahead than the longest it was ever set for is void: the wall clock was set back since."""

from datetime import timedelta

import pytest
from django.utils import timezone

from voisoadmin.connections.families import why_not
from voisoadmin.connections.models import Connection, Family, FamilyState
from voisoadmin.lib.clock import begun, is_due, scaled, seconds_until

MINUTE, DAY = timedelta(minutes=1), timedelta(days=1)


@pytest.mark.parametrize(("ahead", "seconds"), [(-1, 0), (0, 0), (30, 30), (60, 60), (61, 0), (86_400, 0)])
def test_the_seconds_until_a_moment(ahead, seconds):
    at = timezone.now()

    assert seconds_until(at + timedelta(seconds=ahead), at, longest=60) == seconds
    assert seconds_until(None, at, longest=60) == 0


def test_what_begins_in_the_future_begins_now():
    at = timezone.now()

    assert [begun(since, at) for since in (None, at - MINUTE, at + MINUTE)] == [at, at - MINUTE, at]


@pytest.mark.parametrize(("after", "due"), [(None, True), (-MINUTE, True), (MINUTE, False), (DAY, True)])
def test_rows_are_due_without_a_moment_after_it_and_if_it_is_void(connection, after, due):
    at = timezone.now()
    Connection.objects.update(reads_after=None if after is None else at + after)

    assert Connection.objects.filter(is_due("reads_after", at, farthest=2 * MINUTE)).exists() == due


def test_reads_and_rests_end_when_the_clock_is_set_back_by_days(connection):
    at = timezone.now()
    ahead = at + timedelta(seconds=scaled(60))
    Connection.objects.update(reads_after=ahead)
    FamilyState.objects.create(connection=connection, family=Family.OPERATION, problem="No right.", rests_until=ahead)
    assert why_not(connection, Family.LIST, at)
    assert why_not(connection, Family.OPERATION, at)
    assert not Connection.objects.listable(at).exists()

    earlier = at - 2 * DAY

    assert why_not(connection, Family.LIST, earlier) == ""
    assert why_not(connection, Family.OPERATION, earlier) == ""
    assert Connection.objects.listable(earlier).exists()
