"""Real engine processes, killed, frozen and ended at random moments, against a sandbox over sockets (R1, R3, R4, R26)."""

import contextlib
import json
import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest

from tests.support.installation import ROOT, Installation
from tests.support.sandbox import RemoteSandbox

pytestmark = [pytest.mark.kills, pytest.mark.xdist_group("kills")]

KILLS = int(os.environ.get("KILLS", "20"))  # on each database: of engines, and of workers that are busy or idle
OF_ENGINES = KILLS * 3 // 5
OF_WORKERS = KILLS - OF_ENGINES
WORKERS = 4
SCALE = 0.02
LANES, ROWS, ENGINES = 4, 8_000 + 500 * OF_ENGINES, 3


class Site:
    """An installation with pushes in several lanes, and so many engines, started again whenever they end."""

    def __init__(self, folder, sandbox: RemoteSandbox, *, engines: int = ENGINES, rows: int = ROWS) -> None:
        self.sandbox, self.rows = sandbox, rows
        self.installed = Installation(folder, time_scale=SCALE, extra_hosts=sandbox.host)
        self.campaigns = [str(sandbox.add_campaign(f"Campaign {place}")) for place in range(LANES)]
        for campaign, there in zip(self.campaigns, self.inside("seed", str(rows), *self.campaigns)["there"], strict=True):
            sandbox.add_leads(campaign, there)
        # Longer than the pace, so that most kills meet a call; shorter than the quiet time, for Voiso goes on with the call
        # of a dead engine, and only a call that ended within the quiet time can be told apart from the next one.
        sandbox.set_knobs(latency=20.0)
        self.engines = [self.engine() for _ in range(engines)]

    def inside(self, command: str, *arguments: str) -> dict:
        ran = subprocess.run(
            [sys.executable, "-m", "tests.pushes.installed", command, self.sandbox.address, *arguments],
            env=self.installed.env,
            cwd=ROOT,
            capture_output=True,
            text=True,
            timeout=300,
        )
        assert ran.returncode == 0, ran.stderr
        return json.loads(ran.stdout)

    def engine(self) -> subprocess.Popen:
        return self.installed.start("drain", "--seconds", "600", "--json", stdout=subprocess.DEVNULL)

    def replace(self, place: int) -> None:
        self.engines[place].wait(30)
        self.engines[place] = self.engine()

    def finish(self) -> None:
        """Let the engines come to their end: each ends when nothing is left to send."""
        for engine in self.engines:
            assert engine.wait(240) == 0
        self.installed.manage("drain", "--json")

    def close(self) -> None:
        for engine in self.engines:
            if engine.poll() is None:
                engine.send_signal(signal.SIGCONT)
                engine.kill()
                engine.wait(10)


@pytest.fixture
def site(tmp_path):
    with RemoteSandbox(time_scale=SCALE) as sandbox:
        site = Site(tmp_path, sandbox)
        yield site
        site.close()


@pytest.fixture
def worked(tmp_path):
    """The same without engines, for workers of the queue."""
    with RemoteSandbox(time_scale=SCALE) as sandbox:
        yield Site(tmp_path, sandbox, engines=0, rows=10_000 + 2000 * OF_WORKERS)


def assert_books(site: Site) -> dict:
    found = site.inside("check")
    assert found["breaches"] == []
    assert found["false"] == []
    assert found["lost"] == []
    assert found["max_in_flight"] == 1
    assert found["states"] == ["finished"]
    assert sum(found["buckets"].values()) == found["rows"] == LANES * site.rows
    assert found["open_calls"] == 0
    for campaign in site.campaigns:
        assert min(site.sandbox.gaps(campaign)) >= 2.0 * SCALE
    return found


def test_engines_that_are_killed_at_any_moment_lose_nothing_and_report_nothing_false(site):
    chance = random.Random()
    for _ in range(OF_ENGINES):
        site.sandbox.wait_for_answers(site.sandbox.answers() + 1)  # else a slow machine's engines are met while they start
        time.sleep(chance.uniform(0.0, 0.5))
        place = chance.randrange(ENGINES)
        site.engines[place].kill()
        site.replace(place)

    site.finish()

    found = assert_books(site)
    assert found["uncertain_calls"] >= OF_ENGINES // 5, "Hardly any of the kills met a call."
    assert set(found["buckets"]) <= {"added", "duplicate", "unattributed"}
    assert found["buckets"].get("unattributed", 0) <= 1000 * found["uncertain_calls"]


def test_workers_of_the_queue_that_are_killed_busy_or_idle_lose_nothing_and_report_nothing_false(worked):
    work = worked.installed.start("work", "--patience", "2")
    workers = Workers(work, worked.installed.folder / "beats")
    killed = 0
    try:
        ends = time.monotonic() + 30 * OF_WORKERS
        while killed < OF_WORKERS:
            assert time.monotonic() < ends
            worked.sandbox.wait_for_answers(worked.sandbox.answers() + 1, seconds=120)
            busy, idle = workers.busy_and_idle()
            # The one that sends; each fourth time one that waits, which may hold the lock on the queue for ever.
            for worker in (idle if killed % 4 == 3 else busy)[:1]:
                with contextlib.suppress(psutil.NoSuchProcess):
                    worker.kill()
                    killed += 1
        work.terminate()
        assert work.wait(60) == 0
    finally:
        if work.poll() is None:
            work.kill()
            work.wait(10)

    worked.finish()

    found = assert_books(worked)
    assert found["uncertain_calls"] >= OF_WORKERS // 5, "Hardly any of the kills met a call."
    assert set(found["buckets"]) <= {"added", "duplicate", "unattributed"}


class Workers:
    """The processes of a running `manage.py work` that run a task, and those that wait for one."""

    def __init__(self, work: subprocess.Popen, beats: Path) -> None:
        self.work, self.beats = work, beats
        self.helpers: dict[int, set[int]] = {}  # of each head of a cluster: what it starts after its workers

    def busy_and_idle(self) -> tuple[list[psutil.Process], list[psutil.Process]]:
        try:
            (cluster,) = psutil.Process(self.work.pid).children()
            (head,) = cluster.children()
            children = sorted(head.children(), key=lambda child: child.pid)
        except (ValueError, psutil.NoSuchProcess):
            return [], []  # it is being started again
        if head.pid not in self.helpers and len(children) >= WORKERS + 2:
            self.helpers[head.pid] = {child.pid for child in children[-2:]}
        helpers = self.helpers.get(head.pid, {child.pid for child in children})
        running = {path.name for path in self.beats.iterdir()}
        workers = [child for child in children if child.pid not in helpers]
        return [w for w in workers if str(w.pid) in running], [w for w in workers if str(w.pid) not in running]


def test_engines_that_freeze_and_go_on_never_put_two_calls_in_flight(site):
    chance = random.Random()
    for _ in range(max(5, KILLS // 4)):
        site.sandbox.wait_for_answers(site.sandbox.answers() + 1)
        time.sleep(chance.uniform(0.0, 0.3))
        engine = chance.choice(site.engines)
        engine.send_signal(signal.SIGSTOP)
        time.sleep(chance.uniform(0.05, 1.0))
        engine.send_signal(signal.SIGCONT)

    site.finish()

    assert_books(site)


def test_an_orderly_end_leaves_no_call_in_doubt(site):
    for turn in range(max(5, KILLS // 4)):
        site.sandbox.wait_for_answers(site.sandbox.answers() + 1)
        site.engines[turn % ENGINES].terminate()
        site.replace(turn % ENGINES)

    site.finish()

    found = assert_books(site)
    assert found["uncertain_calls"] == 0
    assert found["buckets"] == {"added": LANES * ROWS * 19 // 20, "duplicate": LANES * ROWS // 20}
