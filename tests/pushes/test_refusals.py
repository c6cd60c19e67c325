"""Refusals that say nothing about a row must not end as rejected rows, and must not continue unseen for ever."""

from datetime import timedelta

import pytest
import time_machine
from django.utils import timezone

from tests.pushes.support import buckets, numbers
from voisoadmin.pushes import services
from voisoadmin.pushes.models import Batch


@pytest.mark.parametrize("missing", [1, 3])
def test_rows_sent_again_while_voiso_is_busy_are_not_rejected(cast, missing):
    cast.sandbox.fault("partial_answer", times=1, missing=missing, created=False)
    cast.sandbox.fault("busy", shape="unknown", for_seconds=120, after=1)

    push = cast.push(numbers(20))
    cast.drain(40)

    assert buckets(push) == {"added": 20}


def test_when_voiso_is_busy_with_one_half_the_other_is_not_rejected(cast):
    push = cast.push(numbers(4))
    cast.sandbox.fault("busy", shape="unknown", times=1000)
    while not Batch.objects.filter(state="split").exists():
        cast.slice(0.3)
    cast.sandbox.heal()
    cast.sandbox.fault("busy", shape="unknown", for_seconds=45, after=1)

    cast.drain(40)

    assert buckets(push) == {"added": 4}


def test_refusals_with_changing_words_are_left_to_a_person(cast):
    given = numbers(10)
    for place in range(200):
        cast.sandbox.fault("poison", times=1, text=f"Request {place:x}-fails")

    push = cast.push(given)
    cast.drain(40)

    assert buckets(push) == {"pending": 10}
    assert len(cast.sandbox.requests(cast.id)) <= 20
    cast.campaign.lane.refresh_from_db()
    assert "fails" in cast.campaign.lane.held_reason
    assert cast.gaps()[-1] >= 0.3

    cast.sandbox.heal()
    assert services.release_lane(cast.campaign.lane, by=None, by_label="Omar Haddad", at=timezone.now())
    cast.drain()
    assert buckets(push) == {"added": 10}


def test_a_bad_row_is_found_although_the_clock_was_put_back(cast):
    given = numbers(4)
    cast.sandbox.fault("poison", numbers=given[:1])
    push = cast.push(given)
    cast.one_call()
    assert Batch.objects.get().refusals >= 1

    with time_machine.travel(timezone.now() - timedelta(hours=1), tick=True):
        cast.drain(40)

    assert buckets(push) == {"added": 3, "rejected": 1}


def test_a_row_that_voiso_calls_invalid_does_not_get_the_words_of_an_earlier_refusal(cast):
    cast.sandbox.fault("busy", shape="unknown", times=1)

    push = cast.push([*numbers(3), "12345"])
    cast.drain()

    assert buckets(push) == {"added": 3, "rejected": 1}
    assert [row.answer for row in services.iter_rows(push)] == ["", "", "", ""]
