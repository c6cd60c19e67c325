"""Faults of the sandbox on demand, and the true state afterwards."""

import json
import threading
import time

import httpx
import pytest

from tests.sandbox.caller import Caller
from tests.support.sandbox import open_contact_centre
from voisoadmin.sandbox import Fault, Sandbox


@pytest.fixture
def caller(sandbox, generation) -> Caller:
    return Caller(sandbox, generation)


@pytest.fixture
def spring(sandbox) -> int:
    return sandbox.add_campaign("Spring")


@pytest.mark.parametrize(
    ("how", "error"), [("reset", httpx.ReadError), ("timeout", httpx.ReadTimeout), ("closed", httpx.RemoteProtocolError)]
)
def test_a_lost_answer_comes_after_processing(sandbox, caller, spring, how, error):
    sandbox.fault(Fault.ANSWER_LOST, how=how)

    with pytest.raises(error):
        caller.add(spring, "447400000001")

    assert sandbox.numbers_in(spring) == {"447400000001"}
    assert [(seen.status, seen.fault) for seen in sandbox.requests(spring)] == [(0, Fault.ANSWER_LOST)]
    assert caller.named(caller.add(spring, "447400000001")) == ([], ["447400000001"], [])


@pytest.mark.parametrize(("fault", "error"), [(Fault.RESET_BEFORE, httpx.ReadError), (Fault.UNREACHABLE, httpx.ConnectError)])
def test_a_connection_cut_before_processing_changes_nothing(sandbox, caller, spring, fault, error):
    sandbox.fault(fault)

    with pytest.raises(error):
        caller.add(spring, "447400000001")

    assert sandbox.numbers_in(spring) == set()
    # A request that never arrived wasn't seen.
    assert len(sandbox.requests(spring)) == (1 if fault is Fault.RESET_BEFORE else 0)


@pytest.mark.parametrize("acted", [False, True])
def test_a_gateway_that_fails_may_or_may_not_have_passed_the_request_on(sandbox, caller, spring, acted):
    sandbox.fault(Fault.HTML_502, acted=acted)

    answer = caller.add(spring, "447400000001")

    assert answer.status_code == 502
    assert answer.text.startswith("<html>")
    assert bool(sandbox.numbers_in(spring)) is acted


@pytest.mark.parametrize("retry_after", [None, "7", "Wed, 21 Oct 2026 07:28:00 GMT"])
def test_too_many_requests_with_and_without_retry_after(sandbox, caller, spring, retry_after):
    sandbox.fault(Fault.RATE_LIMITED, retry_after=retry_after, times=2)

    answers = [caller.add(spring, "447400000001") for _ in range(3)]

    assert [answer.status_code for answer in answers] == [429, 429, 201]
    assert answers[0].headers.get("Retry-After") == retry_after


@pytest.mark.parametrize(("shape", "status"), [("409", 409), ("400", 400), ("422", 422), ("429", 429), ("unknown", 400)])
def test_still_processing_comes_in_several_shapes_for_a_time(sandbox, caller, spring, shape, status):
    sandbox.fault(Fault.BUSY, shape=shape, for_seconds=50)  # half a second at this scale

    refused = [caller.add(spring, "447400000001") for _ in range(3)]
    time.sleep(0.51)
    taken = caller.add(spring, "447400000001")

    assert {answer.status_code for answer in refused} == {status}
    assert "error" in refused[0].text
    assert caller.named(taken)[0] == ["447400000001"]


def test_json_is_cut_short_after_processing(sandbox, caller, spring):
    sandbox.fault(Fault.TRUNCATED_JSON)

    answer = caller.add(spring, "447400000001")

    assert answer.status_code == 201
    with pytest.raises(json.JSONDecodeError):
        answer.json()
    assert sandbox.numbers_in(spring) == {"447400000001"}


def test_json_may_say_anything(sandbox, caller, spring):
    sandbox.fault(Fault.ODD_JSON, body="[]")
    sandbox.fault(Fault.ODD_JSON, body=lambda true: {"said": true}, status=200)
    sandbox.fault(Fault.ODD_JSON, body={"success": False}, acted=False)

    answers = [caller.add(spring, f"44740000000{n}") for n in range(3)]

    assert answers[0].json() == []
    assert "447400000001" in json.dumps(answers[1].json()["said"])
    assert answers[2].json() == {"success": False}
    assert sandbox.numbers_in(spring) == {"447400000000", "447400000001"}


def test_a_redirect_leads_elsewhere_and_processes_nothing(sandbox, caller, spring):
    sandbox.fault(Fault.REDIRECT, location="https://elsewhere.example/", status=307)

    answer = caller.add(spring, "447400000001")

    assert answer.status_code == 307
    assert answer.headers["Location"] == "https://elsewhere.example/"
    assert sandbox.numbers_in(spring) == set()


@pytest.mark.parametrize(
    ("fault", "statuses"),
    [
        (Fault.KEY_REVOKED, {"v4": 401, "legacy": 403}),
        (Fault.CAMPAIGN_GONE, {"v4": 404, "legacy": 400}),
        (Fault.NOT_LIVE, {"v4": 409, "legacy": 400}),
    ],
)
def test_a_lasting_fault_begins_after_some_requests_and_ends_when_healed(sandbox, caller, spring, fault, statuses):
    sandbox.fault(fault, after=2)

    before = [caller.add(spring, f"44740000000{n}").status_code for n in range(2)]
    during = [caller.add(spring, "447400000005").status_code for _ in range(3)]
    sandbox.heal(fault)
    afterwards = caller.add(spring, "447400000005").status_code

    assert before == [201, 201]
    assert set(during) == {statuses[caller.generation]}
    assert afterwards == 201


@pytest.mark.parametrize("created", [False, True])
def test_a_partial_answer_does_not_name_all(sandbox, caller, spring, created):
    sandbox.fault(Fault.PARTIAL_ANSWER, missing=2, created=created)

    answer = caller.add(spring, *(f"44740000000{n}" for n in range(5)))

    assert len(caller.named(answer)[0]) == 3
    assert len(sandbox.numbers_in(spring)) == (5 if created else 3)


def test_one_poisoned_contact_makes_every_call_with_it_fail(sandbox, caller, spring):
    sandbox.fault(Fault.POISON, numbers=["447400000003"], text="Contact 3 cannot be stored")

    answers = [caller.add(spring, "447400000001", "447400000003"), caller.add(spring, "447400000003")]
    clean = caller.add(spring, "447400000001")

    assert {answer.status_code for answer in answers} == {422}
    assert "Contact 3 cannot be stored" in answers[0].text
    assert clean.status_code == 201


def test_a_fault_can_be_limited_to_one_campaign_or_to_reads(sandbox, caller, spring):
    other = sandbox.add_campaign("Autumn")
    sandbox.fault(Fault.SERVER_ERROR, campaign=other, status=503)
    sandbox.fault(Fault.SERVER_ERROR, on="reads")

    statuses = [caller.add(spring, "447400000001").status_code, caller.add(other, "447400000001").status_code]

    assert statuses == [201, 503]
    assert caller.campaigns().status_code == 500
    assert caller.campaigns().status_code == 200


def test_a_second_request_at_the_same_time_is_refused_and_recorded(sandbox, caller, spring):
    sandbox.behaviour.latency = 20.0  # 200 ms at this scale
    answers: list[int] = []
    calls = [threading.Thread(target=lambda: answers.append(caller.add(spring, "447400000001").status_code)) for _ in range(2)]

    for call in calls:
        call.start()
    for call in calls:
        call.join()

    assert sorted(answers) == [201, 409]
    assert sandbox.max_in_flight(spring) == 2


def test_consecutive_requests_are_timed_and_too_early_ones_are_breaches(sandbox, caller, spring):
    pace = sandbox.behaviour.pace_seconds * sandbox.time_scale
    caller.add(spring, "447400000001")
    time.sleep(pace)
    caller.add(spring, "447400000002")
    caller.add(spring, "447400000003")

    first, second = sandbox.gaps(spring)

    assert sandbox.max_in_flight(spring) == 1
    assert first >= pace
    assert sandbox.breaches(spring) == ([second] if second < pace else [])


@pytest.mark.parametrize("status", [201, 403])
def test_a_request_within_two_seconds_of_the_last_answer_is_refused_unless_the_sandbox_allows_it(generation, status):
    address = "https://cc-fresh.voiso.com"
    fresh = open_contact_centre(address, Sandbox(time_scale=100))
    spring = fresh.add_campaign("Spring")
    caller = Caller(fresh, generation, address=address)
    if status == 403:
        fresh.fault(Fault.POISON, status=403, times=1)

    assert [caller.add(spring, f"44740000000{n}").status_code for n in range(2)] == [status, 409]
    assert len(fresh.breaches(spring)) == 1
    assert fresh.numbers_in(spring) == ({"447400000000"} if status == 201 else set())


def test_the_pace_can_be_enforced_and_an_import_can_continue_after_its_answer(sandbox, caller, spring):
    sandbox.behaviour.enforce_pace, sandbox.behaviour.pace_seconds = True, 1000.0
    statuses = [caller.add(spring, f"44740000000{n}").status_code for n in range(2)]
    sandbox.behaviour.enforce_pace, sandbox.behaviour.import_seconds = False, 1000.0
    statuses += [caller.add(spring, f"44740000001{n}").status_code for n in range(2)]

    assert statuses == [201, 409, 201, 409]
