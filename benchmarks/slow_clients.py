"""Slow and silent clients: response times of `/health` and the board beside them, with our server and with gunicorn's
threads.

    python benchmarks/slow_clients.py [--only ours]

Starts each server on the same installation, then for each kind of client opens the given number of connections and
requests both pages. Prints a line of JSON for each; exit 1 if ours takes 300 ms or more beside any of them.
"""

import argparse
import json
import os
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))
GOAL = 0.3
TIMEOUT = 1.5
THREADS = "16"
SERVERS = {
    "ours": ["voisoadmin.runtime.server.web", "--threads", THREADS],
    "gunicorn": ["gunicorn", "voisoadmin.wsgi", "--worker-class", "gthread", "--threads", THREADS, "--log-level", "critical"],
}


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", choices=SERVERS, help="measure only this server")
    only = parser.parse_args().only
    with tempfile.TemporaryDirectory() as folder:
        os.environ |= {
            "DJANGO_SETTINGS_MODULE": "voisoadmin.settings",
            "VOISOADMIN_DATA_DIR": folder,
            "VOISOADMIN_HTTPS": "false",
            "VOISOADMIN_LOG_LEVEL": "ERROR",
            "PYTHONPATH": str(ROOT),
        }
        os.environ.pop("DATABASE_URL", None)
        cookie = _prepare()
        slowest = {name: max(_measure(name, cookie)) for name in SERVERS if only in (None, name)}
    return 0 if slowest.get("ours", 0.0) < GOAL else 1


def _prepare() -> str:
    """Create the installation; return the cookie of a signed-in supervisor."""
    import django

    django.setup()
    from django.core.management import call_command
    from django.test import Client

    from voisoadmin.accounts.models import User
    from voisoadmin.runtime import static_files

    call_command("migrate", verbosity=0)
    static_files.collect()
    client = Client()
    client.force_login(User.objects.create_user("ines"))
    return "; ".join(f"{name}={morsel.value}" for name, morsel in client.cookies.items())


def _measure(name: str, cookie: str) -> Iterator[float]:
    from tests.support.slow_clients import crowd, head, times_of

    body = head("POST", "/sign-in/", Content_Length=1000)
    upload = head("POST", "/uploads/new/", Cookie=cookie, Content_Length=300_000_000)
    kinds = {
        "no one": (0, b"", b""),
        "200 silent sockets": (200, b"", b""),
        "16 unfinished headers": (16, head("GET", "/", X_Long="a")[:-4], b"a"),
        "16 dripping bodies": (16, body, b"a"),
        "16 slow uploads": (16, upload, b"a" * 2000),
        "16 unread answers": (16, head("GET", "/static/vendor/tabler.min.css") * 50, b""),
    }
    for kind, (number, opening, drop) in kinds.items():
        with _server(name) as port:
            times_of(port, "/", cookie=cookie, number=3)
            with crowd(port, number, opening, drop=drop, receive_buffer=4096):
                time.sleep(1)
                times = {"health": times_of(port, "/health", timeout=TIMEOUT, number=3)}
                more = 0 if max(times["health"]) > TIMEOUT else 17
                times["health"] += times_of(port, "/health", timeout=TIMEOUT, number=more)
                times["board"] = times_of(port, "/", cookie=cookie, timeout=TIMEOUT, number=3 + more)
        figures = {page: _figures(taken) for page, taken in times.items()}
        print(json.dumps({"server": name, "beside": kind, **figures}), flush=True)  # noqa: T201
        yield max(times["health"] + times["board"])


@contextmanager
def _server(name: str) -> Iterator[int]:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    module, *options = SERVERS[name]
    command = [sys.executable, "-m", module, *options, "--bind", f"127.0.0.1:{port}"]
    process = subprocess.Popen(command, cwd=ROOT, start_new_session=True)
    try:
        while not _listens(port):
            if process.poll() is not None:
                raise SystemExit(f"{name} did not start")
            time.sleep(0.1)
        yield port
    finally:
        os.killpg(process.pid, signal.SIGKILL)  # gunicorn has a worker process as well
        process.wait()


def _listens(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def _figures(times: list[float]) -> dict[str, int]:
    return {"median_ms": round(statistics.median(times) * 1000), "worst_ms": round(max(times) * 1000)}


if __name__ == "__main__":
    sys.exit(main())
