"""Each violation of an invariant that is planted in good books is found (docs/sending.md, "Invariants")."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.db.models import F
from django.utils import timezone

from tests.pushes.support import Cast, Running, buckets, numbers
from voisoadmin.campaigns.models import Lane
from voisoadmin.contacts.packing import PackedRow, pack, unpack
from voisoadmin.contacts.reasons import BY_CODE
from voisoadmin.pushes import services
from voisoadmin.pushes.audit import audit
from voisoadmin.pushes.models import Batch, Call, Contact, Push, RejectedRecord

pytestmark = pytest.mark.slow

SIZE = 6


class Books:
    """The result of many events: the batches are named after their outcome."""

    def __init__(self, cast: Cast) -> None:
        self.lane = cast.campaign.lane
        fresh = numbers(SIZE)
        cast.sandbox.add_leads(cast.id, fresh[:2])
        self.clean = cast.push([*fresh[:-1], "12345"], left_out=numbers(2))
        cast.drain()
        cast.sandbox.fault("answer_lost", times=1)
        self.doubted = cast.push(fresh)
        cast.drain()
        cast.sandbox.fault("partial_answer", times=1, missing=2, created=False)
        self.asked_again = cast.push(numbers(SIZE))
        cast.drain()
        self.cancelled = cast.push(numbers(SIZE))
        services.cancel_push(self.cancelled, at=timezone.now())
        cast.sandbox.fault("answer_lost", times=1)
        lost = cast.push(numbers(SIZE))
        cast.one_call()
        services.cancel_push(lost, at=timezone.now())
        cast.drain()
        self.sent_again = cast.send_again(lost)
        cast.drain()
        assert audit() == []

    def batch(self, push: Push, place: int = 1) -> Batch:
        return push.batches.exclude(state="left_out").get(number=place)

    def relabel(self, push: Push, old: str, new: str, *, state: str = "", sent: bool = True) -> None:
        """Give one row another reason, and adjust all counters and records."""
        batches = push.batches.exclude(state="left_out") if sent else push.batches.filter(state="left_out")
        batch = next(b for b in batches if BY_CODE[old].byte in bytes(b.outcomes))
        codes = bytearray(batch.outcomes)
        codes[codes.index(BY_CODE[old].byte)] = BY_CODE[new].byte
        batch.outcomes = bytes(codes)
        batch.save()
        push.refresh_from_db()
        push.reasons[old] -= 1
        push.reasons[new] = push.reasons.get(new, 0) + 1
        push.reasons = {code: count for code, count in push.reasons.items() if count}
        setattr(push, BY_CODE[old].bucket, getattr(push, BY_CODE[old].bucket) - 1)
        setattr(push, BY_CODE[new].bucket, getattr(push, BY_CODE[new].bucket) + 1)
        push.save()


def lose_a_row(books: Books) -> None:
    Push.objects.filter(pk=books.clean.pk).update(rows=F("rows") - 1, added=F("added") - 1)


def count_a_reason_twice(books: Books) -> None:
    books.clean.refresh_from_db()
    Push.objects.filter(pk=books.clean.pk).update(reasons={**books.clean.reasons, "added": 99})


def lose_a_record(books: Books) -> None:
    RejectedRecord.objects.filter(push=books.clean).delete()


def record_another_reason(books: Books) -> None:
    RejectedRecord.objects.filter(push=books.clean).update(reason="refused_alone")


def miscount_the_dismissed_rows(books: Books) -> None:
    RejectedRecord.objects.filter(push=books.clean).update(dismissed_at=timezone.now())


def lose_a_piece(books: Books) -> None:
    books.batch(books.asked_again, 2).delete()


def tell_a_row_in_two_pieces(books: Books) -> None:
    piece = books.batch(books.asked_again, 2)
    Batch.objects.create(
        push=piece.push, lane=piece.lane, number=3, root=piece.root, size=piece.size, rows=piece.rows, state="planned"
    )


def end_without_outcomes(books: Books) -> None:
    Batch.objects.filter(pk=books.batch(books.clean).pk).update(outcomes=b"")


def go_back_from_an_end(books: Books) -> None:
    Batch.objects.filter(pk=books.batch(books.clean).pk).update(state="planned")


def send_a_number_twice(books: Books) -> None:
    batch = books.batch(books.clean)
    rows: list[PackedRow] = unpack(batch.rows)
    rows[1] = rows[0]
    Batch.objects.filter(pk=batch.pk).update(rows=pack(rows))


def leave_a_call_open(books: Books) -> None:
    Call.objects.filter(batch=books.batch(books.clean)).update(outcome="", finished_at=None)


def half_close_a_call(books: Books) -> None:
    Call.objects.filter(batch=books.batch(books.clean)).update(finished_at=None)


def send_again_after_an_answer(books: Books) -> None:
    call = Call.objects.get(batch=books.batch(books.clean))
    call.pk, call.number = None, 2
    call.save()


def forget_the_doubt(books: Books) -> None:
    Batch.objects.filter(push=books.doubted).update(was_uncertain=False)


def forget_the_doubt_of_an_earlier_push(books: Books) -> None:
    batch = books.batch(books.sent_again)
    rows = [row._replace(doubted_since=None) for row in unpack(batch.rows)]
    Batch.objects.filter(pk=batch.pk).update(rows=pack(rows))


def change_a_number_in_doubt(books: Books) -> None:
    batch = books.batch(books.sent_again)
    rows = unpack(batch.rows)
    rows[0] = rows[0]._replace(number="447400999999", doubted_since=None)
    Batch.objects.filter(pk=batch.pk).update(rows=pack(rows))


def doubt_without_a_reason(books: Books) -> None:
    Batch.objects.filter(push=books.clean, number=1).exclude(state="left_out").update(was_uncertain=True)


def know_a_contact_too_late(books: Books) -> None:
    Contact.objects.filter(lane=books.lane).update(first_call=Call.objects.latest("pk"))


def go_back_an_epoch(books: Books) -> None:
    Call.objects.filter(pk=Call.objects.latest("pk").pk).update(epoch=0)


def take_an_epoch_back(books: Books) -> None:
    Lane.objects.filter(pk=books.lane.pk).update(epoch=0)


def send_too_early(books: Books) -> None:
    Call.objects.filter(pk=Call.objects.latest("pk").pk).update(rested_milliseconds=F("owed_milliseconds") - 5)


def owe_nothing(books: Books) -> None:
    Call.objects.filter(pk=Call.objects.latest("pk").pk).update(owed_milliseconds=0)


def end_with_pending_rows(books: Books) -> None:
    books.relabel(books.clean, "added", "waiting")


def leave_a_cancelled_batch_planned(books: Books) -> None:
    Push.objects.filter(pk=books.cancelled.pk).update(
        reasons={"waiting": SIZE}, pending=SIZE, not_sent=0, batches_done=0, ended_at=None
    )
    Batch.objects.filter(push=books.cancelled).update(state="planned", outcomes=b"", done_at=None)


def miscount_the_batches(books: Books) -> None:
    Push.objects.filter(pk=books.asked_again.pk).update(batches_done=F("batches_done") + 1)


def miscount_the_calls(books: Books) -> None:
    Push.objects.filter(pk=books.asked_again.pk).update(calls=F("calls") + 1)


def miscount_the_lane(field: str) -> Callable[[Books], None]:
    def plant(books: Books) -> None:
        Lane.objects.filter(pk=books.lane.pk).update(**{field: F(field) + 1})

    plant.__name__ = f"miscount_{field}"
    return plant


def write_an_unknown_byte(books: Books) -> None:
    Batch.objects.filter(pk=books.batch(books.clean).pk).update(outcomes=bytes([99]) * SIZE)


def relabel(which: str, old: str, new: str, *, sent: bool = True) -> Callable[[Books], None]:
    def plant(books: Books) -> None:
        books.relabel(getattr(books, which), old, new, sent=sent)

    plant.__name__ = f"{old}_as_{new}"
    return plant


PLANTED = [
    ("I1", lose_a_row),
    ("I1", count_a_reason_twice),
    ("I1", lose_a_record),
    ("I1", record_another_reason),
    ("I1", miscount_the_dismissed_rows),
    ("I1", lose_a_piece),
    ("I1", tell_a_row_in_two_pieces),
    ("I1", end_with_pending_rows),
    ("I1", leave_a_cancelled_batch_planned),
    ("I1", miscount_the_batches),
    ("I1", miscount_the_calls),
    ("I1", miscount_the_lane("contacts_known")),
    ("I1", miscount_the_lane("contacts_added")),
    ("I1", miscount_the_lane("rows_duplicate")),
    ("I1", miscount_the_lane("rows_rejected")),
    ("I1", miscount_the_lane("contacts_accepted")),
    ("I1", miscount_the_lane("rows_to_fix")),
    ("I1", write_an_unknown_byte),
    ("I2", forget_the_doubt),
    ("I2", forget_the_doubt_of_an_earlier_push),
    ("I2", change_a_number_in_doubt),
    ("I2", doubt_without_a_reason),
    ("I2", relabel("sent_again", "interrupted_call", "in_campaign")),
    ("I2", know_a_contact_too_late),
    ("I2", relabel("clean", "in_campaign", "added")),
    ("I2", relabel("clean", "added", "in_campaign")),
    ("I2", relabel("clean", "added", "interrupted_call")),
    ("I2", relabel("clean", "added", "known_here")),
    ("I2", relabel("clean", "added", "cancelled")),
    ("I2", relabel("clean", "refused_by_voiso", "refused_alone")),
    ("I2", relabel("clean", "added", "no_clear_answer")),
    ("I2", relabel("clean", "same_number_in_file", "added", sent=False)),
    ("I2", relabel("doubted", "interrupted_call", "added")),
    ("I2", relabel("cancelled", "cancelled", "cancelled_uncertain")),
    ("I4", send_too_early),
    ("I4", owe_nothing),
    ("I5", leave_a_call_open),
    ("I6", go_back_from_an_end),
    ("I6", end_without_outcomes),
    ("I6", half_close_a_call),
    ("I6", send_again_after_an_answer),
    ("I6", go_back_an_epoch),
    ("I6", take_an_epoch_back),
    ("I7", send_a_number_twice),
]


def test_every_planted_violation_is_found(cast):
    books = Books(cast)
    good = _copy(books)
    missed = []
    for invariant, plant in PLANTED:
        plant(books)
        found = audit()
        if not any(f"{invariant}:" in breach for breach in found):
            missed.append((invariant, plant.__name__, found))
        _restore(good)
        assert audit() == []
    assert missed == []


def _copy(books: Books) -> list[object]:
    models = (Lane, Push, Batch, Call, Contact, RejectedRecord)
    return [row for model in models for row in model.objects.order_by("pk")]


def _restore(good: list[object]) -> None:
    for model in (RejectedRecord, Call, Batch):
        model.objects.exclude(pk__in=[row.pk for row in good if isinstance(row, model)]).delete()
    for row in good:
        row.save()


def test_a_working_engine_is_not_a_violation(cast):
    cast.push(numbers(40_000))
    cast.push(numbers(3))
    looks = 0
    with Running(4.0) as running:
        while running.thread.is_alive():
            assert audit() == []
            looks += 1
    assert looks > 1


def test_a_clock_jump_is_not_a_violation(cast):
    cast.push(numbers(3))
    cast.drain()
    Call.objects.update(started_at=timezone.now() + timedelta(days=1))

    assert audit() == []


@pytest.mark.parametrize("created", [True, False])
def test_true_duplicates_next_to_numbers_missing_in_the_answer_are_not_a_violation(cast, created):
    given = numbers(9)
    cast.sandbox.add_leads(cast.id, given[:2])
    cast.sandbox.fault("partial_answer", times=1, missing=2, created=created)

    push = cast.push(given)
    cast.drain()

    assert audit() == []
    assert buckets(push) == {"duplicate": 2} | ({"added": 5, "unattributed": 2} if created else {"added": 7})
