"""After an internal error: a page with a text, the cause in the log, and nothing of it on the page."""

import re

import pytest
from django.db import OperationalError, connection
from django.test import Client

from tests.security.failing_urls import FAILURES, REFUSALS, SECRET

TELLTALES = [b"Traceback", b"Exception", b"Error", b"site-packages", b".py", b"SELECT", b"django", SECRET.encode(), b"forged"]

EXPLAINED = {"disk": (507, b"The disk is full")}


@pytest.fixture
def visitor(settings, ada) -> Client:
    settings.ROOT_URLCONF = "tests.security.failing_urls"
    assert not settings.DEBUG
    client = Client(raise_request_exception=False)
    client.force_login(ada)
    return client


@pytest.mark.parametrize("how", FAILURES)
def test_an_internal_error_is_a_page_with_a_number_that_leads_to_its_cause(visitor, written, how):
    answer = visitor.get(f"/fail/{how}/")

    status, heading = EXPLAINED.get(how, (500, b"Something went wrong"))
    assert answer.status_code == status
    assert heading in answer.content
    assert [word for word in TELLTALES if word in answer.content] == []
    assert "default-src 'self'" in answer["Content-Security-Policy"]
    incident = re.search(r"<strong\s*>([0-9a-f]{8})</strong>", answer.text)[1]
    lines = [line for line in written.getvalue().splitlines() if " ERROR " in line]
    assert len(lines) == 1, "one event, one line"
    assert f"Incident {incident}: GET /fail/" in lines[0]
    assert "Traceback" in lines[0]
    assert SECRET not in written.getvalue().replace(f"/var/{SECRET}", "")


@pytest.mark.parametrize("how", REFUSALS)
def test_a_refusal_is_a_page_that_explains_it(visitor, written, how):
    answer = visitor.get(f"/fail/{how}/")

    assert answer.status_code == REFUSALS[how][1]
    assert [word for word in TELLTALES if word in answer.content] == []
    assert b'<main class="door"' in answer.content
    assert SECRET not in written.getvalue()


def test_each_internal_error_has_a_number_of_its_own(visitor):
    numbers = {re.search(r"<strong>(\w+)</strong>", visitor.get("/fail/key/").text)[1] for _ in range(5)}

    assert len(numbers) == 5


@pytest.mark.parametrize("headers", [{}, {"hx-request": "true"}], ids=["page", "fragment"])
@pytest.mark.parametrize("page", ["/", "/uploads/", "/activity/", "/sign-in/", "/nowhere/"])
def test_a_database_outage_is_such_an_error_wherever_it_is_used(visitor, written, page, headers):
    def away(execute, sql, params, many, context):
        raise OperationalError(f"connection to server at 10.1.2.3 failed: password={SECRET}")

    with connection.execute_wrapper(away):
        answer = visitor.get(page, headers=headers)

    assert answer.status_code == (404 if page == "/nowhere/" else 500)  # that page needs no database
    assert b'<main class="door"' in answer.content
    assert [word for word in (*TELLTALES, b"10.1.2.3") if word in answer.content] == []


class BrokenMiddleware:
    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        raise RuntimeError(SECRET)


@pytest.mark.parametrize("place", [0, 4, 99])
def test_a_failing_middleware_is_such_an_error(visitor, settings, place):
    chain = list(settings.MIDDLEWARE)
    chain.insert(place, f"{__name__}.BrokenMiddleware")
    settings.MIDDLEWARE = chain

    answer = visitor.get("/")

    assert answer.status_code == 500
    assert b"Something went wrong" in answer.content
    assert [word for word in TELLTALES if word in answer.content] == []


def test_lost_encryption_keys_are_an_error_that_shows_neither_key(visitor, written, settings, connection):
    connection_page = f"/connections/{connection.pk}/"
    settings.ENCRYPTION_KEYS = ["c2VjcmV0LWNhbmFyeS1lbmNyeXB0aW9uLWtleS0zMmI="]

    answer = visitor.get(connection_page)

    assert answer.status_code == 500
    assert [word for word in TELLTALES if word in answer.content] == []
    assert "encrypted with another key" in written.getvalue()
    assert settings.ENCRYPTION_KEYS[0] not in written.getvalue()
    assert "gAAAA" not in written.getvalue()
