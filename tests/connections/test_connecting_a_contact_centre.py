import re

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from tests.support.markup import markup
from tests.support.sandbox import open_contact_centre
from voisoadmin.connections.models import Connection
from voisoadmin.connections.services import ConnectionRefused, save_connection
from voisoadmin.operations.models import Operation
from voisoadmin.sandbox import Fault

NEW = "/connections/new/"


@pytest.fixture
def as_ada(client, ada):
    client.force_login(ada)
    return client


def filled(sandbox, **changes: str) -> dict[str, str]:
    return {"name": "Berlin", "address": "cc-test01", "generation": "v4", "key": sandbox.V4_KEY} | changes


def messages_of(page) -> list[str]:
    return [str(message) for message in page.context["messages"]]


def test_before_the_first_connection_the_board_shows_three_steps(as_ada):
    page = markup(as_ada.get("/connections/"))

    assert "Connect your contact centre" in page
    assert 'href="/connections/new/"' in page
    assert page.count('<span class="n" aria-hidden="true">') == 3


@pytest.mark.parametrize("generation", ["v4", "legacy"])
def test_a_contact_centre_is_saved_and_tested_together(as_ada, sandbox, generation):
    sandbox.add_campaign("Spring renewals")
    key = sandbox.V4_KEY if generation == "v4" else sandbox.LEGACY_KEY

    page = as_ada.post(NEW, filled(sandbox, generation=generation, key=key), follow=True)

    assert page.redirect_chain == [("/connections/", 302)]
    assert messages_of(page) == ["Berlin saved.", "Berlin answers and lists 1 campaign."]
    stored = Connection.objects.get()
    assert (stored.name, stored.base_url, stored.generation) == ("Berlin", "https://cc-test01.voiso.com", generation)
    assert (stored.key, stored.key_last4) == (key, key[-4:])
    assert stored.answered_at is not None
    shown = markup(page)
    assert "Connected" in shown
    assert f'<span class="mono">{key[-4:]}</span>' in shown
    assert key not in shown


def test_saving_and_testing_are_recorded_with_the_user(as_ada, ada, sandbox):
    as_ada.post(NEW, filled(sandbox))

    check, save = Operation.objects.all()
    assert (save.kind, save.status, save.by, save.subject_label) == ("save_connection", "done", ada, "Berlin")
    assert save.request == {
        "name": "Berlin", "base_url": "https://cc-test01.voiso.com", "api": "v4", "new": True, "new_key": True,
        "keys": ["new key"],
    }  # fmt: skip
    assert (check.kind, check.status, check.by) == ("check_connection", "done", ada)
    assert check.result == {"words": "Berlin answers and lists 0 campaigns.", "campaigns": 0}


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"name": " "}, "This field is required"),
        ({"address": "evil.example"}, "This isn&#x27;t a cluster ID"),
        ({"address": "https://evil.example"}, "isn&#x27;t a Voiso cluster and isn&#x27;t listed in VOISOADMIN_EXTRA_HOSTS"),
        ({"address": "cc-test01\r\nHost: evil.example"}, "This isn&#x27;t a cluster ID"),
        ({"generation": "v5"}, "not one of the available choices"),
        ({"key": ""}, "This field is required"),
        ({"key": "two words"}, "This isn&#x27;t an API key"),
        ({"key": "abc"}, "This isn&#x27;t an API key"),
    ],
)
def test_invalid_input_is_explained_at_the_field_and_nothing_is_saved(as_ada, sandbox, changes, sentence):
    typed = filled(sandbox, **changes)

    page = as_ada.post(NEW, typed)

    assert page.status_code == 422
    shown = markup(page)
    assert sentence in shown
    assert typed["key"] == "" or typed["key"] not in shown
    assert not Connection.objects.exists()


def test_a_name_is_unique_until_its_connection_is_removed(as_ada, sandbox):
    as_ada.post(NEW, filled(sandbox))

    page = as_ada.post(NEW, filled(sandbox))

    assert page.status_code == 422
    assert "Another connection is already named Berlin." in markup(page)
    first = Connection.objects.get()
    as_ada.post(reverse("connections:remove", args=[first.pk]))
    assert as_ada.post(NEW, filled(sandbox)).status_code == 302
    assert Connection.objects.count() == 2


def test_a_connection_that_does_not_work_yet_is_saved_with_its_problem(as_ada, sandbox):
    page = as_ada.post(NEW, filled(sandbox, key="not-a-key-of-this-contact-centre"), follow=True)

    assert messages_of(page)[1].startswith("Voiso at cc-test01.voiso.com doesn't accept the key.")
    shown = markup(page)
    assert "Key refused" in shown
    assert "Everything for this contact centre waits until you enter a working key." in shown


def test_replacing_a_key_ends_the_hold(as_ada, sandbox, connection):
    Connection.objects.update(key="old-and-refused-key", held_kind="key", held_reason="Voiso doesn't accept the API key.")

    page = as_ada.post(f"/connections/{connection.pk}/", filled(sandbox), follow=True)

    assert messages_of(page) == ["Berlin saved.", "Berlin answers and lists 0 campaigns."]
    connection.refresh_from_db()
    assert (connection.key, connection.held_reason) == (sandbox.V4_KEY, "")


def test_an_empty_key_keeps_the_stored_one(as_ada, sandbox, connection):
    page = markup(as_ada.get(f"/connections/{connection.pk}/"))
    assert f"Leave blank to keep the key that ends in {sandbox.V4_KEY[-4:]}." in page
    assert sandbox.V4_KEY not in page
    assert re.search(r'<input type="password" name="key"[^>]*>', page)[0].count("value") == 0

    as_ada.post(f"/connections/{connection.pk}/", filled(sandbox, name="Berlin Mitte", key=""))

    connection.refresh_from_db()
    assert (connection.name, connection.key) == ("Berlin Mitte", sandbox.V4_KEY)
    assert Operation.objects.get(kind="save_connection").request["new_key"] is False


def test_a_connection_with_campaigns_cannot_change_its_contact_centre(as_ada, sandbox, campaign):
    pk = campaign.connection.pk

    page = as_ada.post(f"/connections/{pk}/", filled(sandbox, address="cc-other"))

    assert page.status_code == 422
    assert "Add a new connection for that one." in markup(page)
    assert Connection.objects.get().base_url == "https://cc-test01.voiso.com"


def test_a_stored_key_is_sent_only_to_its_own_address(as_ada, sandbox, connection):
    elsewhere = open_contact_centre("https://cc-other.voiso.com")

    page = as_ada.post(f"/connections/{connection.pk}/", filled(sandbox, address="cc-other", key=""))

    assert page.status_code == 422
    assert "The stored key is only ever sent to its own address." in str(page.context["form"].errors["key"])
    assert Connection.objects.get().base_url == "https://cc-test01.voiso.com"
    assert elsewhere.seen == []

    as_ada.post(f"/connections/{connection.pk}/", filled(sandbox, address="cc-other"))

    assert Connection.objects.get().base_url == "https://cc-other.voiso.com"
    assert elsewhere.seen != []


def test_a_form_opened_before_a_move_does_not_take_the_new_key_back(sandbox, ada, connection):
    opened = Connection.objects.get()
    Connection.objects.update(base_url="https://cc-other.voiso.com", key="the-key-of-the-other-one")

    with pytest.raises(ConnectionRefused, match="was changed or removed meanwhile"):
        save_connection(
            name="Berlin", address="cc-test01", generation="v4", key="", connection=opened, by=ada, at=timezone.now()
        )

    assert Connection.objects.get().base_url == "https://cc-other.voiso.com"


def test_the_test_button_shows_the_result(as_ada, sandbox, connection):
    page = as_ada.post(f"/connections/{connection.pk}/check/", follow=True)
    assert messages_of(page) == ["Test centre answers and lists 0 campaigns."]

    sandbox.fault(Fault.HTML_502, times=10, on="any")
    page = as_ada.post(f"/connections/{connection.pk}/check/", follow=True)

    (words,) = messages_of(page)
    assert words.startswith("cc-test01.voiso.com gave no usable answer:")
    assert "Not answering" in markup(page)
    assert [operation.status for operation in Operation.objects.all()] == ["refused", "done"]


def test_removing_a_connection_hides_it_and_deletes_its_key(as_ada, connection, campaign):
    address = f"/connections/{connection.pk}/remove/"
    question = markup(as_ada.get(address))
    assert "Remove <bdi hx-disable>Test centre</bdi>?" in question
    assert "Its 1 campaign and its uploads disappear from these pages" in question
    assert Connection.objects.get().removed_at is None

    page = as_ada.post(address, follow=True)

    assert messages_of(page) == ["Test centre removed and its key deleted here. Nothing changed in Voiso."]
    removed = Connection.objects.get()
    assert removed.removed_at is not None
    assert removed.key == ""
    assert Operation.objects.get().kind == "remove_connection"
    for gone in (address, f"/connections/{connection.pk}/"):
        assert as_ada.get(gone).status_code == 404
    assert as_ada.post(address).status_code == 404


def test_with_a_script_the_question_is_a_dialog(as_ada, connection):
    part = markup(as_ada.get(f"/connections/{connection.pk}/remove/", headers={"HX-Request": "true"}))

    assert "<html" not in part
    assert "Remove connection" in part


PAGES = ["/connections/", "/connections/new/", "/connections/{}/", "/connections/{}/remove/"]


@pytest.mark.parametrize("address", PAGES)
def test_these_pages_do_not_exist_for_supervisors(client, ines, connection, address):
    address = address.format(connection.pk)
    client.force_login(ines)

    assert client.get(address).status_code == 404
    assert client.post(address).status_code in {404, 405}
    assert client.post(f"/connections/{connection.pk}/check/").status_code == 404
    assert not Operation.objects.exists()
    assert Connection.objects.get().removed_at is None


@pytest.mark.parametrize("address", PAGES)
def test_a_stranger_is_asked_to_sign_in(client, connection, address):
    response = client.get(address.format(connection.pk))

    assert (response.status_code, response["Location"][:9]) == (302, "/sign-in/")


def test_a_get_changes_nothing(as_ada, connection):
    assert as_ada.get(f"/connections/{connection.pk}/check/").status_code == 405
    assert as_ada.put(f"/connections/{connection.pk}/").status_code == 405
    assert as_ada.delete(f"/connections/{connection.pk}/remove/").status_code == 405
    assert Connection.objects.get().removed_at is None


def test_a_post_without_its_token_is_refused(ada, connection):
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(ada)

    for address in ("new/", f"{connection.pk}/", f"{connection.pk}/check/", f"{connection.pk}/remove/"):
        assert strict.post(f"/connections/{address}").status_code == 403
    assert not Operation.objects.exists()


def test_a_contact_centre_has_the_time_zone_that_was_chosen_for_it(as_ada, sandbox, settings):
    as_ada.post(NEW, filled(sandbox, time_zone="asia/kolkata"))

    stored = Connection.objects.get()
    assert (stored.time_zone, stored.zone.key) == ("Asia/Kolkata", "Asia/Kolkata")
    assert Operation.objects.get(kind="save_connection").request["time_zone"] == "Asia/Kolkata"
    edit = reverse("connections:edit", args=[stored.pk])
    page = markup(as_ada.get(edit))
    assert 'value="Asia/Kolkata"' in page
    assert '<option value="Europe/Berlin">' in page  # the list to search in
    as_ada.post(edit, filled(sandbox, time_zone="", key=""))
    stored.refresh_from_db()
    assert (stored.time_zone, stored.zone.key) == ("", settings.TIME_ZONE)


@pytest.mark.parametrize("zone", ["Berlin", "+02:00", "../../etc/passwd", "posix/Europe/Berlin", "localtime"])
def test_a_time_zone_that_does_not_exist_is_explained_at_its_field(as_ada, sandbox, zone):
    page = as_ada.post(NEW, filled(sandbox, time_zone=zone))

    assert page.status_code == 422
    assert page.context["form"].errors.keys() == {"time_zone"}
    assert "Choose one of the list, for example Europe/Berlin." in markup(page)
    assert not Connection.objects.exists()
