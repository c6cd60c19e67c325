"""Measures how long a click takes until Voiso has its request, beside nothing, pushes and a large check, or a bulk; and the
pace of the pushes.

    python benchmarks/clicks.py
    python benchmarks/clicks.py --pushes 6 --rows 100000 --bulk 60 --seconds 10
    DATABASE_URL=postgres://... python benchmarks/clicks.py

`manage.py serve` and a simulated contact centre run as they do in an installation, on the same processor cores. A click is the
post of a button. Prints JSON, a line for each situation, in about three minutes; exit 1 if one is not kept.
"""

import argparse
import contextlib
import itertools
import json
import sys
import tempfile
import time
import uuid
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from bulk import Clicked, paused_campaigns, wait_for_worker, waits_of
from pages import Site, serve, start

if TYPE_CHECKING:
    from django.test import Client

    from tests.support.sandbox import RemoteSandbox
    from voisoadmin.accounts.models import User
    from voisoadmin.campaigns.models import Campaign
    from voisoadmin.pushes.models import Push
    from voisoadmin.uploads.models import Upload

IDLE_LIMIT, BUSY_LIMIT = 0.5, 1.0  # seconds, 95 of 100
PACE_KEPT = 0.95
CLICKED = 16  # campaigns that are started and paused by turns
CLICK_EVERY = 1.2  # seconds
ANSWERS = 0.3  # seconds until Voiso answers other requests than those with contacts
BATCHES_A_SECOND = 0.5  # of a push at its fastest
ROW = "+4474{:08},Person {},autumn\n"


def main() -> int:
    options = _options()
    with tempfile.TemporaryDirectory() as folder, contextlib.ExitStack() as stack:
        [voiso] = start(folder, 1, stack)
        voiso.set_behaviour(other_latency=ANSWERS)
        return Installed(voiso, folder, options, stack).measure()


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--pushes", type=int, default=20, help="campaigns that take contacts")
    parser.add_argument("--rows", type=int, default=1_000_000, help="of the file that is checked, again and again")
    parser.add_argument("--bulk", type=int, default=500, help="campaigns that are started at once")
    parser.add_argument("--seconds", type=float, default=30.0, help="of each situation")
    return parser.parse_args()


class Installed:
    """An installation with campaigns that are clicked, campaigns that take contacts, and others."""

    def __init__(self, voiso: "RemoteSandbox", folder: str, options: argparse.Namespace, stack: contextlib.ExitStack) -> None:
        from tests.support.sandbox import connect
        from voisoadmin.accounts.models import User

        self.voiso, self.options = voiso, options
        self.ines = User.objects.create_user("ines")
        campaigns = iter(
            paused_campaigns(voiso, connect(voiso, address=voiso.address), CLICKED + options.pushes + options.bulk + 1)
        )
        self.clicked = list(itertools.islice(campaigns, CLICKED))
        self.sending = list(itertools.islice(campaigns, options.pushes))
        self.checked = next(campaigns)
        self.others = list(campaigns)
        self.file = _file(Path(folder), options.rows)
        self.pushes = [_draft(campaign, int(3 * options.seconds * BATCHES_A_SECOND) * 1000) for campaign in self.sending]
        self.client = _signed_in(self.ines)
        self.site = Site(serve(folder, stack))
        wait_for_worker()
        self.turns = itertools.cycle(
            [(campaign, "start") for campaign in self.clicked] + [(campaign, "pause") for campaign in self.clicked]
        )

    def measure(self) -> int:
        for _ in range(2):  # once before: templates are compiled
            self._click(next(self.turns))
        kept = self._say("an idle worker", self._clicks(lambda: None), IDLE_LIMIT)
        self._confirm()
        alone = self._pace(self._wait)
        check = Check(self.client, self.file, self.checked)
        clicks: list[Clicked] = []
        pace = self._pace(lambda: clicks.extend(self._clicks(check.keep_running)))
        kept &= self._say(
            f"{len(self.pushes)} pushes and the check of {self.options.rows:,} rows",
            clicks,
            BUSY_LIMIT,
            checks=check.begun,
            pace=round(pace / alone, 3),
            pace_kept=pace >= PACE_KEPT * alone,
        )
        check.end()
        self._end_pushes()
        with self._bulk():
            kept &= self._say(f"a bulk of {self.options.bulk}", self._clicks(lambda: None), BUSY_LIMIT)
        return 0 if kept and pace >= PACE_KEPT * alone else 1

    def _say(self, beside: str, clicks: Sequence[Clicked], limit: float, **facts: object) -> bool:
        time.sleep(2 * BUSY_LIMIT)  # the last one may be on its way
        waits = waits_of(self.voiso, clicks)
        missing = len(clicks) - len(waits)
        p95 = waits[max(0, round(0.95 * len(waits)) - 1)]
        kept = p95 <= limit and not missing
        p50, worst = waits[len(waits) // 2], waits[-1]
        line = {"beside": beside, "clicks": len(clicks), "missing": missing}
        line |= {"p50": round(p50, 3), "p95": round(p95, 3), "worst": round(worst, 3), "limit": limit, "kept": kept}
        print(json.dumps(line | facts), flush=True)  # noqa: T201
        return kept

    def _clicks(self, meanwhile: Callable[[], object]) -> list[Clicked]:
        ends, made = time.monotonic() + self.options.seconds, []
        while time.monotonic() < ends:
            meanwhile()
            made.append(self._click(next(self.turns)))
        return made

    def _click(self, turn: "tuple[Campaign, str]") -> Clicked:
        """Press a button as the page shows it. Then some time passes."""
        campaign, change = turn
        campaign.refresh_from_db()
        fields = {"client_token": uuid.uuid4(), "change": change, "shown_status": campaign.status_shown}
        body = "&".join(f"{name}={value}" for name, value in fields.items())
        made = time.monotonic()
        status, text = self.site.post(f"/campaigns/{campaign.pk}/operate/", self.client, body)
        if status != 302:
            raise SystemExit(f"{change} of {campaign}: answered with {status}: {text[:200]}")
        time.sleep(CLICK_EVERY)
        return Clicked(campaign.voiso_id, change, made)

    def _wait(self) -> None:
        time.sleep(self.options.seconds)

    def _pace(self, do: Callable[[], object]) -> float:
        """Requests a second of all pushes together while it is done."""
        began = time.monotonic()
        do()
        ended = time.monotonic()
        return sum(_pace(self.voiso, campaign.voiso_id, began, ended) for campaign in self.sending)

    def _confirm(self) -> None:
        from django.utils import timezone

        from voisoadmin.pushes import services

        for push in self.pushes:
            assert services.confirm(push, by=self.ines, by_label="Ines Sousa", at=timezone.now())
        self.voiso.wait_for_answers(2 * len(self.pushes))

    def _end_pushes(self) -> None:
        from django.utils import timezone

        from voisoadmin.pushes import services

        for push in self.pushes:
            push.refresh_from_db()
            assert push.ended_at is None, "A push has ended too soon to measure its pace."
            services.pause_push(push, at=timezone.now())

    @contextlib.contextmanager
    def _bulk(self) -> Iterator[None]:
        from django.utils import timezone

        from voisoadmin.campaigns.bulk.asking import cancel_waiting
        from voisoadmin.controls.bulk.begin import begin_bulk
        from voisoadmin.operations.clicks import Click
        from voisoadmin.voiso import Change

        click = Click(by=self.ines, by_label="", at=timezone.now())
        bulk = begin_bulk(Change.START, [(campaign.pk, "paused") for campaign in self.others], click)
        yield
        bulk.refresh_from_db()
        assert not bulk.has_ended, "The bulk has ended too soon to measure clicks beside it."
        cancel_waiting(bulk, click)


class Check:
    """The check of a large file, begun again whenever it has ended."""

    def __init__(self, client: "Client", file: Path, campaign: "Campaign") -> None:
        self.client, self.file, self.campaign = client, file, campaign
        self.begun = 0
        self.keep_running()

    def keep_running(self) -> None:
        if self.begun and self._upload().stage in {"received", "reading"}:
            return
        with self.file.open("rb") as file:
            fields = {"client_token": str(uuid.uuid4()), "kind": "add", "region": "GB", "file": file}
            answer = self.client.post(f"/uploads/new/?campaign={self.campaign.pk}", fields)
        assert answer.status_code == 302, answer.status_code
        self.begun += 1

    def end(self) -> None:
        self.client.post(f"/uploads/{self._upload().pk}/discard/", {"client_token": str(uuid.uuid4())})

    def _upload(self) -> "Upload":
        from voisoadmin.uploads.models import Upload

        return Upload.objects.latest("pk")


def _file(folder: Path, rows: int) -> Path:
    path = folder / "autumn.csv"
    with path.open("w") as file:
        file.write("Phone,Name,Source\n")
        file.writelines(ROW.format(number, number) for number in range(rows))
    return path


def _draft(campaign: "Campaign", count: int) -> "Push":
    from tests.pushes.support import numbers, row
    from voisoadmin.pushes.drafts import DraftWriter

    writer = DraftWriter(campaign, kind="add", by=None, by_label="Ines Sousa")
    for place, number in enumerate(numbers(count), start=2):
        writer.add_ready(row(number, place))
    return writer.finish()


def _signed_in(user: "User") -> "Client":
    from django.test import Client

    client = Client(SERVER_NAME="127.0.0.1")
    client.force_login(user)
    client.get("/")  # for the token of its forms
    return client


def _pace(voiso: "RemoteSandbox", key: str, began: float, ended: float) -> float:
    times = sorted(seen.started for seen in voiso.requests(key, "add") if began <= seen.started <= ended)
    return (len(times) - 1) / (times[-1] - times[0]) if len(times) > 1 else 0.0


if __name__ == "__main__":
    sys.exit(main())
