"""An installation with pushes in several lanes against a sandbox over sockets, for tests that break its processes."""

import contextlib
import json
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

from tests.support.forking import Forked
from tests.support.installation import ROOT, Installation
from tests.support.sandbox import RemoteSandbox

SCALE = 0.02
LANES = 4


class Site:
    """An installation with pushes in several lanes, and engines that are restarted whenever they end."""

    def __init__(
        self,
        folder: Path,
        sandbox: RemoteSandbox,
        *,
        batches: int,
        size: int = 250,
        engines: int = 0,
        hosts: int = 1,
        env: Mapping[str, str] = {},
    ) -> None:
        """`batches` of `size` rows in each lane: smaller batches take the same steps and need less of a core.

        `hosts`: the number of data directories beside one PostgreSQL database, which is all that their engines share.
        """
        self.sandbox, self.rows = sandbox, batches * size
        self.installed = Installation(folder, time_scale=SCALE, extra_hosts=sandbox.host, env=env)
        self.campaigns = [str(sandbox.add_campaign(f"Campaign {place}")) for place in range(LANES)]
        seeded = self.inside("seed", str(self.rows), str(size), *self.campaigns)
        for campaign, there in zip(self.campaigns, seeded["there"], strict=True):
            sandbox.add_leads(campaign, there)
        # Longer than the pace, so that most kills hit a request; shorter than the quiet time, because Voiso continues a
        # dead engine's request, and only one that ended within the quiet time can be distinguished from the next.
        sandbox.set_behaviour(latency=20.0)
        self.hosts = [folder, *(shutil.copytree(folder, folder / f"host {n}") for n in range(1, hosts))]
        self.engines = [self.engine(place) for place in range(engines)]

    def inside(self, command: str, *arguments: str) -> dict:
        process = Forked(
            [sys.executable, "-m", "tests.pushes.installed", command, self.sandbox.address, *arguments],
            env=self.installed.env,
            cwd=ROOT,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        out, err = process.communicate(timeout=300)
        assert process.returncode == 0, err
        return json.loads(out)

    def engine(self, place: int) -> subprocess.Popen:
        env = {"VOISOADMIN_DATA_DIR": str(self.hosts[place % len(self.hosts)])}
        return self.installed.start("drain", "--seconds", "3600", "--json", env=env, stdout=subprocess.DEVNULL)

    def replace(self, place: int) -> None:
        self.engines[place].wait(120)
        self.engines[place] = self.engine(place)

    @contextlib.contextmanager
    def working(self) -> Iterator[subprocess.Popen]:
        """With a running `manage.py work`, which afterwards is asked to end, and does."""
        work = self.installed.start("work", "--patience", "2")
        try:
            yield work
            work.terminate()
            assert work.wait(120) == 0
        finally:
            if work.poll() is None:
                work.kill()
                work.wait(60)

    def finish(self) -> None:
        """Let the engines finish: each ends when nothing is left to send."""
        for engine in self.engines:
            assert engine.wait(900) == 0
        self.installed.manage("drain", "--json")

    def close(self) -> None:
        for engine in self.engines:
            if engine.poll() is None:
                engine.send_signal(signal.SIGCONT)
                engine.kill()
                engine.wait(60)


def assert_books(site: Site) -> dict:
    found = site.inside("check")
    sys.stdout.write(f"{found}\n")  # the figures of long runs: `-rP` shows them
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
