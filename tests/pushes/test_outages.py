"""PostgreSQL is down for a while, at random moments, under real workers."""

import os
import random
import sys
import time

import pytest

from tests.pushes.site import SCALE, Site, assert_books
from tests.support import programs
from tests.support.postgres import PostgresServer
from tests.support.sandbox import RemoteSandbox

# It starts a server, whatever database the other tests use.
pytestmark = [pytest.mark.kills, pytest.mark.once]

OUTAGES = int(os.environ.get("OUTAGES", "2"))


@pytest.fixture
def server():
    if programs.DATABASE in programs.missing():
        pytest.skip(programs.why_skipped(programs.DATABASE))
    server = PostgresServer(forgetful=False)
    yield server
    server.remove()


def test_a_database_outage_at_any_moment_loses_no_row_and_reports_nothing_false(tmp_path, server):
    chance = random.Random()
    with RemoteSandbox(time_scale=SCALE) as sandbox:
        site = Site(tmp_path, sandbox, batches=10 + 3 * OUTAGES, env={"DATABASE_URL": server.url})
        resumed = []
        with site.working():
            for turn in range(OUTAGES):
                sandbox.wait_for_answers(sandbox.answers() + 1)
                time.sleep(chance.uniform(0.0, 0.5))
                server.stop(("fast", "immediate")[turn % 2])
                time.sleep(chance.uniform(0.0, 2.0))
                in_flight = sandbox.answers()  # an open request may still finish
                server.start()
                back = time.monotonic()
                sandbox.wait_for_answers(in_flight + 5)
                resumed.append(time.monotonic() - back)

        site.finish()

        found = assert_books(site)
        sys.stdout.write(f"Longest return: {max(resumed):.1f} s\n")
        assert set(found["buckets"]) <= {"added", "duplicate", "unattributed"}
        assert found["buckets"].get("unattributed", 0) <= 1000 * found["uncertain_calls"]
        assert max(resumed) <= 30
