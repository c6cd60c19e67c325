"""How the stand-in Voiso takes contacts, in both generations."""

import time

import httpx
import pytest

from tests.support.sandbox import ADDRESS, transport_to_sandbox
from voisoadmin.sandbox import Fault


class Caller:
    """Speaks a generation's HTTP as plainly as possible."""

    def __init__(self, sandbox, generation: str) -> None:
        self.sandbox, self.generation = sandbox, generation
        self.http = httpx.Client(base_url=ADDRESS, transport=transport_to_sandbox(ADDRESS))

    def contacts(self, method: str, campaign: int, contacts: list[dict], *, key: str = "") -> httpx.Response:
        if self.generation == "v4":
            headers = {"Authorization": f"Bearer {key or self.sandbox.V4_KEY}"}
            body = [{"phone_number": item["number"], **item.get("v4", {})} for item in contacts]
            return self.http.request(method, f"/api/v4/campaigns/{campaign}/leads", json=body, headers=headers)
        body = {"contacts": [{"phoneNumber": item["number"], **item.get("legacy", {})} for item in contacts]}
        return self.http.request(method, f"/api/v1/{key or self.sandbox.LEGACY_KEY}/campaigns/{campaign}/contacts", json=body)

    def add(self, campaign: int, *numbers: str, key: str = "") -> httpx.Response:
        return self.contacts("POST", campaign, [{"number": number} for number in numbers], key=key)

    def named(self, response: httpx.Response) -> tuple[list[str], list[str], list[str]]:
        """Created, duplicate, rejected."""
        data = response.json()
        if self.generation == "v4":
            data = data["leads_import"]
            return data["created"], data["duplicates"], data["rejected"]
        return data["contacts"], data["duplicate_numbers"], data["invalid_numbers"]


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


def test_a_thousand_contacts_are_taken_within_twenty_milliseconds(sandbox, caller):
    spring = sandbox.add_campaign("Spring")
    numbers = [str(447400000000 + n) for n in range(1000)]

    began = time.perf_counter()
    answer = caller.add(spring, *numbers)
    took = time.perf_counter() - began

    assert len(caller.named(answer)[0]) == 1000
    seen = sandbox.requests(spring)[0]
    assert seen.finished - seen.started < 0.02, took


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


def test_a_lost_answer_leaves_the_contacts_there(sandbox, caller):
    spring = sandbox.add_campaign("Spring")
    sandbox.fault(Fault.ANSWER_LOST, how="timeout")

    with pytest.raises(httpx.ReadTimeout):
        caller.add(spring, "447400000001")

    assert sandbox.numbers_in(spring) == {"447400000001"}
    assert sandbox.requests(spring)[0].status == 0
    assert caller.named(caller.add(spring, "447400000001")) == ([], ["447400000001"], [])
