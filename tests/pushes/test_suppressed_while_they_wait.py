"""Numbers that come onto a do-not-call list while their batch waits: one table says where their reason may be."""

from collections.abc import Collection

import pytest
from django.utils import timezone

from tests.pushes.support import Cast, buckets, numbers, reasons
from voisoadmin.contacts.packing import pack, unpack
from voisoadmin.contacts.reasons import BY_CODE, IN_BATCH_TO_SEND, LEFT_OUT, MOVED, REASONS, SENT, UNSENT
from voisoadmin.pushes import counters, services
from voisoadmin.pushes.audit import audit
from voisoadmin.pushes.lanes import locked_lane
from voisoadmin.pushes.models import Batch, Push
from voisoadmin.pushes.outcomes.settle import end_batch
from voisoadmin.pushes.outcomes.splitting import add_pieces

SUPPRESSED = BY_CODE["suppressed"].byte


def suppress(push: Push, gone: Collection[str]) -> None:
    """Replace the waiting batch by two pieces: one without these numbers, and one that is left out."""
    with locked_lane(push.lane_id) as locked:
        batch = Batch.objects.get(push=push, state="planned")
        rows = unpack(batch.rows)
        out = [row for row in rows if row.number in gone]
        add_pieces(locked.push(push.pk), batch, [[row for row in rows if row.number not in gone]])
        end_batch(locked, batch, rows, [MOVED] * len(rows), state=Batch.State.SPLIT, at=timezone.now())
        Batch.objects.create(
            push=push,
            lane_id=push.lane_id,
            number=1,
            root=batch,
            state=Batch.State.LEFT_OUT,
            size=len(out),
            rows=pack(out),
            outcomes=bytes([SUPPRESSED] * len(out)),
        )
        counters.count_outcomes(locked, locked.push(push.pk), [SUPPRESSED] * len(out), at=timezone.now())
        counters.show_sending(locked, at=timezone.now())


def test_a_number_suppressed_before_its_request_is_counted_listed_and_no_breach(cast: Cast):
    given = numbers(10)
    push = cast.push(given, left_out=numbers(2))
    suppress(push, given[3:5])

    push.refresh_from_db()
    assert audit() == []
    assert (push.sent, push.to_send) == (0, 8)  # a row that must not be sent is no part of the progress
    cast.campaign.lane.refresh_from_db()
    assert (cast.campaign.lane.sending_done, cast.campaign.lane.sending_rows) == (0, 8)

    cast.drain()

    assert buckets(push) == {"added": 8, "suppressed": 2, "duplicate_in_file": 2}
    assert reasons(push) == {"added": 8, "suppressed": 2, "same_number_in_file": 2}
    assert cast.sandbox.numbers_in(cast.id) == set(given) - set(given[3:5])
    listed = {row.number: row.reason for row in services.iter_rows(push)}
    assert {number: listed[number] for number in given[3:5]} == dict.fromkeys(given[3:5], "suppressed")
    assert services.progress(push).sent == services.progress(push).to_send == 8


def test_a_number_that_may_be_in_the_campaign_is_not_called_suppressed(cast: Cast):
    given = numbers(10)
    cast.sandbox.fault("answer_lost", times=1)
    push = cast.push(given)
    cast.slice(0.05)
    cast.drain()
    batch = Batch.objects.get(push=push)
    assert batch.was_uncertain

    Batch.objects.filter(pk=batch.pk).update(outcomes=bytes([SUPPRESSED] * 10))

    assert any("is a batch to be sent" in breach or "Voiso may have acted" in breach for breach in audit())


@pytest.mark.parametrize("code", sorted(LEFT_OUT - UNSENT))
def test_other_reasons_to_leave_a_row_out_may_not_be_in_a_batch_that_was_to_be_sent(cast: Cast, code: str):
    push = cast.push(numbers(3))
    cast.drain()

    Batch.objects.filter(push=push).update(outcomes=bytes([BY_CODE[code].byte] * 3))

    assert any(f"it is a batch to be sent, and rows of it are ['{code}']" in breach for breach in audit())


def test_every_reason_has_its_place_and_only_answers_count_as_sent():
    assert {reason.code for reason in REASONS} == LEFT_OUT | IN_BATCH_TO_SEND
    assert SENT.isdisjoint(LEFT_OUT | UNSENT)
    assert {BY_CODE[code].bucket for code in LEFT_OUT | UNSENT}.isdisjoint({"added", "updated", "rejected", "needs_review"})


def test_every_reason_is_stored_as_a_byte_of_its_own():
    assert len({reason.byte for reason in REASONS}) == len(REASONS)
