"""What is reported of each name when Voiso refuses, answers in part or not at all, or a worker dies."""

import uuid
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

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
from voisoadmin.assignments.models import Assignment
from voisoadmin.connections.families import why_not
from voisoadmin.connections.models import Connection, Family
from voisoadmin.operations.models import Operation
from voisoadmin.operations.services import UNTOUCHED_TOO_LONG
from voisoadmin.sandbox import Fault


def test_a_name_missing_from_the_answer_is_not_called_added(change_people, sandbox, campaign):
    read_roster(campaign.connection)
    sandbox.behaviour.users_left_out = 1

    operation = change_people(campaign, "add", TOM, PRIYA)

    assert sorted(outcomes(operation).values()) == ["added", "left_out"]
    left_out = next(entry for entry in operation.result["names"] if entry["outcome"] == "left_out")
    assert "missing from Voiso's answer" in left_out["note"]
    assert left_out["name"] not in on(sandbox, campaign)
    assert operation.status == "refused"
    assert operation.problem.startswith("1 of 2 were changed before this. Voiso left out some of the names.")


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
