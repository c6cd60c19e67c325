"""One lane against its ceiling: 1000 / (2 s + the answer's time), across slices, with real processes and sockets.

    python benchmarks/lane.py [--batches 50] [--answer 0.5] [--scale 1.0]

Starts a sandbox and sends full batches through jobs as the queue runs them, one slice of 25 s after the other, each in
its own process. Beside that it reads how long the board says the rest takes, and compares it with how long it took.
Prints JSON; exit 1 below 97%, or if the board was more than 5% wrong.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from stand_in import sandbox

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))
GOAL = 0.97
GOAL_OF_ESTIMATE = 0.05
LOOK_SECONDS = 0.05


def main() -> int:
    options = _options()
    with tempfile.TemporaryDirectory() as folder:
        os.environ |= {
            "DJANGO_SETTINGS_MODULE": "voisoadmin.settings",
            "VOISOADMIN_DATA_DIR": folder,
            "VOISOADMIN_TIME_SCALE": str(options.scale),
            "PYTHONPATH": str(ROOT),
        }
        os.environ.pop("DATABASE_URL", None)
        with sandbox(time_scale=options.scale) as host:
            os.environ["VOISOADMIN_EXTRA_HOSTS"] = host
            return _measure(f"http://{host}", options)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--batches", type=int, default=50, help="of 1000 contacts")
    parser.add_argument("--answer", type=float, default=0.5, help="seconds that Voiso takes to answer, before scaling")
    parser.add_argument("--scale", type=float, default=1.0, help="multiplies all waits; 1 is real time")
    parser.add_argument("--gaps", action="store_true", help="print every gap as well")
    return parser.parse_args()


def _measure(address: str, options: argparse.Namespace) -> int:
    import httpx

    control = httpx.Client(base_url=f"{address}/_sandbox/", trust_env=False)
    control.post("behaviour", json={"latency": options.answer}).raise_for_status()
    campaign = str(control.post("campaigns", json={"name": "Benchmark"}).json()["id"])
    subprocess.run([sys.executable, "manage.py", "migrate", "-v0"], cwd=ROOT, check=True)
    seed = [sys.executable, "-m", "tests.pushes.installed", "seed", address, str(options.batches * 1000), "1000", campaign]
    subprocess.run(seed, cwd=ROOT, check=True, stdout=subprocess.DEVNULL)
    slices, estimates = _drain()
    truth = control.get("truth", params={"campaign": campaign}).json()
    started, finished = zip(*((seen[4], seen[5]) for seen in truth["requests"] if seen[2] == "add"), strict=True)
    gaps = [after - before for before, after in zip(finished, started[1:], strict=False)]
    answer = sum(end - begin for begin, end in zip(started, finished, strict=True)) / len(started)
    rate = 1000 * (len(started) - 1) / (started[-1] - started[0])
    ceiling = 1000 / (2.0 * options.scale + answer)
    wrong = [
        abs(seconds / (finished[-1] - seen) - 1) for seen, seconds in estimates if finished[-1] - seen > 10 * options.scale
    ]
    if options.gaps:
        print(json.dumps([round(gap, 3) for gap in gaps]))  # noqa: T201
    result = {
        "batches": len(started),
        "slices": slices,
        "seconds": round(started[-1] - started[0], 2),
        "rows_per_second": round(rate, 1),
        "ceiling": round(ceiling, 1),
        "ratio": round(rate / ceiling, 4),
        "shortest_gap": round(min(gaps), 4),
        "longest_gap": round(max(gaps), 4),
        "added": len(truth["numbers"]),
        "estimates": len(wrong),
        "worst_estimate": round(max(wrong), 4),
    }
    print(json.dumps(result))  # noqa: T201
    good = result["ratio"] >= GOAL and min(gaps) >= 2.0 * options.scale and max(wrong) <= GOAL_OF_ESTIMATE
    return 0 if good else 1


def _drain() -> tuple[int, list[tuple[float, float]]]:
    """Run the jobs as the queue's workers would: two processes wait for them, each job runs in the one that is free.

    Returns the jobs, and each estimate of the board with the moment at which it was new.
    """
    program = (
        "import django, time; django.setup()\n"
        "from django_q.brokers import get_broker\n"
        "from django_q.signing import SignedPackage\n"
        "from django.utils.module_loading import import_string\n"
        "from voisoadmin.pushes.models import Push\n"
        "broker, jobs = get_broker(), 0\n"
        "while Push.objects.running().exists():\n"
        "    for ack, package in broker.dequeue() or []:\n"
        "        task = SignedPackage.loads(package); broker.acknowledge(ack); jobs += 1\n"
        "        import_string(task['func'])(*task['args'])\n"
        "print(jobs)\n"
    )
    workers = [subprocess.Popen([sys.executable, "-c", program], cwd=ROOT, stdout=subprocess.PIPE, text=True) for _ in range(2)]
    estimates = _estimates_while(workers)
    return sum(int(worker.communicate()[0]) for worker in workers), estimates


def _estimates_while(workers: list[subprocess.Popen[str]]) -> list[tuple[float, float]]:
    import django

    django.setup()
    from voisoadmin.campaigns.models import Lane

    found: list[tuple[float, float]] = []
    while any(worker.poll() is None for worker in workers):
        seconds, measured = Lane.objects.values_list("sending_seconds", "answer_milliseconds").get()
        # Before the first answer the time of one is a guess.
        if seconds is not None and measured is not None and (not found or found[-1][1] != seconds):
            found.append((time.monotonic(), seconds))
        time.sleep(LOOK_SECONDS)
    return found


if __name__ == "__main__":
    sys.exit(main())
