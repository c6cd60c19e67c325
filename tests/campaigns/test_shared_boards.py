"""Polls of many open boards: read once for all who see the same, and never behind what a person did or may see."""

from contextlib import contextmanager
from uuid import uuid4

import pytest
from django.db import connection as database
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from tests.campaigns.support import make_campaign, make_connection
from tests.support.markup import markup
from voisoadmin.accounts.models import User
from voisoadmin.campaigns.models import Campaign
from voisoadmin.campaigns.pages.shared_boards import boards
from voisoadmin.lib.one_process import answers_all_requests

pytestmark = pytest.mark.django_db
SIGN_IN = 2  # queries: session and user


@pytest.fixture(autouse=True)
def one_server(monkeypatch):
    """One process answers all requests, and what it read is good for as long as a test takes."""
    monkeypatch.setattr(boards, "seconds", 600.0)
    answers_all_requests.set()
    boards.forget()
    yield
    answers_all_requests.clear()
    boards.forget()


def browser_of(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def poll(client: Client, query: str = "?") -> str:
    answer = client.get(f"/board/{query}", headers={"HX-Request": "true"})
    assert answer.status_code == 200
    return markup(answer)


@contextmanager
def queries():
    with CaptureQueriesContext(database) as seen:
        yield seen


def test_boards_of_several_people_who_see_the_same_are_read_once(ines, omar):
    make_campaign(make_connection(), name="Berlin July")
    first = poll(browser_of(ines))

    other = browser_of(omar)
    with queries() as asked:
        second = poll(other)

    assert len(asked) == SIGN_IN
    assert "Berlin July" in first
    assert "Berlin July" in second


def test_a_person_sees_the_own_click_at_once_whatever_was_read_before_it(ines, omar):
    campaign = make_campaign(make_connection(), status="paused")
    own, other = browser_of(ines), browser_of(omar)
    assert "Starting…" not in poll(own) + poll(other)

    own.post(f"{reverse('controls:operate', args=[campaign.pk])}?shown=paused", {"change": "start", "client_token": uuid4()})

    assert "Starting…" in poll(own)
    assert "Starting…" in poll(other)


def test_an_open_page_that_asks_to_be_kept_fresh_does_not_have_boards_read_again(ines):
    campaign, client = make_campaign(make_connection()), browser_of(ines)
    poll(client)

    client.post(reverse("campaigns:looking"), {"campaign": campaign.pk})

    with queries() as asked:
        poll(client)
    assert len(asked) == SIGN_IN


def test_a_poll_never_goes_back_behind_the_page_that_was_opened_before_it(ines):
    campaign, client = make_campaign(make_connection(), name="Berlin July"), browser_of(ines)
    poll(client)
    Campaign.objects.filter(pk=campaign.pk).update(name="Berlin August")

    page = markup(client.get("/"))

    assert "Berlin August" in page
    assert "Berlin August" in poll(client)


def test_rows_that_one_page_keeps_while_they_are_ticked_are_not_those_of_another(ines, omar):
    berlin = make_connection()
    ticked = make_campaign(berlin, "1", "Spree")
    make_campaign(berlin, "2", "Havel")
    first, second = browser_of(ines), browser_of(omar)

    kept = poll(first, f"?kept={ticked.pk}")

    assert "Spree" in kept
    assert "Havel" not in kept
    assert "Havel" in poll(second)


def test_nothing_is_shared_between_people_who_see_different_contact_centres(ines, omar):
    berlin, lisbon = make_connection("Berlin"), make_connection("Lisbon")
    make_campaign(berlin, "1", "Spree")
    make_campaign(lisbon, "2", "Tejo")
    omar.all_centres = False
    omar.save()
    omar.centres.set([berlin])
    everything, some = browser_of(ines), browser_of(omar)

    assert "Tejo" in poll(everything)
    assert "Tejo" not in poll(some)
    assert "Tejo" in poll(everything)

    omar.centres.set([lisbon])  # by another process: no request says so
    assert "Spree" not in poll(some)
    assert "Tejo" in poll(some)


def test_a_viewer_gets_no_buttons_from_a_board_that_was_read_for_a_supervisor(ines, omar):
    make_campaign(make_connection(), status="paused")
    omar.role = User.Role.VIEWER
    omar.save()
    supervisor, viewer = browser_of(ines), browser_of(omar)

    assert 'form="row-form"' in poll(supervisor)
    assert 'form="row-form"' not in poll(viewer)
    assert 'form="row-form"' in poll(supervisor)


def test_several_processes_share_nothing(ines):
    campaign, client = make_campaign(make_connection(), name="Berlin July"), browser_of(ines)
    answers_all_requests.clear()
    poll(client)

    Campaign.objects.filter(pk=campaign.pk).update(name="Berlin August")

    assert "Berlin August" in poll(client)
