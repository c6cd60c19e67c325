"""A process that reads a stranger's file never outlives us, not even when it hangs or has just started."""

import os
import random
import signal
import subprocess
import sys
import textwrap
import time
from pathlib import Path

import psutil
import pytest

from tests.support.waiting import helpers_of, lives, until

pytestmark = [pytest.mark.kills, pytest.mark.once]

ROOT = Path(__file__).resolve().parents[2]
KILLS = int(os.environ.get("KILLS", "6"))
SHEET, PHONES = "voisoadmin.sheets.reader.child", "voisoadmin.contacts.parallel_child"
READ_A_SHEET = """
    import sys, threading, time
    from voisoadmin.sheets import Limits, ReadChoices, open_table
    tables = []
    def read():
        tables.append(open_table(sys.argv[1], ReadChoices(), Limits()))
    thread = threading.Thread(target=read)
    thread.start()
    thread.join()
    print("begun", flush=True)
    chunks = tables[0].chunks()
    sys.stdin.readline()
    print(sum(map(len, chunks)), flush=True)
    time.sleep(600)
"""
CHECK_PHONES = """
    import sys, time
    from voisoadmin.phones import Reader
    from voisoadmin.contacts.parallel import SideReader
    side = SideReader(Reader("GB"))
    side.ask(["+447415550012"])
    side.answer()
    print("begun", flush=True)
    time.sleep(600)
"""
PARENTS = {SHEET: READ_A_SHEET, PHONES: CHECK_PHONES}


@pytest.fixture
def parent_of(tmp_path):
    """Start a process that starts a helper; it is ended with the test."""
    path = tmp_path / "leads.csv"
    path.write_text("Phone,Name\n" + "".join(f"+4474{number:08},Name {number}\n" for number in range(20_000)))
    started = []

    def start(module: str) -> subprocess.Popen:
        command = [sys.executable, "-c", textwrap.dedent(PARENTS[module]), str(path)]
        pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.DEVNULL}
        parent = subprocess.Popen(command, cwd=ROOT, text=True, **pipes)
        started.append(parent)
        return parent

    yield start
    for parent in started:
        parent.kill()
        parent.wait()
        for stream in (parent.stdin, parent.stdout):
            stream.close()


def begun(parent: subprocess.Popen, module: str) -> psutil.Process:
    assert parent.stdout.readline() == "begun\n"
    (helper,) = helpers_of(parent.pid, module)
    return helper


def ended(helper: psutil.Process) -> None:
    until(lambda: not lives(helper), seconds=8, what="the helper ends")


@pytest.mark.parametrize("module", [SHEET, PHONES])
@pytest.mark.parametrize("name", ["SIGKILL", "SIGTERM"])
def test_a_helper_that_hangs_ends_with_its_parent(parent_of, module, name):
    parent = parent_of(module)
    helper = begun(parent, module)
    helper.suspend()  # as if it never finished

    parent.send_signal(signal.Signals[name])
    parent.wait()

    ended(helper)


@pytest.mark.parametrize("module", [SHEET, PHONES])
def test_a_helper_ends_however_early_its_parent_dies(parent_of, module):
    dice = random.Random(11)
    for _ in range(KILLS):
        parent = parent_of(module)
        # Between the fork and the exec of another program.
        (helper,) = until(psutil.Process(parent.pid).children, seconds=60, what="the helper is started")
        time.sleep(dice.choice([0, 0.1]) * dice.random())

        parent.kill()
        parent.wait()

        ended(helper)


def test_a_helper_goes_on_when_only_the_thread_ends_that_started_it(parent_of):
    parent = parent_of(SHEET)
    helper = begun(parent, SHEET)

    print("continue", file=parent.stdin, flush=True)

    assert parent.stdout.readline() == "20000\n"
    assert not lives(helper) or helper.ppid() == parent.pid
