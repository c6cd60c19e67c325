"""Work on foreign text in a process that lives on may use so much processor time and no more."""

import re
import signal
import threading

import pytest

from voisoadmin.lib import processor_time

pytestmark = pytest.mark.once

ENDLESS = re.compile(r"(a+)+b")


def test_even_a_regular_expression_ends_when_the_time_is_used_up():
    with pytest.raises(TimeoutError), processor_time.at_most(0.1, TimeoutError()):
        ENDLESS.match("a" * 1000)


def test_work_that_ends_in_time_leaves_no_timer_behind():
    before = signal.getsignal(signal.SIGPROF)

    with processor_time.at_most(60, TimeoutError()):
        pass

    assert signal.getitimer(signal.ITIMER_PROF) == (0.0, 0.0)
    assert signal.getsignal(signal.SIGPROF) is before


def test_another_thread_works_without_a_limit():
    done = []

    def work():
        with processor_time.at_most(0.001, TimeoutError()):
            done.append(sum(range(2_000_000)))

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()

    assert done
