"""Calls whose owner died are settled, whatever users and other owners did meanwhile."""

import contextlib

import pytest
from django.db import connection as database
from django.utils import timezone

from tests.pushes.deadly import Death, Fate
from tests.pushes.support import Cast, buckets, numbers
from tests.support.sandbox import connect, mirror, open_contact_centre
from voisoadmin.lib.clock import monotonic
from voisoadmin.pushes import pacing, services
from voisoadmin.pushes.engine.calls import take_lane
from voisoadmin.pushes.engine.loop import Engine
from voisoadmin.pushes.models import Call


def die(fate: str = "after") -> None:
    """The sending process dies in the middle of its next request."""
    Fate.next = fate
    with contextlib.suppress(Death):
        Engine().run(until=monotonic() + 5)
    assert Call.objects.filter(outcome="").count() == 1


def act(service, push) -> bool:
    return service(push, at=timezone.now())


@pytest.mark.parametrize("paused_before", [False, True])
def test_a_cancelled_push_whose_process_died_midway_ends(cast, settings, paused_before):
    settings.VOISO_TRANSPORT = "tests.pushes.deadly.deadly_transport"
    push = cast.push(numbers(1500))
    die()
    if paused_before:
        assert act(services.pause_push, push)
    assert act(services.cancel_push, push)

    cast.drain()

    assert buckets(push) == {"needs_review": 1000, "not_sent": 500}
    assert push.ended_at
    assert len(cast.sandbox.requests(cast.id)) == 1


def test_a_paused_push_whose_process_died_midway_shows_no_open_request(cast, settings):
    settings.VOISO_TRANSPORT = "tests.pushes.deadly.deadly_transport"
    push = cast.push(numbers(5))
    die()
    assert act(services.pause_push, push)

    cast.drain()

    assert not Call.objects.filter(outcome="").exists()
    assert act(services.resume_push, push)
    cast.drain()
    assert buckets(push) == {"unattributed": 5}


def test_a_second_owner_that_leaves_early_does_not_shorten_the_wait_for_the_first(cast, settings):
    settings.VOISO_TRANSPORT = "tests.pushes.deadly.deadly_transport"
    cast.push(numbers(5))
    die()
    lane = cast.campaign.lane

    _, second = take_lane(lane.pk, at=timezone.now())
    _, third = take_lane(lane.pk, at=timezone.now())

    assert second.safety == third.safety == pacing.after_lost_owner()
    if database.vendor == "postgresql":
        # The first owner may only have lost its session: its request may still be open for as long as one can last.
        assert third.safety >= pacing.call_deadline() + pacing.quiet()


def test_a_key_that_cannot_be_read_stops_its_lane_and_no_other(cast):
    address = "https://cc-test02.voiso.com"
    other = connect(open_contact_centre(address), address=address, name="Other")
    locked = Cast(open_contact_centre(address), mirror(cast.sandbox, other, int(cast.campaign.voiso_id)))
    stuck = locked.push(numbers(10))
    with database.cursor() as cursor:
        cursor.execute("UPDATE connections_connection SET key = %s WHERE id = %s", ["not encrypted by any key", other.pk])
    cast.sandbox.behaviour.latency = 20
    push = cast.push(numbers(3500))

    cast.drain()

    assert buckets(push) == {"added": 3500}
    assert not Call.objects.exclude(outcome="answered").exists()
    stuck.refresh_from_db()
    assert stuck.pending == 10
    locked.campaign.lane.refresh_from_db()
    assert "log" in locked.campaign.lane.held_reason
