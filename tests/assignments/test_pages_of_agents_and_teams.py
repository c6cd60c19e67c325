"""The panel of a campaign, its page with search, and the roster of a contact centre."""

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from tests.assignments.conftest import LENA, TOM, read_roster
from tests.support.markup import markup
from tests.support.queue import take_jobs
from voisoadmin.assignments import tasks
from voisoadmin.assignments.models import Agent
from voisoadmin.campaigns.models import Campaign
from voisoadmin.operations.models import Operation
from voisoadmin.sandbox import Fault


def test_the_nearest_match_can_be_chosen_with_one_click(client, ines, staffed):
    client.force_login(ines)
    data = {"do": "add", "names": "Tom Okafer\nPriya Nair", "swap": "Tom Okafer\tTom Okafor"}

    page = markup(client.post(reverse("assignments:change", args=[staffed.pk]), data))

    assert "2 will be added" in page


def test_the_panel_says_how_the_assignments_are_known(change_people, client, staffed):
    change_people(staffed, "add", TOM)
    address = reverse("assignments:panel", args=[staffed.pk])

    part = markup(client.get(address, headers={"HX-Request": "true"}))
    page = markup(client.get(address))

    for shown in (part, page):
        assert TOM in shown
        if staffed.connection.generation == "legacy":
            assert "The legacy API doesn&#x27;t list who is on a campaign" in shown
        else:
            assert "Updated" in shown
    assert "<html" not in part


def test_when_a_change_has_ended_the_rest_of_the_page_refreshes(change_people, client, staffed):
    address = reverse("assignments:panel", args=[staffed.pk])
    change_people(staffed, "add", TOM)

    refreshed = {query: client.get(address + query, headers={"HX-Request": "true"}) for query in ("?moving=1", "")}

    assert refreshed["?moving=1"]["HX-Trigger"] == "campaign-changed"
    assert "HX-Trigger" not in refreshed[""]


def test_opening_the_people_panel_asks_voiso_once(client, ines, sandbox, campaign):
    client.force_login(ines)
    address = reverse("assignments:look", args=[campaign.pk])

    for _ in range(10):
        client.post(address, headers={"HX-Request": "true"})

    assert len(take_jobs()) == 3  # the roster, the people of the campaign, and the status of the agents
    tasks.sync_people(campaign.pk)
    campaign.refresh_from_db()
    assert campaign.agents_count == 1


def test_the_roster_is_searched_and_paged_at_thousands(client, ines, connection):
    Agent.objects.bulk_create(
        Agent(
            connection=connection,
            voiso_id=str(number),
            name=f"Agent {number:04}",
            email=f"a{number}@example.com",
            seen_at=timezone.now(),
        )
        for number in range(3000)
    )
    client.force_login(ines)

    first = markup(client.get(reverse("assignments:roster")))
    last = markup(client.get(reverse("assignments:roster"), {"page": "60"}))
    found = markup(client.get(reverse("assignments:roster"), {"q": "a1234@"}))

    assert "Agent 0000" in first
    assert "1–50 of 3,000" in first
    assert "Agent 2999" in last
    assert "Agent 1234" in found
    assert "Agent 0000" not in found


def test_the_roster_follows_voiso(client, sandbox, any_connection, ines):
    read_roster(any_connection)
    lena = sandbox.centre.user_by_email(LENA)
    lena.name = "Lena Fischer-Braun"
    gone = sandbox.centre.user_by_email(TOM)
    del sandbox.centre.users[gone.id]
    client.force_login(ines)

    read_roster(any_connection)

    assert set(Agent.objects.filter(missing_since=None).values_list("name", flat=True)) == {"Lena Fischer-Braun", "Priya Nair"}
    page = markup(client.get(reverse("assignments:roster")))
    assert "No longer listed" in page


def test_a_roster_that_cannot_be_read_says_why(client, sandbox, legacy_connection, ines):
    sandbox.fault(Fault.ODD_JSON, times=2, on="reads", body={"error": "Invalid User API Key"}, status=403, acted=False)
    client.force_login(ines)

    read_roster(legacy_connection)

    page = markup(client.get(reverse("assignments:roster")))
    assert "needs a user&#x27;s key" in page


@pytest.mark.parametrize(
    ("name", "method"), [("panel", "get"), ("look", "post"), ("change", "post"), ("refresh_roster", "post")]
)
def test_a_missing_campaign_is_not_found(client, ines, name, method):
    client.force_login(ines)

    answer = getattr(client, method)(reverse(f"assignments:{name}", args=[987654]), {"do": "add", "names": "x"})

    assert answer.status_code == 404


@pytest.mark.parametrize(
    ("name", "method"), [("panel", "post"), ("look", "get"), ("change", "get"), ("refresh_roster", "get"), ("roster", "post")]
)
def test_the_wrong_method_is_refused(client, ines, campaign, name, method):
    client.force_login(ines)
    pk = {"refresh_roster": [campaign.connection_id], "roster": []}.get(name, [campaign.pk])

    assert getattr(client, method)(reverse(f"assignments:{name}", args=pk)).status_code == 405


@pytest.mark.parametrize("name", ["look", "change", "refresh_roster"])
def test_a_form_of_another_site_is_refused(ines, campaign, name):
    stranger = Client(enforce_csrf_checks=True)
    stranger.force_login(ines)
    pk = campaign.connection_id if name == "refresh_roster" else campaign.pk

    assert stranger.post(reverse(f"assignments:{name}", args=[pk]), {"do": "add", "names": TOM}).status_code == 403
    assert not Operation.objects.exists()


def test_an_empty_and_a_too_long_list_of_names_are_refused(client, ines, staffed):
    client.force_login(ines)
    address = reverse("assignments:change", args=[staffed.pk])

    nothing = client.post(address, {"do": "add", "names": " \n ,; "})
    too_much = client.post(address, {"do": "add", "names": "\n".join(str(number) for number in range(5001))})

    assert (nothing.status_code, too_much.status_code) == (422, 422)
    assert "Enter at least one name." in markup(nothing)
    assert "Too many names (limit 5,000)." in markup(too_much)
    assert Campaign.objects.get().lane.running_operation is None
