"""Real engine processes, killed, frozen and ended at random moments, against a sandbox over sockets (R1, R3, R4, R26)."""

import json
import os
import random
import signal
import subprocess
import sys
import time

import pytest

from tests.support.installation import ROOT, Installation
from tests.support.sandbox import RemoteSandbox

pytestmark = [pytest.mark.kills, pytest.mark.xdist_group("kills")]

KILLS = int(os.environ.get("KILLS", "20"))  # of each kind and database
SCALE = 0.02
LANES, ROWS, ENGINES = 4, 10_000 + 500 * KILLS, 3


class Site:
    """An installation with pushes in several lanes, and a few engines that are started again whenever they end."""

    def __init__(self, folder, sandbox: RemoteSandbox) -> None:
        self.sandbox = sandbox
        self.installed = Installation(folder, time_scale=SCALE, extra_hosts=sandbox.host)
        self.campaigns = [str(sandbox.add_campaign(f"Campaign {place}")) for place in range(LANES)]
        for campaign, there in zip(self.campaigns, self.inside("seed", str(ROWS), *self.campaigns)["there"], strict=True):
            sandbox.add_leads(campaign, there)
        # Longer than the pace, so that most kills meet a call; shorter than the quiet time, for Voiso goes on with the call
        # of a dead engine, and only a call that ended within the quiet time can be told apart from the next one.
        sandbox.set_knobs(latency=20.0)
        self.engines = [self.engine() for _ in range(ENGINES)]

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


def assert_books(site: Site) -> dict:
    found = site.inside("check")
    assert found["breaches"] == []
    assert found["false"] == []
    assert found["lost"] == []
    assert found["max_in_flight"] == 1
    assert found["states"] == ["finished"]
    assert sum(found["buckets"].values()) == found["rows"] == LANES * ROWS
    assert found["open_calls"] == 0
    for campaign in site.campaigns:
        assert min(site.sandbox.gaps(campaign)) >= 2.0 * SCALE
    return found


def test_engines_that_are_killed_at_any_moment_lose_nothing_and_report_nothing_false(site):
    chance = random.Random()
    for _ in range(KILLS):
        time.sleep(chance.uniform(0.05, 0.8))
        place = chance.randrange(ENGINES)
        site.engines[place].kill()
        site.replace(place)

    site.finish()

    found = assert_books(site)
    assert found["uncertain_calls"] >= KILLS // 5, "Hardly any of the kills met a call."
    assert set(found["buckets"]) <= {"added", "duplicate", "unattributed"}
    assert found["buckets"].get("unattributed", 0) <= 1000 * found["uncertain_calls"]


def test_engines_that_freeze_and_go_on_never_put_two_calls_in_flight(site):
    chance = random.Random()
    for _ in range(KILLS):
        time.sleep(chance.uniform(0.05, 0.5))
        engine = chance.choice(site.engines)
        engine.send_signal(signal.SIGSTOP)
        time.sleep(chance.uniform(0.05, 1.0))
        engine.send_signal(signal.SIGCONT)

    site.finish()

    assert_books(site)


def test_an_orderly_end_leaves_no_call_in_doubt(site):
    for turn in range(min(KILLS, 6)):
        time.sleep(0.7)
        site.engines[turn % ENGINES].terminate()
        site.replace(turn % ENGINES)

    site.finish()

    found = assert_books(site)
    assert found["uncertain_calls"] == 0
    assert found["buckets"] == {"added": LANES * ROWS * 19 // 20, "duplicate": LANES * ROWS // 20}
