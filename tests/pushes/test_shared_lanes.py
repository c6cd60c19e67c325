"""Two connections, a legacy and a v4 one, that list the same campaign: one lane, one ledger (docs/sending.md, "Objects")."""

import pytest
from django.utils import timezone

from tests.pushes.support import Cast, buckets, numbers
from tests.support.queue import run_jobs
from tests.support.sandbox import mirror
from voisoadmin.connections.holding import hold, release
from voisoadmin.connections.services import remove_connection
from voisoadmin.pushes.engine.loop import Engine
from voisoadmin.pushes.known_contacts import known_numbers
from voisoadmin.pushes.models import Call, Push


@pytest.fixture
def other(cast, legacy_connection) -> Cast:
    """The same campaign, as the legacy connection lists it."""
    return Cast(cast.sandbox, mirror(cast.sandbox, legacy_connection, cast.id))


def keep_back(cast: Cast) -> None:
    """Until a person has looked."""
    hold(cast.campaign.connection, kind="key", reason="Voiso doesn't accept the API key.", until=None, at=timezone.now())


def lose_an_answer(cast: Cast) -> None:
    """Send one request whose answer is lost after the slice has ended, so that the quiet time is beyond this slice."""
    cast.sandbox.fault("answer_lost", times=1)
    cast.one_call()


def test_pushes_of_both_send_one_request_at_a_time_and_know_the_same_contacts(cast, other):
    assert other.campaign.lane == cast.campaign.lane
    cast.sandbox.behaviour.latency = 3
    given = numbers(2500)
    first, second = cast.push(given), other.push([*given[:500], *numbers(1500)])

    cast.drain()

    assert buckets(first) == {"added": 2500}
    assert buckets(second) == {"duplicate": 500, "added": 1500}
    assert min(cast.gaps()) >= 0.020
    assert known_numbers(other.campaign.lane, given[:2]).keys() == set(given[:2])


def test_a_held_connection_lets_the_other_pass(cast, other):
    first, second = cast.push(numbers(10)), other.push(numbers(10))
    keep_back(cast)

    cast.drain()

    assert buckets(first) == {"pending": 10}
    assert buckets(second) == {"added": 10}


def test_an_uncertain_batch_of_the_held_connection_is_awaited_without_busy_looping(cast, other):
    first = cast.push(numbers(10))
    lose_an_answer(cast)
    assert Call.objects.get().outcome == "uncertain"
    keep_back(cast)
    second = other.push(numbers(10))

    Engine().run(until_empty_lane=cast.campaign.lane_id)
    cast.drain()

    cast.campaign.lane.refresh_from_db()
    assert cast.campaign.lane.epoch <= 3
    assert buckets(second) == {"pending": 10}

    release(cast.campaign.connection, timezone.now())
    cast.drain()
    assert buckets(first) == {"unattributed": 10}
    assert buckets(second) == {"added": 10}


@pytest.mark.parametrize("lost", [False, True])
def test_pushes_of_a_removed_connection_are_cancelled_and_the_other_continues(cast, other, ada, lost):
    first = cast.push(numbers(1500))
    if lost:
        lose_an_answer(cast)
    else:
        cast.one_call()
    second = other.push(numbers(1500))

    assert remove_connection(cast.campaign.connection, by=ada, at=timezone.now())
    run_jobs()

    cast.check()
    assert buckets(first) == ({"needs_review": 1000} if lost else {"added": 1000}) | {"not_sent": 500}
    assert buckets(second) == {"added": 1500}
    assert not Push.objects.running().exists()
