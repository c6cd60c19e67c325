"""`manage.py assign ID`: does all the work in this process, with the same keys in both generations."""

import io
import json

import pytest
from django.core.management import CommandError, call_command

from tests.assignments.conftest import LENA, PRIYA, TOM, on
from tests.support.queue import take_jobs
from tests.support.sandbox import mirror
from voisoadmin.assignments.models import Team
from voisoadmin.connections.models import Connection
from voisoadmin.operations.models import Operation
from voisoadmin.sandbox import Fault

KEYS = [
    "campaign",
    "added_agents",
    "removed_agents",
    "added_teams",
    "removed_teams",
    "agent_not_found",
    "agent_not_in_campaign",
    "team_not_found",
    "team_not_in_campaign",
    "problem",
]


def assign(*arguments):
    """Run the command; return its exit code, the record it printed, and what it said, or its error message."""
    out, said = io.StringIO(), io.StringIO()
    try:
        call_command("assign", *arguments, "--json", stdout=out, stderr=said)
        code, words = 0, said.getvalue()
    except CommandError as problem:
        code, words = problem.returncode, str(problem)
    lines = [json.loads(line) for line in out.getvalue().splitlines()]
    return code, lines[0] if lines else None, words


def test_people_are_added_and_removed_without_a_worker_and_without_a_roster(sandbox, any_campaign):
    code, printed, _ = assign(
        any_campaign.voiso_id,
        "--add-agent",
        TOM,
        "--add-agent",
        "stranger@example.com",
        "--remove-agent",
        LENA,
        "--remove-agent",
        PRIYA,
    )

    assert code == 0
    assert list(printed) == KEYS
    assert printed["campaign"] == int(any_campaign.voiso_id)
    assert printed["added_agents"] == [TOM]
    assert printed["removed_agents"] == [LENA]
    assert printed["agent_not_found"] == ["stranger@example.com"]
    assert printed["agent_not_in_campaign"] == [PRIYA]
    assert printed["problem"] == ""
    assert on(sandbox, any_campaign) == {TOM}
    assert take_jobs() == []


def test_teams_are_added_and_removed_in_the_legacy_api(sandbox, legacy_connection):
    campaign = mirror(sandbox, legacy_connection, sandbox.add_campaign("Spring renewals", teams=["Morning"]))

    code, printed, _ = assign(
        campaign.voiso_id,
        *("--add-team", "Evening", "--add-team", "Nightly", "--remove-team", "Morning", "--remove-team", "Nightly2"),
    )

    assert code == 0
    assert (printed["added_teams"], printed["removed_teams"]) == (["Evening"], ["Morning"])
    assert printed["team_not_found"] == ["Nightly", "Nightly2"]
    assert sandbox.campaign(campaign.voiso_id).teams == ["Evening"]


def test_in_v4_a_team_is_sent_as_its_agents_and_that_is_said(sandbox, campaign):
    sandbox.add_user("Nadia Petrova", "nadia@example.com", teams=["Evening"])

    code, printed, words = assign(campaign.voiso_id, "--add-team", "evening", "--add-agent", PRIYA)

    assert code == 0
    assert list(printed) == KEYS
    assert printed["added_agents"] == [PRIYA, "nadia@example.com", TOM]
    assert (printed["added_teams"], printed["team_not_found"]) == ([], [])
    assert f"Evening is sent as its 3 agents: {LENA}, nadia@example.com, {TOM}." in words
    assert on(sandbox, campaign) == {LENA, TOM, PRIYA, "nadia@example.com"}


def test_in_v4_a_team_that_voiso_does_not_list_is_not_found(campaign):
    code, printed, _ = assign(campaign.voiso_id, "--add-team", "Nightly")

    assert code == 0
    assert printed["team_not_found"] == ["Nightly"]


def test_an_agent_who_is_already_assigned_is_reported_without_failing(campaign):
    code, printed, _ = assign(campaign.voiso_id, "--add-agent", LENA)

    assert (code, printed["added_agents"]) == (0, [])
    assert printed["problem"] == f"Already assigned: {LENA}."


def test_a_lost_answer_that_cannot_be_read_back_exits_with_1(sandbox, legacy_connection):
    campaign = mirror(sandbox, legacy_connection, sandbox.add_campaign("Spring renewals"))
    sandbox.fault(Fault.ANSWER_LOST, on="people")

    code, printed, _ = assign(campaign.voiso_id, "--add-agent", TOM)

    assert (code, printed["added_agents"]) == (1, [])
    assert f"Not confirmed: {TOM}." in printed["problem"]
    assert Operation.objects.get().status == "unconfirmed"


def test_the_same_name_given_twice_is_sent_once(sandbox, any_campaign):
    code, printed, _ = assign(any_campaign.voiso_id, "--add-agent", TOM, "--add-agent", TOM)

    assert (code, printed["added_agents"]) == (0, [TOM])


def test_without_a_name_it_exits_with_2(campaign):
    assert assign(campaign.voiso_id)[0] == 2


@pytest.mark.parametrize("number", ["99999", "x"])
def test_an_unknown_campaign_exits_with_2(campaign, number):
    assert assign(number, "--add-agent", TOM)[0] == 2


def test_no_name_is_called_unknown_when_the_list_could_not_be_read(sandbox, campaign):
    Connection.objects.update(
        key=sandbox.add_key("key-without-users", generation="v4", scopes=["campaigns.read", "campaigns.manage"])
    )

    code, printed, _ = assign(campaign.voiso_id, "--add-agent", TOM, "--remove-agent", LENA)

    assert code == 1
    assert printed["agent_not_found"] == []
    assert printed["problem"].startswith(f"Not possible: {TOM}. Couldn't load the list of agents.")
    assert printed["removed_agents"] == [LENA]  # reading who is on the campaign is still allowed
    assert on(sandbox, campaign) == set()


def test_people_are_known_even_if_the_teams_cannot_be_read(sandbox, campaign):
    sandbox.fault(Fault.ODD_JSON, body={"error": "Forbidden"}, status=403, acted=False, on="reads", after=1)

    code, printed, _ = assign(campaign.voiso_id, "--add-agent", TOM)

    assert (code, printed["added_agents"], printed["problem"]) == (0, [TOM], "")
    assert set(Team.objects.values_list("name", flat=True)) == {"Evening", "Morning"}
