"""The panel of a campaign, its page with search, and the roster of a contact centre."""

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from tests.assignments.conftest import LENA, PRIYA, TOM, read_roster
from tests.support.markup import markup
from tests.support.queue import run_jobs, take_jobs
from tests.support.sandbox import mirror
from voisoadmin.assignments import tasks
from voisoadmin.assignments.models import Agent, Team
from voisoadmin.campaigns.models import Campaign
from voisoadmin.connections.models import Connection
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


def list_agents(connection, count):
    Agent.objects.bulk_create(
        Agent(
            connection=connection,
            voiso_id=str(number),
            name=f"Agent {number:04}",
            email=f"a{number}@example.com",
            seen_at=timezone.now(),
        )
        for number in range(count)
    )


def test_the_roster_is_searched_and_paged_at_thousands(client, ines, connection):
    list_agents(connection, 3000)
    client.force_login(ines)
    address = reverse("assignments:roster")
    last_but_one = Agent.objects.get(name="Agent 2949")

    first = client.get(address)
    second = client.get(address + first.context["shown"].agents.next_url)
    back = client.get(address + second.context["shown"].agents.previous_url)
    last = client.get(address, {"after": str(last_but_one.pk)})
    found = markup(client.get(address, {"q": "a1234@"}))

    assert "1–50 of 3,000" in markup(first)
    assert "Agent 0049" in markup(first)
    assert "51–100 of 3,000" in markup(second)
    assert "Agent 0050" in markup(second)
    assert "Agent 0049" not in markup(second)
    assert "1–50 of 3,000" in markup(back)
    assert "2,951–3,000 of 3,000" in markup(last)
    assert not last.context["shown"].agents.next_url
    assert "Agent 1234" in found
    assert "Agent 0000" not in found


def test_an_agent_who_arrives_in_front_moves_no_page(client, ines, connection):
    list_agents(connection, 120)
    client.force_login(ines)
    address = reverse("assignments:roster")
    next_url = client.get(address).context["shown"].agents.next_url

    Agent.objects.create(connection=connection, voiso_id="new", name="Aaron", seen_at=timezone.now())

    second = client.get(address + next_url).context["shown"].agents
    assert [second.items[0].name, second.first] == ["Agent 0050", 52]


@pytest.mark.parametrize("query", ["müller", "MÜLLER", "muller", "mueller", "Müller Jürgen", "jürgen mü", "spätschicht", "u-7"])
def test_the_roster_is_searched_without_case_umlauts_and_order(client, ines, connection, query):
    agent = Agent.objects.create(connection=connection, voiso_id="u-7", name="Jürgen Müller", seen_at=timezone.now())
    agent.teams.add(Team.objects.create(connection=connection, name="Spätschicht", seen_at=timezone.now()))
    Agent.objects.create(connection=connection, voiso_id="8", name="Jörg Miller", seen_at=timezone.now())
    client.force_login(ines)

    page = markup(client.get(reverse("assignments:roster"), {"q": query}))

    assert "Jürgen Müller" in page
    assert "Jörg Miller" not in page


def test_a_new_name_is_found_once_voiso_lists_it(sandbox, any_connection, supervisor):
    read_roster(any_connection)
    sandbox.centre.user_by_email(LENA).name = "Léna Fïscher-Bräun"

    read_roster(any_connection)

    assert "Léna Fïscher-Bräun" in markup(supervisor.get(reverse("assignments:roster"), {"q": "braun lena"}))


@pytest.fixture
def supervisor(client, ines):
    client.force_login(ines)
    return client


class TestTheCampaignsOfEachAgent:
    @pytest.fixture
    def campaigns(self, sandbox, any_connection):
        read_roster(any_connection)
        Connection.objects.filter(pk=any_connection.pk).update(synced_at=timezone.now())
        staffed = {"Spring": ("active", [LENA, TOM]), "Autumn": ("paused", [LENA]), "Old": ("stopped", [TOM])}
        return [
            mirror(sandbox, any_connection, sandbox.add_campaign(name, status=status, agents=agents))
            for name, (status, agents) in staffed.items()
        ]

    @pytest.fixture
    def shown(self, any_connection, supervisor):
        def page():
            answer = supervisor.get(reverse("assignments:roster"), {"connection": str(any_connection.pk)})
            shown = answer.context["shown"]
            return markup(answer), {
                agent.email: ([str(one.campaign) for one in agent.placements.known], agent.placements.count)
                for agent in shown.agents
            }

        return page

    def test_they_are_counted_once_every_list_was_read(self, campaigns, shown, any_connection, supervisor):
        page, before = shown()
        look = reverse("assignments:look_at_roster", args=[any_connection.pk])
        supervisor.post(look)
        run_jobs()
        after_page, after = shown()

        assert before[LENA] == ([], None)
        if any_connection.generation == "legacy":
            assert after[LENA] == ([], None)
            assert "The legacy API doesn&#x27;t list who is on a campaign" in after_page
        else:
            assert "Who is on 2 of 2 campaigns hasn&#x27;t loaded yet." in page
            assert after[LENA] == (["Autumn", "Spring"], 2)
            assert after[TOM] == (["Spring"], 1)
            assert after[PRIYA] == ([], 0)

    @pytest.mark.parametrize("generation", ["v4"])  # the legacy API lists no one
    def test_a_list_that_cannot_be_read_leaves_the_count_open(self, campaigns, shown, sandbox, any_connection):
        sandbox.fault(Fault.SERVER_ERROR, on="reads", times=1, status=404)

        tasks.sync_lists(any_connection.pk)

        page, seen = shown()
        assert seen[LENA][1] is None
        assert "Who is on 1 of 2 campaigns hasn&#x27;t loaded yet." in page

    def test_what_was_added_here_is_named(self, campaigns, shown, change_people, any_connection):
        change_people(campaigns[0], "add", PRIYA)

        assert shown()[1][PRIYA] == (["Spring"], None)


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
