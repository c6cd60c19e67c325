"""Each kind of failure on the way to Voiso, and what the report says afterwards."""

from datetime import timedelta

import pytest
from django.utils import timezone

from tests.pushes.support import Cast, buckets, numbers, reasons
from tests.support.queue import run_jobs, take_jobs
from tests.support.sandbox import mirror
from voisoadmin.connections.connection_test import check
from voisoadmin.connections.holding import release
from voisoadmin.pushes import services
from voisoadmin.pushes.models import Batch, Call

pytestmark = pytest.mark.slow

LOST = [
    ("answer_lost", {"how": "reset"}),
    ("answer_lost", {"how": "timeout"}),
    ("answer_lost", {"how": "closed"}),
    ("answer_lost", {"how": "502"}),
    ("truncated_json", {}),
    ("server_error", {"status": 500, "acted": True}),
    ("html_502", {"acted": True}),
    ("odd_json", {"body": "[]"}),
    ("odd_json", {"body": "null"}),
    ("odd_json", {"body": '{"leads_import": {"created": NaN}}'}),
    ("odd_json", {"body": '{"success": false, "leads_import": {"created": ["1"]}}'}),
    ("odd_json", {"body": "418", "status": 418}),
    ("odd_json", {"body": '{"error": "Method not allowed"}', "status": 405}),
]
NOTHING_DONE = [
    ("reset_before", {}),
    ("html_502", {}),
    ("server_error", {"status": 503}),
    ("server_error", {"status": 504}),
]
BUSY_SHAPES = ["409", "400", "422", "429", "unknown"]


@pytest.mark.parametrize(("fault", "options"), LOST, ids=lambda value: str(value))
def test_after_a_lost_answer_earlier_contacts_are_distinguished_from_ours(cast, fault, options):
    there, known, new = numbers(5), numbers(5), numbers(90)
    cast.sandbox.add_leads(cast.id, there + known)
    before = cast.push(known)
    cast.drain()
    assert buckets(before) == {"duplicate": 5}
    cast.sandbox.fault(fault, times=1, **options)

    push = cast.push(there + known + new)
    cast.drain()

    # Known from an earlier answer: certain. There before, but not known: Voiso's second answer can't distinguish it.
    assert buckets(push) == {"duplicate": 5, "unattributed": 95}
    assert cast.sandbox.numbers_in(cast.id) == {*there, *known, *new}
    assert push.calls == 2
    assert min(cast.gaps()[1:]) >= 0.30


@pytest.mark.parametrize(("fault", "options"), NOTHING_DONE, ids=lambda value: str(value))
def test_a_request_that_did_nothing_is_repeated_and_its_rows_are_added(cast, fault, options):
    given = numbers(20)
    cast.sandbox.fault(fault, times=2, **options)

    push = cast.push(given)
    cast.drain()

    assert buckets(push) == {"added": 20}
    assert push.calls == 3
    assert min(cast.gaps()) >= 0.30


def test_without_a_connection_nothing_is_in_doubt(cast):
    there, new = numbers(5), numbers(5)
    cast.sandbox.add_leads(cast.id, there)
    cast.sandbox.fault("unreachable", times=3)

    push = cast.push(there + new)
    cast.drain()

    assert buckets(push) == {"added": 5, "duplicate": 5}
    assert set(Call.objects.values_list("outcome", flat=True)) == {"not_connected", "answered"}


@pytest.mark.parametrize("shape", BUSY_SHAPES)
@pytest.mark.parametrize("seconds", [5, 120])
def test_rows_are_not_lost_and_not_rejected_while_voiso_is_busy(cast, shape, seconds):
    given = numbers(100)
    cast.sandbox.fault("busy", shape=shape, for_seconds=seconds)

    push = cast.push(given)
    cast.drain()

    assert buckets(push) == {"added": 100}
    refused = [seen for seen in cast.sandbox.requests(cast.id) if seen.fault == "busy"]
    assert 1 <= len(refused) <= 10
    if seconds == 5:
        assert push.batches_total == 1


@pytest.mark.parametrize(
    ("retry_after", "seconds"), [("3", 3), ("0", 2), ("-5", 2), ("nonsense", 10), (None, 10), ("99999999", 900), ("1.5", 2)]
)
def test_a_rate_limit_holds_the_whole_connection_for_as_long_as_voiso_says(cast, retry_after, seconds):
    cast.sandbox.fault("rate_limited", times=1, retry_after=retry_after)

    push = cast.push(numbers(10))
    if seconds < 100:
        cast.drain()
        assert buckets(push) == {"added": 10}
        first, second = cast.sandbox.requests(cast.id)
        assert second.started - first.finished >= seconds * 0.01 - 0.002
        return
    cast.slice(0.5)

    assert buckets(push) == {"pending": 10}
    cast.campaign.connection.refresh_from_db()
    left = cast.campaign.connection.held_until - timezone.now()
    assert timedelta(seconds=3) < left <= timedelta(seconds=9)


def test_a_storm_of_faults_causes_few_requests_and_ends_automatically(cast):
    cast.sandbox.fault("server_error", times=7, status=503)

    push = cast.push(numbers(10))
    cast.drain()

    assert buckets(push) == {"added": 10}
    # Five failures in a row hold the connection for a minute; then one read comes before the next request.
    calls = cast.sandbox.requests(cast.id)
    assert calls[5].started - calls[4].finished >= 0.60
    assert [seen.kind for seen in cast.sandbox.seen].count("read") >= 1


def test_a_redirect_is_not_followed_and_stops_the_lane_until_a_person_acts(cast):
    given = numbers(10)
    cast.sandbox.fault("redirect", times=1, location="https://elsewhere.example/", status=307)

    push = cast.push(given)
    cast.drain()

    assert buckets(push) == {"pending": 10}
    cast.campaign.lane.refresh_from_db()
    assert "redirect" in cast.campaign.lane.held_reason
    assert cast.campaign.lane.sending_state == "blocked"
    assert Batch.objects.get().state == "uncertain"

    release(cast.campaign.connection, timezone.now())
    assert services.release_lane(cast.campaign.lane, by=None, by_label="Omar Haddad", at=timezone.now())
    cast.drain()
    assert buckets(push) == {"added": 10}


def test_a_revoked_key_holds_the_connection_and_no_row_is_marked(cast):
    cast.sandbox.fault("key_revoked", after=1)

    push = cast.push(numbers(2500))
    cast.drain()

    assert buckets(push) == {"added": 1000, "pending": 1500}
    assert services.progress(push).state == "blocked"
    assert len(cast.sandbox.requests(cast.id)) == 2

    cast.sandbox.heal()
    cast.sandbox.restore_key(cast.sandbox.V4_KEY)
    release(cast.campaign.connection, timezone.now())
    cast.drain()
    assert buckets(push) == {"added": 2500}


def test_a_key_revoked_midway_stops_all_lanes_after_at_most_one_more_request_each(cast):
    connection, sandbox = cast.campaign.connection, cast.sandbox
    lanes = [Cast(sandbox, mirror(sandbox, connection, sandbox.add_campaign(f"Campaign {place}"))) for place in range(8)]
    pushes = [lane.push(numbers(4)) for _ in range(6) for lane in lanes]
    sandbox.fault("key_revoked", after=19)

    cast.drain(60)

    refused = sum(seen.status == 401 for lane in lanes for seen in sandbox.requests(lane.id))
    assert 1 <= refused <= 8
    assert sum(len(sandbox.requests(lane.id)) for lane in lanes) == 19 + refused
    assert {name for push in pushes for name in buckets(push)} == {"added", "pending"}

    sandbox.heal()
    sandbox.restore_key(sandbox.V4_KEY)
    take_jobs()
    assert check(connection, timezone.now()).ok
    run_jobs()
    cast.check()
    assert [buckets(push) for push in pushes] == [{"added": 4}] * 48


@pytest.mark.parametrize("fault", ["campaign_gone", "not_live"])
@pytest.mark.parametrize("ending", ["resumed", "cancelled"])
def test_a_campaign_that_no_longer_takes_contacts_stops_its_lane(any_cast, fault, ending):
    cast = any_cast
    cast.sandbox.fault(fault, after=1)
    push = cast.push(numbers(2500))

    cast.drain()

    assert buckets(push) == {"added": 1000, "pending": 1500}
    assert len(cast.sandbox.requests(cast.id)) == 2
    cast.campaign.lane.refresh_from_db()
    assert cast.campaign.lane.held_reason
    if ending == "resumed":
        cast.sandbox.heal()
        cast.sandbox.campaign(cast.id).gone = False
        cast.sandbox.campaign(cast.id).live = True
        services.release_lane(cast.campaign.lane, by=None, by_label="Omar Haddad", at=timezone.now())
        cast.drain()
        assert buckets(push) == {"added": 2500}
    else:
        assert services.cancel_push(push, at=timezone.now())
        cast.check()
        assert buckets(push) == {"added": 1000, "not_sent": 1500}
        assert push.ended_at


@pytest.mark.parametrize("poisoned", [1, 3])
def test_a_row_that_spoils_its_batch_is_found_and_named(cast, poisoned):
    given = numbers(1000)
    poison = given[10 : 10 + 400 * poisoned : 400]
    cast.sandbox.fault("poison", numbers=poison)

    push = cast.push(given)
    cast.drain(40)

    assert buckets(push) == {"added": 1000 - poisoned, "rejected": poisoned}
    assert set(push.rejected_records.values_list("phone", "reason")) == {(number, "refused_alone") for number in poison}
    assert push.calls - 1 <= 25 * poisoned


def test_when_voiso_refuses_every_row_nothing_is_called_rejected(cast):
    cast.sandbox.fault("poison", numbers=None)

    push = cast.push(numbers(100))
    cast.drain(40)

    assert buckets(push) == {"pending": 100}
    cast.campaign.lane.refresh_from_db()
    assert "refuses every row" in cast.campaign.lane.held_reason
    assert cast.campaign.lane.held_answer

    cast.sandbox.heal()
    services.release_lane(cast.campaign.lane, by=None, by_label="Omar Haddad", at=timezone.now())
    cast.drain()
    assert buckets(push) == {"added": 100}


@pytest.mark.parametrize("created", [True, False])
def test_a_number_missing_from_all_lists_is_sent_again(cast, created):
    cast.sandbox.fault("partial_answer", times=1, missing=7, created=created)

    push = cast.push(numbers(50))
    cast.drain()

    # If the first request added a contact without reporting it, the second answer calls it a duplicate: the truth is lost.
    assert buckets(push) == ({"added": 43, "unattributed": 7} if created else {"added": 50})
    assert push.batches_total == 2


def test_a_number_that_is_never_named_needs_a_person(cast):
    cast.sandbox.fault("partial_answer", times=9, missing=1, created=False)

    push = cast.push(numbers(50))
    cast.drain()

    assert buckets(push) == {"added": 49, "needs_review": 1}
    assert reasons(push)["not_named"] == 1
    assert push.state == "finished"


def test_an_answer_about_numbers_we_did_not_send_stops_the_lane(cast):
    cast.sandbox.fault("odd_json", times=1, body='{"leads_import": {"created": ["447999999999"]}}')

    push = cast.push(numbers(3))
    cast.drain()

    assert buckets(push) == {"pending": 3}
    cast.campaign.lane.refresh_from_db()
    assert "includes a number that we didn't send" in cast.campaign.lane.held_reason

    services.release_lane(cast.campaign.lane, by=None, by_label="Omar Haddad", at=timezone.now())
    cast.drain()
    assert buckets(push) == {"unattributed": 3}


@pytest.mark.slow
def test_after_eight_requests_without_a_clear_answer_a_person_is_asked(cast):
    given = numbers(1500)
    cast.sandbox.fault("truncated_json", times=8)

    push = cast.push(given)
    cast.drain(60)

    assert buckets(push) == {"needs_review": 1000, "pending": 500}
    assert push.rejected_records.filter(reason="no_clear_answer").count() == 1000

    cast.campaign.lane.refresh_from_db()
    services.release_lane(cast.campaign.lane, by=None, by_label="Omar Haddad", at=timezone.now())
    cast.drain()
    assert buckets(push) == {"needs_review": 1000, "added": 500}
    assert push.state == "finished"
