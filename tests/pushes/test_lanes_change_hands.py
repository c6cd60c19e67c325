"""The owner of a lane freezes or loses its lock; the database goes away."""

import threading
import time
from itertools import pairwise

import pytest
from django.db import OperationalError, connection

from tests.pushes.deadly import Fate
from tests.pushes.support import Cast, Running, buckets, numbers
from voisoadmin.lib.clock import monotonic
from voisoadmin.pushes.engine.locks import open_locks
from voisoadmin.pushes.engine.loop import Engine
from voisoadmin.pushes.models import Call

pytestmark = pytest.mark.slow


def run_engine(seconds: float) -> None:
    try:
        Engine().run(until=monotonic() + seconds)
    finally:
        connection.close()


def cut_lock_sessions() -> None:
    with connection.cursor() as cursor:
        # Only of this database: other tests run on the same server.
        cursor.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE application_name = 'voisoadmin lanes' AND datname = current_database()"
        )


def test_a_frozen_owner_keeps_its_lane_or_is_fenced(cast: Cast, settings):
    """On one host no other engine takes its lane. Elsewhere its session may be cut; then its late answer no longer
    counts."""
    settings.VOISO_TRANSPORT = "tests.pushes.deadly.deadly_transport"
    one_host = connection.vendor == "sqlite"
    push = cast.push(numbers(10))
    Fate.frozen.clear()
    Fate.thaw.clear()
    Fate.next = "freeze"
    frozen = threading.Thread(target=run_engine, args=(1.0,))
    frozen.start()
    assert Fate.frozen.wait(60)
    if not one_host:
        cut_lock_sessions()

    Engine().run(until=monotonic() + 0.5)
    after_other = buckets(push)
    Fate.thaw.set()
    frozen.join(120)

    assert not frozen.is_alive()
    assert after_other == ({"pending": 10} if one_host else {"unattributed": 10})
    assert buckets(push) == ({"added": 10} if one_host else {"unattributed": 10})
    cast.check()
    if not one_host:
        first, second = cast.sandbox.requests(cast.id)
        assert second.started - first.finished >= 3.3


def test_an_engine_whose_locks_are_gone_sends_nothing(cast: Cast):
    if connection.vendor == "sqlite":
        # The kernel keeps a file lock while the process lives, so a second engine never gets the lane.
        cast.sandbox.behaviour.latency = 30
        cast.push(numbers(10))
        other = threading.Thread(target=run_engine, args=(0.2,))
        other.start()
        Engine().run(until=monotonic() + 0.2)
        other.join(60)
        assert len(cast.sandbox.requests(cast.id)) == 1
        return
    push = cast.push(numbers(3000))
    engine = threading.Thread(target=run_engine, args=(10.0,))
    cast.sandbox.behaviour.latency = 100  # the cut must hit the first request, also on a busy machine
    engine.start()
    while cast.sandbox.max_in_flight(cast.id) == 0:
        time.sleep(0.005)

    cut_lock_sessions()
    engine.join(120)

    assert not engine.is_alive()
    assert len(cast.sandbox.requests(cast.id)) == 1
    assert "needs_review" not in buckets(push)
    cast.sandbox.behaviour.latency = 0
    cast.drain()
    assert buckets(push) == {"added": 3000}


def test_a_lane_kept_by_another_engine_is_tried_less_and_less_often(cast: Cast, settings):
    settings.TIME_SCALE = 0.3  # a lane is taken for kept after 3 s, and then looked at each 0.15 s instead of each 0.05 s
    push = cast.push(numbers(10))
    owner = open_locks()
    assert owner.take(cast.campaign.lane_id)

    with Running(60.0) as running:
        running.thread.join(4.5)
        looked = list(running.looked)
        owner.release(cast.campaign.lane_id)
    owner.close()

    at_first = [later - moment for moment, later in pairwise(looked) if later < looked[0] + 2.5]
    in_the_end = [later - moment for moment, later in pairwise(looked) if moment > looked[0] + 3.5]
    assert min(at_first) < 0.14
    assert in_the_end
    assert min(in_the_end) >= 0.14
    assert buckets(push) == {"added": 10}


class Outage:
    """Every statement fails for some seconds, starting with the given one."""

    def __init__(self, statement: int, seconds: float) -> None:
        self.left, self.seconds, self.ends_at = statement, seconds, 0.0

    def __call__(self, execute, sql, params, many, context):
        self.left -= 1
        if self.left == 0:
            self.ends_at = time.monotonic() + self.seconds
        if time.monotonic() < self.ends_at:
            raise OperationalError("The database is away.")
        return execute(sql, params, many, context)


@pytest.mark.parametrize("statement", range(1, 61, 4))
def test_after_a_short_outage_of_the_database_every_row_has_its_true_outcome(cast: Cast, statement: int):
    push = cast.push(numbers(1500))

    with connection.execute_wrapper(Outage(statement, 0.1)):
        Engine().run(until=monotonic() + 5)

    cast.drain()
    found = buckets(push)
    # If the outage hit the commit of an intent, we can't know whether it was sent.
    assert set(found) <= {"added", "unattributed"}
    assert sum(found.values()) == 1500


def test_an_outcome_that_cannot_be_saved_for_long_is_settled_later(cast: Cast):
    cast.sandbox.behaviour.latency = 5
    push = cast.push(numbers(10))

    def away(execute, sql, params, many, context):
        if cast.sandbox.requests(cast.id):
            raise OperationalError("The database is away.")
        return execute(sql, params, many, context)

    with connection.execute_wrapper(away):  # longer than the engine tries
        Engine().run(until=monotonic() + 3.6)

    assert Call.objects.get().outcome == ""
    cast.drain()
    assert buckets(push) == {"unattributed": 10}
