"""A session ends: after an hour without a click, a key or a navigation, 12 hours after the sign-in, with its user."""

import datetime as dt
import json

import pytest
from django.contrib.sessions.models import Session
from django.db import connection as database
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils.module_loading import import_string

from voisoadmin.accounts.models import SignInFailure, User
from voisoadmin.runtime.worker import SWEEPS

pytestmark = pytest.mark.django_db

PASSWORD = "correct horse battery"
STAY, PAGE = reverse("accounts:stay"), reverse("accounts:password")
START = dt.datetime(2026, 11, 30, 9, 0, tzinfo=dt.UTC)
HOUR = 3600
POLL = {"HX-Request": "true", "HX-Current-URL": f"http://testserver{PAGE}"}


@pytest.fixture(autouse=True)
def now(time_machine):
    time_machine.move_to(START, tick=False)
    return time_machine


@pytest.fixture
def visitor(ines) -> Client:
    client = Client()
    client.post(reverse("accounts:sign_in"), {"username": "ines", "password": PASSWORD})
    return client


def is_signed_in(client: Client) -> bool:
    return client.get(PAGE, headers=POLL).status_code == 200 and "HX-Redirect" not in client.get(PAGE, headers=POLL)


def seconds_left(response) -> int:
    assert response.status_code == 204
    return json.loads(response["HX-Trigger"])["session"]["seconds"]


def test_an_idle_session_ends_and_leads_back_to_its_page(visitor, now):
    now.shift(HOUR - 1)
    assert is_signed_in(visitor)
    now.shift(1)

    response = visitor.get("/users/?a=1")

    assert response.status_code == 302
    assert response["Location"] == "/sign-in/?next=/users/%3Fa%3D1"
    assert not Session.objects.exists(), "it is gone, not only refused"


def test_navigation_extends_the_session(visitor, now):
    for _ in range(4):
        now.shift(HOUR - 60)
        assert visitor.get(PAGE).status_code == 200

    now.shift(HOUR)
    assert visitor.get(PAGE).status_code == 302


def test_a_click_or_key_reported_by_the_page_extends_the_session(visitor, now):
    now.shift(HOUR - 1)

    assert seconds_left(visitor.post(STAY, headers=POLL)) == HOUR
    now.shift(HOUR - 1)
    assert is_signed_in(visitor)


@pytest.mark.parametrize("address", ["/", "/last-answers/", "/uploads/", STAY, "/activity/"])
def test_an_automatic_refresh_does_not_extend_or_write_the_session(visitor, now, address):
    now.shift(HOUR - 120)
    with CaptureQueriesContext(database) as queries:
        visitor.get(address, headers=POLL)
        visitor.get(address, headers={"Sec-Fetch-Mode": "cors"})

    assert not [query["sql"] for query in queries if "UPDATE" in query["sql"] and "django_session" in query["sql"]]
    assert seconds_left(visitor.get(STAY, headers=POLL)) == 120
    now.shift(120)
    assert not is_signed_in(visitor)


def test_an_automatic_post_of_the_page_does_not_extend_the_session(visitor, now):
    now.shift(HOUR - 120)
    visitor.post("/looking/", {"campaign": ""}, headers=POLL)

    now.shift(120)
    assert not is_signed_in(visitor)


def test_opening_many_pages_writes_the_session_once_a_minute(visitor, now):
    with CaptureQueriesContext(database) as queries:
        for _ in range(12):
            now.shift(10)
            visitor.get(PAGE)

    assert sum("UPDATE" in query["sql"] and "django_session" in query["sql"] for query in queries) == 1


def test_the_page_knows_how_long_is_left(visitor, now):
    now.shift(30)

    text = visitor.get(PAGE).text

    assert 'data-idle="3600"' in text
    assert 'data-left="3570"' in text
    assert f'data-stay="{STAY}"' in text


def test_the_setting_turns_it_off(visitor, now, settings):
    settings.IDLE_SECONDS = 0
    now.shift(11 * HOUR)

    assert visitor.get(PAGE).status_code == 200
    assert 'data-idle="0"' in visitor.get(PAGE).text


def test_a_session_ends_twelve_hours_after_sign_in_despite_activity(visitor, now):
    for _ in range(12 * 6 - 1):
        now.shift(600)
        assert visitor.get(PAGE).status_code == 200

    now.shift(600)
    assert visitor.get(PAGE).status_code == 302


def test_a_session_from_an_earlier_version_is_still_valid(client, ines):
    client.force_login(ines)
    session = client.session
    del session["seen_at"]
    session.save()

    assert client.get(PAGE).status_code == 200


def deactivate(client: Client, ada: User, user: User, **changes: str) -> None:
    client.force_login(ada)
    form = {"username": user.username, "role": user.role, **changes}
    assert client.post(reverse("accounts:user_edit", args=[user.pk]), form).status_code == 302


@pytest.mark.parametrize("is_used_meanwhile", [True, False])
def test_sessions_of_a_deactivated_user_are_gone_for_good(visitor, client, ada, ines, is_used_meanwhile):
    deactivate(client, ada, ines)
    if is_used_meanwhile:
        assert not is_signed_in(visitor)
    deactivate(client, ada, ines, is_active="on")

    assert not is_signed_in(visitor)
    visitor.post(reverse("accounts:sign_in"), {"username": "ines", "password": PASSWORD})
    assert is_signed_in(visitor)


@pytest.mark.parametrize("fields", [None, ["is_active"]])
def test_sessions_also_end_if_a_program_deactivates_the_user(visitor, ines, fields):
    for is_active in (False, True):
        ines.is_active = is_active
        ines.save(update_fields=fields)

    assert not is_signed_in(visitor)


def test_saving_an_older_page_does_not_revive_an_ended_session(visitor, client, ada, ines):
    stale = User.objects.get(pk=ines.pk)
    deactivate(client, ada, ines)
    services = import_string("voisoadmin.accounts.services")

    services.save_user(stale, by=ada, at=START)

    ines.refresh_from_db()
    assert ines.is_active
    assert not is_signed_in(visitor)


def test_a_job_deletes_expired_sessions_and_failures_that_no_limit_counts(visitor, omar, now):
    for _ in range(3):
        Client().post(reverse("accounts:sign_in"), {"username": "omar", "password": "wrong"})
    Client().force_login(omar)
    sweep = next(name for name in SWEEPS if "accounts" in name)

    now.shift(HOUR - 1)
    import_string(sweep)()
    assert (Session.objects.count(), SignInFailure.objects.count()) == (2, 3)
    now.shift(12 * HOUR)
    import_string(sweep)()

    assert (Session.objects.count(), SignInFailure.objects.count()) == (0, 0)
