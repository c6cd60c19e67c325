"""100,000 mixed rows, every tenth answer lost, and the report matches the sandbox's records."""

import random

import pytest
from django.utils import timezone

from tests.pushes.oracle import false_reports, lost_rows
from tests.pushes.support import buckets, numbers, row
from voisoadmin.pushes import services
from voisoadmin.pushes.drafts import DraftWriter
from voisoadmin.pushes.models import Call

PROBLEM = {"code": "not_in_use", "field": "phone", "sentence": "Not a valid number.", "advice": "Fix it."}


@pytest.mark.slow
def test_a_hundred_thousand_mixed_rows_are_reported_truly(cast):
    chance = random.Random(7)
    given = numbers(91_000)
    there = set(given[::20])
    cast.sandbox.add_leads(cast.id, there)
    for lost in range(10, 91, 10):
        cast.sandbox.fault("answer_lost", times=1, after=lost, how=chance.choice(["reset", "timeout", "502"]))
    writer = DraftWriter(cast.campaign, kind="add", by=None, by_label="Ines Sousa")
    kinds = ["ready"] * 90_000 + ["again"] * 5000 + ["invalid"] * 4000 + ["voiso_refuses"] * 1000
    chance.shuffle(kinds)
    fresh, used = iter(given), given[:1]
    for place, kind in enumerate(kinds, start=2):
        match kind:
            case "ready":
                used.append(next(fresh))
                writer.add_ready(row(used[-1], place))
            case "again":
                writer.add_left_out(row(chance.choice(used), place), "same_number_in_file")
            case "invalid":
                writer.add_invalid(place, ["x", "y"], [PROBLEM], "x", "y")
            case _:
                writer.add_ready(row(str(100_000 + place), place))
    push = writer.finish()

    assert services.confirm(push, by=None, by_label="Ines Sousa", at=timezone.now())
    cast.drain(120)

    found = buckets(push)
    assert found["duplicate_in_file"] == 5000
    assert found["invalid"] == 4000
    assert found["rejected"] == 1000
    assert found["added"] + found["duplicate"] + found["unattributed"] == 90_000
    uncertain = Call.objects.filter(outcome="uncertain").count()
    assert uncertain >= 8
    assert found["unattributed"] <= 1000 * uncertain
    assert false_reports(cast.sandbox, cast.id, cast.campaign.lane_id) == []
    assert lost_rows(cast.sandbox, cast.id, cast.campaign.lane_id) == []
    places = [found.row_number for found in services.iter_rows(push)]
    assert places == list(range(2, 100_002))
