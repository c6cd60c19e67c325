"""`manage.py work`, with real processes: what it survives and how it ends."""

import os
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil
import pytest
from django.conf import settings

from tests.support.installation import Installation
from tests.support.waiting import CLUSTER, helpers_of

pytestmark = pytest.mark.kills

A_RULE = """
from django.utils import timezone
from voisoadmin.rules.models import Rule
now = timezone.now()
Rule.objects.create(name="Evening", mode=Rule.Mode.OFF, sentence={}, owner_label="Ines", looked_since=now, changed_at=now)
"""
WORKERS = 3 + settings.CHECKS_AT_ONCE
KILLS = int(os.environ.get("KILLS", "2"))  # of each kind; the goal is 20 of 20


@pytest.fixture(scope="module")
def installation(tmp_path_factory) -> Installation:
    return Installation(tmp_path_factory.mktemp("work"), env={"VOISOADMIN_WORKERS": str(WORKERS - settings.CHECKS_AT_ONCE)})


def until(true: Callable[[], object], *, seconds: float, what: str) -> float:
    """Wait until a condition holds; return how long it took."""
    began = time.monotonic()
    while not true():
        assert time.monotonic() - began < seconds, f"not within {seconds} s: {what}"
        time.sleep(0.05)
    return time.monotonic() - began


def tree(process: subprocess.Popen) -> list[psutil.Process]:
    root = psutil.Process(process.pid)
    return [root, *root.children(recursive=True)]


def workers_of(process: subprocess.Popen) -> list[psutil.Process]:
    """The processes that run tasks, the pusher and the monitor: children of the sentinel, in the order they were started."""
    try:
        cluster = helpers_of(process.pid, CLUSTER)
        sentinel = cluster[0].children() if cluster else []
        return sorted(sentinel[0].children(), key=lambda child: child.pid) if sentinel else []
    except psutil.NoSuchProcess:
        return []  # it is being restarted


def nobody_left(processes: list[psutil.Process], *, seconds: float) -> None:
    _, alive = psutil.wait_procs(processes, timeout=seconds)
    alive = [process for process in alive if process.status() != psutil.STATUS_ZOMBIE]
    assert not alive, alive


@contextmanager
def working(installation: Installation, *, patience: float = 4.0) -> Iterator[subprocess.Popen]:
    process = installation.start("work", "--patience", str(patience))
    try:
        until(lambda: len(workers_of(process)) == WORKERS + 2, seconds=40, what="the cluster is up")
        yield process
    finally:
        for left in tree(process) if psutil.pid_exists(process.pid) else []:
            left.kill()
        process.wait()


def enqueue(installation: Installation, path: Path) -> None:
    """Queue a task that creates a file."""
    code = f"from django_q.tasks import async_task; async_task('pathlib.Path.touch', __import__('pathlib').Path({str(path)!r}))"
    installation.manage("shell", "--no-imports", "-c", code)


def test_tasks_run_again_after_an_idle_worker_was_killed_with_the_lock(installation, tmp_path):
    with working(installation) as process:
        for turn in range(KILLS):
            enqueue(installation, tmp_path / f"before {turn}")
            until((tmp_path / f"before {turn}").exists, seconds=20, what="tasks flow")
            # One of the idle workers holds the lock on the queue; all of them are killed, so it is among them.
            for worker in workers_of(process)[:WORKERS]:
                worker.kill()

            enqueue(installation, tmp_path / f"after {turn}")

            until((tmp_path / f"after {turn}").exists, seconds=60, what="tasks flow again")


@pytest.mark.parametrize("name", ["SIGTERM", "SIGHUP"])
def test_a_signal_ends_it_in_time_and_leaves_no_process_behind(installation, name):
    with working(installation) as process:
        everybody = tree(process)
        began = time.monotonic()

        process.send_signal(signal.Signals[name])

        assert process.wait(40) == 0
        assert time.monotonic() - began < 18
        nobody_left(everybody, seconds=0.1)
        assert list((installation.folder / "stop").iterdir()) == []


def test_a_stuck_cluster_cannot_prevent_its_end(installation):
    with working(installation, patience=600) as process:
        everybody = tree(process)
        for worker in workers_of(process)[:WORKERS]:
            worker.kill()
            (installation.folder / "beats" / str(worker.pid)).touch()  # as if in the middle of a task

        process.send_signal(signal.SIGINT)

        assert process.wait(40) == 0
        nobody_left(everybody, seconds=0.1)


def test_when_it_is_killed_it_leaves_no_cluster_behind(installation):
    with working(installation) as process:
        everybody = tree(process)

        process.kill()

        process.wait()
        nobody_left(everybody[1:], seconds=5)


def test_a_cluster_whose_head_was_killed_is_replaced_whole(installation, tmp_path):
    with working(installation) as process:
        head, *rest = tree(process)[1:]

        head.kill()

        nobody_left(rest, seconds=5)
        enqueue(installation, tmp_path / "after")
        until((tmp_path / "after").exists, seconds=60, what="tasks flow again")


def test_two_workers_share_the_queue_and_one_ends_without_the_other(installation, tmp_path):
    with working(installation) as first, working(installation) as second:
        first.send_signal(signal.SIGTERM)
        assert first.wait(40) == 0

        enqueue(installation, tmp_path / "after")

        until((tmp_path / "after").exists, seconds=20, what="the second one continues")
        assert second.poll() is None


def test_it_does_not_start_with_an_outdated_database(tmp_path):
    installation = Installation(tmp_path)
    installation.manage("migrate", "operations", "zero", "--fake")

    process = installation.start("work", stderr=subprocess.PIPE)
    _, said = process.communicate(timeout=120)

    assert process.returncode == 1
    assert "Run: manage.py migrate" in said
    assert "Traceback" not in said


def test_the_evaluation_of_rules_begins_with_the_first_rule_and_again_when_it_was_killed(installation):
    with working(installation) as process:
        assert not helpers_of(process.pid, "evaluate_rules")
        installation.manage("shell", "--no-imports", "-c", A_RULE)
        (evaluator,) = until_there(process)
        evaluator.kill()

        until(lambda: evaluator.pid not in {one.pid for one in until_there(process)}, seconds=40, what="another one evaluates")


def until_there(process: subprocess.Popen) -> list[psutil.Process]:
    """The child that evaluates rules, once it is there."""
    until(lambda: helpers_of(process.pid, "evaluate_rules"), seconds=40, what="rules are evaluated")
    return helpers_of(process.pid, "evaluate_rules")
