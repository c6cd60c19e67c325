"""Real engine processes, killed, frozen and ended at random moments, against a sandbox over sockets."""

import contextlib
import os
import random
import signal
import subprocess
import time
from pathlib import Path

import psutil
import pytest
from django.conf import settings

from tests.pushes.site import LANES, SCALE, Site, assert_books
from tests.support.sandbox import RemoteSandbox
from tests.support.waiting import CLUSTER, helpers_of

pytestmark = pytest.mark.kills

KILLS = int(os.environ.get("KILLS", "15"))  # per database: kills of engines, and of busy or idle workers
OF_ENGINES = KILLS * 3 // 5
OF_WORKERS = KILLS - OF_ENGINES
FREEZES = ENDS = max(3, KILLS // 6)
TAKE_OVERS = int(os.environ.get("TAKE_OVERS", "5"))
WORKERS = 4 + settings.CHECKS_AT_ONCE
ENGINES = 3


@pytest.fixture
def open_site(tmp_path):
    with RemoteSandbox(time_scale=SCALE) as sandbox, contextlib.ExitStack() as opened:

        def open_site(**given: int) -> Site:
            site = Site(tmp_path, sandbox, **given)
            opened.callback(site.close)
            return site

        yield open_site


def test_engines_killed_at_any_moment_lose_nothing_and_report_nothing_false(open_site):
    site = open_site(batches=5 + OF_ENGINES // 2, size=1000, engines=ENGINES)
    chance = random.Random()
    for _ in range(OF_ENGINES):
        site.sandbox.wait_for_answers(site.sandbox.answers() + 1)  # otherwise a slow machine's engines are hit while they start
        time.sleep(chance.uniform(0.0, 0.5))
        place = chance.randrange(ENGINES)
        site.engines[place].kill()
        site.replace(place)

    site.finish()

    found = assert_books(site)
    assert found["uncertain_calls"] >= OF_ENGINES // 5, "Hardly any of the kills met a call."
    assert set(found["buckets"]) <= {"added", "duplicate", "unattributed"}
    assert found["buckets"].get("unattributed", 0) <= 1000 * found["uncertain_calls"]


def test_queue_workers_killed_busy_or_idle_lose_nothing_and_report_nothing_false(open_site):
    site = open_site(batches=10 + 3 * OF_WORKERS)
    chance = random.Random()
    killed = 0
    with site.working() as work:
        workers = Workers(work, site.installed.folder / "beats")
        ends = time.monotonic() + 30 * OF_WORKERS
        while killed < OF_WORKERS:
            assert time.monotonic() < ends
            # If it always hit the next one, it could be the same request again: after eight of them a person is asked.
            some = chance.randint(1, 3 * LANES)
            site.sandbox.wait_for_answers(site.sandbox.answers() + some, seconds=120)
            busy, idle = workers.busy_and_idle()
            # The sending one; every fourth time an idle one, which may hold the lock on the queue for ever.
            for worker in (idle if killed % 4 == 3 else busy)[:1]:
                with contextlib.suppress(psutil.NoSuchProcess):
                    worker.kill()
                    killed += 1

    site.finish()

    found = assert_books(site)
    assert found["uncertain_calls"] >= OF_WORKERS // 5, "Hardly any of the kills met a call."
    assert set(found["buckets"]) <= {"added", "duplicate", "unattributed"}


class Workers:
    """The processes of a running `manage.py work` that run a task, and those that wait for one."""

    def __init__(self, work: subprocess.Popen, beats: Path) -> None:
        self.work, self.beats = work, beats
        self.helpers: dict[int, set[int]] = {}  # of each head of a cluster: the children it starts after its workers

    def busy_and_idle(self) -> tuple[list[psutil.Process], list[psutil.Process]]:
        try:
            (cluster,) = helpers_of(self.work.pid, CLUSTER)
            (head,) = cluster.children()
            children = sorted(head.children(), key=lambda child: child.pid)
        except (ValueError, psutil.NoSuchProcess):
            return [], []  # it is being restarted
        if head.pid not in self.helpers and len(children) >= WORKERS + 2:
            self.helpers[head.pid] = {child.pid for child in children[-2:]}
        helpers = self.helpers.get(head.pid, {child.pid for child in children})
        running = {path.name for path in self.beats.iterdir()}
        workers = [child for child in children if child.pid not in helpers]
        return [w for w in workers if str(w.pid) in running], [w for w in workers if str(w.pid) not in running]


def test_engines_that_freeze_and_continue_never_have_two_open_requests(open_site):
    site = open_site(batches=5 + 5 * FREEZES, engines=2)
    chance = random.Random()
    for _ in range(FREEZES):
        site.sandbox.wait_for_answers(site.sandbox.answers() + 1)
        time.sleep(chance.uniform(0.0, 0.3))
        engine = chance.choice(site.engines)
        engine.send_signal(signal.SIGSTOP)
        time.sleep(chance.uniform(0.05, 1.0))
        engine.send_signal(signal.SIGCONT)

    site.finish()

    assert_books(site)


def test_engines_of_two_hosts_take_over_lanes_without_two_open_requests(open_site):
    """One PostgreSQL database, with a separate data directory for each host. Every fifth end is a kill."""
    places = LANES + 2  # each lane may have an owner, and another engine waits on each host
    hosts, turns = (1, TAKE_OVERS // 2) if settings.EMBEDDED else (2, TAKE_OVERS)
    site = open_site(batches=20 + 4 * turns, size=4, engines=places, hosts=hosts)
    chance = random.Random()
    for turn in range(turns):
        site.sandbox.wait_for_answers(site.sandbox.answers() + 1, seconds=120)
        # Threads are for requests: a process without them owns nothing, but may own a lane by the time the signal comes.
        owners = [place for place in range(places) if psutil.Process(site.engines[place].pid).num_threads() > 1]
        place = chance.choice(owners or range(places))
        site.engines[place].send_signal(signal.SIGKILL if turn % 5 == 4 else signal.SIGTERM)
        site.replace(place)
    site.sandbox.set_behaviour(latency=0.0)

    site.finish()

    assert assert_books(site)["takeovers"] >= turns


def test_an_orderly_end_leaves_no_call_in_doubt(open_site):
    site = open_site(batches=5 + 5 * ENDS, engines=2)
    for turn in range(ENDS):
        site.sandbox.wait_for_answers(site.sandbox.answers() + 1)
        site.engines[turn % 2].terminate()
        site.replace(turn % 2)

    site.finish()

    found = assert_books(site)
    assert found["uncertain_calls"] == 0
    there = LANES * len(range(0, site.rows, 20))
    assert found["buckets"] == {"added": LANES * site.rows - there, "duplicate": there}
