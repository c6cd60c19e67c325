"""What workers queue each minute: once, however many of them share a database."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from threading import Barrier

import pytest
from django.db import connection as database

from tests.support.queue import take_jobs
from voisoadmin.runtime.models import LastSweep
from voisoadmin.runtime.worker import SWEEPS, sweep

NOON = datetime(2026, 11, 30, 12, tzinfo=UTC)
WORKERS = 12


def queued() -> list[str]:
    return sorted(name for name, _ in take_jobs())


@pytest.mark.django_db(transaction=True)
def test_of_many_workers_one_queues_the_jobs_of_a_minute():
    for minute in range(3):
        at = NOON + minute * timedelta(minutes=1)
        together = Barrier(WORKERS)

        def one(_, *, at=at, together=together):
            together.wait()
            try:
                sweep(at)
            finally:
                database.close()

        with ThreadPoolExecutor(WORKERS) as pool:
            list(pool.map(one, range(WORKERS)))

        assert queued() == sorted(SWEEPS)


@pytest.mark.django_db
def test_the_jobs_of_a_minute_are_not_due_again_within_it():
    sweep(NOON)
    take_jobs()

    assert not LastSweep.is_due(at=NOON + timedelta(seconds=59))
    assert LastSweep.is_due(at=NOON + timedelta(seconds=60))


@pytest.mark.django_db
def test_the_work_of_a_dead_worker_is_resumed_at_once():
    sweep(NOON)
    take_jobs()

    sweep(NOON + timedelta(seconds=5), at_once=True)

    assert queued() == sorted(SWEEPS)


@pytest.mark.django_db
def test_a_time_written_by_a_wrong_clock_stops_nothing():
    sweep(NOON + timedelta(days=365))
    take_jobs()

    sweep(NOON)

    assert queued() == sorted(SWEEPS)
