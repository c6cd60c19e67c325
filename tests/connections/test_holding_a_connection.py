"""When a connection isn't used, for how long, and what ends that. Times are scaled by 0.01 in tests."""

from datetime import UTC, datetime, timedelta

import pytest

from voisoadmin.campaigns.models import Lane
from voisoadmin.connections.families import note_answer, note_failure, note_read, why_not
from voisoadmin.connections.holding import hold, release
from voisoadmin.connections.models import Connection, Family, hold_left
from voisoadmin.voiso import (
    Busy,
    CampaignGone,
    Forbidden,
    KeyRefused,
    NoReply,
    RateLimited,
    Redirected,
    Refused,
    UntrustedAddress,
)

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
MINUTE = timedelta(seconds=0.6)
SILENT = NoReply("Voiso didn't answer in time.")


def after(seconds: float) -> datetime:
    return NOON + timedelta(seconds=seconds)


def read(connection: Connection) -> Connection:
    return Connection.objects.get(pk=connection.pk)


def fail(connection: Connection, times: int, *, at: datetime = NOON) -> Connection:
    for _ in range(times):
        note_failure(connection, SILENT, at)
    return read(connection)


def test_four_failures_in_a_row_are_counted_without_a_hold(connection):
    noted = fail(connection, 4)

    assert (noted.failures, noted.held_reason, noted.silent_since) == (4, "", NOON)
    assert noted.last_problem == "Voiso didn't answer in time."


def test_the_fifth_failure_holds_for_a_minute_and_each_further_one_twice_as_long(connection):
    at, lengths = NOON, []
    fail(connection, 4)
    for _ in range(7):
        held = fail(connection, 1, at=at)
        assert held.held_kind == Connection.HoldKind.SILENT
        lengths.append((held.held_until - at) / MINUTE)
        at = held.held_until

    assert lengths == [1, 2, 4, 8, 15, 15, 15]
    assert read(connection).silent_since == NOON


def test_failures_while_it_is_held_do_not_lengthen_the_hold(connection):
    first = fail(connection, 5)

    again = fail(connection, 8)

    assert (again.held_until, again.holds) == (first.held_until, 1)


def test_a_proper_answer_ends_the_silence_and_the_hold(connection):
    fail(connection, 5)

    note_answer(connection, after(1))

    noted = read(connection)
    assert (noted.failures, noted.holds, noted.silent_since, noted.last_problem) == (0, 0, None, "")
    assert (noted.held_reason, noted.held_kind, noted.held_until) == ("", "", None)
    assert noted.answered_at == after(1)


def test_a_successful_read_does_not_end_a_hold_for_silence(connection):
    fail(connection, 5)
    after_the_hold = NOON + 2 * MINUTE

    note_read(read(connection), after_the_hold)

    noted = read(connection)
    assert (noted.held_kind, noted.failures, noted.holds) == (Connection.HoldKind.SILENT, 5, 1)
    assert not noted.is_held(after_the_hold)
    assert (noted.silent_since, noted.last_problem, noted.answered_at) == (None, "", after_the_hold)
    # The single next batch fails as well: held at once, and for twice as long.
    again = fail(connection, 1, at=after_the_hold)
    assert again.held_until - after_the_hold == 2 * MINUTE


def test_a_successful_read_resets_failures_without_a_hold(connection):
    fail(connection, 4)

    note_read(connection, after(1))

    noted = read(connection)
    assert (noted.failures, noted.holds, noted.silent_since) == (0, 0, None)


def test_a_requested_read_ends_a_wait_but_no_hold_that_needs_a_person(connection):
    fail(connection, 5)
    note_read(read(connection), after(0.1), ends_wait=True)
    assert (read(connection).held_kind, read(connection).is_held(after(0.1))) == (Connection.HoldKind.SILENT, False)

    note_failure(connection, KeyRefused("."), NOON)
    note_read(read(connection), after(0.2), ends_wait=True)
    assert (read(connection).held_kind, read(connection).held_until) == (Connection.HoldKind.KEY, None)


def test_a_read_forgets_an_old_silence(connection):
    fail(connection, 5)

    note_read(read(connection), NOON + 20 * MINUTE)

    noted = read(connection)
    assert (noted.held_kind, noted.held_reason, noted.failures, noted.holds) == ("", "", 0, 0)


def test_a_read_does_not_end_a_hold_that_began_after_it(connection):
    before = read(connection)
    held = fail(connection, 5)

    for delay in (0 * MINUTE, 20 * MINUTE, -20 * MINUTE):
        note_read(before, NOON + delay, ends_wait=True)

        noted = read(connection)
        assert (noted.held_kind, noted.held_until) == (Connection.HoldKind.SILENT, held.held_until)
        assert (noted.failures, noted.holds) == (5, 1)


@pytest.mark.parametrize("problem", [Busy("."), Refused("."), CampaignGone("."), Forbidden(".")])
def test_a_refusal_is_an_answer(connection, problem):
    fail(connection, 4)

    note_failure(connection, problem, NOON)

    noted = read(connection)
    assert (noted.failures, noted.held_reason, noted.silent_since, noted.answered_at) == (0, "", None, NOON)


@pytest.mark.parametrize(
    ("problem", "kind"),
    [(KeyRefused("."), "key"), (UntrustedAddress("."), "address"), (Redirected("."), "address")],
)
def test_what_only_a_person_can_fix_holds_until_it_is_fixed(connection, problem, kind):
    note_failure(connection, problem, NOON)

    held = read(connection)
    assert (held.held_kind, held.held_until) == (kind, None)

    # Neither a later wait nor the answer to another request ends it.
    note_failure(connection, RateLimited(".", retry_after=3), NOON)
    note_answer(connection, NOON)
    fail(connection, 6)
    assert (read(connection).held_kind, read(connection).held_until) == (kind, None)

    release(connection, NOON)
    assert not read(connection).is_held(NOON)


@pytest.mark.parametrize(("asked", "seconds"), [(30, 30), (0, 2), (0.5, 2), (899, 899), (86_400, 900), (1e18, 900), (None, 10)])
def test_a_wait_that_voiso_asks_for_is_kept_within_reason(connection, asked, seconds):
    note_failure(connection, RateLimited("Voiso asked us to wait.", retry_after=asked), NOON)

    held = read(connection)
    assert held.held_kind == Connection.HoldKind.RATE
    assert held.held_until - NOON == timedelta(seconds=seconds * 0.01)
    assert hold_left(held.held_reason, held.held_until, NOON) == pytest.approx(seconds * 0.01)


def test_a_shorter_wait_never_shortens_a_longer_one(connection):
    hold(connection, kind="rate", reason="long", until=after(5), at=NOON)

    hold(connection, kind="rate", reason="short", until=after(1), at=NOON)
    assert read(connection).held_reason == "long"

    hold(connection, kind="rate", reason="longer", until=after(6), at=NOON)
    assert read(connection).held_reason == "longer"


def test_an_expired_hold_is_replaced_by_the_next(connection):
    hold(connection, kind="rate", reason="first", until=after(1), at=NOON)

    hold(connection, kind="silent", reason="second", until=after(3), at=after(2))

    assert read(connection).held_reason == "second"


def test_no_hold_is_longer_than_fifteen_minutes(connection):
    hold(connection, kind="rate", reason="a year", until=NOON + timedelta(days=365), at=NOON)

    assert read(connection).held_until == NOON + 15 * MINUTE


def test_a_free_connection_is_not_held_and_one_that_needs_a_person_has_no_end(connection):
    assert hold_left(connection.held_reason, connection.held_until, NOON) == 0
    assert not connection.is_held(NOON)

    hold(connection, kind="key", reason=".", until=None, at=NOON)

    held = read(connection)
    assert hold_left(held.held_reason, held.held_until, NOON) is None
    assert held.is_held(NOON)
    assert held.waits_for_person


def test_a_hold_is_void_once_the_clock_was_put_back_a_day(connection):
    hold(connection, kind="rate", reason="wait", until=after(5), at=NOON)
    assert read(connection).is_held(NOON)

    assert not read(connection).is_held(NOON - timedelta(days=1))
    assert why_not(connection, Family.CONTACTS, NOON - timedelta(days=1)) == ""


def test_a_connection_and_a_lane_are_held_by_the_same_rule():
    for held in (Connection(), Lane()):
        held.held_reason, held.held_until = "wait", after(5)
        assert (held.is_held(NOON), held.is_held(after(6)), held.waits_for_person) == (True, False, False)
        held.held_until = None
        assert (held.is_held(NOON), held.waits_for_person) == (True, True)
