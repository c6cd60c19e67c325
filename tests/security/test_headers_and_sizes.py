"""The headers of every answer, and the size limits of a request."""

from pathlib import Path

import pytest
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from tests.security.answers import content_of

HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}
PAGES = {"/": 200, "/sign-in/": 302, "/nowhere/": 404, "/sign-out/": 405, "/static/icons.svg": 200}


@pytest.fixture
def static_files(settings):
    """Ours are found although they weren't collected."""
    settings.WHITENOISE_USE_FINDERS = settings.WHITENOISE_AUTOREFRESH = True


@pytest.mark.parametrize("page", PAGES)
def test_every_answer_carries_the_same_rules(static_files, client, ada, page):
    client.force_login(ada)

    answer = client.get(page)
    content_of(answer)

    assert answer.status_code == PAGES[page]
    assert {name: answer.headers.get(name) for name in HEADERS} == HEADERS
    policy = answer["Content-Security-Policy"]
    assert "frame-ancestors 'none'" in policy
    assert "script-src 'self';" in policy + ";"
    assert "Access-Control-Allow-Origin" not in answer
    assert "camera=()" in answer["Permissions-Policy"]


def test_over_https_browsers_are_required_to_stay_there(settings, client, ada):
    settings.SECURE_SSL_REDIRECT, settings.SECURE_HSTS_SECONDS = True, 31_536_000
    client.force_login(ada)

    assert client.get("/").url.startswith("https://")
    assert "max-age=31536000" in client.get("/", secure=True)["Strict-Transport-Security"]


def files_kept() -> set[Path]:
    return {path for path in settings.UPLOAD_ROOT.rglob("*") if path.is_file()}


def test_a_second_file_in_a_form_is_refused_and_none_is_kept(ada, campaign):
    client = Client()
    client.force_login(ada)
    files = [SimpleUploadedFile(f"{n}.csv", b"Phone\n+447400300001\n") for n in range(3)]
    before = files_kept()

    answer = client.post(reverse("uploads:new") + f"?campaign={campaign.pk}", {"file": files, "kind": "add"})

    assert answer.status_code == 400
    assert "couldn't read this request" in answer.text
    assert files_kept() == before
