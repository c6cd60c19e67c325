"""What polling asks of Voiso while pages are open, and while none is."""

from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.utils import timezone

from tests.support.queue import run_jobs
from voisoadmin.campaigns import polling, reading_back, services
from voisoadmin.campaigns.budget import Purpose, take
from voisoadmin.campaigns.models import Campaign, Polling
from voisoadmin.campaigns.tasks import sync_all
from voisoadmin.connections.models import Connection
from voisoadmin.connections.opening import client_for
from voisoadmin.sandbox import Fault

# When to ask Voiso is a matter of times, not of the database.
pytestmark = [pytest.mark.once, pytest.mark.slow, pytest.mark.django_db]
BEGIN = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


@pytest.fixture
def pass_time(sandbox, ines, clock):
    """Let seconds pass with the queue, the worker and open pages at work; return the requests of each second."""

    def _pass(seconds: int, *, shown: list[int] | None = None) -> list[int]:
        asked = []
        for _ in range(seconds):
            clock.shift(1)
            at = timezone.now()
            before = len(sandbox.seen)
            if shown and int(at.timestamp()) % 8 == 0:
                services.keep_fresh(shown, by=ines, at=at)
            services.ask_where_due(Connection.objects.listable(at), at=at)
            if int(at.timestamp()) % 60 == 0:
                sync_all()
            run_jobs()
            asked.append(len(sandbox.seen) - before)
        return asked

    return _pass


def most_in_a_minute(asked: list[int]) -> int:
    return max(sum(asked[begin : begin + 60]) for begin in range(len(asked)))


@pytest.fixture
def clock():
    with time_machine.travel(BEGIN, tick=False) as travelled:
        yield travelled


def test_six_requests_a_minute_keep_campaigns_fresh_while_no_page_is_open(sandbox, any_connection, pass_time, clock):
    for number in range(230):
        sandbox.add_campaign(f"Campaign {number}")
    polling.sync(any_connection, at=timezone.now())

    asked = pass_time(125)

    assert 0 < most_in_a_minute(asked) <= 6
    any_connection.refresh_from_db()
    assert timezone.now() - any_connection.synced_at <= timedelta(seconds=60)


def test_states_on_open_pages_are_ten_seconds_old_at_most_with_twenty_requests_a_minute(
    sandbox, any_connection, pass_time, clock
):
    ids = [sandbox.add_campaign(f"Campaign {number}") for number in range(230)]
    polling.sync(any_connection, at=timezone.now())
    shown = list(Campaign.objects.values_list("pk", flat=True)[:50])
    asked = pass_time(80, shown=shown)

    sandbox.campaign(ids[0]).status = "paused"
    asked += pass_time(11, shown=shown)

    assert Campaign.objects.get(voiso_id=str(ids[0])).status == "paused"
    assert most_in_a_minute(asked) <= 20


def test_one_open_campaign_is_read_on_its_own_where_the_api_can(sandbox, connection, pass_time, clock):
    ids = [sandbox.add_campaign(f"Campaign {number}") for number in range(230)]
    polling.sync(connection, at=timezone.now())
    shown = [Campaign.objects.get(voiso_id=str(ids[5])).pk]
    pass_time(70, shown=shown)
    sandbox.forget()

    pass_time(30, shown=shown)

    own = [seen for seen in sandbox.seen if seen.campaign == ids[5]]
    assert len(own) >= 3
    assert len(sandbox.seen) <= 10


def test_a_long_list_is_read_in_several_minutes_and_marks_nothing_missing_before_its_end(sandbox, connection, pass_time, clock):
    ids = [sandbox.add_campaign(f"Campaign {number}") for number in range(1150)]
    polling.sync(connection, at=timezone.now())
    sandbox.campaign(ids[3]).gone = True
    sandbox.campaign(ids[1149]).status = "paused"

    clock.shift(300)
    asked = pass_time(30)

    assert most_in_a_minute(asked) <= 6
    assert not Campaign.objects.exclude(absent_since=None).exists()

    asked += pass_time(80)

    assert most_in_a_minute(asked) <= 6
    assert Campaign.objects.get(voiso_id=str(ids[1149])).status == "paused"
    assert [row.voiso_id for row in Campaign.objects.exclude(absent_since=None)] == [str(ids[3])]
    assert not Campaign.objects.exclude(missing_since=None).exists()


def test_a_list_that_repeats_itself_is_asked_for_again_a_minute_later(sandbox, connection, pass_time, clock):
    """What an earlier go has read of it isn't kept."""
    voiso_id = sandbox.add_campaign("Spring")
    first_again = {
        "campaigns": [{"id": voiso_id, "name": "Spring", "status": "active", "live": True}],
        "metadata": {"total": 9},
    }
    sandbox.fault(Fault.ODD_JSON, on="lists", times=6, body=first_again)
    pass_time(30)
    assert Connection.objects.get().last_problem == "Voiso's list changed or repeated itself while it was being read."

    pass_time(130)

    connection.refresh_from_db()
    assert connection.last_problem == ""
    assert timezone.now() - connection.synced_at <= timedelta(seconds=61)


def test_which_campaigns_are_live_is_learnt_once_an_hour(sandbox, connection, pass_time, clock):
    sandbox.behaviour.tells_live = False
    live, other = sandbox.add_campaign("Spring"), sandbox.add_campaign("Autumn", live=False)
    pass_time(5)
    assert dict(Campaign.objects.values_list("voiso_id", "live")) == {str(live): True, str(other): False}
    sandbox.campaign(other).live = True
    sandbox.forget()

    pass_time(120)

    assert len(sandbox.seen) == 2, "only the list"
    clock.shift(3600)
    pass_time(5)
    assert Campaign.objects.get(voiso_id=str(other)).live


def test_a_read_that_voiso_finds_one_too_many_makes_reads_rarer_and_holds_no_lane(sandbox, any_connection, pass_time, clock):
    sandbox.add_campaign("Spring")
    sandbox.fault(Fault.RATE_LIMITED, on="reads", retry_after=40)
    pass_time(2)
    sandbox.forget()

    asked = pass_time(30)

    assert sum(asked) == 0
    any_connection.refresh_from_db()
    assert not any_connection.is_held(timezone.now())


def test_a_minute_after_the_last_allowed_request_there_is_room_again(connection, clock):
    for _ in range(6):
        assert take(connection, Purpose.LIST, at=timezone.now())
    assert not take(connection, Purpose.LIST, at=timezone.now())

    clock.shift(61)

    assert take(connection, Purpose.LIST, at=timezone.now())


# Reading back


def test_operations_that_wait_on_one_legacy_connection_share_a_list(sandbox, legacy_connection):
    for number in range(5):
        sandbox.add_campaign(f"Campaign {number}")
    polling.sync(legacy_connection, at=timezone.now())
    campaigns = list(Campaign.objects.all())
    Campaign.objects.update(pending_operation="pause")
    after = reading_back.lists_begun(legacy_connection)
    sandbox.forget()

    with client_for(legacy_connection) as client:
        statuses = [reading_back.status_of(campaign, client, after=after) for campaign in campaigns]

    assert {status for status, _ in statuses} == {"active"}
    assert len(sandbox.seen) == 1


def test_a_list_that_began_before_the_operation_confirms_nothing(sandbox, legacy_connection):
    voiso_id = sandbox.add_campaign("Spring")
    polling.sync(legacy_connection, at=timezone.now())
    Campaign.objects.update(pending_operation="pause")
    polling.sync(legacy_connection, at=timezone.now())
    after = reading_back.lists_begun(legacy_connection)
    sandbox.campaign(voiso_id).status = "paused"

    with client_for(legacy_connection) as client:
        status, number = reading_back.status_of(Campaign.objects.get(), client, after=after)

    assert (status, number) == ("paused", after + 1)
    assert Polling.objects.get().list_no == after + 1
