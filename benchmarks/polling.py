"""Counts what polling asks of Voiso: both API versions, 250 and 5,000 campaigns, 20 boards open and none.

    python benchmarks/polling.py

The clock is moved on second by second, so that minutes pass in a moment; the sandbox answers in this process. Prints
JSON, a line for each case; exit 1 if a promise isn't kept.
"""

import argparse
import json
import os
import re
import sys
import tempfile
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import httpx

if TYPE_CHECKING:
    from voisoadmin.connections.models import Connection

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))
BEGIN = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
WATCHED, IDLE = 20, 6  # requests in any minute
STATE_AGE = 10.0  # seconds, where the budget allows
BOARDS, ON_A_BOARD = 20, 50
KINDS = re.compile(r"(?<=/)[^/]*[0-9][^/]*(?=/|$)")
REFRESH = 8  # seconds between two requests of an open board


@dataclass
class Case:
    """`boards`: how many are open, each with `shown` campaigns. `age`: the promise for the states on them, if any."""

    generation: str
    campaigns: int
    boards: int
    shown: int = ON_A_BOARD
    age: float | None = None
    minutes: int = 6
    # With the reads that are due once an hour: users, teams, which campaigns are Live. They leave less for the states.
    hourly: bool = True
    asked: list[float] = field(default_factory=list)  # seconds since the beginning
    kinds: dict[str, int] = field(default_factory=dict)
    oldest: float = 0.0
    lists: list[float] = field(default_factory=list)


CASES = [
    Case("v4", 250, 0),
    Case("v4", 5000, 0, minutes=9),
    Case("legacy", 250, 0),
    Case("legacy", 5000, 0),
    Case("v4", 250, BOARDS),
    Case("v4", 250, BOARDS, hourly=False, age=STATE_AGE, minutes=3),
    Case("v4", 250, 1, shown=1, age=STATE_AGE),
    Case("v4", 5000, BOARDS, minutes=4),
    Case("v4", 5000, 1, shown=1, hourly=False, age=STATE_AGE, minutes=6),
    Case("legacy", 250, BOARDS, age=STATE_AGE, minutes=3),
    Case("legacy", 5000, BOARDS, age=STATE_AGE, minutes=3),
]
_running: list[Case] = []


def main() -> int:
    argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter).parse_args()
    broken = 0
    with tempfile.TemporaryDirectory() as folder:
        _start_django(folder)
        for case in CASES:
            _run(case)
            result, problems = _judge(case)
            print(json.dumps(result | {"broken": problems}), flush=True)  # noqa: T201
            broken += len(problems)
    return 1 if broken else 0


def _start_django(folder: str) -> None:
    os.environ |= {
        "DJANGO_SETTINGS_MODULE": "voisoadmin.settings",
        "VOISOADMIN_DATA_DIR": folder,
        "VOISOADMIN_TIME_SCALE": "1",
    }
    os.environ.pop("DATABASE_URL", None)
    import django
    from django.conf import settings
    from django.core.management import call_command

    django.setup()
    settings.VOISO_TRANSPORT = f"{__name__}.transport"
    call_command("migrate", verbosity=0)


def transport(base_url: str) -> httpx.BaseTransport:
    """To the sandbox; notes when each request was sent (`settings.VOISO_TRANSPORT`)."""
    from django.utils import timezone

    from tests.support.sandbox import transport_to_sandbox

    inner = transport_to_sandbox(base_url)

    def answer(request: httpx.Request) -> httpx.Response:
        case = _running[-1]
        case.asked.append((timezone.now() - BEGIN).total_seconds())
        kind = KINDS.sub("<id>", request.url.path.rpartition("/api/")[2])
        case.kinds[kind] = case.kinds.get(kind, 0) + 1
        return inner.handle_request(request)

    return httpx.MockTransport(answer)


def _contact_centre(case: Case) -> "Connection":
    from tests.support import sandbox as support

    sandbox = support.open_contact_centre(support.ADDRESS)
    for number in range(case.campaigns):
        sandbox.add_campaign(f"Campaign {number}", status="paused")
    _running.append(case)
    return support.connect(sandbox, generation=case.generation)


def _run(case: Case) -> None:
    import time_machine
    from django.core.management import call_command
    from django.utils import timezone

    from tests.support.queue import run_jobs
    from voisoadmin.accounts.models import User
    from voisoadmin.assignments.tasks import sweep
    from voisoadmin.campaigns import polling, services
    from voisoadmin.campaigns.models import Campaign, Polling
    from voisoadmin.campaigns.tasks import sync_all
    from voisoadmin.connections.models import Connection

    call_command("flush", interactive=False, verbosity=0)
    ines = User.objects.create_user("ines")
    with time_machine.travel(BEGIN, tick=False) as clock:
        connection = _contact_centre(case)
        polling.sync(connection, at=timezone.now())
        case.asked.clear()
        case.kinds.clear()
        # The Live campaigns are due to be learnt again in the middle.
        live_at = BEGIN + timedelta(minutes=case.minutes / 2) - timedelta(hours=1) if case.hourly else BEGIN
        Polling.objects.update(live_at=live_at, list_began_at=BEGIN - timedelta(minutes=5))
        ids = list(Campaign.objects.order_by("pk").values_list("pk", flat=True))
        boards = [_board(ids, number, case.shown) for number in range(case.boards)]
        for second in range(1, case.minutes * 60 + 1):
            clock.move_to(BEGIN + timedelta(seconds=second), tick=False)
            at = timezone.now()
            for number, shown in enumerate(boards):
                if (second + number) % REFRESH == 0:
                    services.somebody_looks(shown, by=ines, at=at)
            services.ask_where_due(Connection.objects.listable(at), at=at)
            if second % 60 == 0:
                sync_all()
                if case.hourly:
                    sweep()
            case.oldest = max(case.oldest, _oldest(boards, at) if second > 2 * REFRESH else 0.0)
            run_jobs()
            _note_list(case)


def _board(ids: list[int], number: int, shown: int) -> list[int]:
    begin = number * shown % len(ids)
    return ids[begin : begin + shown]


def _oldest(boards: list[list[int]], at: datetime) -> float:
    """The age of the oldest state on an open board, in seconds."""
    from voisoadmin.campaigns.models import Campaign

    shown = {pk for board in boards for pk in board}
    if not shown:
        return 0.0
    rows = Campaign.objects.filter(pk__in=shown).values_list("read_at", "connection__synced_at")
    return max((at - max(moment for moment in row if moment)).total_seconds() for row in rows)


def _note_list(case: Case) -> None:
    from voisoadmin.connections.models import Connection

    synced = Connection.objects.values_list("synced_at", flat=True).get()
    if synced is not None:
        seconds = (synced - BEGIN).total_seconds()
        if not case.lists or case.lists[-1] != seconds:
            case.lists.append(seconds)


def _judge(case: Case) -> tuple[dict[str, Any], list[str]]:
    most = max((sum(begin <= x < begin + 60 for x in case.asked) for begin in set(case.asked)), default=0)
    promised = WATCHED if case.boards else IDLE
    problems = []
    if most > promised:
        problems.append(f"{most} requests in a minute, not {promised}")
    if case.age is not None and case.oldest > case.age:
        problems.append(f"a state on a page was {case.oldest:g} s old, not {case.age:g}")
    if not case.lists[1:]:
        problems.append("no list was read to its end")
    result = {
        "generation": case.generation,
        "campaigns": case.campaigns,
        "boards": case.boards,
        "shown": case.shown if case.boards else 0,
        "most_in_a_minute": most,
        "oldest_state": case.oldest,
        "minutes": case.minutes,
        "lists": len(case.lists) - 1,
        "requests": case.kinds,
    }
    return result, problems


if __name__ == "__main__":
    sys.exit(main())
