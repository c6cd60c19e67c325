"""What can go wrong between the click and the outcome, in real threads against the sandbox."""

import os
import random
import uuid
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier

import pytest
from django.db import connection as database
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from tests.controls.conftest import NUMBERS, set_state
from tests.support.markup import markup
from tests.support.queue import run_jobs, take_jobs
from tests.support.sandbox import mirror
from voisoadmin.campaigns.models import Campaign, Lane
from voisoadmin.campaigns.polling import sync
from voisoadmin.connections.services import remove_connection
from voisoadmin.controls import tasks
from voisoadmin.operations.models import Operation
from voisoadmin.operations.services import UNTOUCHED_TOO_LONG
from voisoadmin.sandbox import Fault

pytestmark = pytest.mark.slow

FORMS = int(os.environ.get("TEST_FORMS", "6"))  # 100 in a long run
POSTS = 20
RACES = int(os.environ.get("TEST_RACES", "25"))  # 200 in a long run
POLLS = int(os.environ.get("TEST_POLLS", "12"))  # 1000 in a long run


def at_once(*calls):
    """Run all functions in threads that start together; return their results."""
    together = Barrier(len(calls))

    def run(call):
        together.wait()
        try:
            return call()
        finally:
            database.close()

    with ThreadPoolExecutor(len(calls)) as pool:
        return list(pool.map(run, calls))


def post(user, campaign, change, *, token=None, shown):
    client = Client()
    client.force_login(user)
    data = {"change": change, "client_token": token or uuid.uuid4(), "shown_status": shown}
    return lambda: client.post(reverse("controls:operate", args=[campaign.pk]), data, headers={"HX-Request": "true"})


# Double clicks


@pytest.mark.django_db(transaction=True)
def test_twenty_parallel_posts_of_one_form_are_one_operation_and_one_request(sandbox, connection, ines):
    for _ in range(FORMS):
        campaign = mirror(sandbox, connection, sandbox.add_campaign("Spring renewals", numbers=NUMBERS))
        token = uuid.uuid4()

        answers = at_once(*[post(ines, campaign, "pause", token=token, shown="active") for _ in range(POSTS)])
        run_jobs()

        assert {answer.status_code for answer in answers} == {200}
        assert Operation.objects.filter(subject_id=campaign.pk).count() == 1
        assert len(sandbox.requests(campaign.voiso_id, "pause")) == 1


# Two users


@pytest.mark.django_db(transaction=True)
def test_when_two_supervisors_race_the_second_sees_who_was_first(sandbox, connection, ines, omar):
    for number in range(RACES):
        campaign = mirror(sandbox, connection, sandbox.add_campaign("Spring renewals", numbers=NUMBERS))
        set_state(sandbox, campaign, "paused")
        people = [(ines, "start"), (omar, "stop")] if number % 2 else [(omar, "start"), (ines, "stop")]

        answers = at_once(*[post(by, campaign, change, shown="paused") for by, change in people])
        run_jobs()

        operations = Operation.objects.filter(subject_id=campaign.pk)
        first, second = operations.get(status="done"), operations.get(status="refused")
        assert sorted(answer.status_code for answer in answers) == [200, 409]
        refused = markup(next(answer for answer in answers if answer.status_code == 409))
        assert f"{first.by_label} {'started' if first.kind == 'start' else 'stopped'} this" in refused
        assert f"{first.by_label} " in second.problem
        assert sandbox.campaign(campaign.voiso_id).status == ("active" if first.kind == "start" else "stopped")


@pytest.mark.django_db(transaction=True)
def test_an_old_page_shows_who_changed_the_state_since(sandbox, any_campaign, ines, omar):
    post(omar, any_campaign, "pause", shown="active")()
    run_jobs()

    answer = post(ines, any_campaign, "stop", shown="active")()
    run_jobs()

    assert answer.status_code == 409
    assert "Omar Haddad paused this" in markup(answer)
    assert "Check the state, then decide." in markup(answer)
    assert sandbox.campaign(any_campaign.voiso_id).status == "paused"
    assert Operation.objects.count() == 2


def test_a_page_without_a_state_shows_it_as_well(client, sandbox, legacy_connection, ines, omar):
    sandbox.behaviour.legacy_status = "absent"
    campaign = mirror(sandbox, legacy_connection, sandbox.add_campaign("Spring renewals", numbers=NUMBERS))
    Campaign.objects.update(status="", status_source="", status_since=None)
    client.force_login(ines)
    page = markup(client.get(reverse("controls:panel", args=[campaign.pk])))
    assert 'name="shown_status" value="unknown"' in page
    post(omar, campaign, "pause", shown="unknown")()
    run_jobs()

    answer = post(ines, campaign, "start", shown="unknown")()

    assert answer.status_code == 409
    assert "Omar Haddad paused this" in markup(answer)
    assert not starts(sandbox, campaign)


def test_a_state_newly_reported_by_voiso_does_not_stop_a_click(sandbox, any_campaign, ines):
    answer = post(ines, any_campaign, "pause", shown="unknown")()
    run_jobs()

    assert answer.status_code == 200
    assert Operation.objects.get().status == "done"


def test_a_campaign_stopped_unseen_in_voiso_can_be_started_again(sandbox, legacy_connection, ines):
    sandbox.behaviour.legacy_status = "absent"
    campaign = mirror(sandbox, legacy_connection, sandbox.add_campaign("Spring renewals", numbers=NUMBERS))
    set_state(sandbox, campaign, "paused")
    post(ines, campaign, "start", shown="paused")()
    run_jobs()
    sandbox.campaign(campaign.voiso_id).become("paused")  # in Voiso, which this API doesn't report

    answer = post(ines, campaign, "start", shown="active")()
    run_jobs()

    assert answer.status_code == 200
    assert sandbox.campaign(campaign.voiso_id).status == "active"


def test_automatic_changes_by_the_dialer_do_not_outdate_a_page(sandbox, any_campaign, ines):
    set_state(sandbox, any_campaign, "auto_paused")

    answer = post(ines, any_campaign, "pause", shown="active")()

    assert answer.status_code == 200


# Late polls


def test_a_poll_that_began_before_an_operation_ended_changes_nothing(sandbox, any_campaign, ines):
    chance = random.Random(4711)
    for _ in range(POLLS):
        set_state(sandbox, any_campaign, "active")
        any_campaign.refresh_from_db()
        # The dialer may have paused it just before, which the poll sees and the page doesn't yet.
        sandbox.campaign(any_campaign.voiso_id).become(chance.choice(["active", "auto_paused"]))
        change, wanted = chance.choice([("pause", "paused"), ("stop", "stopped")])
        began = chance.choice(["before the click", "before the job"])
        if began == "before the job":
            post(ines, any_campaign, change, shown="active")()

        def operate_meanwhile(change=change, began=began):
            if began == "before the click":
                post(ines, any_campaign, change, shown="active")()
            run_jobs()

        poll_that_is_slow(sandbox, any_campaign.connection, meanwhile=operate_meanwhile)

        any_campaign.refresh_from_db()
        assert (any_campaign.status, any_campaign.pending_operation) == (wanted, "")
        assert any_campaign.status_by == "Ines Sousa"


def poll_that_is_slow(sandbox, connection, *, meanwhile):
    """A poll whose answer was made before, and arrives after, something else happened."""

    def answer_late(answer):
        meanwhile()
        return answer

    sandbox.fault(Fault.ODD_JSON, on="reads", body=answer_late)
    sync(connection, at=timezone.now())


# Lost answers


def starts(sandbox, campaign):
    return sandbox.requests(campaign.voiso_id, "start")


@pytest.fixture
def paused(sandbox, any_campaign):
    sandbox.add_leads(any_campaign.voiso_id, NUMBERS)
    return set_state(sandbox, any_campaign, "paused")


@pytest.mark.parametrize("how", ["timeout", "reset", "502"])
def test_a_start_whose_answer_is_lost_is_read_back_as_done(sandbox, paused, ines, how):
    sandbox.fault(Fault.ANSWER_LOST, on="operations", how=how)

    post(ines, paused, "start", shown="paused")()
    run_jobs()

    operation = Operation.objects.get()
    paused.refresh_from_db()
    assert (operation.status, operation.result["read_back"]) == ("done", True)
    assert (paused.status, paused.status_by) == ("active", "Ines Sousa")
    assert len(starts(sandbox, paused)) == 1


def test_a_start_that_never_arrived_is_not_sent_again_automatically(sandbox, paused, ines):
    sandbox.fault(Fault.RESET_BEFORE, on="operations")

    post(ines, paused, "start", shown="paused")()
    run_jobs()
    tasks.sweep()
    run_jobs()

    operation = Operation.objects.get()
    assert operation.status == "unconfirmed"
    assert "Its state is paused. A start is not resent automatically." in operation.problem
    assert len(starts(sandbox, paused)) == 1


def test_a_start_not_taken_up_in_time_is_refused_and_never_sent(sandbox, paused, ines):
    post(ines, paused, "start", shown="paused")()
    Operation.objects.update(asked_at=timezone.now() - timedelta(seconds=31))

    run_jobs()

    operation = Operation.objects.get()
    paused.refresh_from_db()
    assert operation.status == "refused"
    assert "never sent late" in operation.problem
    assert paused.pending_operation == ""
    assert starts(sandbox, paused) == []


def test_a_late_start_without_its_job_is_refused_by_the_sweep(sandbox, paused, ines):
    post(ines, paused, "start", shown="paused")()
    take_jobs()
    Operation.objects.update(asked_at=timezone.now() - timedelta(minutes=5))

    tasks.sweep()
    run_jobs()

    assert Operation.objects.get().status == "refused"
    assert starts(sandbox, paused) == []


def test_an_expired_start_does_not_block_others(sandbox, paused, ines, omar):
    post(ines, paused, "start", shown="paused")()
    take_jobs()
    Operation.objects.update(asked_at=timezone.now() - timedelta(minutes=5))

    answer = post(omar, paused, "stop", shown="paused")()
    run_jobs()

    assert answer.status_code == 200
    assert [(x.kind, x.status) for x in Operation.objects.order_by("pk")] == [("start", "refused"), ("stop", "done")]


@pytest.mark.parametrize("back", ["a lost answer", "a call that never arrived"])
def test_a_pause_is_sent_again_until_it_is_done(sandbox, any_campaign, ines, back):
    sandbox.fault(Fault.ANSWER_LOST if back == "a lost answer" else Fault.RESET_BEFORE, on="operations")

    post(ines, any_campaign, "pause", shown="active")()
    run_jobs()

    assert Operation.objects.get().status == "done"
    assert sandbox.campaign(any_campaign.voiso_id).status == "paused"
    assert len(sandbox.requests(any_campaign.voiso_id, "pause")) == (1 if back == "a lost answer" else 2)


def test_a_pause_that_never_arrives_is_tried_three_times_and_then_reported(sandbox, any_campaign, ines):
    sandbox.fault(Fault.RESET_BEFORE, on="operations", times=10)

    post(ines, any_campaign, "pause", shown="active")()
    run_jobs()

    operation = Operation.objects.get()
    assert operation.status == "unconfirmed"
    assert "Its state is active. It was sent 3 times." in operation.problem
    assert len(sandbox.requests(any_campaign.voiso_id, "pause")) == 3


def test_a_failed_connection_is_a_refusal_because_nothing_was_sent(sandbox, paused, ines):
    sandbox.fault(Fault.UNREACHABLE, on="operations", times=10)

    post(ines, paused, "start", shown="paused")()
    run_jobs()

    operation = Operation.objects.get()
    assert operation.status == "refused"
    assert operation.problem.count("Nothing was sent.") == 1


@pytest.mark.parametrize("fault", [Fault.RATE_LIMITED, Fault.KEY_REVOKED])
def test_voiso_is_not_asked_during_a_wait_or_with_a_refused_key(sandbox, any_campaign, ines, fault):
    options = {"retry_after": "60"} if fault == Fault.RATE_LIMITED else {}
    sandbox.fault(fault, on="operations", **options)

    post(ines, any_campaign, "stop", shown="active")()
    run_jobs()

    assert Operation.objects.get().status == "refused"
    assert [seen.kind for seen in sandbox.requests(any_campaign.voiso_id, "stop", "read")] == ["stop"]


def test_if_the_state_is_not_reported_an_accepted_change_is_inferred(sandbox, legacy_connection, ines):
    sandbox.behaviour.legacy_status = "absent"
    campaign = mirror(sandbox, legacy_connection, sandbox.add_campaign("Spring renewals"))

    post(ines, campaign, "pause", shown="active")()
    run_jobs()

    campaign.refresh_from_db()
    assert Operation.objects.get().status == "done"
    assert (campaign.status, campaign.status_source, campaign.cause) == ("paused", "inferred", "accepted")


def test_if_the_state_is_not_reported_a_lost_start_is_not_confirmed(sandbox, legacy_connection, ines):
    sandbox.behaviour.legacy_status = "absent"
    campaign = mirror(sandbox, legacy_connection, sandbox.add_campaign("Spring renewals", numbers=NUMBERS))
    set_state(sandbox, campaign, "paused")
    sandbox.fault(Fault.ANSWER_LOST, on="operations")

    post(ines, campaign, "start", shown="paused")()
    run_jobs()

    operation = Operation.objects.get()
    assert operation.status == "unconfirmed"
    assert "so it can't be checked" in operation.problem
    assert len(starts(sandbox, campaign)) == 1


def test_a_connection_removed_meanwhile_is_not_used(sandbox, any_campaign, ines, ada):
    post(ines, any_campaign, "pause", shown="active")()
    remove_connection(any_campaign.connection, by=ada, at=timezone.now())

    run_jobs()

    operation = Operation.objects.get(kind="pause")
    assert (operation.status, operation.problem) == ("refused", "Not sent: the connection Test centre was removed.")
    assert Lane.objects.get().running_operation is None
    assert sandbox.requests(any_campaign.voiso_id, "pause", "read") == []


# A dead worker, a repeated job


@pytest.mark.parametrize(("change", "before"), [("start", "paused"), ("pause", "active"), ("stop", "active")])
def test_the_change_of_a_dead_worker_is_read_back(sandbox, any_campaign, ines, change, before):
    sandbox.add_leads(any_campaign.voiso_id, NUMBERS)
    set_state(sandbox, any_campaign, before)
    post(ines, any_campaign, change, shown=before)()
    die_while_sending(sandbox)

    tasks.sweep()
    run_jobs()

    operation = Operation.objects.get()
    assert (operation.status, operation.result["read_back"]) == ("done", True)
    assert len(sandbox.requests(any_campaign.voiso_id, change)) == 1
    assert Lane.objects.get().running_operation is None


def test_a_start_that_a_dead_worker_never_sent_is_not_confirmed_and_not_sent_again(sandbox, paused, ines):
    post(ines, paused, "start", shown="paused")()
    die_while_sending(sandbox, arrives=False)

    tasks.sweep()
    run_jobs()

    assert Operation.objects.get().status == "unconfirmed"
    assert len(starts(sandbox, paused)) == 1


class KilledError(BaseException):
    """The worker's process ended here."""


def die_while_sending(sandbox, *, arrives=True):
    """Take the job up, send the request, and die before reading its answer; a long time passes."""

    def kill(_told):
        raise KilledError

    sandbox.fault(Fault.ODD_JSON, on="operations", body=kill, acted=arrives)
    with pytest.raises(KilledError):
        run_jobs()
    take_jobs()
    long_ago = timezone.now() - UNTOUCHED_TOO_LONG - timedelta(seconds=1)
    Operation.objects.update(touched_at=long_ago)


def test_a_job_delivered_five_times_sends_once(sandbox, any_campaign, ines):
    post(ines, any_campaign, "pause", shown="active")()

    run_jobs(disturb=lambda jobs: [job for job in jobs for _ in range(5)])

    assert Operation.objects.get().status == "done"
    assert len(sandbox.requests(any_campaign.voiso_id, "pause")) == 1


@pytest.mark.django_db(transaction=True)
def test_a_job_running_in_five_workers_at_once_sends_once(sandbox, any_campaign, ines):
    post(ines, any_campaign, "pause", shown="active")()
    [(_, arguments)] = take_jobs()

    at_once(*[lambda: tasks.run_operation(*arguments)] * 5)

    assert Operation.objects.get().status == "done"
    assert len(sandbox.requests(any_campaign.voiso_id, "pause")) == 1


def test_a_long_transition_is_followed_by_later_jobs(sandbox, any_campaign, ines):
    sandbox.behaviour.transition_seconds = 10_000.0

    post(ines, any_campaign, "stop", shown="active")()
    [(_, arguments)] = take_jobs()
    tasks.run_operation(*arguments)
    assert Operation.objects.get().status == "running"
    sandbox.campaign(any_campaign.voiso_id).turns_at = 0.0  # its calls have ended
    run_jobs()

    assert Operation.objects.get().status == "done"
    any_campaign.refresh_from_db()
    assert any_campaign.status == "stopped"
