"""Starts hundreds of campaigns at once, in both API versions, with a real worker; beside it, single clicks.

    python benchmarks/bulk.py [--campaigns 500] [--answers 0.3] [--time-scale 1]

Prints JSON, a line for each API version; exit 1 if a promise isn't kept: each campaign started by exactly one request, none
late, no more requests a second than the limit, and 95 of 100 single clicks at Voiso within a second.
"""

import argparse
import contextlib
import itertools
import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))
if TYPE_CHECKING:
    from tests.support.sandbox import RemoteSandbox
    from voisoadmin.campaigns.models import Campaign
    from voisoadmin.voiso import Change

MANAGE = [sys.executable, str(ROOT / "manage.py")]
NUMBERS = ["447415000001", "447415000002"]
CLICKED = 4  # campaigns that are paused and started by single clicks meanwhile
IDLE_CLICKS = 8  # before it
CLICK_EVERY = 3.0  # seconds
CLICK_WITHIN = 1.0  # seconds until Voiso has its request, 95 of 100
A_SECOND = 5.0  # requests
LONGEST = 600.0  # seconds


class Clicked(NamedTuple):
    key: str  # of the campaign, in Voiso
    change: str
    made: float  # monotonic


def main() -> int:
    options = _options()
    broken = 0
    for generation in ("v4", "legacy"):
        done = (
            subprocess.run([sys.executable, __file__, "--only", generation, *sys.argv[1:]], cwd=ROOT)
            if not options.only
            else None
        )
        if done is None:
            return _measure(options)
        broken += done.returncode
    return 1 if broken else 0


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--campaigns", type=int, default=500)
    parser.add_argument("--answers", type=float, default=0.3, help="seconds until Voiso answers a request")
    parser.add_argument("--time-scale", type=float, default=1.0, help="of both sides; the answers stay as they are")
    parser.add_argument("--kill", action="store_true", help="kill the process that carries it out, once, in the middle")
    parser.add_argument("--only", choices=["v4", "legacy"], default="", help="one API version")
    return parser.parse_args()


def _measure(options: argparse.Namespace) -> int:
    with tempfile.TemporaryDirectory() as folder, contextlib.ExitStack() as stack:
        _start_django(folder, options)
        from tests.support.sandbox import RemoteSandbox, connect

        voiso = stack.enter_context(RemoteSandbox(time_scale=options.time_scale))
        os.environ["VOISOADMIN_EXTRA_HOSTS"] = voiso.host
        voiso.set_behaviour(other_latency=options.answers / options.time_scale)
        connection = connect(voiso, generation=options.only, address=voiso.address)
        campaigns = paused_campaigns(voiso, connection, options.campaigns + CLICKED)
        _work(stack, folder)
        return _judge(_run(voiso, campaigns[CLICKED:], campaigns[:CLICKED], kill=options.kill), options)


def _start_django(folder: str, options: argparse.Namespace) -> None:
    os.environ |= {
        "DJANGO_SETTINGS_MODULE": "voisoadmin.settings",
        "VOISOADMIN_DATA_DIR": folder,
        "VOISOADMIN_TIME_SCALE": str(options.time_scale),
        "VOISOADMIN_HTTPS": "false",
    }
    os.environ.pop("DATABASE_URL", None)
    import django
    from django.core.management import call_command

    django.setup()
    call_command("migrate", verbosity=0)


def paused_campaigns(voiso: "RemoteSandbox", connection: object, count: int) -> "list[Campaign]":
    from django.utils import timezone

    from voisoadmin.campaigns.models import Campaign, Lane

    now, made = timezone.now(), []
    for number in range(count):
        key = str(voiso.add_campaign(f"Campaign {number:04}", numbers=NUMBERS))
        voiso._post("campaign", id=int(key), status="paused")
        lane = Lane.objects.create(address=voiso.address, voiso_id=key)
        made.append(
            Campaign.objects.create(
                connection=connection,
                lane=lane,
                voiso_id=key,
                name=f"Campaign {number:04}",
                status="paused",
                status_source="polled",
                status_since=now,
                live=True,
                seen_at=now,
                changed_at=now,
            )
        )
    return made


def _work(stack: contextlib.ExitStack, folder: str) -> None:
    log = stack.enter_context((Path(folder) / "log").open("w"))
    worker = subprocess.Popen([*MANAGE, "work"], cwd=ROOT, stdout=log, stderr=log)
    stack.callback(lambda: (worker.terminate(), worker.wait(100)))
    wait_for_worker()


def wait_for_worker() -> None:
    from django_q.models import OrmQ
    from django_q.tasks import async_task

    task = async_task("voisoadmin.runtime.tasks.canary", q_options={"save": False})
    ends = time.monotonic() + 60
    while any(row.task_id() == task for row in OrmQ.objects.all()):
        assert time.monotonic() < ends, "The worker does not come up."
        time.sleep(0.1)


def _run(voiso: "RemoteSandbox", chosen: "list[Campaign]", clicked: "list[Campaign]", *, kill: bool) -> dict[str, object]:
    from django.utils import timezone

    from voisoadmin.controls.bulk.begin import begin_bulk
    from voisoadmin.operations.clicks import Click
    from voisoadmin.voiso import Change

    changes = itertools.cycle([Change.START] * len(clicked) + [Change.PAUSE] * len(clicked))
    targets = itertools.cycle(clicked)
    idle = [_click(next(targets), next(changes)) for _ in range(IDLE_CLICKS)]
    began = time.monotonic()
    click = Click(by=None, by_label="Benchmark", at=timezone.now())
    bulk = begin_bulk(Change.START, [(campaign.pk, "paused") for campaign in chosen], click)
    clicks = []
    while not bulk.has_ended and time.monotonic() < began + LONGEST:
        clicks.append(_click(next(targets), next(changes)))
        bulk.refresh_from_db()
        if kill and bulk.children.filter(status="done").count() > len(chosen) // 3:
            kill = not _kill_busy_processes()
    seconds = time.monotonic() - began
    starts = [voiso.requests(campaign.voiso_id, "start", "pause", "stop") for campaign in chosen]
    truths = [voiso.truth(campaign.voiso_id)["status"] for campaign in chosen]
    counts = Counter(bulk.children.values_list("status", flat=True))
    late = bulk.children.filter(problem__contains="never sent late").count()
    times = sorted(seen.started for found in starts for seen in found)
    waits, idle_waits = waits_of(voiso, clicks), waits_of(voiso, idle)
    return {
        "campaigns": len(chosen),
        "seconds": round(seconds, 1),
        "outcomes": dict(counts),
        "late": late,
        "too_many_requests": sum(seen.status == 429 for found in starts for seen in found),
        "not_as_stored": sum(truth != status for truth, status in zip(truths, _statuses(chosen), strict=True)),
        "not_once": sum(len(found) != 1 for found in starts),
        "most_in_a_second": max(sum(begin <= other < begin + 1.0 for other in times) for begin in times),
        "clicks": len(waits),
        "click_95": round(waits[max(0, round(0.95 * len(waits)) - 1)], 3),
        "click_worst": round(waits[-1], 3),
        "click_without": round(idle_waits[len(idle_waits) // 2], 3),
    }


def _kill_busy_processes() -> bool:
    """The worker's processes that run a job now; whether there were any."""
    from voisoadmin.lib.jobs import heartbeat_folder

    busy = [int(path.name) for path in heartbeat_folder().iterdir() if path.name.isdecimal()]
    for pid in busy:
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
    return bool(busy)


def _statuses(campaigns: "list[Campaign]") -> list[str]:
    from voisoadmin.campaigns.models import Campaign

    known = dict(Campaign.objects.values_list("pk", "status"))
    return [known[campaign.pk] for campaign in campaigns]


def _click(campaign: "Campaign", change: "Change") -> Clicked:
    """A single click. Then some time passes."""
    from django.utils import timezone

    from voisoadmin.controls.services import request_change

    made = time.monotonic()
    request_change(campaign, change, by=None, by_label="Benchmark", at=timezone.now(), mirror_is_fresh=False)
    time.sleep(CLICK_EVERY)
    return Clicked(campaign.voiso_id, change.value, made)


def waits_of(voiso: "RemoteSandbox", clicks: Sequence[Clicked]) -> list[float]:
    """Seconds from each click until its request had arrived, in order of size."""
    found = []
    for click in clicks:
        sent = [seen.started for seen in voiso.requests(click.key, click.change) if seen.started >= click.made]
        found += [min(sent) - click.made] if sent else []
    return sorted(found)


def _judge(result: dict[str, object], options: argparse.Namespace) -> int:
    problems = []
    if result["outcomes"] != {"done": options.campaigns}:
        problems.append("not all were started")
    problems += [name for name in ("late", "too_many_requests", "not_once", "not_as_stored") if result[name]]
    if result["most_in_a_second"] > A_SECOND / options.time_scale + 1:
        problems.append("too fast")
    if (result["click_95"] or 0.0) > CLICK_WITHIN:
        problems.append("single clicks waited")
    print(json.dumps({"api": options.only} | result | {"broken": problems}), flush=True)  # noqa: T201
    return len(problems)


if __name__ == "__main__":
    raise SystemExit(main())
