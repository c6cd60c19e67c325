"""What users do while a push runs: confirm, pause, resume, cancel, leave."""

import random
import time
from datetime import timedelta

import pytest
import time_machine
from django.utils import timezone

from tests.pushes.support import Cast, Running, buckets, numbers, row
from tests.support.queue import run_jobs
from tests.support.sandbox import mirror
from voisoadmin.lib import stopping
from voisoadmin.operations.models import Operation
from voisoadmin.pushes import services
from voisoadmin.pushes.drafts import DraftWriter, discard_draft
from voisoadmin.pushes.models import Batch, Call, Contact, Push, RejectedRecord
from voisoadmin.pushes.tasks import drain_lanes, sweep

pytestmark = pytest.mark.slow


def act(service, push: Push) -> bool:
    return service(push, at=timezone.now())


def confirm(push: Push) -> bool:
    return services.confirm(push, by=None, by_label="Omar Haddad", at=timezone.now())


def wait_for_call(cast: Cast, count: int = 1) -> None:
    ends = time.monotonic() + 60
    while Call.objects.filter(lane=cast.campaign.lane).count() < count:
        assert time.monotonic() < ends
        time.sleep(0.005)


def test_a_draft_is_not_sent_and_a_second_confirmation_changes_nothing(cast):
    push = cast.draft(numbers(10))
    cast.drain()
    assert cast.sandbox.requests(cast.id) == []

    assert confirm(push)
    assert not confirm(push)
    cast.drain()

    assert buckets(push) == {"added": 10}
    assert push.calls == 1


def test_a_file_with_every_row_left_out_is_finished_at_once(cast):
    given = numbers(1)
    writer = DraftWriter(cast.campaign, kind="add", by=None, by_label="Ines")
    writer.add_left_out(row(given[0], 2), "known_here")
    writer.add_invalid(3, ["x"], [{"code": "no_number", "field": "phone", "sentence": "No number.", "advice": ""}], "x", "")
    push = writer.finish()

    assert confirm(push)

    assert buckets(push) == {"duplicate": 1, "invalid": 1}
    assert push.state == "finished"
    assert [found.row_number for found in services.iter_rows(push)] == [2, 3]


def test_a_cancelled_push_keeps_the_outcome_of_the_open_request_and_sends_nothing_more(cast):
    cast.sandbox.behaviour.latency = 40
    push = cast.push(numbers(3500))

    with Running():
        wait_for_call(cast)
        assert act(services.cancel_push, push)

    cast.check()
    assert buckets(push) == {"added": 1000, "not_sent": 2500}
    assert push.state == "cancelled"
    assert push.ended_at
    assert len(cast.sandbox.requests(cast.id)) == 1
    assert not act(services.resume_push, push)


def test_cancelling_while_an_answer_is_lost_leaves_those_rows_to_a_person(cast):
    cast.sandbox.behaviour.latency = 40
    cast.sandbox.fault("answer_lost", times=1)
    push = cast.push(numbers(1500))

    with Running():
        wait_for_call(cast)
        assert act(services.cancel_push, push)

    cast.check()
    assert buckets(push) == {"needs_review": 1000, "not_sent": 500}
    assert push.rejected_records.filter(reason="cancelled_uncertain").count() == 1000


def test_a_paused_push_lets_a_later_one_pass(cast):
    first, second = cast.push(numbers(1500)), cast.push(numbers(1500))
    assert act(services.pause_push, first)
    cast.drain()
    assert buckets(first) == {"pending": 1500}
    assert buckets(second) == {"added": 1500}
    cast.campaign.lane.refresh_from_db()
    assert cast.campaign.lane.sending_state == "paused"

    assert act(services.resume_push, first)
    cast.drain()
    assert buckets(first) == {"added": 1500}


def test_a_small_push_takes_at_most_every_other_turn(cast):
    large = cast.push(numbers(3000))
    small = [cast.push(numbers(1)) for _ in range(2)]

    cast.drain()

    order = list(Call.objects.order_by("pk").values_list("batch__push", flat=True))
    assert order == [small[0].pk, large.pk, small[1].pk, large.pk, large.pk]


def test_the_same_file_pushed_twice_is_all_duplicates_the_second_time(cast):
    given = numbers(1200)
    first = cast.push(given)
    cast.drain()

    second = cast.push(given)
    cast.drain()

    assert buckets(first) == {"added": 1200}
    assert buckets(second) == {"duplicate": 1200}


def test_an_update_changes_contacts_and_names_the_missing_ones(any_cast):
    cast = any_cast
    there, missing = numbers(3), numbers(2)
    cast.push(there, name="Before", active=False)
    cast.drain()

    push = cast.push(there + missing, kind="update", source="Spring")
    cast.drain()

    assert buckets(push) == {"updated": 3, "rejected": 2}
    contact = Contact.objects.get(number=int(there[0]))
    assert (contact.name, contact.source, contact.active) == ("Before", "Spring", False)
    lead = cast.sandbox.lead(cast.id, there[0])
    assert (lead.name, lead.active) == ("Before", False)


def test_an_update_whose_answer_was_lost_is_simply_sent_again(cast):
    there = numbers(4)
    cast.push(there)
    cast.drain()
    cast.sandbox.fault("answer_lost", times=2)

    push = cast.push(there, kind="update", name="New")
    cast.drain()

    assert buckets(push) == {"updated": 4}


def test_when_the_user_who_asked_is_deactivated_the_lane_stops_before_its_next_batch(cast, ines, omar):
    cast.sandbox.behaviour.latency = 40
    push = cast.push(numbers(3000), by=ines)
    with Running():
        wait_for_call(cast)
        type(ines).objects.filter(pk=ines.pk).update(is_active=False)

    assert buckets(push) == {"added": 1000, "pending": 2000}
    cast.campaign.lane.refresh_from_db()
    assert "Ines Sousa" in cast.campaign.lane.held_reason

    assert services.release_lane(cast.campaign.lane, by=omar, by_label="Omar Haddad", at=timezone.now())
    cast.drain()
    assert buckets(push) == {"added": 3000}
    assert push.by == omar


def test_a_stop_request_finishes_the_open_request_and_leaves_nothing_in_doubt(cast):
    cast.sandbox.behaviour.latency = 40
    push = cast.push(numbers(3000))
    with Running() as running:
        wait_for_call(cast)
        running.stop.set()

    assert buckets(push) == {"added": 1000, "pending": 2000}
    assert not Call.objects.exclude(outcome="answered").exists()


def test_slices_hand_over_and_the_pace_is_kept(cast, settings):
    settings.SLICE_SECONDS = 0.2
    push = cast.push(numbers(20_000))

    assert run_jobs() > 2

    cast.check()
    assert buckets(push) == {"added": 20_000}
    assert min(cast.gaps()) >= 0.020


@pytest.mark.parametrize("seed", range(3))
def test_lost_repeated_and_shuffled_jobs_change_nothing_but_latency(cast, settings, seed):
    settings.SLICE_SECONDS = 0.1
    chance = random.Random(seed)

    def disturb(tasks):
        kept = [task for task in tasks for _ in range(chance.choice([0, 1, 5]))]
        chance.shuffle(kept)
        return kept

    pushes = [cast.push(numbers(2500)) for _ in range(3)]
    for _ in range(200):
        run_jobs(disturb=disturb)
        if not Push.objects.exclude(state="finished").exists():
            break
        sweep()

    cast.check()
    assert [buckets(push) for push in pushes] == [{"added": 2500}] * 3
    assert Call.objects.count() == 9


def test_a_job_that_finds_the_stop_mark_leaves_the_work_to_a_later_one(cast):
    push = cast.push(numbers(10))
    stopping.request_stop()
    try:
        drain_lanes()
    finally:
        stopping.clear()

    assert buckets(push) == {"pending": 10}


@pytest.mark.parametrize("jump", [timedelta(hours=1), timedelta(days=1), timedelta(hours=-1), timedelta(days=-1)])
@pytest.mark.parametrize("fault", ["answer_lost", "busy", "rate_limited"])
def test_a_wall_clock_jump_neither_sends_early_nor_gets_stuck(cast, jump, fault):
    cast.sandbox.fault(fault, times=1)
    push = cast.push(numbers(1500))
    cast.one_call()
    calls = len(cast.sandbox.requests(cast.id))

    with time_machine.travel(timezone.now() + jump, tick=True):
        cast.drain()

    assert calls >= 1
    assert sum(buckets(push).values()) == 1500
    assert "pending" not in buckets(push)
    assert min(cast.gaps()) >= 0.020
    if fault == "answer_lost":
        assert cast.gaps()[0] >= 0.30


def test_the_operation_that_asked_for_the_push_is_closed_with_its_result(cast):
    operation = Operation.objects.create(
        kind="send",
        status="running",
        subject_kind="upload",
        subject_id=1,
        subject_label="x",
        by_label="x",
        asked_at=timezone.now(),
    )
    push = cast.draft(numbers(3))
    Push.objects.filter(pk=push.pk).update(operation=operation)
    confirm(push)

    cast.drain()

    operation.refresh_from_db()
    assert operation.status == "done"
    assert operation.result["buckets"]["added"] == 3


def test_a_discarded_draft_leaves_nothing_and_a_confirmed_push_stays(cast):
    draft, push = cast.draft(numbers(2500), left_out=numbers(10)), cast.push(numbers(5))

    discard_draft(draft.pk)
    discard_draft(push.pk)

    assert set(Batch.objects.values_list("push", flat=True)) == {push.pk}
    assert not Push.objects.filter(pk=draft.pk).exists()
    assert not RejectedRecord.objects.exists()


def test_progress_shows_what_is_left_and_for_how_long(cast):
    push = cast.push(numbers(5000), left_out=numbers(7))
    cast.one_call()
    push.refresh_from_db()
    seen = services.progress(push)

    assert seen.rows == 5007
    assert seen.to_send == 5000
    assert 0 < seen.sent < 5000
    assert seen.batches == 5
    assert seen.state == "sending"
    assert seen.rate > 0
    assert seen.seconds_left is not None
    assert seen.seconds_left * seen.rate == pytest.approx(seen.to_send - seen.sent)
    cast.drain()
    push.refresh_from_db()
    assert services.progress(push).state == "finished"


def test_a_name_is_sent_if_the_legacy_api_requires_one(sandbox, legacy_connection, transactional_db):
    cast = Cast(sandbox, mirror(sandbox, legacy_connection, sandbox.add_campaign("Spring")))
    sandbox.behaviour.name_required = True

    push = cast.push(numbers(3))
    cast.drain()

    assert buckets(push) == {"added": 3}


@pytest.mark.parametrize("status", [404, 405])
@pytest.mark.parametrize("method", ["PUT", "PATCH"])
def test_the_method_that_updates_contacts_is_found_and_remembered(cast, method, status):
    given = numbers(3)
    cast.push(given)
    cast.drain()
    cast.sandbox.behaviour.update_method, cast.sandbox.behaviour.other_method_status = method, status

    push = cast.push(given, kind="update", name="New")
    cast.drain()

    assert buckets(push) == {"updated": 3}
    cast.campaign.connection.refresh_from_db()
    assert cast.campaign.connection.update_method == method
