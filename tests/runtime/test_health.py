"""What a load balancer and a container check, without signing in."""

import re
from datetime import timedelta

import pytest
from django.utils import timezone
from django.utils.module_loading import import_string
from django_q.models import OrmQ

from tests.support.installation import ROOT
from voisoadmin.runtime.models import LastSweep
from voisoadmin.runtime.worker import SWEEPS, sweep

pytestmark = pytest.mark.django_db


def test_health_does_not_use_the_database(client, django_assert_num_queries):
    with django_assert_num_queries(0):
        answer = client.get("/health")

    assert answer.status_code == 200
    assert answer.json() == {"alive": True}
    assert "no-store" in answer.headers["Cache-Control"]


def test_ready_while_a_worker_queues_the_jobs_of_each_minute(client):
    sweep(timezone.now())

    answer = client.get("/ready")

    assert answer.status_code == 200
    assert answer.json() == {"ready": True, "database": "ok", "queue": "ok"}


def test_not_ready_if_no_worker_ever_ran(client):
    answer = client.get("/ready")

    assert answer.status_code == 503
    assert answer.json() == {"ready": False, "database": "ok", "queue": "stuck"}


def test_not_ready_while_queued_work_waits(client):
    sweep(timezone.now())
    OrmQ.objects.create(key="voisoadmin", payload="", lock=timezone.now() - timedelta(seconds=61))

    assert client.get("/ready").json()["queue"] == "stuck"


def test_not_ready_when_no_worker_has_queued_them_for_three_minutes(client):
    LastSweep.objects.create(at=timezone.now() - timedelta(minutes=3))

    assert client.get("/ready").status_code == 503


def test_health_takes_no_other_method(client):
    assert client.post("/health").status_code == 405
    assert client.post("/ready").status_code == 405


def test_every_named_job_exists():
    sources = [path.read_text(encoding="utf-8") for path in (ROOT / "voisoadmin").rglob("*.py")]
    named = {name for source in sources for name in re.findall(r'"(voisoadmin\.\w+\.tasks\.\w+)"', source)}
    assert set(SWEEPS) <= named

    assert [name for name in named if not callable(import_string(name))] == []
