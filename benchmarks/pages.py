"""Times the pages of a large installation while it works: 50 open boards, 5,000 campaigns, 500,000 rows to fix, 100,000
entries in the activity, and a file of 1,000,000 rows that is being sent.

    python benchmarks/pages.py
    python benchmarks/pages.py --campaigns 500 --rows 5000 --operations 5000 --send 100000 --watchers 10 --times 10
    DATABASE_URL=postgres://... python benchmarks/pages.py

`manage.py serve` and the simulated contact centres run as they do in an installation, on the same processor cores. Each open
board asks as its page does: for what has changed since, as often as the page says. Meanwhile each page is asked for by
turns with `/health`. Prints JSON, a line for each page; exit 1 if 95 of 100 take longer than `/health` and 60 ms, or a page
asks the database more than 12 times.
"""

import argparse
import contextlib
import http.client
import json
import os
import re
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter, defaultdict
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from large_installation import Places, Size, fill

if TYPE_CHECKING:
    from django.test import Client

    from tests.support.sandbox import RemoteSandbox

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))
MANAGE = [sys.executable, str(ROOT / "manage.py")]
OVER_HEALTH = 0.06  # seconds, 95 of 100
QUERIES = 12
HEALTH_TIMES = 3  # for each page
PER_PAGE_AT_MOST = 10.0  # seconds
SETTLES = 20.0  # seconds: a worker that has just started reads all campaigns and users
BOARDS = ("", "", "", "?sort=name", "?show=active", "?q=00")  # what the watchers have open
LOOKS_EVERY, ANSWERS_EVERY = 20.0, 15.0
VERSION = re.compile(r'id="([^"]+)"(?:(?!<)[^>])*?data-version="([^"]+)"')
EVERY = re.compile(r'hx-trigger="every (\d+)s, refresh, campaign-changed')


def main() -> int:
    options = _options()
    with tempfile.TemporaryDirectory() as folder, contextlib.ExitStack() as stack:
        centres = start(folder, options.centres, stack)
        size = Size(
            campaigns=options.campaigns, rows_to_fix=options.rows, operations=options.operations, rows_to_send=options.send
        )
        began = time.monotonic()
        clients, places = _fill(centres, size, options.watchers)
        _say(filled=vars(options), seconds=round(time.monotonic() - began, 1))
        site = Site(serve(folder, stack))

        def pages() -> dict[str, str]:
            return _pages(places) | _polls(clients[0], places)

        watchers = Watchers(site, clients[1:])
        with watchers:
            taken, health = _measure(site, clients[0], pages, options.times)
        queries = {name: _queries(clients[0], page) for name, page in pages().items()}
        kept = _judge(taken, health, queries)
        return 0 if watchers.judge() and kept else 1


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--centres", type=int, default=2, help="contact centres (at most 4)")
    parser.add_argument("--campaigns", type=int, default=5_000)
    parser.add_argument("--rows", type=int, default=500_000, help="rows to fix")
    parser.add_argument("--operations", type=int, default=100_000)
    parser.add_argument("--send", type=int, default=1_000_000, help="rows of the file that is being sent")
    parser.add_argument("--watchers", type=int, default=50, help="open boards")
    parser.add_argument("--times", type=int, default=40, help="how often each page is asked for")
    return parser.parse_args()


def start(folder: str, number: int, stack: contextlib.ExitStack) -> "list[RemoteSandbox]":
    os.environ |= {
        "DJANGO_SETTINGS_MODULE": "voisoadmin.settings",
        "VOISOADMIN_DATA_DIR": folder,
        "VOISOADMIN_HTTPS": "false",
    }
    import django
    from django.core.management import call_command

    django.setup()
    call_command("migrate", verbosity=0)
    call_command("collectstatic", verbosity=0, interactive=False)
    from tests.support.sandbox import RemoteSandbox

    centres = [stack.enter_context(RemoteSandbox(time_scale=1.0)) for _ in range(number)]
    for centre in centres:
        centre.set_behaviour(latency=0.5)
    os.environ["VOISOADMIN_EXTRA_HOSTS"] = ",".join(centre.host for centre in centres)
    return centres


def _fill(centres: "list[RemoteSandbox]", size: Size, watchers: int) -> "tuple[list[Client], Places]":
    """Signed-in browsers, one more than there are watchers; and what the pages are about."""
    from django.test import Client
    from django.utils import timezone

    from voisoadmin.accounts.models import User

    ines = User.objects.create_user("ines")
    clients = [Client(SERVER_NAME="127.0.0.1") for _ in range(watchers + 1)]
    for client in clients:
        client.force_login(ines)
        client.get("/")  # for the token of its forms
    return clients, fill(centres, size, ines, at=timezone.now())


def serve(folder: str, stack: contextlib.ExitStack) -> int:
    from tests.support.ports import free_port
    from voisoadmin.runtime.supervisor import answers

    port, log = free_port(), stack.enter_context((Path(folder) / "log").open("w"))
    process = subprocess.Popen([*MANAGE, "serve", "--bind", f"127.0.0.1:{port}"], cwd=ROOT, stdout=log, stderr=log)
    stack.callback(lambda: (process.terminate(), process.wait(150)))
    ends = time.monotonic() + 120
    while not answers("127.0.0.1", port):
        if time.monotonic() > ends or process.poll() is not None:
            raise SystemExit("The installation does not come up.")
        time.sleep(0.2)
    return port


class Site:
    """Asks the server as a browser does, with a new connection each time."""

    def __init__(self, port: int) -> None:
        self.port = port

    def get(self, page: str, client: "Client | None" = None, *, part: bool = False) -> tuple[int, str]:
        return self._ask("GET", page, client, {"HX-Request": "true"} if part else {})

    def post(self, page: str, client: "Client", body: str) -> tuple[int, str]:
        from django.conf import settings

        token = client.cookies[settings.CSRF_COOKIE_NAME].value
        return self._ask(
            "POST", page, client, {"X-CSRFToken": token, "Content-Type": "application/x-www-form-urlencoded"}, body
        )

    def _ask(
        self, method: str, page: str, client: "Client | None", headers: dict[str, str], body: str | None = None
    ) -> tuple[int, str]:
        if client is not None:
            headers |= {"Cookie": "; ".join(f"{name}={morsel.value}" for name, morsel in client.cookies.items())}
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=PER_PAGE_AT_MOST)
        try:
            connection.request(method, page, body, headers)
            answer = connection.getresponse()
            return answer.status, answer.read().decode()
        finally:
            connection.close()


class Watchers:
    """Open boards. Each keeps the versions of its parts, and asks for what has changed as often as its page says."""

    def __init__(self, site: Site, clients: "list[Client]") -> None:
        self.site, self.polls, self.times = site, Counter[int](), list[float]()
        self.problems: list[str] = []
        self._end = threading.Event()
        self._opened = threading.Semaphore(0)
        self._threads = [
            threading.Thread(
                target=self._watch, args=(client, BOARDS[number % len(BOARDS)], number / len(clients)), daemon=True
            )
            for number, client in enumerate(clients)
        ]

    def __enter__(self) -> None:
        for thread in self._threads:
            thread.start()
        for _ in self._threads:  # boards are open, not being opened, while the pages are timed
            self._opened.acquire(timeout=2 * PER_PAGE_AT_MOST)
        time.sleep(SETTLES)

    def __exit__(self, *_: object) -> None:
        self._end.set()
        for thread in self._threads:
            thread.join(2 * PER_PAGE_AT_MOST)

    def judge(self) -> bool:
        times = sorted(self.times)
        share = round(self.polls[204] / max(1, self.polls.total()), 2)
        _say(polls=self.polls.total(), without_news=share, p95_ms=_at(times, 95), problems=self.problems[:5])
        return not self.problems and bool(times)

    def _watch(self, client: "Client", query: str, wait: float) -> None:
        try:
            self._end.wait(8 * wait)
            text = self.site.get(f"/{query}", client)[1]
            shown, every = dict(VERSION.findall(text)), _every(text, 8.0)
            self._opened.release()
            looks = answers = time.monotonic()
            while not self._end.wait(every):
                began = time.monotonic()
                status, text = self.site.get(_poll(query, shown), client, part=True)
                self.times.append(time.monotonic() - began)
                self.polls[status] += 1
                if status not in {200, 204}:
                    raise AssertionError(f"A poll was answered with {status}.")
                shown |= dict(VERSION.findall(text))
                every = _every(text, every)
                if began - looks > LOOKS_EVERY:
                    looks = began
                    rows = [name[4:] for name in shown if name.startswith("row-")]
                    self.site.post("/looking/", client, "&".join(f"campaign={row}" for row in rows))
                if began - answers > ANSWERS_EVERY:
                    answers = began
                    self.site.get("/last-answers/", client, part=True)
        except (OSError, http.client.HTTPException, AssertionError) as problem:
            self.problems.append(repr(problem))


def _poll(query: str, shown: dict[str, str]) -> str:
    return f"/board/{query or '?'}&v={'+'.join(shown.values())}"


def _every(text: str, before: float) -> float:
    found = EVERY.search(text)
    return float(found[1]) if found else before


def _pages(places: Places) -> dict[str, str]:
    return {
        "board": "/",
        "board, searched": "/?q=00",
        "board, sorted, page 40": "/?sort=-fix&page=40",
        "board, one group": "/?show=paused&page=5",
        "campaign": f"/campaigns/{places.campaign}/",
        "timeline": f"/campaigns/{places.campaign}/timeline/",
        "agents of a campaign": f"/campaigns/{places.campaign}/people/",
        "uploads": "/uploads/",
        "upload that is sent": f"/uploads/{places.sending}/",
        "upload with rows to fix": f"/uploads/{places.to_fix}/",
        "rows to fix": "/rejected/",
        "rows to fix of an upload": f"/uploads/{places.to_fix}/rejected/",
        "new upload": "/uploads/new/",
        "activity": "/activity/",
        "activity, filtered": "/activity/?kind=start&campaign=Berlin+0016",
        "agents and teams": "/people/",
        "rules": "/rules/",
        "new rule": "/rules/new/",
        "feeds": "/feeds/",
    }


def _polls(client: "Client", places: Places) -> dict[str, str]:
    """Of open pages, with the versions of what they show."""
    campaign = f"/campaigns/{places.campaign}/"
    board, page, parts = (
        dict(VERSION.findall(client.get(address).content.decode())) for address in ("/", campaign, f"{campaign}parts/")
    )
    return {
        "poll of a board": _poll("", board),
        "first poll of a campaign": f"{campaign}parts/?v={'+'.join(page.values())}",
        "poll of a campaign": f"{campaign}parts/?v={'+'.join(parts.values())}",
    }


def _measure(
    site: Site, client: "Client", pages: Callable[[], dict[str, str]], times: int
) -> tuple[dict[str, list[float]], list[float]]:
    """The seconds of each page, and of `/health`."""
    taken: defaultdict[str, list[float]] = defaultdict(list)
    health: list[float] = []
    for page in pages().values():  # once before: templates are compiled
        site.get(page, client)
    for _ in range(times):
        for name, page in pages().items():
            health += [_timed(lambda: site.get("/health")) for _ in range(HEALTH_TIMES)]
            taken[name].append(_timed(lambda page=page: site.get(page, client)))
    return taken, health


def _timed(ask: Callable[[], tuple[int, str]]) -> float:
    began = time.monotonic()
    status, text = ask()
    if status not in {200, 204}:
        raise SystemExit(f"Answered with {status}: {text[:200]}")
    return time.monotonic() - began


def _queries(client: "Client", page: str) -> tuple[int, float, int]:
    """Of one answer in this process: how many queries, milliseconds of processor time, and its size in kilobytes."""
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    client.get(page)
    with CaptureQueriesContext(connection) as seen:
        client.get(page)
    number = len(seen)
    began = time.process_time()
    answers = [client.get(page) for _ in range(5)]
    return number, round(1000 * (time.process_time() - began) / 5, 1), len(answers[0].content) // 1000


def _judge(taken: dict[str, list[float]], health: list[float], queries: dict[str, tuple[int, float, int]]) -> bool:
    limit = sorted(health)[int(0.95 * (len(health) - 1))] + OVER_HEALTH
    _say(page="/health", times=len(health), median_ms=_at(health, 50), p95_ms=_at(health, 95))
    broken = 0
    for name, some in taken.items():
        number, cpu, size = queries[name]
        kept = sorted(some)[int(0.95 * (len(some) - 1))] <= limit and number <= QUERIES
        broken += not kept
        _say(page=name, queries=number, cpu_ms=cpu, kb=size, median_ms=_at(some, 50), p95_ms=_at(some, 95), kept=kept)
    return not broken


def _at(values: list[float], percent: int) -> float:
    return round(1000 * sorted(values)[percent * (len(values) - 1) // 100], 1) if values else 0.0


def _say(**facts: object) -> None:
    print(json.dumps(facts), flush=True)  # noqa: T201


if __name__ == "__main__":
    sys.exit(main())
