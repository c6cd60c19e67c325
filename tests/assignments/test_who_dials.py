"""Adding and removing people: first a preview, then a true outcome for every name."""

import re
import uuid
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from html import unescape

import pytest
from django.db import connection as database
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from tests.assignments.conftest import LENA, PRIYA, TOM, on, outcomes, read_roster
from tests.support.markup import markup
from tests.support.queue import run_jobs, take_jobs
from tests.support.sandbox import mirror
from voisoadmin.assignments import tasks
from voisoadmin.assignments.models import Agent, Assignment
from voisoadmin.assignments.roster import read_people
from voisoadmin.campaigns.models import Campaign, Lane
from voisoadmin.connections.families import why_not
from voisoadmin.connections.models import Connection, Family
from voisoadmin.operations.models import Operation
from voisoadmin.operations.services import UNTOUCHED_TOO_LONG
from voisoadmin.sandbox import Fault


def test_people_are_added_by_email_and_by_name(change_people, sandbox, staffed):
    operation = change_people(staffed, "add", TOM, "priya nair")

    assert operation.status == "done"
    assert outcomes(operation) == {TOM: "added", "priya nair": "added"}
    assert on(sandbox, staffed) == {LENA, TOM, PRIYA}
    assert {row.agent.email for row in Assignment.objects.filter(campaign=staffed)} >= {TOM, PRIYA}
    assert Lane.objects.get().running_operation is None


def test_people_are_removed(change_people, sandbox, staffed):
    operation = change_people(staffed, "remove", LENA, TOM)

    assert operation.status == "done"
    assert outcomes(operation) == {LENA: "removed", TOM: "not_in_campaign"}
    assert on(sandbox, staffed) == set()
    assert not Assignment.objects.filter(campaign=staffed).exists()


def test_what_v4_lists_is_mirrored_and_counted(change_people, sandbox, campaign):
    read_roster(campaign.connection)

    operation = change_people(campaign, "add", LENA, TOM)

    campaign.refresh_from_db()
    assert outcomes(operation) == {LENA: "already_there", TOM: "added"}
    assert campaign.agents_count == 2
    assert {row.source for row in Assignment.objects.filter(campaign=campaign)} == {"listed"}


def test_unknown_names_are_shown_with_the_nearest_match(change_people, staffed):
    operation = change_people(staffed, "add", "Tom Okafer", "zzz")

    assert outcomes(operation) == {"Tom Okafer": "not_found", "zzz": "not_found"}
    notes = {entry["name"]: entry.get("note", "") for entry in operation.result["names"]}
    assert notes["Tom Okafer"] == "Did you mean Tom Okafor?"
    assert notes["zzz"] == ""


def test_voiso_reports_that_a_new_email_is_not_found(change_people, sandbox, legacy_connection):
    campaign = mirror(sandbox, legacy_connection, sandbox.add_campaign("Spring renewals"))
    read_roster(legacy_connection)

    operation = change_people(campaign, "add", "tom.okafer@example.com", TOM)

    assert outcomes(operation) == {"tom.okafer@example.com": "not_found", TOM: "added"}
    assert "Did you mean tom.okafor@example.com?" in str(operation.result)


def test_a_name_shared_by_two_people_is_not_guessed(change_people, sandbox, any_campaign):
    sandbox.add_user("Tom Okafor", "tom.okafor2@example.com")
    read_roster(any_campaign.connection)

    operation = change_people(any_campaign, "add", "Tom Okafor")

    assert outcomes(operation) == {"Tom Okafor": "ambiguous"}
    assert "tom.okafor2@example.com" in str(operation.result)
    assert on(sandbox, any_campaign) == {LENA}


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


def test_a_preview_is_shown_before_anything_is_sent(change_people, sandbox, staffed):
    page = change_people(staffed, "add", TOM, "Tom Okafor", "Tom Okafer", step="preview")

    assert "1 will be added" in page
    assert "Listed twice" in page
    assert "Did you mean" in page
    assert "Add 1" in page
    assert not Operation.objects.exists()
    assert sandbox.requests(staffed.voiso_id, "people") == []


def test_the_nearest_match_can_be_chosen_with_one_click(client, ines, staffed):
    client.force_login(ines)
    data = {"do": "add", "names": "Tom Okafer\nPriya Nair", "swap": "Tom Okafer\tTom Okafor"}

    page = markup(client.post(reverse("assignments:change", args=[staffed.pk]), data))

    assert "2 will be added" in page


@pytest.mark.parametrize("ids", [101, 250])
def test_more_than_voiso_takes_is_sent_in_several_requests(change_people, sandbox, any_campaign, ids):
    emails = [f"agent{number}@example.com" for number in range(ids)]
    for number, email in enumerate(emails):
        sandbox.add_user(f"Agent {number}", email)
    read_roster(any_campaign.connection)

    operation = change_people(any_campaign, "add", *emails)

    assert set(outcomes(operation).values()) == {"added"}
    assert on(sandbox, any_campaign) == {LENA, *emails}
    assert operation.status == "done"


def test_a_name_missing_from_the_answer_is_not_called_added(change_people, sandbox, campaign):
    read_roster(campaign.connection)
    sandbox.behaviour.users_left_out = 1

    operation = change_people(campaign, "add", TOM, PRIYA)

    assert sorted(outcomes(operation).values()) == ["added", "left_out"]
    left_out = next(entry for entry in operation.result["names"] if entry["outcome"] == "left_out")
    assert "missing from Voiso's answer" in left_out["note"]
    assert left_out["name"] not in on(sandbox, campaign)


def test_if_one_of_several_requests_is_refused_the_rest_is_reported_truly(change_people, sandbox, campaign):
    emails = [f"agent{number:03}@example.com" for number in range(150)]
    for number, email in enumerate(emails):
        sandbox.add_user(f"Agent {number}", email)
    read_roster(campaign.connection)
    sandbox.fault(Fault.SERVER_ERROR, on="people", after=1, status=422)

    operation = change_people(campaign, "add", *emails)

    by_email = outcomes(operation)
    assert operation.status == "refused"
    assert operation.problem.startswith("100 of 150 were changed before this.")
    assert {email for email, outcome in by_email.items() if outcome == "added"} == on(sandbox, campaign) - {LENA}
    assert list(by_email.values()).count("refused") == 50


@pytest.mark.parametrize("fault", [Fault.ANSWER_LOST, Fault.RESET_BEFORE, Fault.TRUNCATED_JSON])
def test_a_lost_answer_is_settled_by_reading_the_list(change_people, sandbox, campaign, fault):
    read_roster(campaign.connection)
    sandbox.fault(fault, on="people")

    operation = change_people(campaign, "add", TOM, PRIYA)

    assert operation.status == "done"
    assert outcomes(operation) == {TOM: "added", PRIYA: "added"}
    assert on(sandbox, campaign) == {LENA, TOM, PRIYA}


@pytest.mark.parametrize("fault", [Fault.ANSWER_LOST, Fault.RESET_BEFORE])
def test_a_lost_answer_that_cannot_be_read_back_is_not_confirmed(change_people, sandbox, legacy_connection, fault):
    campaign = mirror(sandbox, legacy_connection, sandbox.add_campaign("Spring renewals"))
    read_roster(legacy_connection)
    sandbox.fault(fault, on="people")

    operation = change_people(campaign, "add", TOM)

    assert operation.status == "unconfirmed"
    assert outcomes(operation) == {TOM: "unconfirmed"}
    assert not Assignment.objects.filter(agent__email=TOM).exists()


def test_if_voiso_never_answers_nothing_is_claimed(change_people, sandbox, campaign):
    read_roster(campaign.connection)
    sandbox.fault(Fault.ANSWER_LOST, on="any", times=50)

    operation = change_people(campaign, "add", TOM)

    assert operation.status in {"refused", "unconfirmed"}
    assert "added" not in outcomes(operation).values()


def test_a_refusal_shows_voisos_words(change_people, sandbox, staffed):
    sandbox.campaign(staffed.voiso_id).become("stopping")

    operation = change_people(staffed, "add", TOM)

    assert operation.status == "refused"
    assert "Agents cannot be changed while the campaign is stopping" in operation.answer
    assert outcomes(operation) == {TOM: "refused"}


def test_a_refused_key_holds_the_connection(change_people, sandbox, staffed):
    for key in (sandbox.V4_KEY, sandbox.LEGACY_KEY):
        sandbox.revoke_key(key)

    operation = change_people(staffed, "add", TOM)

    assert operation.status == "refused"
    connection = Connection.objects.get()
    # v4 has one key, so its list is asked; in the legacy API a key for agents says nothing about sending.
    assert connection.held_kind == ("key" if connection.generation == "v4" else "")
    assert why_not(connection, Family.PEOPLE, timezone.now())


def test_the_same_click_twice_is_one_change(change_people, sandbox, staffed):
    token = uuid.uuid4()

    change_people(staffed, "add", TOM, token=token)
    change_people(staffed, "add", TOM, token=token)

    assert Operation.objects.filter(kind="assign").count() == 1
    assert len([seen for seen in sandbox.requests(staffed.voiso_id, "people") if seen.status < 300]) == 1


@pytest.mark.django_db(transaction=True)
def test_twenty_parallel_posts_of_one_form_are_one_change(sandbox, any_campaign, ines):
    read_roster(any_campaign.connection)
    data = {"do": "add", "names": TOM, "step": "apply", "client_token": uuid.uuid4()}

    def post(_number):
        browser = Client()
        browser.force_login(ines)
        try:
            return browser.post(reverse("assignments:change", args=[any_campaign.pk]), data).status_code
        finally:
            database.close()

    with ThreadPoolExecutor(20) as pool:
        assert set(pool.map(post, range(20))) == {302}
    run_jobs()

    assert Operation.objects.filter(kind="assign").count() == 1
    assert len(sandbox.requests(any_campaign.voiso_id, "people")) == 1


def test_a_campaign_has_one_operation_at_a_time(change_people, client, ines, staffed):
    first = change_people(staffed, "add", TOM, run=False)

    second = change_people(staffed, "add", PRIYA, run=False)
    run_jobs()

    assert first.pk != second.pk
    assert second.status == "refused"
    assert "Ines Sousa started another change here (change agents)." in second.problem


@pytest.mark.parametrize("arrives", [True, False])
def test_the_work_of_a_dead_worker_is_resumed(change_people, sandbox, campaign, arrives):
    read_roster(campaign.connection)

    class KilledError(BaseException):
        """The worker's process ended here."""

    def kill(_told):
        raise KilledError

    sandbox.fault(Fault.ODD_JSON, on="people", body=kill, acted=arrives)
    with pytest.raises(KilledError):
        change_people(campaign, "add", TOM)
    take_jobs()
    Operation.objects.update(touched_at=timezone.now() - UNTOUCHED_TOO_LONG - timedelta(seconds=1))

    tasks.sweep()
    run_jobs()

    operation = Operation.objects.get(kind="assign")
    assert (operation.status, outcomes(operation)) == ("done", {TOM: "added"})
    assert on(sandbox, campaign) == {LENA, TOM}


def test_a_job_delivered_five_times_sends_once(change_people, sandbox, staffed):
    change_people(staffed, "add", TOM, run=False)

    run_jobs(disturb=lambda jobs: [job for job in jobs for _ in range(5)])

    assert len(sandbox.requests(staffed.voiso_id, "people")) == 1


# Lost answers and crashes


def test_every_documented_list_of_the_legacy_answer_is_shown(change_people, client, sandbox, legacy_connection):
    campaign = mirror(sandbox, legacy_connection, sandbox.add_campaign("Spring renewals"))
    read_roster(legacy_connection)
    add = change_people(campaign, "add", TOM, "Evening", "stranger@example.com")
    remove = change_people(campaign, "remove", TOM, "Evening", PRIYA, "Morning", "noone@example.com")
    sandbox.fault(
        Fault.ODD_JSON,
        on="people",
        body={"id": int(campaign.voiso_id), "added_agents": [], "team_not_found": ["Morning"], "agent_not_found": []},
    )
    gone = change_people(campaign, "add", "Morning", LENA)

    page = markup(client.get(reverse("operations:list")))

    assert outcomes(add) == {TOM: "added", "Evening": "added", "stranger@example.com": "not_found"}
    assert outcomes(remove) == {
        TOM: "removed",
        "Evening": "removed",
        PRIYA: "not_in_campaign",
        "Morning": "not_in_campaign",
        "noone@example.com": "not_found",
    }
    assert outcomes(gone) == {"Morning": "not_found", LENA: "left_out"}
    for words in ("Added", "Removed", "Not found", "Not assigned", "Missing from answer"):
        assert f"<b>{words}</b>" in page


@pytest.mark.parametrize("status", [200, 422])
def test_errors_of_a_failed_operation_are_shown_in_voisos_words(client, ines, sandbox, legacy_connection, status):
    sandbox.behaviour.legacy_failure_status = status
    campaign = mirror(sandbox, legacy_connection, sandbox.add_campaign("Spring renewals", status="paused", agents=[]))
    client.force_login(ines)

    client.post(
        reverse("controls:operate", args=[campaign.pk]),
        {"change": "start", "client_token": uuid.uuid4(), "shown_status": "paused"},
    )
    run_jobs()

    page = markup(client.get(reverse("operations:list")))
    assert '<span class="quote" hx-disable>Campaign must have at least one agent to start</span>' in page


# Pages


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


# Unknown assignments


def test_without_a_list_a_known_agent_can_be_added_again(change_people, sandbox, legacy_connection):
    campaign = mirror(sandbox, legacy_connection, sandbox.add_campaign("Spring renewals"))
    read_roster(legacy_connection)
    change_people(campaign, "add", TOM)
    sandbox.campaign(campaign.voiso_id).agents.clear()  # removed in Voiso, which this API doesn't report

    page = change_people(campaign, "add", TOM, step="preview")
    change_people(campaign, "add", TOM)

    assert "Already assigned as far as we know; Voiso decides." in page
    assert "Add 1" in page
    assert on(sandbox, campaign) == {TOM}


def test_no_name_is_called_unknown_before_the_list_was_read(change_people, sandbox, connection):
    campaign = mirror(sandbox, connection, sandbox.add_campaign("Spring renewals"))

    page = change_people(campaign, "add", TOM, step="preview")

    assert "The list of agents hasn&#x27;t loaded yet. Try again in a moment." in page
    assert "Not found" not in page
    assert outcomes(change_people(campaign, "add", TOM)) == {TOM: "not_possible"}


def test_a_team_can_be_named_even_if_no_list_can_be_read(change_people, sandbox, legacy_connection):
    campaign = mirror(sandbox, legacy_connection, sandbox.add_campaign("Spring renewals"))
    sandbox.fault(Fault.SERVER_ERROR, on="reads", status=404)
    read_roster(legacy_connection)

    operation = change_people(campaign, "add", "Evening", "Stranger's", TOM)

    assert outcomes(operation) == {"Evening": "added", "Stranger's": "not_found", TOM: "added"}
    assert sandbox.campaign(campaign.voiso_id).teams == ["Evening"]


def test_a_name_with_a_comma_stays_one_name_from_the_list_to_the_outcome(change_people, staffed):
    page = change_people(staffed, "add", '"Stranger, Ned"', "Okafor, Tom", step="preview")
    names = re.search(r'<textarea[^>]*name="names"[^>]*>(.*?)</textarea>', page, re.DOTALL)[1]

    operation = change_people(staffed, "add", unescape(names))

    assert outcomes(operation) == {"Stranger, Ned": "not_found", "Tom Okafor": "added"}


@pytest.mark.parametrize("fault", [Fault.RATE_LIMITED, Fault.KEY_REVOKED])
def test_voiso_is_not_asked_during_a_wait_or_with_a_refused_key(change_people, sandbox, staffed, fault):
    sandbox.fault(fault, on="people", **({"retry_after": "60"} if fault == Fault.RATE_LIMITED else {}))

    operation = change_people(staffed, "add", TOM, run=False)
    before = len(sandbox.requests(staffed.voiso_id, "people", "read"))
    run_jobs()

    operation.refresh_from_db()
    assert (operation.status, outcomes(operation)) == ("refused", {TOM: "refused"})
    seen = [seen.kind for seen in sandbox.requests(staffed.voiso_id, "people", "read")][before:]
    assert seen[-1] == "people"
