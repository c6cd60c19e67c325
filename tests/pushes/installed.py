"""Runs inside a separate installation (tests/support/installation.py): fills it with pushes, and checks its books.

`python -m tests.pushes.installed seed ADDRESS ROWS SIZE CAMPAIGN...` and `... check ADDRESS`; both print JSON.
"""

import json
import sys

import django
import httpx

django.setup()

from django.db.models import Sum  # noqa: E402
from django.utils import timezone  # noqa: E402

from tests.pushes.oracle import false_reports, lost_rows  # noqa: E402
from tests.pushes.support import numbers, row  # noqa: E402
from voisoadmin.campaigns.models import Campaign, Lane  # noqa: E402
from voisoadmin.connections.models import Connection  # noqa: E402
from voisoadmin.pushes import drafts, services  # noqa: E402
from voisoadmin.pushes.audit import audit  # noqa: E402
from voisoadmin.pushes.drafts import DraftWriter  # noqa: E402
from voisoadmin.pushes.models import Call, Push  # noqa: E402
from voisoadmin.sandbox import Sandbox, SeenRequest  # noqa: E402


class Fetched:
    """What a sandbox in another process knows about one campaign."""

    def __init__(self, address: str, campaign_id: str) -> None:
        answer = httpx.get(f"{address}/_sandbox/truth", params={"campaign": campaign_id}, trust_env=False, timeout=60)
        self.truth = answer.json()

    def requests(self, campaign_id: int | str, *kinds: str) -> list[SeenRequest]:
        return [seen for item in self.truth["requests"] if (seen := SeenRequest(*item)).kind in {"add", "update"}]

    def numbers_in(self, campaign_id: int | str) -> set[str]:
        return set(self.truth["numbers"])

    def creator_of(self, campaign_id: int | str, number: str) -> int | None:
        return self.truth["numbers"].get(number)


def seed(address: str, rows: str, size: str, *campaigns: str) -> dict[str, object]:
    drafts.BATCH_SIZE = int(size)
    key = Sandbox.V4_KEY
    connection = Connection.objects.create(name="Sandbox", generation="v4", base_url=address, key=key, key_last4=key[-4:])
    now = timezone.now()
    there = []
    for voiso_id in campaigns:
        lane = Lane.objects.create(address=address, voiso_id=voiso_id)
        campaign = Campaign.objects.create(connection=connection, lane=lane, voiso_id=voiso_id, live=True, changed_at=now)
        given = numbers(int(rows))
        writer = DraftWriter(campaign, kind="add", by=None, by_label="Ines Sousa")
        for place, number in enumerate(given, start=2):
            writer.add_ready(row(number, place))
        assert services.confirm(writer.finish(), by=None, by_label="Ines Sousa", at=timezone.now())
        there.append(given[::20])
    return {"there": there}


def check(address: str) -> dict[str, object]:
    false, lost, flight = [], [], 0
    for lane in Lane.objects.all():
        truth = Fetched(address, lane.voiso_id)
        false += false_reports(truth, int(lane.voiso_id), lane.pk)
        lost += lost_rows(truth, int(lane.voiso_id), lane.pk)
        flight = max(flight, truth.truth["max_in_flight"])
    pushes = Push.objects.all()
    names = list(Push().buckets())
    return {
        "breaches": audit(),
        "false": false,
        "lost": lost,
        "max_in_flight": flight,
        "states": sorted(set(pushes.values_list("state", flat=True))),
        "rows": pushes.aggregate(total=Sum("rows"))["total"],
        "buckets": {name: total for name in names if (total := pushes.aggregate(total=Sum(name))["total"])},
        "uncertain_calls": Call.objects.filter(outcome="uncertain").count(),
        "open_calls": Call.objects.filter(outcome="").count(),
        "takeovers": sum(Lane.objects.values_list("epoch", flat=True)),
    }


if __name__ == "__main__":
    sys.stdout.write(json.dumps({"seed": seed, "check": check}[sys.argv[1]](*sys.argv[2:])))
