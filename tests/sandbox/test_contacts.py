"""How the simulated Voiso takes contacts, in both generations."""

import time

import pytest

from tests.sandbox.caller import Caller


@pytest.fixture
def caller(sandbox, generation) -> Caller:
    return Caller(sandbox, generation)


def test_each_number_is_created_once_and_a_duplicate_from_then_on(sandbox, caller):
    spring = sandbox.add_campaign("Spring", numbers=["447400000001"])

    first = caller.add(spring, "447400000001", "447400000002", "+447400000003", "447400000002", "12", "044740000000")
    second = caller.add(spring, "447400000002", "447400000004")

    assert first.status_code == 201
    assert caller.named(first) == (
        ["447400000002", "+447400000003"],
        ["447400000001", "447400000002"],
        ["12", "044740000000"],
    )
    assert caller.named(second) == (["447400000004"], ["447400000002"], [])
    one, two = sandbox.requests(spring)
    assert [sandbox.creator_of(spring, f"44740000000{n}") for n in (1, 2, 3, 4, 5)] == [0, one.no, one.no, two.no, None]
    assert one.numbers[:2] == ("447400000001", "447400000002")


def test_a_thousand_contacts_take_little_processor_time(sandbox, caller):
    """20 ms; four times as much on a slow machine. The least of five, because a collection of garbage may fall into one."""
    numbers = [str(447400000000 + n) for n in range(1000)]

    def took(number: int) -> float:
        campaign = sandbox.add_campaign(f"Spring {number}")
        began = time.thread_time()
        answer = caller.add(campaign, *numbers)
        seconds = time.thread_time() - began
        assert len(caller.named(answer)[0]) == 1000
        return seconds

    assert min(map(took, range(5))) < 0.08


def test_what_voiso_refuses_as_a_whole_changes_nothing(sandbox, caller):
    live = sandbox.add_campaign("Live")
    filed = sandbox.add_campaign("From a file", live=False)
    too_many = [str(447400000000 + n) for n in range(1001)]
    wrong = {"v4": {401: {"error": "Unauthorized"}}, "legacy": {403: {"error": "Invalid api_key"}}}[caller.generation]

    answers = [
        caller.add(live, *too_many),
        caller.add(filed, "447400000001"),
        caller.add(999, "447400000001"),
        caller.add(live, "447400000001", key="not-a-key"),
    ]

    expected = {"v4": [422, 409, 404, 401], "legacy": [400, 400, 400, 403]}[caller.generation]
    assert [answer.status_code for answer in answers] == expected
    assert wrong[answers[3].status_code] == answers[3].json()
    assert sandbox.numbers_in(live) == sandbox.numbers_in(filed) == set()
