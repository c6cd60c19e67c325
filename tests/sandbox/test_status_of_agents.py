"""The sandbox says the status of its agents as each API version does, and fails as asked."""

import random

import pytest

from tests.sandbox.caller import Caller
from voisoadmin.sandbox import Fault, Sandbox
from voisoadmin.sandbox.simulation import tick

LENA, TOM, PRIYA = "lena.fischer@example.com", "tom.okafor@example.com", "priya.nair@example.com"
DOCUMENTED = {"available", "idle", "logout", "outbound", "inbound", "dialer waiting"}
CODES = {"Lunch", "Training"}


@pytest.fixture
def caller(sandbox, generation) -> Caller:
    return Caller(sandbox, generation)


def statuses(caller: Caller) -> dict[str, object]:
    path = "/api/v4/users" if caller.generation == "v4" else f"/api/v1/{caller.key}/agents_status"
    data = caller.get(path).json()
    return {item["email"]: item["status"] for item in (data["users"] if caller.generation == "v4" else data)}


def test_legacy_says_who_waits_for_the_dialer_and_v4_only_a_general_status(sandbox, caller):
    sandbox.set_status(LENA, "dialer waiting")
    sandbox.set_status(TOM, "logout")
    sandbox.set_status(PRIYA, "Lunch")

    legacy = {LENA: "dialer waiting", TOM: "logout", PRIYA: "Lunch"}
    assert statuses(caller) == (
        legacy if caller.generation == "legacy" else {LENA: "available", TOM: "offline", PRIYA: "Lunch"}
    )


def test_agents_come_and_go_in_documented_words_and_codes_of_their_own(sandbox):
    sandbox.add_campaign("Spring", numbers=[str(447400000000 + n) for n in range(5000)])
    caller, chance, seen = Caller(sandbox, "legacy"), random.Random(7), set()

    for second in range(2000):
        tick(sandbox, chance, at=float(second))
        seen |= set(statuses(caller).values())

    assert seen == DOCUMENTED | CODES


def test_a_status_outlives_a_restart(sandbox, tmp_path):
    sandbox.set_status(LENA, "Lunch")
    sandbox.save(tmp_path / "state.json")

    again = Sandbox.load(tmp_path / "state.json")

    assert again.centre.user_by_email(LENA).presence() == "Lunch"


def test_requests_for_the_status_of_agents_are_counted(sandbox, caller):
    caller.campaigns()
    statuses(caller)
    statuses(caller)

    assert len(sandbox.presence_requests()) == 2
    assert caller.key not in sandbox.presence_requests()[0].path


@pytest.mark.parametrize(
    ("fault", "options", "status"),
    [
        (Fault.SERVER_ERROR, {}, 500),
        (Fault.RATE_LIMITED, {"retry_after": 9}, 429),
        (Fault.REDIRECT, {"location": "https://evil.example/"}, 302),
        (Fault.ODD_JSON, {"body": '{"error": "Invalid key"}', "status": 403, "acted": False}, 403),
    ],
)
def test_they_fail_on_their_own(sandbox, caller, fault, options, status):
    sandbox.fault(fault, times=2, on="presence", **options)

    assert caller.campaigns().status_code == 200
    path = "/api/v4/users" if caller.generation == "v4" else f"/api/v1/{caller.key}/agents_status"
    assert caller.get(path).status_code == status
