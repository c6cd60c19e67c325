"""The buttons of a campaign and the list of its agents: a token is used up by one change."""

import uuid

import pytest
from django.urls import reverse

from tests.assignments.conftest import read_roster
from tests.submissions.posting import at_once, refused
from tests.support.queue import run_jobs
from voisoadmin.operations.models import Operation

PRESS_AGAIN = r"This form was already sent at \d\d:\d\d\. Press the button again if you still want it\."


@pytest.fixture
def signed_in(client, ines):
    client.force_login(ines)
    return client


def operate(campaign):
    return reverse("controls:operate", args=[campaign.pk])


def button(change, **more):
    return {"change": change, "client_token": uuid.uuid4(), "shown_status": "active", **more}


@pytest.mark.parametrize("headers", [{}, {"HX-Request": "true"}, {"HX-Request": "true", "HX-Target": "controls"}])
def test_a_stop_with_the_token_of_a_pause_is_not_called_paused(signed_in, sandbox, campaign, headers):
    form = button("pause")
    signed_in.post(operate(campaign), form, headers=headers)
    run_jobs()

    answer = signed_in.post(operate(campaign), form | {"change": "stop"}, headers=headers)
    run_jobs()

    refused(answer, PRESS_AGAIN)
    assert sandbox.campaign(campaign.voiso_id).status == "paused"
    assert Operation.objects.count() == 1


def test_a_repeated_click_gets_the_same_answer(signed_in, sandbox, campaign):
    form = button("pause")
    first = signed_in.post(operate(campaign), form)
    again = signed_in.post(operate(campaign), form)

    run_jobs()

    assert (first.status_code, first.headers["Location"]) == (again.status_code, again.headers["Location"])
    assert len(sandbox.requests(campaign.voiso_id, "pause")) == 1


def test_a_refused_click_is_refused_once(signed_in, campaign):
    form = button("start")
    first = signed_in.post(operate(campaign), form)

    again = signed_in.post(operate(campaign), form)

    assert first.status_code == again.status_code == 422
    assert Operation.objects.count() == 1


def test_a_token_of_another_campaign_or_user_changes_nothing(client, signed_in, campaign, omar):
    form = button("pause")
    signed_in.post(operate(campaign), form)
    run_jobs()

    client.force_login(omar)

    refused(client.post(operate(campaign), form), "This form belongs to another page or person")
    assert Operation.objects.count() == 1


@pytest.fixture
def named(campaign):
    read_roster(campaign.connection)
    return {"do": "add", "names": "tom.okafor@example.com", "step": "apply", "client_token": uuid.uuid4()}


def test_other_names_with_the_same_token_are_kept_in_the_form(signed_in, campaign, named):
    address = reverse("assignments:change", args=[campaign.pk])
    assert signed_in.post(address, named).status_code == 302

    again = signed_in.post(address, named)
    other = signed_in.post(address, named | {"names": "someone.else@example.com"})

    assert again.status_code == 302
    page = refused(other, r"This form was already sent at \d\d:\d\d\. Save again to apply your new values\.")
    assert "someone.else@example.com</textarea>" in page
    assert Operation.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_of_parallel_posts_with_one_token_one_changes_the_agents(campaign, named, ines):
    address = reverse("assignments:change", args=[campaign.pk])
    forms = [named | {"do": "add" if number % 2 else "remove"} for number in range(20)]

    answers = at_once(ines, address, *forms)

    assert sorted(answer.status_code for answer in answers) == [302] * 10 + [422] * 10
    assert Operation.objects.count() == 1
