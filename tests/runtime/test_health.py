"""What a load balancer and a container check, without signing in."""

import json
import logging
import re
from datetime import timedelta

import pytest
from django.core.management import CommandError, call_command
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
    assert answer.json() == {"ready": True}


def test_not_ready_if_no_worker_ever_ran(client):
    answer = client.get("/ready")

    assert answer.status_code == 503
    assert answer.json() == {"ready": False}


def test_not_ready_while_queued_work_waits(client):
    sweep(timezone.now())
    OrmQ.objects.create(key="voisoadmin", payload="", lock=timezone.now() - timedelta(seconds=61))

    assert client.get("/ready").status_code == 503


def test_not_ready_when_no_worker_has_queued_them_for_three_minutes(client):
    LastSweep.objects.create(at=timezone.now() - timedelta(minutes=3))

    assert client.get("/ready").status_code == 503


@pytest.mark.parametrize("host", ["10.0.0.7:8000", "localhost", "evil.example", "not a host", "", "[::1]:8000"])
@pytest.mark.parametrize("secure", [True, False])
def test_probes_are_answered_with_any_host_and_scheme(client, settings, host, secure):
    settings.ALLOWED_HOSTS, settings.SECURE_SSL_REDIRECT = ["dialer.example.com"], True
    sweep(timezone.now())

    for path, answer in (("/health", {"alive": True}), ("/ready", {"ready": True})):
        response = client.get(path, headers={"host": host}, secure=secure, REMOTE_ADDR="203.0.113.9")
        assert (response.status_code, response.json()) == (200, answer)
        assert client.head(path, headers={"host": host}, secure=secure).status_code == 200
    assert client.get("/", headers={"host": host}, secure=secure).status_code == 400


def test_what_is_missing_is_logged_once_and_not_shown(client, caplog):
    with caplog.at_level(logging.INFO):
        shown = {client.get("/ready").content for _ in range(5)}
        sweep(timezone.now())
        client.get("/ready")
        client.get("/ready")

    assert shown == {b'{"ready": false}'}
    assert [record.getMessage() for record in caplog.records] == ["Not ready: No worker is running.", "Ready again."]


def test_the_command_says_what_is_missing(capsys):
    with pytest.raises(CommandError) as caught:
        call_command("health")
    assert (caught.value.returncode, str(caught.value)) == (1, "Not ready: No worker is running.")

    with pytest.raises(CommandError):
        call_command("health", "--json")
    printed = json.loads(capsys.readouterr().out)
    assert printed == {"ready": False, "database": "ok", "queue": "stuck", "problems": ["No worker is running."]}


def test_the_command_succeeds_when_all_is_well(capsys):
    sweep(timezone.now())

    call_command("health")
    call_command("health", "--json")

    assert capsys.readouterr().out == 'Ready.\n{"ready": true, "database": "ok", "queue": "ok", "problems": []}\n'


def test_health_takes_no_other_method(client):
    assert client.post("/health").status_code == 405
    assert client.post("/ready").status_code == 405


def test_every_named_job_exists():
    sources = [path.read_text(encoding="utf-8") for path in (ROOT / "voisoadmin").rglob("*.py")]
    named = {name for source in sources for name in re.findall(r'"(voisoadmin\.\w+\.tasks\.\w+)"', source)}
    assert set(SWEEPS) <= named

    assert [name for name in named if not callable(import_string(name))] == []
