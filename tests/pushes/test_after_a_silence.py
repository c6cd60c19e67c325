"""After a silence: one read, then one batch, whatever the lanes and the clock do."""

from contextlib import suppress
from datetime import timedelta

import pytest
import time_machine
from django.db import OperationalError
from django.utils import timezone

from tests.pushes.support import Cast, Running, numbers
from tests.support.sandbox import mirror
from voisoadmin.campaigns.tasks import sync_connection
from voisoadmin.connections.models import Connection
from voisoadmin.lib.clock import monotonic
from voisoadmin.pushes import pacing
from voisoadmin.pushes.engine.loop import OwnedLane
from voisoadmin.pushes.models import Call

pytestmark = pytest.mark.slow


def lanes(cast: Cast, count: int) -> list[Cast]:
    sandbox, connection = cast.sandbox, cast.campaign.connection
    return [Cast(sandbox, mirror(sandbox, connection, sandbox.add_campaign(f"Campaign {place}"))) for place in range(count)]


def test_after_a_silence_one_read_and_one_batch_are_sent_however_many_lanes_wait(cast):
    cast.sandbox.fault("server_error", status=503, times=10_000, on="contacts")
    for one in lanes(cast, 6):
        one.push(numbers(5))

    with Running(60.0) as running:
        while not any(seen.kind == "read" for seen in cast.sandbox.seen):
            running.thread.join(0.02)
        running.thread.join(2.0)
        running.stop.set()

    kinds = [seen.kind for seen in sorted(cast.sandbox.seen, key=lambda seen: seen.started)]
    after_the_first_read = kinds[kinds.index("read") :]
    between = "".join("r" if kind == "read" else "c" for kind in after_the_first_read)
    assert "cc" not in between, between


@pytest.mark.slow
def test_successful_reads_do_not_release_all_lanes_while_contacts_fail(cast):
    cast.sandbox.fault("server_error", status=503, times=10_000, on="contacts")
    there = lanes(cast, 6)
    for one in there:
        one.push(numbers(5))

    with Running(60.0) as running:
        while not Connection.objects.filter(held_kind="silent").exists() or Call.objects.filter(outcome="").exists():
            running.thread.join(0.02)
        held_at = monotonic()
        while monotonic() < held_at + 20 and (monotonic() < held_at + 3 or not bursts(there, held_at)):
            running.thread.join(0.6)
            # Each minute, in scaled time. The engine may leave another writer of SQLite no gap then; the next read comes.
            with suppress(OperationalError):
                sync_connection(cast.campaign.connection_id)
        running.stop.set()

    # One after 60 seconds, one after 120 more, and so on: not all six each time.
    assert set(bursts(there, held_at)) == {1}


def bursts(there: list[Cast], moment: float) -> list[int]:
    """How many requests with contacts started together, each time there were any after the moment."""
    starts = sorted(seen.started for one in there for seen in one.sandbox.requests(one.id) if seen.started > moment)
    found: list[int] = []
    for before, start in zip([0.0, *starts], starts, strict=False):
        if start - before < 0.5:
            found[-1] += 1
        else:
            found.append(1)
    return found


def test_a_clock_that_was_put_back_causes_no_series_of_reads(cast):
    cast.sandbox.fault("server_error", status=503, times=10_000, on="any")
    cast.push(numbers(5))
    for one in lanes(cast, 5):
        one.push(numbers(5))
    with Running(1.0):
        pass
    cast.campaign.connection.refresh_from_db()
    assert cast.campaign.connection.held_kind == "silent"

    with Running(3.0) as running:
        running.stop.wait(0.1)
        with time_machine.travel(timezone.now() - timedelta(seconds=3), tick=True):
            running.thread.join(120)

    assert 1 <= sum(seen.kind == "read" for seen in cast.sandbox.seen) <= 10


def test_a_lane_never_rests_less_than_it_must(cast, settings):
    settings.TIME_SCALE = 0.05  # a quiet time of 1.5 s
    cast.sandbox.fault("answer_lost", times=1)
    cast.push(numbers(5))

    with Running(60.0) as running:
        while not Call.objects.filter(outcome="uncertain").exists():
            running.thread.join(0.02)
        # Another lane finds the connection silent, and that hold is over first: Voiso answers the read before the rest ends.
        Connection.objects.update(held_kind="silent", held_reason="No answer.", held_until=timezone.now())

    assert [seen.kind for seen in sorted(cast.sandbox.seen, key=lambda seen: seen.started)] == ["add", "read", "add"]
    assert cast.gaps()[0] >= pacing.quiet()


def test_no_answer_to_a_read_shortens_the_rest_of_a_lane():
    lane = OwnedLane(lane_id=1, epoch=1, since=100.0, owed=20.0, due=120.0)

    lane.put_off(119.97)
    assert lane.due == 120.0

    lane.put_off(150.0)
    assert lane.due == 150.0
