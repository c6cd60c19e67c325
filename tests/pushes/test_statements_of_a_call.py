"""What one request costs the database, from choosing its batch to the outcome of every row."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from tests.pushes.support import Cast, numbers, reasons
from voisoadmin.connections.opening import client_for
from voisoadmin.pushes.engine.calls import Waiting, open_call, take_lane
from voisoadmin.pushes.engine.holds import HoldWatch
from voisoadmin.pushes.engine.persist import persist
from voisoadmin.pushes.engine.sender import SendResult
from voisoadmin.pushes.lanes import Ticket

AT_MOST = 25


class Statements:
    """The statements of the preparation and of the record of each call."""

    def __init__(self) -> None:
        self.of_prepare: list[str] = []
        self.of_record: list[str] = []

    @contextmanager
    def counting(self, found: list[str]) -> Iterator[None]:
        found.clear()
        with CaptureQueriesContext(connection) as captured:
            yield
        found += [query["sql"] for query in captured.captured_queries]

    def all(self) -> list[str]:
        return self.of_prepare + self.of_record


def make_call(cast: Cast, epoch: int) -> Statements:
    """One whole call of the lane, as the engine makes it."""
    lane, statements = cast.campaign.lane_id, Statements()
    with statements.counting(statements.of_prepare):
        ticket = open_call(
            lane, epoch, at=timezone.now(), watch=HoldWatch(), after_small=False, rested=2, owed=2, asked=frozenset()
        )
    assert isinstance(ticket, Ticket)
    with client_for(ticket.connection) as client:
        found = client.add_contacts(ticket.voiso_id, ticket.contacts)
    with statements.counting(statements.of_record):
        persist(ticket, SendResult(lane, ticket, ticket.connection, found, 0.0, 0.5))
    return statements


def updates(statements: list[str], table: str) -> int:
    return sum(sql.startswith(f'UPDATE "{table}"') for sql in statements)


def test_a_call_takes_few_statements_and_writes_push_and_lane_once(any_cast):
    """Some of its numbers are there already."""
    given = numbers(3000)
    any_cast.sandbox.add_leads(any_cast.id, given[1000:1100])
    any_cast.sandbox.behaviour.pace_seconds = 0  # no engine rests between these calls
    push = any_cast.push(given)
    epoch, _rest = take_lane(any_cast.campaign.lane_id, at=timezone.now())

    first, second, last = (make_call(any_cast, epoch) for _ in range(3))

    for call in (first, second, last):
        assert len(call.all()) <= AT_MOST, "\n".join(sql[:100] for sql in call.all())
        for step in (call.of_prepare, call.of_record):
            assert updates(step, "pushes_push") == 1
            assert updates(step, "campaigns_lane") == 1
        assert updates(call.of_prepare, "pushes_batch") == updates(call.of_record, "pushes_batch") == 1
    assert reasons(push) == {"added": 2900, "in_campaign": 100}
    assert push.state == "finished"
    nothing_left = open_call(
        any_cast.campaign.lane_id,
        epoch,
        at=timezone.now(),
        watch=HoldWatch(),
        after_small=False,
        rested=2,
        owed=2,
        asked=frozenset(),
    )
    assert nothing_left == Waiting(None)
    any_cast.check()
