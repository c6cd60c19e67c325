"""A check runs in processes of low priority while its worker waits. If one is killed, `manage.py work` restarts the check, soon
enough for a user who watches its page."""

import os
import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil
import pytest
from django.conf import settings

from tests.support.installation import Installation
from tests.support.uploading import post, prepared, shell
from tests.support.waiting import CLUSTER, helpers_of, lives, until
from voisoadmin.lib.low_priority import NICENESS
from voisoadmin.uploads.tasks import MEMORY_BYTES

pytestmark = pytest.mark.kills

SHEET = "voisoadmin.sheets.reader.child"
WAIT_FOR_ITS_END = """
import time
from voisoadmin.uploads.models import Upload
while (upload := Upload.objects.get()).stage in ("received", "reading"):
    time.sleep(0.1)
print(upload.stage, upload.check_no)
"""


@pytest.fixture
def installation(tmp_path) -> Installation:
    made = prepared(tmp_path, env={"VOISOADMIN_WORKERS": "3"})
    path = tmp_path / "leads.csv"
    path.write_text("phone\n" + "".join(f"+4474{at + 10_000_000}\n" for at in range(20_000)))
    shell(made, post(path))
    return made


@contextmanager
def working(installation: Installation, *options: str) -> Iterator[psutil.Process]:
    process = installation.start("work", *options)
    try:
        yield psutil.Process(process.pid)
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(120)


def check_with_a_hanging_reader(work: psutil.Process) -> tuple[psutil.Process, psutil.Process]:
    """The process that checks the file, and its reader, which was stopped just before reading the file."""

    def find() -> tuple[psutil.Process, psutil.Process] | None:
        for process in work.children(recursive=True):
            for reader in helpers_of(process.pid, SHEET) if lives(process) else []:
                if reader.rlimit(psutil.RLIMIT_CPU)[0] != psutil.RLIM_INFINITY:
                    reader.suspend()
                    return process, reader
        return None

    return until(find, seconds=120, what="the file is read")


def workers(work: psutil.Process) -> list[psutil.Process]:
    """The processes that run tasks come first among the children of the sentinel."""
    (cluster,) = helpers_of(work.pid, CLUSTER)
    (sentinel,) = cluster.children()
    return sorted(sentinel.children(), key=lambda child: child.pid)[: 3 + settings.CHECKS_AT_ONCE]


class Idle:
    """Whether these processes have used no processor time in the last few checks."""

    def __init__(self, processes: list[psutil.Process]) -> None:
        self.processes = processes
        self.used: list[float] = []
        self.same = 0

    def __call__(self) -> bool:
        used = [sum(process.cpu_times()[:2]) for process in self.processes]
        self.same, self.used = (self.same + 1 if used == self.used else 0), used
        return self.same > 300


def niceness_of_session(process: psutil.Process) -> int:
    """NICENESS where the kernel has none for sessions."""
    path = Path(f"/proc/{process.pid}/autogroup")
    return int(path.read_text().rsplit(" ", 1)[1]) if path.exists() else NICENESS


def test_a_check_gives_way_to_all_other_work_and_is_begun_again_after_it_was_killed(installation):
    with working(installation) as work:
        check, reader = check_with_a_hanging_reader(work)
        worker = check.parent()
        until(lambda: min(check.nice(), reader.nice()) >= NICENESS, seconds=30, what="both give way")
        assert os.getsid(check.pid) == os.getsid(reader.pid) == check.pid  # the priority of a session, where there is one
        until(lambda: niceness_of_session(check) == NICENESS, seconds=30, what="their session gives way")
        assert check.rlimit(psutil.RLIMIT_AS)[0] == MEMORY_BYTES
        assert (worker.nice(), worker.rlimit(psutil.RLIMIT_AS)) == (work.nice(), work.rlimit(psutil.RLIMIT_AS))
        began = time.monotonic()

        check.kill()

        until(lambda: not lives(reader), seconds=8, what="the reader ends with the check")
        assert shell(installation, WAIT_FOR_ITS_END) == "checked 2"
        assert time.monotonic() - began < 20 * 4  # a slow machine


def test_a_check_ends_with_its_worker_and_is_begun_again_though_the_queue_is_wedged(installation):
    with working(installation, "--patience", "20") as work:
        check, _ = check_with_a_hanging_reader(work)
        until(Idle(workers(work)), seconds=120, what="the workers are idle")
        began = time.monotonic()

        # One of the idle ones holds the lock of the queue; another one waits for the check.
        for worker in workers(work):
            worker.kill()

        until(lambda: not lives(check), seconds=8, what="the check ends with its worker")
        assert shell(installation, WAIT_FOR_ITS_END) == "checked 2"
        assert time.monotonic() - began < 60 * 4
