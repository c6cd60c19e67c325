"""Voiso says "not now": being busy may last for ever and blocks nothing, a conflict needs a person after ten minutes."""

from datetime import timedelta

import pytest
import time_machine
from django.utils import timezone

from tests.pushes.support import buckets, numbers
from voisoadmin.campaigns.models import Campaign, Lane
from voisoadmin.campaigns.pages.board_groups import BoardGroup, of_group
from voisoadmin.pushes import services
from voisoadmin.pushes.models import Batch, Call

# What an answer means does not depend on the database that keeps it.
pytestmark = [pytest.mark.once, pytest.mark.slow]

TEN_MINUTES = timedelta(seconds=600 * 0.01 + 1)  # scaled, and a little more

BUSY = [
    "Previous request is still being processed",
    "Campaign is processing",
    "Cannot add leads while importing",
    "Another import is in progress",
    "Campaign is in import_error",
]


def lane_of(cast) -> Lane:
    return Lane.objects.get(pk=cast.campaign.lane_id)


def refuse(cast, text: str, *, status: int = 409, **options) -> None:
    cast.sandbox.fault("poison", status=status, text=text, **options)


def later():
    return time_machine.travel(timezone.now() + TEN_MINUTES, tick=True)


def release(cast) -> bool:
    return services.release_lane(cast.campaign.lane, by=None, by_label="Omar Haddad", at=timezone.now())


@pytest.mark.parametrize("text", BUSY)
@pytest.mark.parametrize("status", [409, 422])
def test_a_busy_voiso_blocks_nothing_however_long_it_lasts(any_cast, text, status):
    cast = any_cast
    refuse(cast, text, status=status)
    push = cast.push(numbers(30))
    cast.slice(0.3)
    assert lane_of(cast).sending_state in {"sending", "waiting"}

    with later():
        cast.slice(0.8)
        before = len(cast.sandbox.requests(cast.id))
        lane = lane_of(cast)
        assert lane.sending_state == "busy"
        assert lane.sending_reason.startswith("Voiso has been busy since ")
        assert text in lane.sending_reason
        assert not lane.held_reason
        assert Campaign.objects.filter(of_group(BoardGroup.ATTENTION)).exists()
        assert services.progress(push).state == "waiting"
        # From here on one request a minute.
        cast.slice(1.3)
        assert len(cast.sandbox.requests(cast.id)) - before <= 3

        cast.sandbox.heal()
        cast.drain()

    assert buckets(push) == {"added": 30}
    assert not Campaign.objects.filter(of_group(BoardGroup.ATTENTION)).exists()
    assert Batch.objects.count() == 1


def test_a_conflict_in_other_words_needs_a_person_after_ten_minutes(any_cast):
    cast = any_cast
    refuse(cast, "Campaign is locked")
    push = cast.push(numbers(30))
    cast.slice(0.4)
    assert not lane_of(cast).held_reason

    with later():
        cast.drain()

        lane = lane_of(cast)
        assert "“Campaign is locked”" in lane.held_reason
        assert lane.held_answer == "Campaign is locked"
        assert lane.sending_state == "blocked"
        assert buckets(push) == {"pending": 30}

        cast.sandbox.heal()
        assert release(cast)
        cast.drain()
    assert buckets(push) == {"added": 30}


def test_one_row_in_conflict_is_found_and_the_others_are_added(cast):
    given = numbers(8)
    refuse(cast, "Lead conflicts with another campaign", numbers=given[:1])

    push = cast.push(given)
    while not buckets(push).get("added"):
        cast.slice(0.4)
    assert lane_of(cast).conflict_since is None or lane_of(cast).conflict_since > push.last_answer_at
    cast.drain(60)

    assert buckets(push) == {"added": 7, "rejected": 1}
    assert not lane_of(cast).held_reason


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("live: must be enabled", "isn't a Live campaign"),
        ("Live setting is disabled", "isn't a Live campaign"),
        ("status: campaign is completed", "has ended"),
        ("Contacts cannot be added to a stopped campaign", "has ended"),
    ],
)
def test_a_state_named_in_the_refusal_ends_it_at_once(any_cast, text, shown):
    cast = any_cast
    refuse(cast, text)

    push = cast.push(numbers(30))
    cast.drain()

    assert len(cast.sandbox.requests(cast.id)) == 1
    lane = lane_of(cast)
    assert shown in lane.held_reason
    assert lane.held_answer == text
    assert buckets(push) == {"pending": 30}


@pytest.mark.parametrize("status", ["completed", "stopped", "import_error"])
def test_a_state_only_in_the_list_ends_nothing(cast, status):
    Campaign.objects.update(status=status)
    refuse(cast, "Something else", times=2)

    push = cast.push(numbers(30))
    cast.drain()

    assert buckets(push) == {"added": 30}


@pytest.mark.parametrize("status", [400, 409, 422])
def test_while_voiso_lists_the_campaign_as_processing_unknown_words_mean_busy(cast, status):
    Campaign.objects.update(status="processing")
    refuse(cast, "Importer mutex held", status=status)
    push = cast.push(numbers(30))
    cast.slice(0.3)

    with later():
        cast.slice(0.9)
        assert lane_of(cast).sending_state == "busy"
        assert set(Call.objects.values_list("outcome", flat=True)) == {"busy"}
        assert Batch.objects.count() == 1

        cast.sandbox.heal()
        cast.drain()
    assert buckets(push) == {"added": 30}


def test_being_busy_is_counted_again_after_a_pause_by_a_person(cast):
    refuse(cast, BUSY[0])
    push = cast.push(numbers(30))
    cast.slice(0.2)
    services.pause_push(push, at=timezone.now())

    with later():
        services.resume_push(push, at=timezone.now())
        cast.slice(0.4)

        assert lane_of(cast).sending_state in {"sending", "waiting"}
