"""Large files are checked by two processes, with exactly the result of one."""

from collections import deque

import psutil
import pytest

from tests.support.waiting import helpers_of
from voisoadmin.contacts.checker import Checker
from voisoadmin.contacts.fields import NAME, PHONE
from voisoadmin.contacts.mapped import By, from_column
from voisoadmin.contacts.parallel import CPU_SECONDS, HELPER_ENDED, TOO_SLOW, SideReader, check_all
from voisoadmin.phones import Reader
from voisoadmin.sheets import Unreadable

pytestmark = pytest.mark.slow

PHONES = ["+44 7415 5{:05d}", "447415{:06d}", "01714{:06d}", "1714{:06d}", "bad {}", "4.47415E+11", "", "1212555{:04d}"]


def chunks(rows=9000, size=2000):
    table = [
        (at + 2, [PHONES[at % len(PHONES)].format(at % 3000), "Zoë\x00" if at % 1000 == 1 else "x" * 40]) for at in range(rows)
    ]
    table[4321][1][0] = "7" * 200_000  # far more than a pipe holds
    table[4322][1][:] = []
    return [table[at : at + size] for at in range(0, rows, size)]


def checker():
    return Checker({PHONE: from_column(0, By.NAME), NAME: from_column(1, By.NAME)}, Reader("DE"))


def helpers():
    return helpers_of(None, "voisoadmin.contacts.parallel_child")


def test_two_processes_give_the_same_result_as_one():
    alone, beside = checker(), checker()

    expected = [alone.check(rows) for rows in chunks()]
    found = list(check_all(beside, chunks()))

    assert found == expected
    assert (beside.reasons, beside.warnings) == (alone.reasons, alone.warnings)
    assert beside.reader.evidence == alone.reader.evidence
    assert beside.reader.unsettled() == alone.reader.unsettled()
    assert len(beside.reasons) > 3
    assert beside.reader.evidence.both > 100
    assert helpers() == []


@pytest.mark.parametrize("count", range(5))
def test_tables_of_every_length_are_checked_to_the_last_row(count):
    found = checker()

    outcomes = [outcome for part in check_all(found, chunks()[:count]) for outcome in part]

    assert len(outcomes) == found.rows == count * 2000
    assert helpers() == []


def test_a_killed_helper_is_reported_and_leaves_nothing_behind():
    parts = check_all(checker(), chunks())
    next(parts)
    next(parts)
    (helper,) = helpers()
    helper.kill()

    with pytest.raises(Unreadable) as raised:
        list(parts)

    assert str(raised.value) == HELPER_ENDED
    assert helpers() == []


def test_a_helper_limits_its_own_memory_and_processor_time():
    parts = check_all(checker(), chunks())
    next(parts)
    next(parts)
    (helper,) = helpers()

    assert helper.rlimit(psutil.RLIMIT_AS) == (1 << 30, 1 << 30)
    assert helper.rlimit(psutil.RLIMIT_CPU)[0] == CPU_SECONDS
    parts.close()


def answers_without_end(side):
    while True:
        side.ask([f"+44 7415 5 {at} 0 x" for at in range(20_000)])
        yield side.answer()


def test_numbers_that_take_too_long_are_refused_with_a_way_out():
    with SideReader(Reader("DE"), cpu_seconds=1) as side, pytest.raises(Unreadable) as refused:
        deque(answers_without_end(side), maxlen=0)

    assert str(refused.value) == TOO_SLOW
    assert helpers() == []
