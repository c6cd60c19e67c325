"""A list of users of many pages is read within the budget of requests, in several goes where it must."""

from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.db import connection as database
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from tests.assignments.conftest import read_roster
from tests.support.queue import run_jobs
from tests.support.transactions import MOST_WRITES, writes_by_transaction
from voisoadmin.assignments import tasks
from voisoadmin.assignments.models import Agent, Roster, Team
from voisoadmin.assignments.roster import mirror_people_of
from voisoadmin.campaigns.tasks import sync_all
from voisoadmin.voiso import Person

pytestmark = pytest.mark.django_db
BEGIN = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


@pytest.fixture
def pass_minutes(sandbox):
    """Let minutes pass with the worker, no page open; return the requests of each."""
    with time_machine.travel(BEGIN, tick=False) as clock:

        def _pass(minutes: int) -> list[int]:
            asked = []
            for _ in range(minutes):
                clock.shift(60)
                before = len(sandbox.seen)
                tasks.sweep()
                sync_all()
                run_jobs()
                asked.append(len(sandbox.seen) - before)
            return asked

        yield _pass


def test_a_thousand_users_are_read_with_six_requests_a_minute(sandbox, connection, pass_minutes):
    for number in range(1000):
        sandbox.add_user(f"User {number}", f"user{number}@example.com", teams=["Night"])
    sandbox.add_campaign("Spring")

    asked = pass_minutes(6)

    assert max(asked) <= 6
    assert Agent.objects.filter(missing_since=None).count() == 1003
    assert Team.objects.get(name="Night").members.count() == 1000
    assert Roster.objects.get().synced_at is not None
    connection.refresh_from_db()
    assert timezone.now() - connection.synced_at <= timedelta(minutes=2), "the list of campaigns is read beside it"


def test_a_short_list_takes_the_requests_that_it_needs_and_no_more(sandbox, any_connection, pass_minutes):
    pass_minutes(1)

    lookups = [seen for seen in sandbox.seen if seen.kind == "lookup"]
    assert len(lookups) == 2, "users and teams"
    assert Team.objects.count() == 2


def test_who_left_while_it_was_read_in_several_goes_is_marked_at_its_end(sandbox, connection, pass_minutes):
    for number in range(700):
        sandbox.add_user(f"User {number}", f"user{number}@example.com")
    pass_minutes(5)
    Roster.objects.update(synced_at=timezone.now() - timedelta(hours=2))
    del sandbox.centre.users[sandbox.centre.user_by_email("tom.okafor@example.com").id]

    pass_minutes(5)

    assert [agent.name for agent in Agent.objects.exclude(missing_since=None)] == ["Tom Okafor"]


def test_users_are_written_in_short_transactions_and_only_those_that_changed(sandbox, connection):
    for number in range(100):
        sandbox.add_user(f"User {number}", f"user{number}@example.com", teams=["Night"])

    with CaptureQueriesContext(database) as first:
        read_roster(connection)
    with CaptureQueriesContext(database) as again:
        read_roster(connection)

    assert Agent.objects.filter(missing_since=None).count() == 103
    assert max(writes_by_transaction(first)) <= MOST_WRITES
    assert sum(writes_by_transaction(again)) <= 15


def test_people_of_a_campaign_are_written_in_short_transactions_and_only_those_that_changed(campaign):
    people = [Person(id=str(number), name=f"User {number}", email=f"user{number}@example.com") for number in range(100)]

    with CaptureQueriesContext(database) as first:
        mirror_people_of(campaign, people, at=timezone.now())
    with CaptureQueriesContext(database) as again:
        mirror_people_of(campaign, people, at=timezone.now())

    assert campaign.assignments.count() == 100
    assert max(writes_by_transaction(first)) <= MOST_WRITES
    assert sum(writes_by_transaction(again)) <= 15
