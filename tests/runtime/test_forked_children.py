"""A process forked at the very moment its parent died doesn't stay behind."""

import os
import subprocess
import sys
import textwrap
from pathlib import Path

import psutil
import pytest

from tests.support.waiting import lives, until

pytestmark = [pytest.mark.kills, pytest.mark.once]

ROOT = Path(__file__).resolve().parents[2]
PARENT = """
    import os, time
    # What is registered first runs first: the parent is killed before the forked child can do anything about it.
    os.register_at_fork(after_in_child=lambda: time.sleep(2))
    from voisoadmin.runtime.children import end_with_parent
    end_with_parent()
    pid = os.fork()
    if pid:
        print(pid, flush=True)
    time.sleep(600)
"""


def test_it_ends_though_its_parent_died_before_it_could_ask_the_kernel():
    parent = subprocess.Popen(
        [sys.executable, "-c", textwrap.dedent(PARENT)],
        cwd=ROOT,
        env={**os.environ, "VOISOADMIN_PARENT": str(os.getpid()), "DJANGO_SETTINGS_MODULE": "voisoadmin.settings"},
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    child = psutil.Process(int(parent.stdout.readline()))

    parent.kill()
    parent.wait()
    parent.stdout.close()

    until(lambda: not lives(child), seconds=60, what="the forked child ends")
