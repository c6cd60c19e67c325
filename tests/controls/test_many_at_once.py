"""Many campaigns at once: one operation and one job, a result for each campaign, and nothing sent that is no longer wanted."""

import uuid
from datetime import timedelta

import pytest
from django.utils import timezone

from tests.controls.conftest import NUMBERS
from tests.support.queue import run_jobs, take_jobs
from tests.support.sandbox import connect, mirror
from voisoadmin.campaigns.bulk.asking import cancel_waiting, pick_up
from voisoadmin.campaigns.models import Campaign
from voisoadmin.controls import tasks
from voisoadmin.controls.bulk.begin import begin_bulk
from voisoadmin.controls.bulk.changes_job import ChangesJob
from voisoadmin.controls.services import request_change
from voisoadmin.lib.jobs import enqueue
from voisoadmin.operations.clicks import Click
from voisoadmin.operations.models import Operation
from voisoadmin.operations.services import take_up
from voisoadmin.sandbox import Fault
from voisoadmin.voiso import Change

pytestmark = pytest.mark.slow


def some(sandbox, connection, count, *, status="paused"):
    """Campaigns in this state, with an agent and contacts."""
    made = []
    for number in range(count):
        key = sandbox.add_campaign(f"Campaign {number + 1}", numbers=NUMBERS)
        sandbox.campaign(key).become(status)
        made.append(mirror(sandbox, connection, key))
    return made


def begin(change, campaigns, *, by=None, at=None, shown=None, **given):
    click = Click(by=by, by_label="" if by else "Rule “Daily quota”", at=at or timezone.now())
    return begin_bulk(Change(change), [(row.pk, shown or row.status_shown) for row in campaigns], click, **given)


def outcomes(bulk):
    """The status of each child in the order of its campaigns, and of the bulk."""
    bulk.refresh_from_db()
    return [child.status for child in bulk.children.order_by("pk")], bulk.status


@pytest.mark.parametrize(("change", "before", "after"), [("start", "paused", "active"), ("stop", "active", "stopped")])
def test_twelve_campaigns_are_one_operation_with_a_child_each(sandbox, any_connection, ines, change, before, after):
    campaigns = some(sandbox, any_connection, 12, status=before)

    bulk = begin(change, campaigns, by=ines)
    run_jobs()

    assert outcomes(bulk) == (["done"] * 12, "done")
    assert (bulk.campaigns, bulk.subject_label, bulk.by_label) == (12, "12 campaigns", "Ines Sousa")
    for campaign in Campaign.objects.all():
        assert (campaign.status, campaign.status_by, campaign.pending_operation) == (after, "Ines Sousa", "")
        assert len(sandbox.requests(campaign.voiso_id, change)) == 1


def test_it_is_one_queued_job_however_many_campaigns(sandbox, connection):
    begin("start", some(sandbox, connection, 3))

    assert [name for name, _ in take_jobs()] == ["voisoadmin.controls.tasks.run_bulk"]


def test_the_outcomes_come_from_a_list_for_all_and_not_from_a_read_for_each(sandbox, any_connection):
    campaigns = some(sandbox, any_connection, 6)

    begin("start", campaigns)
    run_jobs()

    reads = [seen for campaign in campaigns for seen in sandbox.requests(campaign.voiso_id, "get")]
    assert reads == []


def test_of_a_long_list_the_campaigns_of_a_small_bulk_are_read_instead(sandbox, connection):
    """Given 101 campaigns, which take two pages, one campaign is one request."""
    (campaign,) = some(sandbox, connection, 1)
    lane, now = campaign.lane, timezone.now()
    for number in range(100):
        Campaign.objects.create(connection=connection, lane=lane, voiso_id=f"9{number:03}", changed_at=now)

    bulk = begin("start", [campaign])
    run_jobs()

    assert outcomes(bulk) == (["done"], "done")
    reads = [seen for seen in sandbox.seen if seen.kind == "read"]
    assert [seen.path for seen in reads] == ["/api/v4/campaigns/<id>"] * len(reads)
    assert reads


def test_campaigns_of_several_contact_centres_are_one_bulk(sandbox, connection, legacy_connection, ines):
    campaigns = some(sandbox, connection, 2) + some(sandbox, legacy_connection, 2)

    bulk = begin("start", campaigns, by=ines)
    run_jobs()

    assert outcomes(bulk) == (["done"] * 4, "done")
    assert bulk.connection_ref is None
    assert {child.connection_ref for child in bulk.children.all()} == {connection.pk, legacy_connection.pk}


# A campaign that isn't as it was shown


def test_a_campaign_whose_state_differs_from_the_one_shown_is_refused_in_words(sandbox, connection, ines, omar):
    first, second = some(sandbox, connection, 2, status="active")
    bulk = begin("pause", [first, second], by=ines)
    take_jobs()
    request_change(second, Change.STOP, by=omar, at=timezone.now())
    run_jobs()

    ChangesJob.queue(bulk)
    run_jobs()

    assert outcomes(bulk) == (["done", "refused"], "done")
    refused = bulk.children.get(subject_id=second.pk)
    assert refused.problem == "Omar Haddad stopped this after this click, before its turn. Check the state, then decide."
    assert sandbox.requests(second.voiso_id, "pause") == []


def test_what_is_not_possible_is_refused_and_the_others_are_done(sandbox, connection, ines):
    paused, active = *some(sandbox, connection, 1), *some(sandbox, connection, 1, status="active")

    bulk = begin("start", [paused, active], by=ines)
    run_jobs()

    assert outcomes(bulk) == (["done", "refused"], "done")
    assert bulk.children.get(subject_id=active.pk).problem == "Not possible: It's already running."


def test_a_refusal_of_voiso_has_its_words_and_what_to_do(sandbox, any_connection):
    first, second = some(sandbox, any_connection, 2)
    sandbox.campaign(first.voiso_id).agents.clear()

    bulk = begin("start", [first, second])
    run_jobs()

    assert outcomes(bulk) == (["refused", "done"], "done")
    refused = bulk.children.get(subject_id=first.pk)
    assert "at least one agent" in refused.answer
    assert "Add an agent, then start it again." in refused.problem


def test_if_nothing_was_done_the_bulk_is_refused(sandbox, connection):
    campaigns = some(sandbox, connection, 2, status="active")

    bulk = begin("start", campaigns)
    run_jobs()

    assert outcomes(bulk) == (["refused", "refused"], "refused")


# Who may, and how often


def test_only_campaigns_that_the_user_may_see_are_changed(sandbox, connection, ines):
    other = connect(sandbox, name="Other centre", address="https://cc-test01.voiso.com")
    mine, theirs = some(sandbox, connection, 1)[0], some(sandbox, other, 1)[0]
    ines.all_centres = False
    ines.save()
    ines.centres.add(connection)

    bulk = begin("start", [mine, theirs], by=ines)

    assert [child.subject_id for child in bulk.children.all()] == [mine.pk]


def test_the_same_once_key_is_one_bulk(sandbox, connection):
    campaigns, key = some(sandbox, connection, 2), uuid.uuid4()

    first, second = (begin("start", campaigns, once_key=key) for _ in range(2))

    assert first.pk == second.pk
    assert Operation.objects.count() == 3


def test_a_campaign_named_twice_is_changed_once(sandbox, connection):
    (campaign,) = some(sandbox, connection, 1)

    bulk = begin("start", [campaign, campaign])

    assert bulk.children.count() == bulk.campaigns == 1


# Its end


def test_cancelling_leaves_out_the_campaigns_whose_turn_has_not_come(sandbox, connection, ines, omar):
    campaigns = some(sandbox, connection, 3)
    bulk = begin("start", campaigns, by=ines)

    left_out = cancel_waiting(bulk, Click(by=omar, at=timezone.now()))
    run_jobs()

    assert left_out == 3
    assert outcomes(bulk) == (["refused"] * 3, "refused")
    assert {child.problem for child in bulk.children.all()} == {"Cancelled by Omar Haddad before its turn."}
    assert [sandbox.requests(campaign.voiso_id, "start") for campaign in campaigns] == [[], [], []]
    assert Operation.objects.get(kind="cancel_bulk").by_label == "Omar Haddad"


def test_it_does_not_begin_again_after_the_worker_was_away(sandbox, connection):
    campaigns = some(sandbox, connection, 2)

    bulk = begin("start", campaigns, at=timezone.now() - timedelta(seconds=31))
    run_jobs()

    assert outcomes(bulk) == (["refused"] * 2, "refused")
    assert "the background worker was away" in bulk.children.first().problem
    assert [sandbox.requests(campaign.voiso_id, "start") for campaign in campaigns] == [[], []]


def test_it_ends_ten_minutes_after_the_click(sandbox, connection):
    begun_at = timezone.now() - timedelta(minutes=11)
    bulk = begin("start", some(sandbox, connection, 2), at=begun_at)
    Operation.objects.filter(pk=bulk.pk).update(result={"alive": timezone.now().timestamp()})

    run_jobs()

    assert outcomes(bulk) == (["refused"] * 2, "refused")
    assert bulk.children.first().problem.startswith("Not sent: the 10 minutes of this bulk were over.")


def test_a_start_has_thirty_seconds_from_its_turn_and_not_from_the_click(sandbox, connection):
    """Given a bulk that began 40 s ago and was carried out since, a start whose turn comes now is sent."""
    bulk = begin("start", some(sandbox, connection, 2), at=timezone.now() - timedelta(seconds=40))
    Operation.objects.filter(pk=bulk.pk).update(result={"alive": timezone.now().timestamp()})

    run_jobs()

    assert outcomes(bulk) == (["done"] * 2, "done")


def test_a_bulk_makes_room_when_more_tasks_wait_than_there_are_workers(sandbox, connection, settings):
    """Given calls that don't end, a bulk that could wait for long lets a click have its worker, and continues later."""
    (campaign,) = some(sandbox, connection, 1, status="active")
    sandbox.behaviour.transition_seconds = 10_000.0
    bulk = begin("pause", [campaign])
    [(_, arguments)] = take_jobs()
    for _ in range(settings.QUEUE_WORKERS + 1):
        enqueue("voisoadmin.runtime.tasks.canary")

    tasks.run_bulk(*arguments)

    assert outcomes(bulk) == (["running"], "running")
    assert take_jobs()[-1] == ("voisoadmin.controls.tasks.run_bulk", (bulk.pk, 1))
    sandbox.campaign(campaign.voiso_id).turns_at = 0.0  # its calls have ended
    ChangesJob.queue(bulk)
    run_jobs()
    assert outcomes(bulk) == (["done"], "done")


# Single clicks and the sending of contacts


def test_a_single_click_is_not_kept_waiting_by_a_bulk_that_has_not_reached_its_campaign(sandbox, connection, ines, omar):
    (campaign,) = some(sandbox, connection, 1)
    begin("start", [campaign], by=ines)

    clicked = request_change(campaign, Change.STOP, by=omar, at=timezone.now(), shown_status="paused")

    assert clicked.status == "queued"


# A worker that is killed


class KilledError(BaseException):
    """The worker's process ended here."""


def test_a_killed_worker_sends_no_start_twice_and_each_campaign_has_one_truth(sandbox, any_connection, settings):
    """Given a job that dies while Voiso answers a start, the next one reads back what became of it, and continues."""
    settings.TIME_SCALE = 0.1  # a campaign that isn't confirmed within its scaled time is "unconfirmed": not because of us
    campaigns = some(sandbox, any_connection, 5)
    bulk = begin("start", campaigns)

    def kill(_data):
        raise KilledError

    sandbox.fault(Fault.ODD_JSON, on="operations", body=kill, acted=True, after=2)
    with pytest.raises(KilledError):
        run_jobs()
    assert "running" in outcomes(bulk)[0]
    Operation.objects.filter(pk=bulk.pk).update(touched_at=timezone.now() - timedelta(seconds=10))
    assert pick_up(at=timezone.now()) == 1
    run_jobs()

    assert outcomes(bulk) == (["done"] * 5, "done")
    assert bulk.children.filter(result__read_back=True).exists()
    for campaign in campaigns:
        assert len(sandbox.requests(campaign.voiso_id, "start")) == 1
        campaign.refresh_from_db()
        assert campaign.status == sandbox.campaign(campaign.voiso_id).status == "active"
        assert campaign.lane.running_operation is None


def test_what_a_frozen_job_still_writes_is_dropped(sandbox, connection):
    """Given a job that another one has overtaken, its children no longer take its answers."""
    (campaign,) = some(sandbox, connection, 1)
    bulk = begin("start", [campaign])
    [(_, arguments)] = take_jobs()
    frozen = ChangesJob(take_up(*arguments[:1], attempt=arguments[1], at=timezone.now()))
    bulk.refresh_from_db()
    ChangesJob.queue(bulk)
    run_jobs()

    assert frozen.run() is True
    assert outcomes(bulk) == (["done"], "done")
    assert len(sandbox.requests(campaign.voiso_id, "start")) == 1
