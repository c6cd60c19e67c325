"""`manage.py work`: the queue's cluster, with what makes it reliable.

A worker that is killed while idle may leave the queue's lock held for ever; then nothing is taken any more and even
SIGTERM hangs. So the cluster runs in its own session, a canary is sent through the queue regularly, and if one has waited
too long while fewer tasks than workers beat, the whole tree is killed and restarted.
"""

import logging
import os
import sys
import threading
import time
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

from django.conf import settings
from django.db import Error as DatabaseProblem
from django.db import close_old_connections, transaction
from django.utils import timezone
from django_q.conf import Conf
from django_q.models import OrmQ
from django_q.tasks import async_task

from voisoadmin.campaigns.bulk.asking import pick_up as pick_up_bulks
from voisoadmin.campaigns.presence import needs
from voisoadmin.campaigns.services import ask_where_due
from voisoadmin.connections.models import Connection
from voisoadmin.lib import clock, jobs, stopping
from voisoadmin.lib.secrets import private_folder
from voisoadmin.rules.models import Rule
from voisoadmin.runtime.children import Child, lives, on_end
from voisoadmin.runtime.models import LastSweep
from voisoadmin.runtime.supervisor import COMMAND_LINE, EARLY
from voisoadmin.uploads.check.run import pick_up

logger = logging.getLogger(__name__)

# Each minute. In code and not in a table, because someone who can write to the database must not choose what we run.
SWEEPS = (
    "voisoadmin.campaigns.tasks.sync_all",
    "voisoadmin.pushes.tasks.sweep",
    "voisoadmin.uploads.tasks.sweep",
    "voisoadmin.controls.tasks.sweep",
    "voisoadmin.assignments.tasks.sweep",
    "voisoadmin.submissions.tasks.sweep",
    "voisoadmin.feeds.tasks.sweep",
    "voisoadmin.rules.tasks.sweep",
    "voisoadmin.operations.tasks.sweep",
    "voisoadmin.accounts.tasks.sweep",
)
CANARY = "voisoadmin.runtime.tasks.canary"
CALL_DEADLINE = 60.0  # of a request to Voiso (docs/sending.md, "Times")
GRACE = 15.0  # beyond it
IDLE_GRACE = 10.0  # for a cluster that runs no task
TURN = 0.5
READS_EVERY = 1.0
CHECKS_EVERY = 5.0  # seconds between two searches for checks that a dead worker left
STALE_HEARTBEAT = 3 * jobs.HEARTBEAT_SECONDS


class Worker:
    """Runs until it is asked to stop. `patience`: seconds that a due task may wait while there are idle workers."""

    def __init__(self, *, patience: float = 30.0, say: Callable[[str], object] = logger.info) -> None:
        self.patience = patience
        self.say = say
        self.stop = threading.Event()
        self.cluster: Child | None = None
        self.cluster_at = timezone.now()
        self.canary: int | None = None  # its row in the queue
        self.canary_at = 0.0  # monotonic
        self.restarts = 0  # since the queue was last seen to work
        self.next_start = 0.0
        self.beats: set[str] = set()  # processes that ran a task at the last turn
        self.next_checks = 0.0  # monotonic
        self.next_reads = 0.0
        self.has_rules = False
        self.rules = Restarted("evaluation of rules", [*COMMAND_LINE, "evaluate_rules"])
        self.sweep_now = False  # lost work is taken over at once, not at the next minute

    def run(self) -> None:
        self._prepare()
        try:
            while not self.stop.is_set():
                try:
                    self._turn()
                except DatabaseProblem as problem:
                    # The database may be down for a while; the cluster waits for it, and so do we.
                    logger.warning("Couldn't check the queue: %s", problem)
                    close_old_connections()
                    self.canary_at = time.monotonic()
                    self.sweep_now = True  # tasks may have failed meanwhile
                self.stop.wait(TURN)
        finally:
            self._end()

    def _prepare(self) -> None:
        folder = private_folder(settings.DATA_DIR / "stop")
        os.environ[stopping.VARIABLE] = str(folder / str(os.getpid()))
        stopping.clear()
        on_end(self.stop.set)

    def _turn(self) -> None:
        if self.has_rules:  # an installation without rules needs no process for them
            self.rules.look_after()
        if self.cluster is None:
            if time.monotonic() >= self.next_start:
                self._start()
        elif self.cluster.code is not None:
            self._restart(f"The cluster stopped unexpectedly (code {self.cluster.code}).")
        elif self._is_wedged():
            self._restart(f"A queued task waited {self._patience():g} seconds while workers were idle.")
        else:
            self._take_over()
            self._pick_up_checks()
            self._read_what_is_due()

    def _start(self) -> None:
        self.cluster_at = timezone.now()
        self.cluster = Child([sys.executable, "-m", "voisoadmin.runtime.cluster"])
        self.canary, self.canary_at = None, time.monotonic()
        self.sweep_now = True
        self._take_over()
        self.say(f"Worker started with {settings.QUEUE_WORKERS} processes.")

    def _take_over(self) -> None:
        """Sweep up after processes that died in the middle of a task: their heartbeat files are still there."""
        names = {path.name for path in jobs.heartbeat_folder().iterdir() if path.name.isdecimal()}
        alive = {name for name in names if lives(int(name))}
        dead = (names & self.beats) - alive
        for name in dead:
            logger.warning("Process %s died during a task.", name)
            (jobs.heartbeat_folder() / name).unlink(missing_ok=True)
        self.beats = alive
        self.sweep_now = self.sweep_now or bool(dead)
        now = timezone.now()
        if self.sweep_now or LastSweep.is_due(at=now):
            sweep(now, at_once=self.sweep_now)
            self.sweep_now = False

    def _pick_up_checks(self) -> None:
        """Continue checks and bulks of a killed worker without waiting for the sweep, because a user watches their page."""
        if time.monotonic() >= self.next_checks:
            self.next_checks = time.monotonic() + CHECKS_EVERY
            self.has_rules = self.has_rules or Rule.objects.kept().exists()
            pick_up(at=timezone.now())
            pick_up_bulks(at=timezone.now())

    def _read_what_is_due(self) -> None:
        """Let the states on open pages be read in time; their own requests come at other moments."""
        if time.monotonic() >= self.next_reads:
            self.next_reads = time.monotonic() + READS_EVERY
            now = timezone.now()
            ask_where_due(Connection.objects.listable(now), at=now)
            needs.ask_where_due(at=now)

    def _restart(self, why: str) -> None:
        assert self.cluster is not None
        self.restarts += 1
        # A cluster that keeps dying is restarted less and less often.
        pause = 0.0 if self.restarts == 1 else 2.0 ** min(self.restarts, 6)
        logger.error("%s Restarting it.", why)
        self._clean_up()
        self._release_taken()
        self.next_start = time.monotonic() + clock.scaled(pause)

    def _release_taken(self) -> None:
        """Let the tasks that the dead cluster had taken be delivered again.

        Tasks of another host's cluster look the same and may be delivered twice, which costs nothing but time.
        """
        retry = timedelta(seconds=Conf.RETRY)
        OrmQ.objects.filter(lock__gte=self.cluster_at + retry).update(lock=timezone.now())

    def _patience(self) -> float:
        # A machine under load may need longer to start a cluster than we wait; killed each time, it would never be up.
        return self.patience * 2.0 ** min(self.restarts, 5)

    def _is_wedged(self) -> bool:
        now, patience = time.monotonic(), self._patience()
        if self.canary is not None and not OrmQ.objects.filter(pk=self.canary).exists():
            self.canary, self.canary_at, self.restarts = None, now, 0
        if self.canary is None:
            if now - self.canary_at >= self.patience / 3:
                self.canary, self.canary_at = send_canary(), now
            canary_waits = False
        else:
            canary_waits = now - self.canary_at > patience
        return (canary_waits or self._task_waits(patience)) and self._beating() < settings.QUEUE_WORKERS

    def _task_waits(self, patience: float) -> bool:
        assert self.cluster is not None
        # Tasks queued before the cluster started couldn't be taken earlier.
        if time.monotonic() - self.cluster.started < patience:
            return False
        waiting: bool = OrmQ.objects.filter(lock__lt=timezone.now() - timedelta(seconds=patience)).exists()
        return waiting

    def _beating(self) -> int:
        """How many processes of our cluster are running a live task."""
        assert self.cluster is not None
        ours = {str(process.pid) for process in self.cluster.tree() if lives(process.pid)}
        oldest = time.time() - STALE_HEARTBEAT
        beats = 0
        for path in jobs.heartbeat_folder().iterdir():
            if path.name in ours:
                try:
                    beats += path.stat().st_mtime >= oldest
                except FileNotFoundError:
                    continue  # its task has just ended
        return beats

    def _end(self) -> None:
        """Nothing new is claimed, running tasks may finish within their deadline, then the whole tree is killed."""
        stopping.request_stop()
        self.rules.ask()
        if self.cluster is not None:
            self.say("Stopping after the requests in progress.")
            self.cluster.ask()
            began = last_beat = time.monotonic()
            idle_grace = clock.deadline(IDLE_GRACE)
            while not self.cluster.wait(0.2):
                now = time.monotonic()
                if self._beating():
                    last_beat = now
                if now - began > clock.deadline(CALL_DEADLINE) + GRACE or now - last_beat > idle_grace:
                    logger.error("The cluster didn't stop in time; killing it.")
                    break
        self._clean_up()
        self.rules.end()
        stopping.clear()

    def _clean_up(self) -> None:
        if self.cluster is None:
            return
        pids = [str(process.pid) for process in self.cluster.tree()]
        self.cluster.kill()
        for pid in pids:
            (jobs.heartbeat_folder() / pid).unlink(missing_ok=True)
        self.cluster = None
        if self.canary is not None:
            gone, self.canary = self.canary, None
            try:
                OrmQ.objects.filter(pk=gone).delete()
            except DatabaseProblem as problem:
                logger.warning("A canary was left in the queue: %s", problem)


class Restarted:
    """A child beside the cluster, started again whenever it ends, less and less often."""

    def __init__(self, name: str, command: Sequence[str]) -> None:
        self.name, self.command = name, command
        self.child: Child | None = None
        self.ends = 0  # in a row, each soon after the start
        self.next_start = 0.0  # monotonic

    def look_after(self) -> None:
        now = time.monotonic()
        if self.child is None:
            if now >= self.next_start:
                self.child = Child(self.command)
        elif self.child.code is not None:
            self.ends = self.ends + 1 if now - self.child.started < EARLY else 1
            logger.error("The %s ended (code %s); restarting it.", self.name, self.child.code)
            self.child.kill()
            self.child, self.next_start = None, now + clock.scaled(2.0 ** min(self.ends, 6))

    def ask(self) -> None:
        if self.child is not None:
            self.child.ask()

    def end(self) -> None:
        """It commits each thing as a whole, so it may be killed if it doesn't end in time."""
        if self.child is not None:
            self.child.wait(IDLE_GRACE)
            self.child.kill()
            self.child = None


@transaction.atomic
def sweep(at: datetime, *, at_once: bool = False) -> None:
    """Queue what is done each minute. Of several workers one does; `at_once` all do, for something was lost."""
    if LastSweep.take_turn(at=at) or at_once:
        for name in SWEEPS:
            jobs.enqueue(name)


def send_canary() -> int | None:
    """Send one through the queue; return its row, None if it was already taken."""
    with transaction.atomic():
        task = async_task(CANARY, q_options={"save": False})
        return next((row.pk for row in OrmQ.objects.order_by("-pk")[:20] if row.task_id() == task), None)
