"""R17: one large file is checked and four campaigns are sent to while twenty screens refresh, all on one SQLite file.

    python benchmarks/soak.py [--minutes 30] [--rows 1000000] [--screens 20]

Starts a sandbox in real time and `manage.py serve`, like a real installation, and measures from outside: how long pages
take, how long another writer waits for the database, what the log contains. Prints JSON; exit 1 if a promise isn't kept.
"""

import argparse
import contextlib
import json
import os
import random
import re
import socket
import sqlite3
import subprocess
import sys
import tempfile
import threading
import time
import uuid
from pathlib import Path

import httpx
from stand_in import sandbox

ROOT = Path(__file__).resolve().parent.parent
MANAGE = [sys.executable, str(ROOT / "manage.py")]
NO_REUSE = httpx.Limits(max_keepalive_connections=0)  # the server closes connections idle for two seconds
PASSWORD = "only-for-this-run-7"
LANES = 4
SCREEN_SECONDS = 2.0
SLOWEST_PAGE = 0.5  # seconds, 95 of 100
LONGEST_WAIT = 1.0  # seconds for the database, 99 of 100


def main() -> int:
    options = _options()
    with tempfile.TemporaryDirectory() as name, contextlib.ExitStack() as stack:
        folder = Path(name)
        host = stack.enter_context(sandbox(time_scale=1.0))
        os.environ |= {
            "VOISOADMIN_DATA_DIR": name,
            "VOISOADMIN_EXTRA_HOSTS": host,
            "VOISOADMIN_HTTPS": "false",
            "VOISOADMIN_DEFAULT_REGION": "GB",
            "DJANGO_SUPERUSER_PASSWORD": PASSWORD,
        }
        os.environ.pop("DATABASE_URL", None)
        campaigns = _prepare(f"http://{host}")
        site = _serve(stack, folder)
        return _measure(site, folder, campaigns, options)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--minutes", type=float, default=30.0)
    parser.add_argument("--rows", type=int, default=1_000_000, help="of the file that is checked meanwhile, again and again")
    parser.add_argument("--screens", type=int, default=20)
    return parser.parse_args()


def _started(stack: contextlib.ExitStack, command: list[str], **options) -> subprocess.Popen:
    process = subprocess.Popen(command, cwd=ROOT, **options)

    def end() -> None:
        process.terminate()
        process.wait(100)

    stack.callback(end)
    return process


def _manage(*arguments: str, input: str = "") -> None:
    subprocess.run([*MANAGE, *arguments], cwd=ROOT, input=input, text=True, check=True, stdout=subprocess.DEVNULL)


def _prepare(address: str) -> list[str]:
    control = httpx.Client(base_url=f"{address}/_sandbox/", trust_env=False)
    control.post("behaviour", json={"latency": 0.3}).raise_for_status()
    campaigns = [str(control.post("campaigns", json={"name": f"Campaign {n}"}).json()["id"]) for n in range(LANES + 1)]
    key = subprocess.run(
        [sys.executable, "-c", "from voisoadmin.sandbox import Sandbox; print(Sandbox.V4_KEY)"],
        cwd=ROOT, capture_output=True, text=True, check=True,
    ).stdout  # fmt: skip
    _manage("migrate", "-v0")
    _manage("createsuperuser", "--noinput", "--username", "ada", "--email", "ada@example.com")
    _manage("connect", "Berlin", "--base-url", address, "--api", "v4", input=key)
    _manage("sync")
    return campaigns


def _serve(stack: contextlib.ExitStack, folder: Path) -> str:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    log = stack.enter_context((folder / "log").open("w"))
    _started(stack, [*MANAGE, "serve", "--bind", f"127.0.0.1:{port}"], stdout=log, stderr=log)
    site = f"http://127.0.0.1:{port}"
    ends = time.monotonic() + 60
    while time.monotonic() < ends:
        with contextlib.suppress(httpx.HTTPError):
            if httpx.get(f"{site}/ready", trust_env=False).status_code == 200:
                return site
        time.sleep(0.2)
    raise SystemExit("The installation does not come up.")


def _signed_in(site: str) -> httpx.Client:
    browser = httpx.Client(base_url=site, trust_env=False, follow_redirects=True, timeout=60, limits=NO_REUSE)
    browser.post("/sign-in/", data={**_token(browser, "/sign-in/"), "username": "ada", "password": PASSWORD}).raise_for_status()
    return browser


def _token(browser: httpx.Client, page: str) -> dict[str, str]:
    found = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', browser.get(page).text)
    assert found, page
    return {"csrfmiddlewaretoken": found[1]}


class Watch:
    """Measures from outside, in several threads, until the end."""

    def __init__(self, site: str, folder: Path, ends: float) -> None:
        self.site, self.folder, self.ends = site, folder, ends
        self.pages: list[float] = []
        self.waits: list[float] = []
        self.wrong: list[str] = []

    def screen(self, pages: list[str]) -> None:
        browser = _signed_in(self.site)
        time.sleep(random.uniform(0, SCREEN_SECONDS))
        while time.monotonic() < self.ends:
            began = time.monotonic()
            page = random.choice(pages)
            answer = browser.get(page)
            self.pages.append(time.monotonic() - began)
            if answer.status_code != 200:
                self.wrong.append(f"{page}: {answer.status_code}")
            time.sleep(SCREEN_SECONDS)

    def writer(self) -> None:
        """Another writer: how long it waits for the write lock."""
        database = sqlite3.connect(self.folder / "voisoadmin.sqlite3", timeout=60, isolation_level=None)
        while time.monotonic() < self.ends:
            began = time.monotonic()
            database.execute("BEGIN IMMEDIATE")
            self.waits.append(time.monotonic() - began)
            database.execute("ROLLBACK")
            time.sleep(0.2)
        database.close()


def _contacts(folder: Path, name: str, first: int, count: int) -> Path:
    path = folder / f"{name}.csv"
    with path.open("w") as file:
        file.write("Phone,Name,Source\n")
        file.writelines(f"+{447400000000 + first + n},Person {n},soak\n" for n in range(count))
    return path


def _upload(browser: httpx.Client, path: Path, campaign: int) -> str:
    """Return the page of the upload."""
    page = f"/uploads/new/?campaign={campaign}"
    with path.open("rb") as file:
        fields = {**_token(browser, page), "client_token": str(uuid.uuid4()), "kind": "add"}
        answer = browser.post(page, data=fields, files={"file": (path.name, file, "text/csv")})
    answer.raise_for_status()
    return answer.url.path


def _measure(site: str, folder: Path, campaigns: list[str], options: argparse.Namespace) -> int:
    seconds = options.minutes * 60
    for lane in range(LANES):
        leads = _contacts(folder, f"lane {lane}", 10_000_000 * (lane + 1), int(seconds / 2.3) * 1000)
        _manage("push", str(leads), "--campaign", campaigns[lane])
    large = _contacts(folder, "large", 60_000_000, options.rows)
    watch = Watch(site, folder, time.monotonic() + seconds)
    pages = [
        "/",
        "/uploads/",
        "/activity/",
        "/rejected/",
        *(f"/campaigns/{n + 1}/" for n in range(LANES)),
        *(f"/uploads/{n + 1}/" for n in range(LANES)),
    ]
    threads = [threading.Thread(target=watch.screen, args=(pages,)) for _ in range(options.screens)]
    threads.append(threading.Thread(target=watch.writer))
    for thread in threads:
        thread.start()
    browser, checks = _signed_in(site), 0
    while time.monotonic() < watch.ends:
        page = _upload(browser, large, LANES + 1)
        while "are ready for" not in browser.get(page).text and time.monotonic() < watch.ends:
            time.sleep(1)
        checks += time.monotonic() < watch.ends
    for thread in threads:
        thread.join()
    log = (folder / "log").read_text()
    result = {
        "minutes": options.minutes,
        "pages": len(watch.pages),
        "page_p50": _at(watch.pages, 50),
        "page_p95": _at(watch.pages, 95),
        "page_max": max(watch.pages),
        "waits": len(watch.waits),
        "wait_p99": _at(watch.waits, 99),
        "wait_max": max(watch.waits),
        "wrong": watch.wrong[:5],
        "locked": log.count("database is locked"),
        "errors": log.count(" ERROR "),
        "large_files_checked": checks,
        "sent": _sent(),
    }
    print(json.dumps(result))  # noqa: T201
    kept = result["page_p95"] < SLOWEST_PAGE and result["wait_p99"] < LONGEST_WAIT
    return 0 if kept and not watch.wrong and not result["locked"] and not result["errors"] else 1


def _at(values: list[float], percent: int) -> float:
    return round(sorted(values)[len(values) * percent // 100], 4)


def _sent() -> int:
    said = subprocess.run([*MANAGE, "audit_pushes", "--json"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    assert json.loads(said)["breaches"] == [], said
    return sum(
        json.loads(subprocess.run([*MANAGE, "upload", str(n + 1), "--json"], cwd=ROOT, capture_output=True, text=True).stdout)[
            "buckets"
        ]["added"]
        for n in range(LANES)
    )


if __name__ == "__main__":
    sys.exit(main())
