"""Statuses, operations and people of the sandbox, in both generations and in all undocumented shapes."""

import random
import time

import pytest

from tests.sandbox.caller import Caller
from tests.support.sandbox import open_contact_centre
from voisoadmin.sandbox import Sandbox
from voisoadmin.sandbox.simulation import tick


@pytest.fixture
def caller(sandbox, generation) -> Caller:
    return Caller(sandbox, generation)


# voiso-api.md 6.3: what start, pause and stop lead to; None: refused.
MATRIX = {
    "draft": ("active", None, None),
    "processing": (None, None, None),
    "import_error": (None, None, None),
    "active": (None, "paused", "stopped"),
    "auto_pausing": (None, None, None),
    "auto_paused": ("auto_paused", "paused", "stopped"),
    "pausing": (None, None, None),
    "paused": ("active", None, "stopped"),
    "stopping": (None, None, None),
    "stopped": ("active", None, None),
    "completed": (None, None, None),
}


@pytest.mark.parametrize("status", MATRIX)
def test_each_status_takes_the_operations_that_are_documented(sandbox, caller, status):
    for change, target in zip(("start", "pause", "stop"), MATRIX[status], strict=True):
        campaign = sandbox.add_campaign(f"To {change}", status=status, numbers=["447400000001"])

        accepted, words = caller.operate(campaign, change)

        time.sleep(sandbox.behaviour.transition_seconds * sandbox.time_scale)
        assert accepted is (target is not None), words
        assert sandbox.campaign(campaign).status == (target or status)


def test_pausing_takes_a_while_and_is_shown_meanwhile(sandbox, caller):
    campaign = sandbox.add_campaign("Spring")
    sandbox.behaviour.transition_seconds = 1000.0

    caller.operate(campaign, "pause")

    assert caller.statuses() == {campaign: "pausing"}
    assert caller.operate(campaign, "stop")[0] is False


def test_a_start_needs_an_agent_and_a_lead(sandbox, caller):
    nobody = sandbox.add_campaign("Unstaffed", status="draft", agents=[], numbers=["447400000001"])
    nothing = sandbox.add_campaign("Nothing", status="draft")

    assert caller.operate(nobody, "start") == (False, "Campaign must have at least one agent to start")
    assert caller.operate(nothing, "start") == (False, "Campaign must have at least one lead to start")


@pytest.mark.parametrize("status", [200, 422])
def test_a_legacy_refusal_is_in_the_body_whatever_the_status(sandbox, status):
    sandbox.behaviour.legacy_failure_status = status
    campaign = sandbox.add_campaign("Spring")

    answer = Caller(sandbox, "legacy").send_operation(campaign, "start")

    assert answer.status_code == status
    assert answer.json()["success"] is False


def test_a_legacy_change_of_people_reports_unknown_names(sandbox):
    campaign = sandbox.add_campaign("Spring", agents=[], teams=["Evening"])

    answer = Caller(sandbox, "legacy").change_people(
        campaign,
        add_agents=["LENA.fischer@example.com", "stranger@example.com"],
        remove_agents=["tom.okafor@example.com", "ghost@example.com"],
        add_teams=["Morning", "Night"],
        remove_teams=["Evening", "Dawn"],
    )

    assert answer.json() == {
        "id": campaign,
        "added_agents": ["LENA.fischer@example.com"],
        "removed_agents": [],
        "added_teams": ["Morning"],
        "removed_teams": ["Evening"],
        "agent_not_found": ["stranger@example.com", "ghost@example.com"],
        "agent_not_in_campaign": ["tom.okafor@example.com"],
        "team_not_found": ["Night", "Dawn"],
        "team_not_in_campaign": [],
    }
    assert sandbox.campaign(campaign).teams == ["Morning"]


@pytest.mark.parametrize("uuids", [False, True])
def test_v4_people_are_added_by_id_and_some_may_be_left_out(sandbox, uuids):
    sandbox.behaviour.uuid_users, sandbox.behaviour.users_left_out = uuids, 1
    campaign = sandbox.add_campaign("Spring", agents=[])
    caller = Caller(sandbox, "v4")
    ids = [user["id"] for user in caller.get("/api/v4/users").json()["users"]]

    added = caller.post(f"/api/v4/campaigns/{campaign}/users", {"user_ids": ids})

    assert [user["id"] for user in added.json()["added_users"]] == ids[:-1]
    listed = caller.get(f"/api/v4/campaigns/{campaign}/users").json()
    assert listed["metadata"]["total"] == len(ids) - 1
    assert caller.delete(f"/api/v4/campaigns/{campaign}/users/{ids[0]}").json()["user"]["id"] == ids[0]
    assert caller.delete(f"/api/v4/campaigns/{campaign}/users/{ids[0]}").status_code == 404
    assert caller.post(f"/api/v4/campaigns/{campaign}/users", {"user_ids": list(range(101))}).status_code == 422
    assert caller.post(f"/api/v4/campaigns/{campaign}/users", {}).json() == {"errors": {"user_ids": ["is missing"]}}


def test_v4_campaigns_come_in_pages_and_can_be_filtered(sandbox):
    for n in range(130):
        sandbox.add_campaign(f"Campaign {n}", live=n % 2 == 0, status="paused" if n == 7 else "active")
    caller = Caller(sandbox, "v4")

    def found(query: str) -> tuple[int, int]:
        data = caller.get(f"/api/v4/campaigns{query}").json()
        return len(data["campaigns"]), data["metadata"]["total"]

    assert found("") == (100, 130)
    assert found("?offset=100") == (30, 130)
    assert found("?limit=1&live=true") == (1, 65)
    assert found("?status=paused") == (1, 1)
    assert found("?name=paign+12") == (11, 11)
    assert caller.get("/api/v4/campaigns?limit=101").status_code == 422


def test_undocumented_shapes_can_be_chosen(sandbox):
    campaign = sandbox.add_campaign("Spring")
    v4, legacy = Caller(sandbox, "v4"), Caller(sandbox, "legacy")
    behaviour = sandbox.behaviour

    assert v4.get(f"/api/v4/campaigns/{campaign}").json()["campaign"]["name"] == "Spring"
    assert "live" not in v4.get(f"/api/v4/campaigns/{campaign}").json()["campaign"]
    behaviour.wrap_campaign, behaviour.tells_live, behaviour.extra_fields = False, True, True
    assert v4.get(f"/api/v4/campaigns/{campaign}").json()["live"] is True
    assert "wallboard" in v4.get(f"/api/v4/campaigns/{campaign}").json()
    behaviour.nulls = True
    assert v4.get(f"/api/v4/campaigns/{campaign}").json()["status"] is None
    behaviour.nulls = behaviour.extra_fields = behaviour.tells_live = False

    assert legacy.campaigns().json() == [{"id": campaign, "name": "Spring", "status": "active"}]
    behaviour.legacy_list, behaviour.legacy_status, behaviour.legacy_text_ids = "records", "absent", True
    assert legacy.campaigns().json() == {"records": [{"id": str(campaign), "name": "Spring"}]}
    behaviour.legacy_list, behaviour.legacy_status = "bare", "capitalised"
    assert legacy.campaigns().json()[0]["status"] == "Active"
    behaviour.legacy_list = "missing"
    assert legacy.campaigns().status_code == 404
    assert legacy.get(f"/api/v2/cdr/campaigns?key={sandbox.LEGACY_KEY}").json() == [{"name": "Spring", "id": campaign}]


@pytest.mark.parametrize("only", ["PUT", "PATCH"])
def test_v4_updates_may_take_one_method_only(sandbox, only):
    campaign = sandbox.add_campaign("Spring", numbers=["447400000001"])
    sandbox.behaviour.update_method = only
    caller = Caller(sandbox, "v4")
    contacts = [{"number": "447400000001", "v4": {"name": "Ada", "active": False}}]

    answers = {method: caller.contacts(method, campaign, contacts) for method in ("PUT", "PATCH")}

    assert {method: answer.status_code for method, answer in answers.items()} == {"PUT": 405, "PATCH": 405} | {only: 200}
    assert answers[only].json() == {"leads_import": {"updated": ["447400000001"], "rejected": []}}
    assert (sandbox.lead(campaign, "447400000001").name, sandbox.lead(campaign, "447400000001").active) == ("Ada", False)


@pytest.mark.parametrize(("unknown", "there"), [("rejected", False), ("ignored", False), ("created", True)])
def test_an_update_of_an_unknown_number_can_end_in_three_ways(sandbox, caller, unknown, there):
    campaign = sandbox.add_campaign("Spring")
    sandbox.behaviour.update_unknown = unknown

    answer = caller.contacts("PUT", campaign, [{"number": "447400000009"}])

    assert ("447400000009" in answer.text) is (unknown != "ignored")
    assert ("447400000009" in sandbox.numbers_in(campaign)) is there


def test_a_key_opens_only_its_own_generation_and_scopes(sandbox):
    campaign = sandbox.add_campaign("Spring")
    reader = sandbox.add_key("only-reads", generation="v4", scopes=["campaigns.read"])
    v4 = Caller(sandbox, "v4")

    assert v4.add(campaign, "447400000001", key=reader).status_code == 403
    assert v4.add(campaign, "447400000001", key=sandbox.LEGACY_KEY).status_code == 401
    assert Caller(sandbox, "legacy").add(campaign, "447400000001", key=sandbox.V4_KEY).json() == {"error": "Invalid api_key"}
    assert sandbox.numbers_in(campaign) == set()


@pytest.mark.parametrize(
    ("fields", "refused"),
    [
        ({"v4": {"priority": 0}}, "v4"),
        ({"v4": {"priority": "5"}}, "v4"),
        ({"v4": {"active": 1}}, "v4"),
        ({"v4": {"source": "fair"}}, "v4"),
        ({"v4": {"contactName": "Ada"}}, "v4"),
        ({"v4": {"source": {"sytem": "fair"}}}, "v4"),
        ({"legacy": {"contactSuorce": "fair"}}, "legacy"),
        ({"legacy": {"priority": 1001}}, "legacy"),
        ({"legacy": {"priority": "high"}}, "legacy"),
    ],
)
def test_fields_that_are_against_the_documentation_are_refused(sandbox, fields, refused):
    campaign = sandbox.add_campaign("Spring")

    answer = Caller(sandbox, refused).contacts("POST", campaign, [{"number": "447400000001", **fields}])

    assert answer.status_code == 422
    assert sandbox.numbers_in(campaign) == set()


def test_a_campaign_dials_pauses_when_idle_and_resumes_with_new_contacts():
    sandbox, chance = Sandbox(time_scale=0.0), random.Random(7)
    campaign = sandbox.add_campaign("Spring", numbers=[str(447400000000 + n) for n in range(20)])

    calls = sum(tick(sandbox, chance) for _ in range(300))

    assert sandbox.campaign(campaign).status == "auto_paused"
    assert calls == sum(lead.attempts for lead in sandbox.campaign(campaign).leads.values())
    assert all(lead.answered or lead.attempts == 3 for lead in sandbox.campaign(campaign).leads.values())
    sandbox.add_leads(campaign, ["447400000999"])
    for user in sandbox.centre.users.values():
        user.logged_in = True
    tick(sandbox, random.Random(1))
    assert sandbox.campaign(campaign).status == "active"


def test_several_contact_centres_share_nothing(sandbox):
    other = open_contact_centre("https://cc-test02.voiso.com")
    here, there = sandbox.add_campaign("Here"), other.add_campaign("There")

    Caller(other, "v4", address="https://cc-test02.voiso.com").add(there, "447400000001")

    assert here == there
    assert other.numbers_in(there) == {"447400000001"}
    assert sandbox.numbers_in(here) == set()
