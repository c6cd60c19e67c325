"""Error pages say what to do and give nothing away."""

import logging

import pytest
from django.db import connection
from django.test import Client, RequestFactory

from voisoadmin.runtime import readiness
from voisoadmin.site import views


@pytest.mark.django_db
def test_an_unknown_address_is_not_found_in_plain_words(client, ines):
    client.force_login(ines)

    answer = client.get("/no/such/page/")

    assert answer.status_code == 404
    assert "This page doesn't exist" in answer.text


@pytest.mark.django_db
@pytest.mark.parametrize("method", ["get", "put", "delete", "patch"])
@pytest.mark.parametrize("address", ["/sign-out/", "/theme/", "/campaigns/1/operate/", "/uploads/1/send/"])
def test_an_address_that_only_takes_forms_says_so(client, ines, address, method):
    client.force_login(ines)

    answer = getattr(client, method)(address)

    assert answer.status_code == 405
    assert "POST" in answer["Allow"]
    assert "It only works from a button or a form." in answer.text


@pytest.mark.django_db
def test_a_foreign_form_is_refused_and_nothing_changes(ines):
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(ines)

    answer = strict.post("/sign-in/", {"username": "ines"})

    assert answer.status_code == 403
    assert "Nothing was changed" in answer.text


@pytest.mark.django_db
def test_a_foreign_host_is_not_served(client):
    answer = client.get("/", headers={"host": "evil.example"})

    assert answer.status_code == 400
    assert "evil" not in answer.text


def test_the_error_page_needs_no_database_and_names_an_incident(caplog):
    # Without the `db` fixture every query fails.
    request = RequestFactory().get("/uploads/7/")

    with caplog.at_level(logging.ERROR):
        answer = views.server_error(request)

    assert answer.status_code == 500
    incident = caplog.records[-1].getMessage().split()[1].rstrip(":")
    assert incident in answer.text
    assert "Traceback" not in answer.text


@pytest.mark.django_db(transaction=True)
def test_sqlite_that_may_forget_a_commit_stops_the_start():
    assert readiness.why_not_startable() == ""
    if connection.vendor != "sqlite":
        return  # only SQLite has synchronous
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA synchronous=NORMAL")

    try:
        assert "not FULL" in readiness.why_not_startable()
        assert [problem.id for problem in readiness.writes_are_safe(databases=["default"])] == ["voisoadmin.E001"]
    finally:
        connection.close()  # the next one is FULL again
    assert readiness.writes_are_safe(databases=["default"]) == []
