"""What must be true for every address of the site, found by walking the URL configuration."""

import re

import pytest
from django.db import connection as database
from django.test import Client
from django.test.utils import CaptureQueriesContext

from tests.security.routes import FOR_PROGRAMS, OPEN, all_routes

# Who may see a page is asked of the same query on each database.
pytestmark = [pytest.mark.once, pytest.mark.slow]

ROUTES = all_routes()
WRITE = re.compile(r"\s*(INSERT|UPDATE|DELETE)")
# A visible page may request a fresh poll: a job in the queue, and the claim that makes it one job.
ALLOWED_WRITES = ("django_session", "django_q_ormq", "connections_connection")


@pytest.mark.parametrize(
    "route", [route for route in ROUTES if route.name not in OPEN | FOR_PROGRAMS], ids=lambda route: route.name
)
def test_a_stranger_is_redirected_to_the_sign_in_page(db, client, route):
    response = client.get(route.address())

    assert response.status_code == 302
    assert response["Location"].startswith("/sign-in/")


@pytest.mark.parametrize("route", ROUTES, ids=lambda route: route.name)
def test_a_post_without_the_token_is_refused(ada, route):
    client = Client(enforce_csrf_checks=True)
    client.force_login(ada)

    response = client.post(route.address(), {"change": "start", "name": "x"})

    refused = (401, 405) if route.name in FOR_PROGRAMS else (403, 405)
    assert response.status_code in refused, "neither refused for its missing token nor for its method"
    assert b"Traceback" not in response.content


def test_opening_a_page_changes_nothing(client, ada, campaign, finished_upload):
    client.force_login(ada)
    owners = {"campaigns/": campaign.pk, "connections/": campaign.connection_id, "users/": ada.pk}
    changed = {}

    for route in ROUTES:
        owner = next((pk for start, pk in owners.items() if route.pattern.startswith(start)), finished_upload.pk)
        with CaptureQueriesContext(database) as queries:
            response = client.get(route.address(pk=owner))
            response.getvalue()
        allowed = ALLOWED_WRITES + (("operations_operation",) if "download" in route.name else ())
        writes = [query["sql"] for query in queries.captured_queries if WRITE.match(query["sql"])]
        if odd := [sql for sql in writes if not any(table in sql for table in allowed)]:
            changed[route.name] = odd

    assert changed == {}


@pytest.mark.parametrize("route", ROUTES, ids=lambda route: route.name)
def test_every_answer_carries_the_policy_and_no_page_is_framed(client, ada, route):
    client.force_login(ada)

    response = client.get(route.address())

    policy = response["Content-Security-Policy"]
    assert "default-src 'self'" in policy
    assert "unsafe" not in policy
    assert response["X-Frame-Options"] == "DENY"
    assert response["X-Content-Type-Options"] == "nosniff"


@pytest.mark.parametrize("by", [{}, {"hx-request": "true"}, {"hx-request": "true", "hx-target": "ask"}], ids=str)
@pytest.mark.parametrize("method", ["get", "post"])
def test_no_cache_keeps_a_private_answer_or_takes_a_fragment_for_its_page(
    client, ada, campaign, finished_upload, method, by, settings
):
    settings.MIDDLEWARE = [name for name in settings.MIDDLEWARE if "Csrf" not in name]
    owners = {"campaigns/": campaign.pk, "connections/": campaign.connection_id, "users/": ada.pk}
    kept, confused = set(), set()

    for is_signed_in in (True, False):
        for route in ROUTES:
            if is_signed_in:
                client.force_login(ada)
            else:
                client.logout()
            owner = next((pk for start, pk in owners.items() if route.pattern.startswith(start)), finished_upload.pk)
            response = getattr(client, method)(route.address(pk=owner), headers=by)
            response.getvalue()
            # The page that answers a form is requested again at each visit, but not on Back.
            if not {"no-store", "no-cache" if method == "post" else "no-store"} & set(response["Cache-Control"].split(", ")):
                kept.add(route.name)
            if "HX-Request" not in response["Vary"]:
                confused.add(route.name)

    assert (kept, confused) == (set(), set())
