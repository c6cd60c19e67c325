"""Leads that come one by one wait in an inbox, and go out when their lane is free: each exactly once."""

from contextlib import suppress
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from django_q.models import OrmQ

from tests.pushes.deadly import Death, Fate
from tests.pushes.leads import NOON, inbox_of, post
from tests.pushes.support import Cast, numbers
from voisoadmin.connections.models import Connection
from voisoadmin.lib.clock import monotonic
from voisoadmin.pushes import inbound, services
from voisoadmin.pushes.engine.calls import open_call, take_lane
from voisoadmin.pushes.engine.holds import HoldWatch
from voisoadmin.pushes.engine.loop import Engine
from voisoadmin.pushes.lanes import locked_lane
from voisoadmin.pushes.models import Inbox, Intake, Push, WaitingLead

NO_TURN: dict[str, Any] = {"after_small": False, "rested": 2, "owed": 2}


@pytest.fixture
def inbox(cast: Cast) -> Inbox:
    return inbox_of(cast.campaign)


def test_accepted_leads_wait_as_rows_of_their_day_in_the_order_of_commit(inbox: Inbox):
    first, second = post(inbox, numbers(3)), post(inbox, numbers(2))

    intake = Intake.objects.get()
    assert [*first, *second] == [(intake.pk, row) for row in (1, 2, 3, 4, 5)]
    assert (intake.accepted, intake.waiting, intake.buckets()["pending"]) == (5, 5, 5)
    inbox.refresh_from_db()
    assert (inbox.waiting, inbox.oldest_at) == (5, NOON)
    assert WaitingLead.objects.count() == 5


def test_a_waiting_lane_queues_one_drain_however_many_posts_arrive(cast: Cast):
    inbox, other = inbox_of(cast.campaign), inbox_of(cast.campaign)

    for _ in range(5):
        post(inbox, numbers(2))
        post(other, numbers(2))

    assert OrmQ.objects.count() == 1


def outcomes(cast: Cast, intake: Intake) -> dict[str, int]:
    cast.check()
    intake.refresh_from_db()
    return {name: rows for name, rows in intake.buckets().items() if rows}


def test_what_waits_goes_out_as_one_push_of_one_batch_that_no_person_confirmed(cast: Cast, inbox: Inbox):
    given = numbers(30)
    for place in range(0, 30, 10):
        post(inbox, given[place : place + 10])

    cast.drain()

    push = Push.objects.get()
    assert (push.origin, push.by, push.by_label, push.state) == ("inbound", None, "Website form", "finished")
    assert push.batches.get().size == 30
    assert cast.sandbox.numbers_in(cast.id) == set(given)
    assert outcomes(cast, Intake.objects.get()) == {"added": 30}
    inbox.refresh_from_db()
    assert (inbox.waiting, inbox.oldest_at) == (0, None)


def test_at_most_a_thousand_go_out_in_one_batch_and_each_day_has_its_own(cast: Cast, inbox: Inbox):
    post(inbox, given := numbers(1100))
    post(inbox, later := numbers(5), NOON + timedelta(days=1))

    cast.drain()

    sizes = [batch.size for push in Push.objects.order_by("pk") for batch in push.batches.all()]
    assert sizes == [1000, 100, 5]
    assert cast.sandbox.numbers_in(cast.id) == {*given, *later}
    assert [outcomes(cast, intake) for intake in Intake.objects.order_by("pk")] == [{"added": 1105 - 5}, {"added": 5}]


def test_leads_that_became_known_while_they_waited_are_not_sent(cast: Cast, inbox: Inbox):
    given, other = numbers(6), inbox_of(cast.campaign)
    post(inbox, given)
    post(other, given[5:])

    cast.drain()

    first, second = Intake.objects.order_by("pk")
    assert outcomes(cast, first) == {"added": 6}
    assert outcomes(cast, second) == {"duplicate": 1}
    assert second.reasons == {"known_here": 1}
    assert (Push.objects.get(intake=second).state, len(cast.sandbox.requests(cast.id))) == ("finished", 1)


def test_known_numbers_are_sent_again_where_that_was_chosen_but_once_a_day(cast: Cast):
    known, new = numbers(2)
    post(inbox_of(cast.campaign), [known], NOON - timedelta(days=1))
    cast.drain()
    inbox = inbox_of(cast.campaign, resends_known=True)

    assert len(post(inbox, [known, new])) == 2
    cast.drain()
    assert outcomes(cast, Intake.objects.get(inbox=inbox)) == {"added": 1, "duplicate": 1}
    assert post(inbox, [new]) == []

    assert len(post(inbox, [new], NOON + timedelta(days=1))) == 1


def test_a_number_that_must_not_be_called_any_more_is_not_sent(cast: Cast, inbox: Inbox):
    post(inbox, given := numbers(3))

    with transaction.atomic():
        assert inbound.suppress(inbox.pk, [*given[:1], *numbers(1)]) == 1
    cast.drain()

    assert outcomes(cast, Intake.objects.get()) == {"added": 2, "suppressed": 1}
    assert cast.sandbox.numbers_in(cast.id) == set(given[1:])


def test_a_paused_inbox_or_a_held_lane_loses_nothing_and_forms_nothing(cast: Cast, inbox: Inbox):
    post(inbox, given := numbers(4))

    inbound.pause(inbox.pk, at=NOON)
    cast.drain()
    assert not Push.objects.exists()

    inbound.resume(inbox.pk)
    with locked_lane(cast.campaign.lane_id) as locked:
        locked.block("Voiso refused the key.")
    cast.drain()
    assert not Push.objects.exists()

    services.release_lane(cast.campaign.lane, by=None, by_label="Omar", at=timezone.now())
    cast.drain()
    assert cast.sandbox.numbers_in(cast.id) == set(given)


def test_beside_a_large_push_at_most_every_other_request_is_theirs(cast: Cast, inbox: Inbox):
    large = cast.push(numbers(4500))
    post(inbox, numbers(2500))

    cast.drain()

    of_file = [call.batch.push_id == large.pk for call in cast.campaign.lane.calls.order_by("pk")]
    assert of_file == [False, True, False, True, False, True, True, True]


def test_a_lead_in_doubt_that_comes_again_is_sent_again_and_keeps_its_doubt(cast: Cast, inbox: Inbox):
    post(inbox, given := numbers(3))
    cast.sandbox.fault("answer_lost", times=20)
    cast.slice(0.05)
    services.cancel_push(Push.objects.get(), at=timezone.now())
    cast.sandbox.heal()

    post(inbox, [*numbers(2), *given, *numbers(2)])
    cast.drain()

    assert [push.batches.get().was_uncertain for push in Push.objects.order_by("pk")[1:]] == [False, True, False]
    assert outcomes(cast, Intake.objects.get()) == {"needs_review": 3, "added": 4, "unattributed": 3}


SEAMS = ("in the transaction of the call", "before", "after")


@pytest.mark.parametrize("seam", SEAMS)
def test_a_worker_killed_at_any_seam_sends_every_lead_once_and_reports_nothing_false(seam, cast: Cast, inbox: Inbox, settings):
    settings.VOISO_TRANSPORT = "tests.pushes.deadly.deadly_transport"
    post(inbox, given := numbers(20))

    with suppress(Death):
        if seam == SEAMS[0]:
            form_without_commit(cast)
        Fate.next = seam
        Engine().run(until=monotonic() + 5)
    cast.check()
    post(inbox, later := numbers(3))
    cast.drain()

    expected = {"unattributed": 20, "added": 3} if seam == "after" else {"added": 23}
    assert outcomes(cast, Intake.objects.get()) == expected
    assert cast.sandbox.numbers_in(cast.id) == {*given, *later}


def form_without_commit(cast: Cast) -> None:
    """As if the process were killed while it formed a batch: the database takes all of it back."""
    epoch, _rest = take_lane(cast.campaign.lane_id, at=timezone.now())
    now = {"at": timezone.now(), "watch": HoldWatch(), "asked": frozenset()}
    with transaction.atomic():
        open_call(cast.campaign.lane_id, epoch, **NO_TURN, **now)
        assert Push.objects.exists()
        raise Death


def test_cancelling_what_waits_ends_it_as_not_sent_and_keeps_what_comes_later(cast: Cast, inbox: Inbox):
    places = post(inbox, given := numbers(1005))

    assert inbound.cancel_waiting(inbox.pk, at=timezone.now()) == 1005
    post(inbox, given[:2])
    cast.drain()

    assert outcomes(cast, Intake.objects.get()) == {"not_sent": 1005, "added": 2}
    assert set(inbound.outcomes(places).values()) == {"cancelled"}


def test_the_outcome_of_each_lead_is_known_by_its_place(cast: Cast, inbox: Inbox):
    given = numbers(3)
    cast.sandbox.add_leads(cast.id, given[:1])
    places = post(inbox, [*given, "12345"])
    assert set(inbound.outcomes(places).values()) == {"waiting"}

    cast.drain()
    places += post(inbox, numbers(1))

    found = inbound.outcomes(places)
    assert [found[place] for place in places] == ["in_campaign", "added", "added", "refused_by_voiso", "waiting"]


def test_a_day_ends_at_midnight_in_the_time_zone_of_the_contact_centre(cast: Cast, inbox: Inbox):
    Connection.objects.update(time_zone="Asia/Kolkata")  # 5:30 ahead

    post(inbox, numbers(1), datetime(2026, 11, 30, 18, 29, tzinfo=UTC))
    post(inbox, numbers(1), datetime(2026, 11, 30, 18, 31, tzinfo=UTC))

    assert list(Intake.objects.order_by("pk").values_list("day", flat=True)) == [date(2026, 11, 30), date(2026, 12, 1)]


def test_after_100_000_rows_a_second_intake_begins_on_the_same_day(inbox: Inbox):
    post(inbox, numbers(1))
    Intake.objects.update(accepted=99_999, not_sent=99_998)

    places = post(inbox, numbers(3))

    first, second = Intake.objects.order_by("number")
    assert places == [(first.pk, 100_000), (second.pk, 1), (second.pk, 2)]
    assert (first.day, first.number, second.number) == (second.day, 1, 2)


def test_the_request_of_leads_takes_few_statements(cast: Cast, inbox: Inbox):
    post(inbox, numbers(1000))
    epoch, _rest = take_lane(cast.campaign.lane_id, at=timezone.now())

    with CaptureQueriesContext(connection) as captured:
        open_call(cast.campaign.lane_id, epoch, at=timezone.now(), watch=HoldWatch(), asked=frozenset(), **NO_TURN)

    assert len(captured) <= 22, "\n".join(query["sql"][:100] for query in captured)
