"""A team is named: it is sent as a team, or as its agents where the API takes none."""

import re
import uuid

import pytest
from django.urls import reverse
from django.utils import timezone

from tests.assignments.conftest import LENA, PRIYA, TOM, on, outcomes, read_roster
from tests.support.markup import markup
from tests.support.sandbox import mirror
from voisoadmin.assignments.roster import read_people
from voisoadmin.operations.models import Operation
from voisoadmin.sandbox import Fault


def test_teams_are_added_and_removed_where_the_api_has_them(change_people, sandbox, legacy_connection):
    campaign = mirror(sandbox, legacy_connection, sandbox.add_campaign("Spring renewals"))
    read_roster(legacy_connection)

    added = change_people(campaign, "add", "evening")
    assert outcomes(added) == {"evening": "added"}
    assert sandbox.campaign(campaign.voiso_id).teams == ["Evening"]
    removed = change_people(campaign, "remove", "Evening", "Morning")

    assert outcomes(removed) == {"Evening": "removed", "Morning": "not_in_campaign"}
    assert sandbox.campaign(campaign.voiso_id).teams == []


class TestATeamWhereTheApiTakesNone:
    """It is sent as its agents, which the preview and the outcome say."""

    @pytest.fixture
    def campaign(self, campaign):
        read_roster(campaign.connection)
        return campaign

    def test_the_preview_names_its_agents_before_anything_is_sent(self, change_people, sandbox, campaign):
        read_people(campaign, at=timezone.now())

        page = change_people(campaign, "add", "evening", step="preview")

        assert "Team <bdi hx-disable>Evening</bdi>: 2 agents." in page
        assert "Agents who join the team later aren&#x27;t added." in page
        assert "Members as listed" in page
        assert "1 will be added" in page
        assert TOM in page.split("1 will be added")[1].split("need")[0]
        assert "Already assigned" in page
        assert ">Evening</textarea>" in page
        assert sandbox.requests(campaign.voiso_id, "people") == []

    def test_each_agent_has_an_outcome_that_names_the_team(self, change_people, client, sandbox, campaign):
        operation = change_people(campaign, "add", "Evening", PRIYA)

        assert outcomes(operation) == {LENA: "already_there", TOM: "added", PRIYA: "added"}
        assert on(sandbox, campaign) == {LENA, TOM, PRIYA}
        panel = markup(client.get(reverse("assignments:panel", args=[campaign.pk])))
        assert panel.count(", of the team <bdi hx-disable>Evening</bdi>") == 2
        assert "Add 3 agents of the team Evening" in markup(client.get(reverse("operations:list")))

    def test_it_is_removed_as_its_agents(self, change_people, sandbox, campaign):
        operation = change_people(campaign, "remove", "Evening")

        assert outcomes(operation) == {LENA: "removed", TOM: "not_in_campaign"}
        assert on(sandbox, campaign) == set()

    def test_an_agent_who_is_also_named_is_sent_once(self, change_people, sandbox, campaign):
        operation = change_people(campaign, "add", TOM, "Evening")

        assert [entry["outcome"] for entry in operation.result["names"]] == ["added", "already_there", "twice"]
        assert len(sandbox.requests(campaign.voiso_id, "people")) == 1

    def test_a_team_whose_agents_changed_since_the_preview_is_shown_again(self, change_people, client, sandbox, campaign):
        page = change_people(campaign, "add", "Evening", step="preview")
        shown = re.search(r'name="members" value="(\w+)"', page)[1]
        sandbox.add_user("Nadia Petrova", "nadia@example.com", teams=["Evening"])
        read_roster(campaign.connection)

        form = {"do": "add", "names": "Evening", "step": "apply", "members": shown, "client_token": uuid.uuid4()}
        answer = client.post(reverse("assignments:change", args=[campaign.pk]), form)

        assert answer.status_code == 422
        assert "The agents of a team have changed. Check the list again." in markup(answer)
        assert not Operation.objects.exists()
        assert sandbox.requests(campaign.voiso_id, "people") == []

    def test_a_team_without_known_agents_is_not_possible(self, change_people, sandbox, campaign):
        sandbox.behaviour.v4_teams = True
        sandbox.add_team("Empty")
        read_roster(campaign.connection)

        operation = change_people(campaign, "add", "Empty")

        assert outcomes(operation) == {"Empty": "not_possible"}
        assert "Voiso lists no agents of this team." in str(operation.result)

    def test_a_name_of_an_agent_and_of_a_team_is_not_guessed(self, change_people, sandbox, campaign):
        sandbox.add_user("Evening", "evening@example.com")
        read_roster(campaign.connection)

        assert outcomes(change_people(campaign, "add", "Evening")) == {"Evening": "ambiguous"}

    def test_a_team_of_hundreds_takes_several_requests(self, change_people, sandbox, campaign):
        for number in range(230):
            sandbox.add_user(f"Agent {number}", f"agent{number}@example.com", teams=["Night"])
        read_roster(campaign.connection)

        operation = change_people(campaign, "add", "Night")

        assert list(outcomes(operation).values()) == ["added"] * 230
        assert len(sandbox.requests(campaign.voiso_id, "people")) == 3


def test_a_team_can_be_named_even_if_no_list_can_be_read(change_people, sandbox, legacy_connection):
    campaign = mirror(sandbox, legacy_connection, sandbox.add_campaign("Spring renewals"))
    sandbox.fault(Fault.SERVER_ERROR, on="reads", status=404)
    read_roster(legacy_connection)

    operation = change_people(campaign, "add", "Evening", "Stranger's", TOM)

    assert outcomes(operation) == {"Evening": "added", "Stranger's": "not_found", TOM: "added"}
    assert sandbox.campaign(campaign.voiso_id).teams == ["Evening"]
