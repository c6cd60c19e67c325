"""Processes that die in the middle: a file is there whole or not at all, and a check ends as if nothing had happened."""

import json
import os
import random
import subprocess
import time

import pytest

from tests.support.installation import Installation
from tests.support.uploading import post, prepared, shell

KILLS = int(os.environ.get("KILLS", "3"))

LOOK_AT_FILES = """
import hashlib, json
from django.conf import settings
from voisoadmin.uploads.models import Upload
from voisoadmin.uploads.intake.spool import stored_path
whole = [hashlib.sha256(stored_path(u.stored_name).read_bytes()).hexdigest() == u.sha256 for u in Upload.objects.all()]
files = sum(path.is_file() for path in settings.UPLOAD_ROOT.rglob("*")) if settings.UPLOAD_ROOT.exists() else 0
print(json.dumps({"whole": whole, "files": files}))
"""
SWEEP_A_DAY_LATER = """
from datetime import timedelta
from django.utils import timezone
from voisoadmin.uploads.intake import receiving
receiving.remove_orphans(at=timezone.now() + timedelta(days=1, hours=1))
"""
# Minutes after the process that read it died.
READ = """
from datetime import timedelta
from django.utils import timezone
from voisoadmin.uploads import tasks
from voisoadmin.uploads.models import Upload
Upload.objects.filter(stage="reading").update(check_beat_at=timezone.now() - timedelta(minutes=5))
Upload.objects.update(check_tries=0)
upload = Upload.objects.order_by("pk").last()
print("ready", flush=True)
tasks.read_file(upload.pk)
"""
RECEIVE_AGAIN = """
from voisoadmin.uploads.models import Upload
Upload.objects.update(stage="received", check_no=0, check_tries=0)
"""
# One that died right after its last row left earlier drafts to the sweep.
SWEEP_DRAFTS = """
from voisoadmin.uploads.check import left_drafts
left_drafts.forget_left_drafts()
"""
LOOK_AT_DRAFT = """
import hashlib, json
from voisoadmin.pushes.models import Push
from voisoadmin.pushes.services import iter_rows
from voisoadmin.uploads.models import Upload
upload = Upload.objects.get()
digest = hashlib.sha256()
for row in iter_rows(upload.draft):
    digest.update(repr((row.row_number, row.cells, row.number, row.bucket, row.reason)).encode())
print(json.dumps([upload.stage, upload.rows, upload.draft.buckets(), digest.hexdigest(), Push.objects.count()]))
"""


@pytest.fixture
def installation(tmp_path) -> Installation:
    return prepared(tmp_path)


def kill_after(installation: Installation, code: str, seconds: float) -> bool:
    """Run the code in a process and kill it this long after it is ready; False if it had ended before."""
    process = installation.start("shell", "--no-imports", "-c", code, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    assert process.stdout is not None
    assert process.stdout.readline() == "ready\n"
    try:
        process.wait(seconds)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
        return True
    finally:
        process.stdout.close()
    assert process.returncode == 0
    return False


def seconds_of(installation: Installation, code: str) -> float:
    began = time.monotonic()
    assert not kill_after(installation, code, 120)
    return time.monotonic() - began


@pytest.mark.kills
def test_a_web_process_that_dies_leaves_a_whole_upload_or_none(installation, tmp_path):
    path = tmp_path / "leads.csv"
    path.write_bytes(b"phone\n" + b"+447415550012\n" * 750_000)
    whole = post(path)
    began = time.monotonic()
    assert not kill_after(installation, whole, 120)
    whole_post = time.monotonic() - began

    killed = sum(kill_after(installation, whole, random.uniform(0, whole_post * 0.5)) for _ in range(KILLS))

    found = json.loads(shell(installation, LOOK_AT_FILES))
    assert all(found["whole"])
    assert 1 <= len(found["whole"]) <= 1 + KILLS
    after = json.loads(shell(installation, SWEEP_A_DAY_LATER + LOOK_AT_FILES))
    assert after == {"whole": found["whole"], "files": len(found["whole"])}
    assert killed or len(found["whole"]) == 1 + KILLS


@pytest.mark.kills
def test_a_check_killed_at_any_row_ends_like_an_uninterrupted_one(installation, tmp_path):
    path = tmp_path / "leads.csv"
    rows = (f"+4474{at % 90_000 + 10_000_000},Zoe {at}\n" if at % 7 else f"n/a {at},nemo\n" for at in range(30_000))
    path.write_text("phone,name\n" + "".join(rows))
    shell(installation, post(path))
    whole_check = seconds_of(installation, READ)
    unbroken = shell(installation, LOOK_AT_DRAFT + RECEIVE_AGAIN)

    for _ in range(KILLS):
        kill_after(installation, READ, random.uniform(0, whole_check * 0.5))
    shell(installation, READ + SWEEP_DRAFTS)

    assert shell(installation, LOOK_AT_DRAFT) == unbroken
