"""A form that is sent after its session ended is shown again, as it was typed, to the same person: without JavaScript."""

import re
from urllib.parse import parse_qs, urlsplit

import pytest
from django import forms
from django.contrib.sessions.models import Session
from django.core.cache import cache
from django.test import Client
from django.urls import get_resolver, reverse

from tests.support.markup import markup
from voisoadmin.accounts.models import User
from voisoadmin.connections.models import Connection
from voisoadmin.feeds.models import Feed
from voisoadmin.rules.models import Rule
from voisoadmin.submissions.typed_again import MOST_CHARACTERS, MOST_FORMS, SECRET
from voisoadmin.uploads.models import Upload

pytestmark = pytest.mark.django_db

PASSWORD = "correct horse battery"
OTHER = "staple paper sunshine"
NOTHING_CHANGED = "You were signed out before this was sent, so nothing has changed."
USERS, NEW_USER = reverse("accounts:users"), reverse("accounts:user_new")
JONAS = {"username": "jonas", "first_name": "Jonas <Weber>", "role": "administrator", "password": OTHER}


@pytest.fixture(autouse=True)
def now(time_machine):
    time_machine.move_to("2026-11-30T09:00:00+00:00", tick=False)
    cache.clear()  # it counts
    return time_machine


@pytest.fixture
def browser(ada) -> Client:
    client = Client(enforce_csrf_checks=True)
    sign_in(client, reverse("accounts:sign_in"))
    return client


def sign_in(client: Client, address: str, name: str = "ada"):
    return client.post(address, hidden(client.get(address)) | {"username": name, "password": PASSWORD})


def hidden(page) -> dict[str, str]:
    """What the form of a page sends besides what is typed."""
    return dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', markup(page)))


def sent_too_late(client: Client, path: str, typed: dict[str, object], *, form_page: str = ""):
    """Open the form, lose the session, send the form; return the sign-in page to which that leads."""
    form = hidden(client.get(form_page or path))
    Session.objects.all().delete()
    answer = client.post(path, form | typed, headers={"Referer": f"http://testserver{form_page or path}"})
    assert answer.status_code == 302, answer
    assert urlsplit(answer["Location"]).path == reverse("accounts:sign_in")
    return answer["Location"]


def test_a_form_sent_too_late_is_shown_as_typed_and_sends_nothing_by_itself(browser):
    door = sent_too_late(browser, NEW_USER, JONAS)
    assert "Sign in to see it again as you typed it" in markup(browser.get(door))

    answer = sign_in(browser, door)
    page = browser.get(answer["Location"])

    assert answer["Location"] == NEW_USER
    assert page.status_code == 200
    assert NOTHING_CHANGED in markup(page)
    assert 'value="jonas"' in markup(page)
    assert "Jonas &lt;Weber&gt;" in markup(page)
    assert re.search(r'<option value="administrator"\s+selected', markup(page))
    assert not User.objects.filter(username="jonas").exists()
    assert OTHER not in markup(page)

    saved = browser.post(NEW_USER, hidden(page) | JONAS)

    assert saved.status_code == 302
    assert User.objects.get(username="jonas").first_name == "Jonas <Weber>"


def test_it_is_shown_once(browser):
    sign_in(browser, sent_too_late(browser, NEW_USER, JONAS))

    assert "jonas" in markup(browser.get(NEW_USER))
    assert "jonas" not in markup(browser.get(NEW_USER))


def test_an_idle_session_keeps_it_as_well(browser, now):
    form = hidden(browser.get(NEW_USER))
    now.shift(61 * 60)
    door = browser.post(NEW_USER, form | JONAS)["Location"]

    sign_in(browser, door)

    assert 'value="jonas"' in markup(browser.get(NEW_USER))


def test_another_person_who_signs_in_there_never_sees_it(browser):
    User.objects.create_user("root", password=PASSWORD, role=User.Role.ADMINISTRATOR)

    sign_in(browser, sent_too_late(browser, NEW_USER, JONAS), "root")

    assert "jonas" not in markup(browser.get(NEW_USER))
    browser.post(reverse("accounts:sign_out"), hidden(browser.get(USERS)))
    sign_in(browser, reverse("accounts:sign_in"))
    assert "jonas" not in markup(browser.get(NEW_USER)), "nor is it kept beyond that person's visit"


def test_another_browser_of_the_same_person_does_not_show_it(browser, client, ada):
    sent_too_late(browser, NEW_USER, JONAS)

    client.force_login(ada)

    assert "jonas" not in markup(client.get(NEW_USER))


def test_no_secret_is_kept_anywhere(browser):
    typed = {"name": "Acme", "address": "ams03", "generation": "v4", "key": "k3y-of-acme", "user_key": "other-k3y"}

    door = sent_too_late(browser, reverse("connections:new"), typed)

    kept = str(Session.objects.get().get_decoded())
    assert "Acme" in kept
    assert "k3y" not in kept
    assert "csrfmiddlewaretoken" not in kept
    sign_in(browser, door)
    assert 'value="Acme"' in markup(browser.get(reverse("connections:new")))
    assert not Connection.objects.filter(name="Acme").exists()


@pytest.mark.once
def test_every_field_for_a_secret_is_known_by_its_name():
    get_resolver().url_patterns  # noqa: B018 - loads all forms
    waiting, found = [forms.BaseForm], []
    while waiting:
        form = waiting.pop()
        waiting += form.__subclasses__()
        names = getattr(form, "base_fields", {}).items()
        if form.__module__.startswith("voisoadmin."):
            found += [name for name, field in names if isinstance(field.widget, forms.PasswordInput | forms.FileInput)]

    assert {"key", "user_key", "password"} <= set(found)
    assert [name for name in found if not SECRET.search(name)] == []


def test_it_is_kept_for_an_hour(browser, now):
    door = sent_too_late(browser, NEW_USER, JONAS)
    now.shift(60 * 60 + 1)

    sign_in(browser, door)

    assert "jonas" not in markup(browser.get(NEW_USER))


def test_a_very_long_form_is_not_kept(browser):
    sent_too_late(browser, NEW_USER, JONAS | {"first_name": "x" * MOST_CHARACTERS})

    assert not Session.objects.exists()


def test_only_some_forms_of_a_person_are_kept_at_a_time(browser):
    form = hidden(browser.get(NEW_USER))
    Session.objects.all().delete()

    for _ in range(MOST_FORMS + 5):
        browser.cookies.pop("sessionid", None)
        browser.post(NEW_USER, form | JONAS)

    assert Session.objects.count() == MOST_FORMS


def test_a_stranger_can_have_nothing_kept(browser):
    form = hidden(browser.get(NEW_USER))
    Session.objects.all().delete()

    forged = browser.post(NEW_USER, form | JONAS | {"typed_by": "MQ:1vPKZT:made-up"})
    without_token = browser.post(NEW_USER, form | JONAS | {"csrfmiddlewaretoken": "x" * 64})

    assert forged.status_code == 302
    assert without_token.status_code == 403
    assert not Session.objects.exists()


def test_every_other_form_with_text_is_shown_again_too(browser, campaign, sandbox):
    pages = {
        reverse("feeds:new"): {"name": "Landing page"},
        reverse("rules:new"): {"name": "Landing page", "lines": 0, "do": "save", "campaign": campaign.pk},
        f"{reverse('uploads:new')}?campaign={campaign.pk}": {"cells": "Phone\n+447415550012 Landing page", "kind": "add"},
        reverse("assignments:change", args=[campaign.pk]): {"names": "Landing page", "do": "add", "step": "preview"},
    }

    for path, typed in pages.items():
        panel = reverse("assignments:panel", args=[campaign.pk]) if "names" in typed else ""
        door = sent_too_late(browser, path, typed, form_page=panel)
        assert parse_qs(urlsplit(door).query)["next"] == [path]
        page = browser.get(sign_in(browser, door)["Location"])
        assert page.status_code == 200, path
        assert "Landing page" in markup(page), path
    assert not Feed.objects.exists()
    assert not Rule.objects.exists()
    assert not Upload.objects.exists()
