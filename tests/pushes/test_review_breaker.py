"""After a silence: one read, then one batch, whatever the lanes and the clock do."""

from contextlib import suppress
from datetime import timedelta

import pytest
import time_machine
from django.db import OperationalError
from django.utils import timezone

from tests.pushes.support import Cast, numbers
from tests.pushes.test_steering import Running
from tests.support.sandbox import mirror
from voisoadmin.campaigns.tasks import sync_connection
from voisoadmin.connections.models import Connection
from voisoadmin.lib.clock import monotonic
from voisoadmin.pushes.engine.loop import Engine, Hold
from voisoadmin.pushes.models import Call


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


def test_a_lane_never_rests_less_than_it_must(transactional_db):
    engine = Engine()
    since = monotonic()
    lane = engine._lanes[1] = Hold(lane_id=1, epoch=1, since=since, owed=20.0, due=since + 20.0)
    engine._until = engine._hard_end = None

    # A read of a silent connection came back before the lane's rest was over.
    engine._wait(lane, monotonic())
    engine._sender.close()
    engine._locks.close()

    assert lane.due == since + 20.0
    assert engine._due == [(since + 20.0, 1)]
