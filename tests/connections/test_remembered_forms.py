"""A form that Voiso accepted is shown where the connection is, and an administrator can forget it."""

import uuid

import pytest
from django.urls import reverse
from django.utils import timezone

from tests.support.markup import markup
from tests.support.sandbox import connect
from voisoadmin.connections.connection_test import check
from voisoadmin.connections.models import Connection
from voisoadmin.connections.services import save_connection
from voisoadmin.operations.models import Operation

pytestmark = pytest.mark.django_db

TEXT = "Priority is sent as text."
BOOLEAN = "Active is sent as true or false."
PATCH = "Contacts are updated with PATCH."


@pytest.fixture
def legacy(sandbox) -> Connection:
    stored = connect(sandbox, generation="legacy")
    Connection.objects.update(priority_form="text", active_form="boolean", update_method="PATCH")
    stored.refresh_from_db()
    return stored


@pytest.fixture
def as_ada(client, ada):
    client.force_login(ada)
    return client


def forget(client, connection: Connection, part: str, token: uuid.UUID | None = None):
    form = {"part": part, "client_token": token or uuid.uuid4()}
    return client.post(reverse("connections:forget", args=[connection.pk]), form)


def test_remembered_forms_are_on_both_pages_and_in_the_check(as_ada, legacy):
    pages = [reverse("connections:list"), reverse("connections:edit", args=[legacy.pk])]
    shown = [markup(as_ada.get(page)) for page in pages]

    found = check(legacy, timezone.now())

    for sentence in (TEXT, BOOLEAN, PATCH):
        assert all(page.count(sentence) == 1 for page in shown)
        assert sentence in found.lines
    assert markup(as_ada.get(pages[0])).count(TEXT) == 1


def test_what_is_sent_as_documented_is_not_shown(as_ada, sandbox):
    connect(sandbox)
    Connection.objects.update(priority_form="integer", active_form="boolean", update_method="PATCH")

    page = markup(as_ada.get(reverse("connections:list")))

    assert "is sent as" not in page
    assert "are updated with" not in page


@pytest.mark.parametrize("part", ["priority", "active", "method"])
def test_an_administrator_forgets_one_of_them(as_ada, ada, legacy, part):
    forget(as_ada, legacy, part)

    stored = Connection.objects.get()
    forms = {"priority": stored.priority_form, "active": stored.active_form, "method": stored.update_method}
    assert [name for name, form in forms.items() if not form] == [part]
    done = Operation.objects.get()
    assert (done.kind, done.by, done.status) == ("forget_form", ada, "done")
    activity = markup(as_ada.get(reverse("operations:list")))
    assert "Forget request format" in activity


def test_the_same_form_twice_forgets_once(as_ada, legacy):
    token = uuid.uuid4()
    forget(as_ada, legacy, "priority", token)
    Connection.objects.update(priority_form="text")

    forget(as_ada, legacy, "priority", token)

    assert Connection.objects.get().priority_form == "text"
    assert Operation.objects.count() == 1


def test_forgetting_is_a_post_for_administrators_only(client, ines, as_ada, legacy):
    address = reverse("connections:forget", args=[legacy.pk])
    assert as_ada.get(address).status_code == 405
    assert forget(as_ada, legacy, "key").status_code == 422
    client.force_login(ines)
    assert forget(client, legacy, "priority").status_code == 404
    assert Connection.objects.get().priority_form == "text"


def test_another_api_version_forgets_them_all(legacy, sandbox):
    save_connection(
        name=legacy.name,
        address=legacy.base_url,
        generation="v4",
        key=sandbox.V4_KEY,
        connection=legacy,
        at=timezone.now(),
    )

    stored = Connection.objects.get()
    assert (stored.priority_form, stored.active_form, stored.update_method) == ("", "", "")
