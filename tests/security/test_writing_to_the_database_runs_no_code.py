"""An attacker who can write to the database can write rows of the queue. None of them may run as code."""

import json
import subprocess
import sys
import time

import pytest
from django.conf import settings

from tests.support.installation import Installation

pytestmark = pytest.mark.kills
PATIENCE = 120  # seconds; a slow machine


def shell(installation: Installation, code: str) -> str:
    process = installation.start("shell", "--no-imports", "-c", code, stdout=subprocess.PIPE)
    out, _ = process.communicate(timeout=PATIENCE)
    assert process.returncode == 0
    return out


def test_a_worker_loads_no_row_of_the_queue_that_we_did_not_sign(tmp_path, tmp_path_factory):
    planted = tmp_path_factory.mktemp("planted")
    env = {"VOISOADMIN_WORKERS": "3", "DJANGO_SETTINGS_MODULE": "tests.security.look_at_once"}
    installation = Installation(tmp_path, env=env)
    program = [sys.executable, "-m", "tests.security.plant", str(planted)]
    out = subprocess.run(program, env=installation.env, stdout=subprocess.PIPE, check=True, timeout=PATIENCE).stdout
    assert {"Task.args", "Task.kwargs", "Task.result"} <= set(json.loads(out)["fields"])

    worker = installation.start("work", stderr=subprocess.PIPE)
    try:
        give_up = time.monotonic() + PATIENCE
        waiting = "from django_q.models import OrmQ; print(OrmQ.objects.filter(lock__isnull=False).count())"
        while int(shell(installation, waiting)) > 0:
            assert time.monotonic() < give_up, "the jobs are not done"
    finally:
        worker.terminate()
        _, log = worker.communicate(timeout=PATIENCE)

    assert sorted(path.name for path in planted.iterdir()) == []
    assert log.count("there_is_no_such_job is not defined") >= 3, "what went wrong is in the log instead"
    assert log.count("Failed to push task to queue") == 4, "what we did not sign is thrown away"


def test_no_cache_keeps_pickles_where_others_can_write():
    kept_in_this_process = {
        "django.core.cache.backends.locmem.LocMemCache",
        "django.core.cache.backends.dummy.DummyCache",
    }

    assert {cache["BACKEND"] for cache in settings.CACHES.values()} <= kept_in_this_process
    assert settings.SESSION_SERIALIZER == "django.contrib.sessions.serializers.JSONSerializer"
