"""Leads that an application posts, beside a large push, with real processes and sockets: how many, how soon, and each once.

    python benchmarks/leads.py [--seconds 60] [--clients 50] [--feeds 1] [--kills 4] [--rows 1000000] [--singles 20]

First single leads go to an idle campaign at real time: how long until each reaches the simulated Voiso. Then clients post
ten leads a request while a push of `--rows` is sent and processes are killed; waits are scaled by `--scale`, so that what was
accepted is also sent. Meanwhile a reader looks at /health and at the board. Prints JSON, with what does not depend on how busy
the machine is: the web server's processor time for a request. Exit 1 if a promise is not kept. On PostgreSQL: give
DATABASE_URL of an empty database.
"""

import argparse
import contextlib
import http.client
import itertools
import json
import os
import random
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psutil
from stand_in import sandbox

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))
HOST = "127.0.0.1"
LEADS_A_REQUEST = 10
RETRY_SECONDS = 0.2
READ_SECONDS = 0.2
QUIET_SECONDS = 5.0  # of looking at pages before anything is posted
ANSWER_SECONDS = 0.4
GOAL_SINGLE, GOAL_RATE = 3.0, 1000
MANAGE = [sys.executable, "manage.py"]
MAKE_FEEDS = """
import sys
from django.utils import timezone
from voisoadmin.campaigns.models import Campaign
from voisoadmin.feeds.services import create_feed, create_token
from voisoadmin.operations.clicks import Click
click = Click(by=None, by_label='Ada', at=timezone.now())
campaign = Campaign.objects.get(voiso_id='{campaign}')
for number in range({feeds}):
    feed = create_feed(campaign, name=f'Source {{number}}', writing='refuse', click=click)
    print(feed.public_id, str(create_token(feed, click)))
"""
FIGURES = """
import json
from django.db.models import Sum
from voisoadmin.pushes.models import Inbox, Intake
intakes = list(Intake.objects.filter(inbox__campaign__voiso_id='{campaign}'))
buckets = {{}}
for intake in intakes:
    for name, rows in intake.buckets().items():
        buckets[name] = buckets.get(name, 0) + rows
print(json.dumps(dict(accepted=sum(one.accepted for one in intakes), buckets={{n: r for n, r in buckets.items() if r}})))
"""


READER = """
from django.conf import settings
from django.test import Client
from voisoadmin.accounts.models import User
client = Client()
client.force_login(User.objects.create_user('ada', role=User.Role.ADMINISTRATOR))
print(settings.SESSION_COOKIE_NAME + '=' + client.cookies[settings.SESSION_COOKIE_NAME].value)
"""


class Site:
    """An installation with a web server and a worker, which may be killed."""

    def __init__(self, folder: str, host: str, scale: float) -> None:
        self.address = f"http://{host}"
        self.env = {
            **os.environ,
            "DJANGO_SETTINGS_MODULE": "voisoadmin.settings",
            "VOISOADMIN_DATA_DIR": folder,
            "VOISOADMIN_TIME_SCALE": str(scale),
            "VOISOADMIN_EXTRA_HOSTS": host,
            "VOISOADMIN_HTTPS": "false",
            "VOISOADMIN_LOG_LEVEL": "ERROR",
            "VOISOADMIN_FEED_REQUESTS": "1000000",
            "VOISOADMIN_FEED_LEADS": "100000000",
            "VOISOADMIN_FEED_WAITING": "10000000",
            "PYTHONPATH": str(ROOT),
        }
        self.run(*MANAGE, "migrate", "-v0")
        self.run(*MANAGE, "collectstatic", "--noinput", "-v0")
        self.programs: dict[str, subprocess.Popen[bytes]] = {}

    def run(self, *command: str) -> str:
        return subprocess.run(command, cwd=ROOT, env=self.env, check=True, capture_output=True, text=True).stdout

    def shell(self, program: str) -> str:
        return self.run(*MANAGE, "shell", "--no-imports", "-v0", "-c", program).strip()

    def seed(self, campaign: str, rows: int) -> None:
        self.run(sys.executable, "-m", "tests.pushes.installed", "seed", self.address, str(rows), "1000", campaign)

    @contextlib.contextmanager
    def running(self) -> Iterator[int]:
        """The port of its web server."""
        with socket.socket() as free:
            free.bind((HOST, 0))
            port = free.getsockname()[1]
        server = [sys.executable, "-m", "voisoadmin.runtime.server.web", "--bind", f"{HOST}:{port}", "--threads", "16"]
        commands = {"web": server, "worker": [*MANAGE, "work"]}
        self.programs = {name: self._start(command) for name, command in commands.items()}
        try:
            _wait_for(port)
            yield port
        finally:
            for name in commands:
                self._kill(name)

    def processor_seconds(self, name: str) -> float:
        times = psutil.Process(self.programs[name].pid).cpu_times()
        return float(times.user + times.system)

    def kill_and_start(self, name: str) -> None:
        command = self._kill(name)
        self.programs[name] = self._start(command)

    def _start(self, command: list[str]) -> subprocess.Popen[bytes]:
        return subprocess.Popen(command, cwd=ROOT, env=self.env, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

    def _kill(self, name: str) -> list[str]:
        """With all its children, as a machine that loses its power; return its command."""
        program = self.programs[name]
        for process in [*psutil.Process(program.pid).children(recursive=True), psutil.Process(program.pid)]:
            with contextlib.suppress(psutil.NoSuchProcess):
                process.send_signal(signal.SIGKILL)
        program.wait(30)
        return list(program.args)  # type: ignore[arg-type]


def _wait_for(port: int) -> None:
    ends = time.monotonic() + 60
    while True:
        with contextlib.suppress(OSError):
            socket.create_connection((HOST, port), 1).close()
            return
        assert time.monotonic() < ends
        time.sleep(0.1)


class Source:
    """One client of a feed, over a connection that it keeps."""

    _numbers = itertools.count(447_500_000_000)

    def __init__(self, port: int, feed: str) -> None:
        self.public_id, self.token = feed.split()
        self.connection = http.client.HTTPConnection(HOST, port, timeout=60)
        self.accepted: list[str] = []
        self.times: list[float] = []
        self.repeated = 0

    def post(self, count: int) -> list[str]:
        given = [str(next(self._numbers)) for _ in range(count)]
        body = json.dumps([{"phone": f"+{number}", "name": "Ana"} for number in given])
        headers = {"Authorization": f"Bearer {self.token}", "Content-Type": "application/json", "Idempotency-Key": given[0]}
        while True:
            began = time.monotonic()
            status, found = self._once(body, headers)
            if status == 202:
                break
            # The same request again, as a source does: whatever happened to the first one, it counts once.
            self.repeated += 1
            time.sleep(RETRY_SECONDS)
        self.times.append(time.monotonic() - began)
        assert found["accepted"] == count, found
        self.accepted += given
        return given

    def _once(self, body: str, headers: dict[str, str]) -> tuple[int, dict[str, Any]]:
        try:
            self.connection.request("POST", f"/api/v1/feeds/{self.public_id}/leads", body, headers)
            answer = self.connection.getresponse()
            return answer.status, json.loads(answer.read())
        except (OSError, http.client.HTTPException):
            self.connection.close()
            return 0, {}


class Reader:
    """A person who looks at pages, one at a time."""

    def __init__(self, port: int, cookie: str) -> None:
        self.port, self.cookie = port, cookie
        self.times: dict[str, list[float]] = {"health": [], "board": []}

    def look(self, *, until: float) -> dict[str, float]:
        """The slowest of 95 of 100 looks, by page."""
        while time.monotonic() < until:
            self._look("health", "/health", {})
            self._look("board", "/", {"Cookie": self.cookie})
            time.sleep(READ_SECONDS)
        found = {f"{name}_p95": round(_p95(times), 3) for name, times in self.times.items()}
        self.times = {name: [] for name in self.times}
        return found

    def _look(self, name: str, path: str, headers: dict[str, str]) -> None:
        began = time.monotonic()
        connection = http.client.HTTPConnection(HOST, self.port, timeout=60)
        with contextlib.suppress(OSError, http.client.HTTPException), contextlib.closing(connection):  # it may have been killed
            connection.request("GET", path, headers=headers)
            answer = connection.getresponse()
            answer.read()
            assert answer.status == 200, answer.status
            self.times[name].append(time.monotonic() - began)


def _p95(times: list[float]) -> float:
    return sorted(times)[int(0.95 * (len(times) - 1))]


def _truth(site: Site, campaign: str) -> dict[str, Any]:
    import httpx

    return httpx.get(f"{site.address}/_sandbox/truth", params={"campaign": campaign}, trust_env=False, timeout=120).json()  # type: ignore[no-any-return]


def _campaign(site: Site, name: str) -> str:
    import httpx

    answer = httpx.post(f"{site.address}/_sandbox/campaigns", json={"name": name}, trust_env=False)
    return str(answer.json()["id"])


def _slow_answers(site: Site, seconds: float) -> None:
    import httpx

    httpx.post(f"{site.address}/_sandbox/behaviour", json={"latency": seconds}, trust_env=False).raise_for_status()


def single_leads(count: int) -> dict[str, Any]:
    """Seconds from the post of a lead to an idle campaign until Voiso has it."""
    with tempfile.TemporaryDirectory() as folder, sandbox(time_scale=1.0) as host:
        site = Site(folder, host, 1.0)
        campaign = _campaign(site, "Idle")
        site.seed(campaign, 1)
        (feed,) = site.shell(MAKE_FEEDS.format(campaign=campaign, feeds=1)).splitlines()
        found: list[float] = []
        with site.running() as port:
            source = Source(port, feed)
            for _ in range(count + 1):  # the first one waits for processes that start
                began = time.monotonic()
                (number,) = source.post(1)
                while number not in (truth := _truth(site, campaign))["numbers"]:
                    time.sleep(0.05)
                found.append(max(seen[4] for seen in truth["requests"]) - began)
                time.sleep(random.uniform(2.0, 3.0))
    found = sorted(found[1:])
    return {"singles": count, "single_median": statistics.median(found), "single_p95": found[int(0.95 * (count - 1))]}


def load(options: argparse.Namespace) -> dict[str, Any]:
    with tempfile.TemporaryDirectory() as folder, sandbox(time_scale=options.scale) as host:
        site = Site(folder, host, options.scale)
        campaign = _campaign(site, "Busy")
        _slow_answers(site, ANSWER_SECONDS / options.scale)  # so that a kill meets a request
        site.seed(campaign, options.rows)
        feeds = site.shell(MAKE_FEEDS.format(campaign=campaign, feeds=options.feeds)).splitlines()
        with site.running() as port:
            reader = Reader(port, site.shell(READER))
            quiet = reader.look(until=time.monotonic() + QUIET_SECONDS)
            sources = [Source(port, feeds[place % len(feeds)]) for place in range(options.clients)]
            seconds, busy, processor = _post_while(site, sources, reader, options)
            drained = _drained(site, campaign, options.drain)
        accepted = [number for source in sources for number in source.accepted]
        times = list(itertools.chain.from_iterable(source.times for source in sources))
        figures = json.loads(site.shell(FIGURES.format(campaign=campaign)))
        books = json.loads(site.run(sys.executable, "-m", "tests.pushes.installed", "check", site.address))
        there = set(_truth(site, campaign)["numbers"])
        return {
            "feeds": options.feeds,
            "clients": options.clients,
            "accepted": len(accepted),
            "accepted_a_second": round(len(accepted) / seconds, 1),
            "repeated_requests": sum(source.repeated for source in sources),
            "post_p95": round(_p95(times), 3),
            "web_processor_ms_a_post": None if options.kills else round(1000 * processor / len(times), 2),
            "pages_before": quiet,
            "pages_beside": busy,
            "drained": drained,
            "counted": figures,
            "missing": len(set(accepted) - there) if drained else None,
            "breaches": books["breaches"],
            "false": books["false"],
            "uncertain_calls": books["uncertain_calls"],
        }


def _post_while(
    site: Site, sources: list[Source], reader: Reader, options: argparse.Namespace
) -> tuple[float, dict[str, float], float]:
    """How long it took, how long pages took, and the processor time of the web server, pages included."""
    began, before = time.monotonic(), site.processor_seconds("web")
    ends = began + options.seconds

    def post(source: Source) -> None:
        while time.monotonic() < ends:
            source.post(LEADS_A_REQUEST)

    threads = [threading.Thread(target=post, args=(source,)) for source in sources]
    looks: list[dict[str, float]] = []
    threads.append(threading.Thread(target=lambda: looks.append(reader.look(until=ends))))
    for thread in threads:
        thread.start()
    for turn in range(options.kills):
        time.sleep(options.seconds / (options.kills + 1))
        site.kill_and_start("web" if turn % 2 else "worker")
    for thread in threads:
        thread.join()
    return time.monotonic() - began, looks[0], site.processor_seconds("web") - before


def _drained(site: Site, campaign: str, most: float) -> bool:
    ends = time.monotonic() + most
    while time.monotonic() < ends:
        if not json.loads(site.shell(FIGURES.format(campaign=campaign)))["buckets"].get("pending"):
            return True
        time.sleep(1)
    return False


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=float, default=60, help="of posting")
    parser.add_argument("--clients", type=int, default=50)
    parser.add_argument("--feeds", type=int, default=1)
    parser.add_argument("--kills", type=int, default=4, help="of the worker and the web server, in turn, with their processes")
    parser.add_argument("--rows", type=int, default=1_000_000, help="of the push beside it")
    parser.add_argument("--scale", type=float, default=0.1, help="of the waits beside the load")
    parser.add_argument("--drain", type=float, default=600, help="seconds for what waits afterwards")
    parser.add_argument("--singles", type=int, default=20, help="single leads to an idle campaign; 0: none")
    options = parser.parse_args()
    result: dict[str, Any] = single_leads(options.singles) if options.singles else {}
    good = result.get("single_p95", 0.0) <= GOAL_SINGLE
    if options.seconds:
        result |= load(options)
        good = good and result["accepted_a_second"] >= GOAL_RATE
        good = good and not (result["breaches"] or result["false"] or result["missing"] or not result["drained"])
    print(json.dumps(result))  # noqa: T201
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
