"""An installation with one campaign, and files uploaded to it by separate processes."""

import subprocess
from pathlib import Path

from tests.support.installation import Installation

PREPARE = """
from django.utils import timezone
from voisoadmin.accounts.models import User
from voisoadmin.campaigns.models import Campaign, Lane
from voisoadmin.connections.models import Connection
now = timezone.now()
User.objects.create_user("ines", password="correct horse battery")
connection = Connection.objects.create(name="Berlin", generation="v4", base_url="https://cc-test01.voiso.com", key="k" * 32)
lane = Lane.objects.create(address="https://cc-test01.voiso.com:443", voiso_id="1")
Campaign.objects.create(connection=connection, lane=lane, voiso_id="1", name="Spring", live=True, changed_at=now)
"""
# A browser's post, through the middleware, the upload handler and the view, in a separate process.
POST = """
import sys, uuid
from pathlib import Path
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from voisoadmin.accounts.models import User
client = Client(SERVER_NAME="127.0.0.1")
client.force_login(User.objects.get())
file = SimpleUploadedFile("leads.csv", Path({path!r}).read_bytes())
print("ready", flush=True)
answer = client.post("/uploads/new/?campaign=1", {{"client_token": str(uuid.uuid4()), "kind": "add", "file": file}})
assert answer.status_code == 302, answer.status_code
"""


def prepared(folder: Path, **options) -> Installation:
    made = Installation(folder, **options)
    shell(made, PREPARE)
    return made


def post(path: Path) -> str:
    """Code that posts the file."""
    return POST.format(path=str(path))


def shell(installation: Installation, code: str) -> str:
    """Run code in a process; return the last line of its output."""
    process = installation.start("shell", "--no-imports", "-c", code, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    out, err = process.communicate(timeout=240)
    assert process.returncode == 0, err
    return out.strip().rsplit("\n", 1)[-1]
