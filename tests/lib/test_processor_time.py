"""Work on foreign text in a process that lives on may use so much processor time and no more."""

import re
import signal
import subprocess
import sys
import threading
import time

import psutil
import pytest

from tests.support.waiting import until
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


@pytest.mark.slow
def test_other_processes_count_as_well():
    """One that has ended, and one that still runs."""
    busy = [sys.executable, "-c", "while True: pass"]
    ended = subprocess.Popen(busy)
    until(lambda: psutil.Process(ended.pid).cpu_times().user > 0.3, seconds=60, what="a process is busy")
    running = subprocess.Popen(busy)

    with pytest.raises(TimeoutError), processor_time.at_most(2, TimeoutError()) as look:  # noqa: PT012 - one after the other
        until(lambda: psutil.Process(ended.pid).cpu_times().user > 1.5, seconds=60, what="it was busy for a while")
        ended.kill()
        ended.wait()
        while True:
            look()
            time.sleep(0.1)

    running.kill()
    running.wait()


def test_something_is_done_again_and_again_while_a_regular_expression_runs():
    calls = []

    def do() -> None:
        calls.append(1)
        if len(calls) == 3:
            raise TimeoutError

    with pytest.raises(TimeoutError), processor_time.every(0.05, do):
        ENDLESS.match("a" * 1000)


def test_another_thread_works_without_a_limit():
    done = []

    def work():
        with processor_time.at_most(0.001, TimeoutError()):
            done.append(sum(range(2_000_000)))

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()

    assert done
