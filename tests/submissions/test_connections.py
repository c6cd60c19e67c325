"""The forms of connections: saved, checked and removed only once, whatever is sent again."""

import uuid

import pytest
from django.urls import reverse

from tests.submissions.posting import SENT_BEFORE, at_once, refused, said, same
from tests.support.sandbox import connect
from voisoadmin.connections.models import Connection
from voisoadmin.operations.models import Operation

NEW = reverse("connections:new")


@pytest.fixture
def signed_in(client, ada):
    client.force_login(ada)
    return client


def filled(sandbox, **changes):
    fields = {"name": "Berlin", "address": "cc-test01", "generation": "v4", "key": sandbox.V4_KEY}
    return {**fields, "client_token": uuid.uuid4(), **changes}


@pytest.mark.django_db
def test_a_connection_that_is_sent_twice_is_stored_and_checked_once(signed_in, sandbox):
    form = filled(sandbox)
    first = signed_in.post(NEW, form)
    sandbox.revoke_key(sandbox.V4_KEY)

    again = signed_in.post(NEW, form)

    assert same(first, again)
    assert said(again)[-2:] == ["Berlin saved.", "Berlin answers and lists 0 campaigns."]
    assert Connection.objects.count() == 1
    assert [operation.kind for operation in Operation.objects.order_by("pk")] == ["save_connection", "check_connection"]


@pytest.mark.django_db
def test_another_key_for_the_same_form_is_not_stored_and_never_shown(signed_in, sandbox):
    form = filled(sandbox)
    signed_in.post(NEW, form)
    stored = Connection.objects.get()

    again = signed_in.post(
        reverse("connections:edit", args=[stored.pk]), filled(sandbox, name="Porto", key="", client_token=form["client_token"])
    )
    changed = signed_in.post(NEW, form | {"name": "Porto", "key": "another-key-of-this-centre"})

    refused(again, "another page or person")
    page = refused(changed, SENT_BEFORE)
    assert 'value="Porto"' in page
    assert "another-key-of-this-centre" not in page
    stored.refresh_from_db()
    assert (stored.name, stored.key) == ("Berlin", sandbox.V4_KEY)


@pytest.mark.django_db
def test_a_changed_name_that_was_not_saved_is_kept_in_the_form(signed_in, sandbox):
    stored = connect(sandbox)
    address = reverse("connections:edit", args=[stored.pk])
    form = filled(sandbox, name="Berlin", key="")
    signed_in.post(address, form)

    again = signed_in.post(address, form | {"name": "Porto"})

    assert 'value="Porto"' in refused(again, SENT_BEFORE)
    stored.refresh_from_db()
    assert stored.name == "Berlin"


@pytest.mark.django_db
def test_a_token_of_something_else_makes_no_connection_and_no_server_error(signed_in, sandbox):
    stored = connect(sandbox)
    token = uuid.uuid4()
    signed_in.post(reverse("connections:check", args=[stored.pk]), {"client_token": token})

    answer = signed_in.post(NEW, filled(sandbox, client_token=token))

    refused(answer, "another page or person")
    assert Connection.objects.get() == stored


@pytest.mark.django_db
def test_a_click_on_check_asks_voiso_once(signed_in, sandbox):
    stored = connect(sandbox)
    address, form = reverse("connections:check", args=[stored.pk]), {"client_token": uuid.uuid4()}
    first = signed_in.post(address, form)
    sandbox.revoke_key(stored.key)

    again = signed_in.post(address, form)

    assert same(first, again)
    assert Operation.objects.count() == 1
    refused(signed_in.post(address, {"client_token": "no token"}), "This form was incomplete")


@pytest.mark.django_db
def test_who_removes_a_connection_twice_reads_that_it_is_removed(signed_in, sandbox):
    stored = connect(sandbox)
    address, form = reverse("connections:remove", args=[stored.pk]), {"client_token": uuid.uuid4()}
    first = signed_in.post(address, form)

    again = signed_in.post(address, form)

    assert same(first, again)
    assert "removed" in said(again)[-1]
    assert signed_in.post(address, {"client_token": uuid.uuid4()}).status_code == 404
    assert Operation.objects.filter(kind="remove_connection").count() == 1


@pytest.mark.django_db
def test_a_token_of_another_form_removes_nothing(signed_in, sandbox):
    stored = connect(sandbox)
    token = uuid.uuid4()
    signed_in.post(reverse("connections:check", args=[stored.pk]), {"client_token": token})

    refused(signed_in.post(reverse("connections:remove", args=[stored.pk]), {"client_token": token}), "another page or person")

    assert Connection.objects.get().removed_at is None


@pytest.mark.django_db(transaction=True)
def test_twenty_parallel_posts_make_one_connection(sandbox, ada):
    answers = at_once(ada, NEW, filled(sandbox))

    assert {(answer.status_code, said(answer)[0]) for answer in answers} == {(302, "Berlin saved.")}
    assert Connection.objects.count() == 1
    assert Operation.objects.count() == 2
