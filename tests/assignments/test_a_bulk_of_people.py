"""A change of the people of several campaigns is one bulk, and nothing half-done is called done."""

import uuid
from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from tests.assignments.conftest import LENA, TOM, on, outcomes, read_roster
from tests.support.markup import markup
from tests.support.queue import run_jobs, take_jobs
from tests.support.sandbox import mirror
from voisoadmin.assignments.preview import plan_of
from voisoadmin.assignments.services import request_people_on
from voisoadmin.campaigns.bulk.asking import cancel_waiting, pick_up
from voisoadmin.campaigns.models import Campaign, Lane
from voisoadmin.operations.clicks import Click
from voisoadmin.operations.models import Operation
from voisoadmin.sandbox import Fault


@pytest.fixture
def campaigns(sandbox, any_connection):
    read_roster(any_connection)
    return [mirror(sandbox, any_connection, sandbox.add_campaign(f"Campaign {number}", agents=[])) for number in range(3)]


@pytest.fixture
def add(ines):
    def request(campaigns, *names):
        entries = plan_of(campaigns[0].connection, "add", agents=[], teams=[], names=names)
        return request_people_on(campaigns, entries, Click(by=ines, at=timezone.now()))

    return request


def statuses(bulk):
    bulk.refresh_from_db()
    return [child.status for child in bulk.children.order_by("pk")], bulk.status


def test_it_is_one_job_with_a_result_for_each_name_on_each_campaign(add, campaigns, sandbox):
    bulk = add(campaigns, TOM, LENA)
    queued = [name for name, _ in take_jobs()]
    Operation.objects.filter(pk=bulk.pk).update(touched_at=timezone.now() - timedelta(seconds=10))
    pick_up(at=timezone.now())
    run_jobs()

    assert queued == ["voisoadmin.assignments.tasks.run_bulk"]
    assert statuses(bulk) == (["done"] * 3, "done")
    assert [outcomes(child) for child in bulk.children.all()] == [{TOM: "added", LENA: "added"}] * 3
    assert [on(sandbox, campaign) for campaign in campaigns] == [{TOM, LENA}] * 3
    assert not Lane.objects.exclude(running_operation=None).exists()


def test_more_than_a_request_takes_goes_in_several_on_each_campaign(add, campaigns, sandbox):
    emails = [f"agent{number:03}@example.com" for number in range(130)]
    for number, email in enumerate(emails):
        sandbox.add_user(f"Agent {number}", email)
    read_roster(campaigns[0].connection)

    add(campaigns[:2], *emails)
    run_jobs()

    for campaign in campaigns[:2]:
        assert on(sandbox, campaign) == set(emails)
        assert len(sandbox.requests(campaign.voiso_id, "people")) == 2


def test_a_campaign_that_is_busy_or_refused_does_not_hold_the_others(add, campaigns, sandbox):
    Lane.objects.filter(pk=campaigns[0].lane_id).update(running_operation=987)
    sandbox.fault(Fault.SERVER_ERROR, on="people", times=1, status=422)

    bulk = add(campaigns, TOM)
    run_jobs()

    assert statuses(bulk) == (["refused", "refused", "done"], "done")
    busy, refused, _ = bulk.children.order_by("pk")
    assert "in progress" in busy.problem
    assert [outcomes(busy), outcomes(refused)] == [{TOM: "refused"}] * 2
    assert [on(sandbox, campaign) for campaign in campaigns] == [set(), set(), {TOM}]


def test_what_is_cancelled_before_its_turn_is_not_sent(add, campaigns, sandbox, omar):
    bulk = add(campaigns, TOM)

    assert cancel_waiting(bulk, Click(by=omar, at=timezone.now())) == 3
    run_jobs()

    assert statuses(bulk) == (["refused"] * 3, "refused")
    assert [on(sandbox, campaign) for campaign in campaigns] == [set()] * 3


class KilledError(BaseException):
    """The worker's process ended here."""


def test_a_killed_worker_leaves_one_truth_for_each_campaign(add, campaigns, sandbox):
    """Given a job that dies while Voiso answers, the next one reads the list where there is one, and calls the names of a
    lost answer unconfirmed where there is none."""
    bulk = add(campaigns, TOM)

    def kill(_data):
        raise KilledError

    sandbox.fault(Fault.ODD_JSON, on="people", body=kill, acted=True, after=1)
    with pytest.raises(KilledError):
        run_jobs()
    Operation.objects.filter(pk=bulk.pk).update(touched_at=timezone.now() - timedelta(seconds=10))
    assert pick_up(at=timezone.now()) == 1
    run_jobs()

    second = "done" if campaigns[0].connection.generation == "v4" else "unconfirmed"
    assert statuses(bulk) == (["done", second, "done"], "done")
    assert [on(sandbox, campaign) for campaign in campaigns] == [{TOM}] * 3
    assert [len(sandbox.requests(campaign.voiso_id, "people")) for campaign in campaigns] == [1, 1, 1]
    assert not Campaign.objects.exclude(lane__running_operation=None).exists()


def test_what_failed_is_tried_again_with_the_same_names(add, campaigns, sandbox, client, ines, omar):
    """Given a campaign that Voiso refused and one whose turn was cancelled, the page's Retry changes both."""
    sandbox.fault(Fault.SERVER_ERROR, on="people", times=1, status=422)
    refused, cancelled = add(campaigns[:2], TOM), add(campaigns[1:], TOM)
    cancel_waiting(cancelled, Click(by=omar, at=timezone.now()))
    run_jobs()
    client.force_login(ines)

    for bulk in (refused, cancelled):
        page = client.get(reverse("campaigns:bulk", args=[bulk.pk]))
        form = {"frozen": page.context["frozen"], "client_token": str(uuid.uuid4())}
        client.post(reverse("campaigns:bulk_retry", args=[bulk.pk]), form)
    run_jobs()

    assert [on(sandbox, campaign) for campaign in campaigns] == [{TOM}] * 3


def test_the_result_names_everyone_on_each_campaign(add, campaigns, client, ines):
    bulk = add(campaigns[:2], TOM, LENA)
    run_jobs()
    client.force_login(ines)

    page = " ".join(markup(client.get(reverse("campaigns:bulk", args=[bulk.pk]))).split())

    assert "Change agents of 2 campaigns" in page
    assert page.count("2 names on") == 2
    assert page.count(f"{TOM}</bdi>") == 2


@pytest.mark.once
def test_ticked_campaigns_of_the_board_lead_to_the_page_for_picking(sandbox, connection, legacy_connection, client, ines):
    first, second = (mirror(sandbox, connection, sandbox.add_campaign(f"Campaign {number}")) for number in range(2))
    other = mirror(sandbox, legacy_connection, sandbox.add_campaign("Other"))
    client.force_login(ines)
    address = reverse("assignments:pick_for")

    chosen = client.post(address, {"campaign": [f"{first.pk}:active", f"{second.pk}:active"]})
    mixed = client.post(address, {"campaign": [f"{first.pk}:active", f"{other.pk}:active"]})
    nothing = client.post(address, {})

    page = client.get(chosen["Location"])
    assert page.context["shown"].picked.campaigns == {first.pk, second.pk}
    assert "campaigns of 2 contact centres, which share no agents" in markup(mixed)
    assert (mixed.status_code, nothing.status_code) == (422, 422)
