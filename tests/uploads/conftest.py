import uuid

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from tests.pushes.support import Cast
from tests.support.markup import markup
from tests.support.queue import run_jobs
from voisoadmin.lib import stopping
from voisoadmin.uploads.models import Upload


@pytest.fixture(autouse=True)
def upload_root(settings, tmp_path):
    settings.UPLOAD_ROOT = tmp_path / "uploads"
    return settings.UPLOAD_ROOT


@pytest.fixture
def cast(transactional_db, sandbox, campaign) -> Cast:
    """A campaign of the sandbox, and how to push into it. The engine's threads need committed rows."""
    stopping.clear()
    return Cast(sandbox, campaign)


@pytest.fixture
def page(client, ines) -> Client:
    """A browser in which Ines is signed in."""
    client.force_login(ines)
    return client


@pytest.fixture
def give(page, request):
    """Post a file for a campaign as Ines would, run the queued jobs, return the upload."""

    def do(data: bytes | str, name: str = "leads.csv", *, to=None, run: bool = True, **fields: str) -> Upload:
        content = data.encode() if isinstance(data, str) else data
        form = {"client_token": str(uuid.uuid4()), "kind": "add", "region": "GB", **fields}
        answer = page.post(
            f"{reverse('uploads:new')}?campaign={(to or request.getfixturevalue('campaign')).pk}",
            {**form, "file": SimpleUploadedFile(name, content)},
        )
        assert answer.status_code == 302, markup(answer)
        upload = Upload.objects.get(pk=int(answer.url.rstrip("/").rsplit("/", 1)[1]))
        if run:
            run_jobs()
            upload.refresh_from_db()
        return upload

    return do


@pytest.fixture
def look(page):
    """The text of an upload's page."""

    def do(upload: Upload, **query: str) -> str:
        answer = page.get(reverse("uploads:detail", args=[upload.pk]), query)
        assert answer.status_code == 200
        return markup(answer)

    return do
