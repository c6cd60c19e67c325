import pytest
from django.contrib.auth.hashers import MD5PasswordHasher
from django.db import connection as database
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from tests.support.markup import markup
from voisoadmin.accounts.models import User

pytestmark = pytest.mark.django_db

PASSWORD = "correct horse battery"
SIGN_IN = reverse("accounts:sign_in")


def test_every_page_redirects_to_sign_in_and_back(client, ines):
    response = client.get("/users/?a=1")

    assert response.status_code == 302
    assert response["Location"] == f"{SIGN_IN}?next=/users/%3Fa%3D1"
    response = client.post(response["Location"], {"username": "ines", "password": PASSWORD, "next": "/users/?a=1"})
    assert response["Location"] == "/users/?a=1"


@pytest.mark.parametrize("given", [("ines", "wrong"), ("stranger", PASSWORD), ("closed", PASSWORD)])
def test_a_wrong_name_a_wrong_password_and_a_deactivated_user_look_the_same(client, ines, given):
    User.objects.create_user("closed", password=PASSWORD, is_active=False)

    response = client.post(SIGN_IN, {"username": given[0], "password": given[1]})

    assert response.status_code == 422
    assert "Wrong username or password." in markup(response)
    assert "_auth_user_id" not in client.session


class Counting(MD5PasswordHasher):
    hashed = 0

    def encode(self, password: str, salt: str) -> str:
        Counting.hashed += 1
        return super().encode(password, salt)


def test_the_answer_takes_the_same_work_for_every_name(client, ines, settings):
    User.objects.create_user("closed", password=PASSWORD, is_active=False)
    settings.PASSWORD_HASHERS = [f"{__name__}.Counting"]
    work = {}

    for name, password in (("ines", "wrong"), ("unknown", PASSWORD), ("closed", PASSWORD)):
        Counting.hashed = 0
        with CaptureQueriesContext(database) as queries:
            client.post(SIGN_IN, {"username": name, "password": password})
        work[name] = Counting.hashed, len(queries)

    assert {hashed for hashed, _ in work.values()} == {1}
    assert len({queries for _, queries in work.values()}) == 1, work


@pytest.mark.parametrize(
    "address", ["https://evil.example/", "//evil.example/", "javascript:alert(1)", "/\\evil.example", "http:///evil.example"]
)
def test_signing_in_never_redirects_to_another_host(client, ines, address):
    response = client.post(SIGN_IN, {"username": "ines", "password": PASSWORD, "next": address})

    assert response.status_code == 302
    assert response["Location"] == "/"


def test_the_session_key_changes_at_sign_in(client, ines):
    client.get(SIGN_IN)
    session = client.session
    session["x"] = 1
    session.save()
    before = session.session_key

    client.post(SIGN_IN, {"username": "ines", "password": PASSWORD})

    assert client.session.session_key != before


def test_when_a_session_ends_on_an_open_page_sign_in_leads_back_to_that_page(client, ines):
    headers = {"HX-Request": "true", "HX-Current-URL": "http://testserver/campaigns/7/?a=1"}

    response = client.get("/last-answers/", headers=headers)

    assert response.status_code == 200
    assert response["HX-Redirect"] == f"{SIGN_IN}?next=/campaigns/7/%3Fa%3D1"
    assert response.content == b""


def test_an_htmx_request_from_elsewhere_leads_to_the_first_page(client):
    headers = {"HX-Request": "true", "HX-Current-URL": "https://evil.example/x"}

    assert client.get("/last-answers/", headers=headers)["HX-Redirect"] == f"{SIGN_IN}?next=/"


def test_a_post_after_the_session_ended_leads_back_to_the_page_it_came_from(client):
    response = client.post("/looking/", headers={"Referer": "http://testserver/?show=paused"})

    assert response["Location"] == f"{SIGN_IN}?next=/%3Fshow%3Dpaused"


def test_signing_out_needs_a_post(client, ines):
    client.force_login(ines)

    assert client.get(reverse("accounts:sign_out")).status_code == 405
    assert client.post(reverse("accounts:sign_out")).status_code == 302
    assert "_auth_user_id" not in client.session


def test_a_signed_in_user_is_redirected_from_the_sign_in_page(client, ines):
    client.force_login(ines)

    assert client.get(SIGN_IN)["Location"] == "/"


def test_the_sign_in_form_needs_its_token(ines):
    response = Client(enforce_csrf_checks=True).post(SIGN_IN, {"username": "ines", "password": PASSWORD})

    assert response.status_code == 403


@pytest.mark.parametrize(("chosen", "attribute"), [("dark", 'data-bs-theme="dark"'), ("light", 'data-bs-theme="light"')])
def test_the_theme_can_be_chosen_without_a_script(client, chosen, attribute):
    response = client.post(reverse("accounts:theme"), {"theme": chosen, "next": SIGN_IN})

    assert response["Location"] == SIGN_IN
    assert attribute in markup(client.get(SIGN_IN))
    client.post(reverse("accounts:theme"), {"theme": "auto", "next": "//evil.example"})
    assert "data-bs-theme" not in markup(client.get(SIGN_IN))


def test_a_forged_theme_is_ignored(client):
    client.cookies["theme"] = '"><script>'

    assert "data-bs-theme" not in markup(client.get(SIGN_IN))
