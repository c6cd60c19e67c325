"""What pages say of the status of agents: no more than Voiso reported, with its age."""

import re
from datetime import timedelta
from html import unescape

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from tests.assignments.conftest import LENA, PRIYA, TOM, read_roster
from tests.support.markup import markup
from tests.support.queue import run_jobs
from tests.support.sandbox import mirror
from voisoadmin.assignments.models import Agent, Assignment, Team
from voisoadmin.campaigns.models import AgentPresence, Campaign, Presence
from voisoadmin.sandbox import Fault

pytestmark = [pytest.mark.slow, pytest.mark.django_db]


@pytest.fixture
def supervisor(client, ines) -> Client:
    client.force_login(ines)
    return client


@pytest.fixture
def sees(supervisor):
    """The words of a page, once Voiso was asked for what it shows."""

    def see(campaign: Campaign, view: str = "assignments:panel", *, asks: bool = True, **headers: str) -> str:
        url = reverse(view, args=[campaign.pk])
        if asks:
            supervisor.post(reverse("assignments:look", args=[campaign.pk]))
            run_jobs()
        return words(markup(supervisor.get(url, headers=headers)))

    return see


def words(html: str) -> str:
    return " ".join(unescape(re.sub(r"<[^>]*>", " ", html)).split())


@pytest.fixture
def legacy_campaign(sandbox, legacy_connection) -> Campaign:
    """A campaign to which Lena, Tom and Priya were assigned from here."""
    campaign = mirror(sandbox, legacy_connection, sandbox.add_campaign("Spring", agents=[LENA, TOM, PRIYA]))
    read_roster(legacy_connection)
    assign(campaign, LENA, TOM, PRIYA)
    return campaign


def assign(campaign: Campaign, *emails: str) -> None:
    for agent in Agent.objects.filter(connection=campaign.connection, email__in=emails):
        Assignment.objects.create(campaign=campaign, agent=agent, source="confirmed", since=timezone.now())


class TestLegacy:
    def test_it_says_who_waits_of_those_assigned_from_here(self, sandbox, legacy_campaign, sees):
        for email, status in ((LENA, "outbound"), (TOM, "logout"), (PRIYA, "Lunch")):
            sandbox.set_status(email, status)

        text = sees(legacy_campaign)

        assert (
            "Of the 3 agents assigned from here, 0 are waiting for the Dialer; 1 on a call, 1 logged out, 1 “Lunch”. "
            "Others may be assigned in Voiso." in text
        )
        assert "Status as of" in text

    def test_that_the_agents_of_teams_are_not_counted_is_said(self, sandbox, legacy_campaign, sees):
        evening = Team.objects.get(connection=legacy_campaign.connection, name="Evening")
        Assignment.objects.create(campaign=legacy_campaign, team=evening, source="confirmed", since=timezone.now())

        assert "The agents of its teams aren't counted. Others may be assigned in Voiso." in sees(legacy_campaign)

    def test_one_who_waits_is_counted(self, sandbox, legacy_campaign, sees):
        sandbox.set_status(LENA, "dialer waiting")

        assert "Of the 3 agents assigned from here, 1 is waiting for the Dialer; 2 available." in sees(legacy_campaign)

    def test_an_agent_without_a_known_status_is_unknown_and_not_counted_as_zero(self, sandbox, legacy_campaign, sees):
        Agent.objects.create(connection=legacy_campaign.connection, email="new@example.com", seen_at=timezone.now())
        assign(legacy_campaign, "new@example.com")

        text = sees(legacy_campaign)

        assert "Of the 4 agents assigned from here, 0 are waiting for the Dialer; 3 available, 1 unknown." in text
        assert "new@example.com –" in text

    def test_where_no_status_is_reported_no_number_is_given(self, sandbox, legacy_campaign, sees):
        sandbox.behaviour.nulls = True

        assert "Of the 3 agents assigned from here, – are waiting for the Dialer; 3 unknown." in sees(legacy_campaign)


class TestV4:
    @pytest.fixture
    def campaign(self, sandbox, connection) -> Campaign:
        campaign = mirror(sandbox, connection, sandbox.add_campaign("Spring", agents=[LENA, TOM]))
        read_roster(connection)
        return campaign

    def test_it_says_a_general_status_and_never_who_waits(self, sandbox, campaign, sees):
        sandbox.set_status(LENA, "dialer waiting")
        sandbox.set_status(TOM, "logout")

        text = sees(campaign)

        assert "Of the 2 agents that Voiso lists: 1 available, 1 logged out." in text
        assert "Voiso doesn't say who waits for the Dialer" in text

    def test_a_word_about_waiting_is_shown_as_it_is_and_counted_as_nothing(self, sandbox, campaign, sees):
        def as_in_legacy(true: dict) -> dict:
            return {"users": [user | {"status": "Dialer waiting"} for user in true["users"]], "metadata": {"total": 3}}

        sandbox.fault(Fault.ODD_JSON, on="presence", times=9, body=as_in_legacy)

        assert "Of the 2 agents that Voiso lists: 2 “Dialer waiting”." in sees(campaign)
        assert not AgentPresence.objects.filter(group="waiting").exists()


@pytest.mark.parametrize("word", ["<b onclick=x>Lunch</b>", "\u202eegdird", "Café & Co", "x" * 60])
def test_unknown_words_are_shown_as_they_are_and_stay_text(sandbox, staffed, supervisor, sees, word):
    sandbox.set_status(LENA, word)
    if staffed.connection.generation == "legacy":
        assign(staffed, LENA)
    sees(staffed)

    html = markup(supervisor.get(reverse("assignments:panel", args=[staffed.pk])))

    assert f"<bdi hx-disable>{word}</bdi>" in unescape(html)
    assert "<b onclick" not in html


def test_an_old_status_is_shown_with_its_age(sandbox, staffed, sees, time_machine):
    if staffed.connection.generation == "legacy":
        assign(staffed, LENA)
    sees(staffed)
    Presence.objects.update(read_at=timezone.now() - timedelta(hours=3))

    text = sees(staffed, asks=False)

    assert re.search(r"Status as of [0-9:]+ , 3 h ago ; it may have changed", text), text


def test_before_the_first_answer_the_status_is_a_dash(staffed, sees):
    if staffed.connection.generation == "legacy":
        assign(staffed, LENA)
    else:
        sees(staffed)
        Presence.objects.all().delete()
        AgentPresence.objects.all().delete()

    text = sees(staffed, asks=False)

    assert "Status of the agents: –" in text
    assert "waiting for the Dialer" not in text


def test_a_missing_right_is_named_where_the_status_would_be(sandbox, staffed, sees):
    if staffed.connection.generation == "legacy":
        assign(staffed, LENA)
    refusal = {"body": '{"error": "Forbidden"}', "status": 403, "acted": False}
    sandbox.fault(Fault.ODD_JSON, on="presence", times=99, **refusal)

    text = sees(staffed)

    key = "the scope users.read" if staffed.connection.generation == "v4" else "the contact centre's key"
    assert f"Status of agents needs {key}." in text


def test_the_list_of_agents_shows_each_status(sandbox, supervisor, staffed):
    sandbox.set_status(TOM, "Lunch")
    connection = staffed.connection
    before = words(markup(supervisor.get(reverse("assignments:roster"))))
    assert "Status of the agents: –" in before

    supervisor.post(reverse("assignments:look_at_roster", args=[connection.pk]))
    run_jobs()

    after = words(markup(supervisor.get(reverse("assignments:roster"))))
    assert re.search(r"tom\.okafor@example\.com “ ?Lunch ?” ?, seen since [0-9:]+", after), after
    assert "Status as of" in after


def test_a_team_whose_agents_no_api_lists_has_no_number(sandbox, supervisor, staffed):
    text = words(markup(supervisor.get(reverse("assignments:roster"))))

    agents = "2" if staffed.connection.generation == "v4" else "–"
    assert f"Evening {agents} Morning" in text


def test_many_agents_cost_no_more_queries(sandbox, supervisor, staffed, django_assert_max_num_queries):
    for number in range(60):
        sandbox.add_user(f"User {number}", f"user{number}@example.com")
    read_roster(staffed.connection)
    supervisor.post(reverse("assignments:look_at_roster", args=[staffed.connection.pk]))
    run_jobs()

    with django_assert_max_num_queries(24):
        supervisor.get(reverse("assignments:roster"))


# Why the dialer paused


@pytest.fixture
def auto_paused(sandbox, any_connection) -> Campaign:
    campaign = mirror(
        sandbox, any_connection, sandbox.add_campaign("Spring", status="auto_paused", agents=[LENA], teams=["Evening"])
    )
    read_roster(any_connection)
    assign(campaign, LENA)
    return campaign


def test_that_no_one_is_logged_in_is_stated_where_it_is_so_of_everyone(sandbox, auto_paused, sees):
    for email in (LENA, TOM, PRIYA):
        sandbox.set_status(email, "logout")
    sees(auto_paused)

    for view in ("campaigns:detail", "assignments:panel"):
        text = sees(auto_paused, view, asks=False)
        if view == "campaigns:detail":
            assert re.search(r"The dialer paused this campaign. No agent is logged in, as of [0-9:]+\.", text)
            assert "Possible cause" not in text


@pytest.mark.parametrize("status", ["available", "dialer waiting", "Lunch", "unavailable", "idle"])
def test_while_one_who_may_be_assigned_is_not_out_only_possible_causes_are_given(sandbox, auto_paused, sees, status):
    """Priya isn't assigned from here, and not listed; in Voiso she may still be."""
    for email in (LENA, TOM):
        sandbox.set_status(email, "logout")
    sandbox.set_status(PRIYA, status)
    sees(auto_paused)

    text = sees(auto_paused, "campaigns:detail", asks=False)

    assert "Possible cause" in text
    assert "No agent is logged in, as of" not in text


@pytest.mark.parametrize("harm", ["unknown", "unreadable", "old"])
def test_what_is_unknown_or_old_proves_no_cause(sandbox, auto_paused, sees, harm):
    for email in (LENA, TOM, PRIYA):
        sandbox.set_status(email, "logout")

    def harmed(true: object) -> object:
        users = true["users"] if isinstance(true, dict) else true
        users[1] = 7 if harm == "unreadable" else {**users[1], "status": None}
        return true

    if harm != "old":
        sandbox.fault(Fault.ODD_JSON, on="presence", times=9, body=harmed)
    sees(auto_paused)
    if harm == "old":
        Presence.objects.update(read_at=timezone.now() - timedelta(minutes=10))

    assert Presence.objects.get().agents
    assert "No agent is logged in, as of" not in sees(auto_paused, "campaigns:detail", asks=False)


def test_the_board_states_the_same_cause_without_a_query_for_each_row(
    sandbox, auto_paused, sees, supervisor, django_assert_max_num_queries
):
    for email in (LENA, TOM, PRIYA):
        sandbox.set_status(email, "logout")
    for number in range(30):
        mirror(sandbox, auto_paused.connection, sandbox.add_campaign(f"Campaign {number}", status="auto_paused"))
    sees(auto_paused)

    with django_assert_max_num_queries(20):
        text = words(markup(supervisor.get(reverse("campaigns:board"), {"sort": "name"})))
    assert text.count("No agent is logged in, as of") >= 31
