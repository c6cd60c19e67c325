"""Carries out a start, pause or stop: sends it once, then reads the campaign back until it has settled.

The progress is saved before the bytes are sent and after each step, so that another job can continue after a crash. Pause
and stop may be sent again; a start never is, and never later than 30 s after the click.
"""

import time
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.utils import timezone

from voisoadmin.campaigns import reading_back
from voisoadmin.campaigns.models import Campaign, Cause
from voisoadmin.campaigns.status_writes import leave_lane, record_status
from voisoadmin.campaigns.statuses import ASSUMED_AFTER, AT_REST, ENDS_IN, ON_THE_WAY
from voisoadmin.connections.families import note_answer, note_failure, why_not
from voisoadmin.connections.models import Family
from voisoadmin.connections.opening import client_for
from voisoadmin.controls import endings
from voisoadmin.lib.clock import deadline, scaled
from voisoadmin.lib.stopping import stop_requested
from voisoadmin.lib.text import with_nothing_sent
from voisoadmin.operations import services
from voisoadmin.operations.carrying import OperationJob
from voisoadmin.operations.models import Operation
from voisoadmin.voiso import Change, NoReply, NotSent, VoisoClient, VoisoError

KINDS = {Operation.Kind.START: Change.START, Operation.Kind.PAUSE: Change.PAUSE, Operation.Kind.STOP: Change.STOP}

START_WITHIN = 30.0  # seconds from the click
CONNECT_WITHIN = 5.0  # longest time from our last look at the clock until the bytes are sent
MOST_SENDS = 3
READS_IN_A_JOB = 3
READ_AFTER = (1.0, 2.0, 4.0)  # seconds; later ones 2 s each, about a minute in all
READ_EVERY = 2.0
MOST_READS = 30


@dataclass
class ChangeProgress:
    """Progress of an operation, stored in its `result`.

    new -> sending -> accepted   Voiso said yes
                   -> lost       no usable answer: it may have acted
    """

    step: str = "new"
    sent: int = 0  # requests that may have reached Voiso
    reads: int = 0  # since the last request
    tries: int = 0  # requests that weren't sent
    problem: str = ""  # why the last request has no answer
    words: str = ""  # Voiso's, of its last answer
    before: str = ""  # the campaign's status when it was asked
    list_no: int = 0  # the campaign's lists up to this one show a state before the last request, or are known
    read_back: bool = False  # the answer was lost; the state showed the effect

    def as_json(self) -> dict[str, object]:
        return dict(vars(self))


class ChangeJob(OperationJob):
    job = "voisoadmin.controls.tasks.run_operation"
    most_attempts = 60
    new_requests_until = 80.0

    def __init__(self, operation: Operation) -> None:
        super().__init__(operation)
        self.campaign = Campaign.objects.select_related("connection", "lane").get(pk=operation.subject_id)
        self.change = KINDS[Operation.Kind(operation.kind)]
        known = {name: value for name, value in operation.result.items() if name in vars(ChangeProgress())}
        self.progress = ChangeProgress(**known)
        self._status: str | None = None  # in Voiso, once the outcome is known; empty: not reported

    def run(self) -> bool:
        with client_for(self.campaign.connection) as client:
            return self._go(client)

    def _go(self, client: VoisoClient) -> bool:
        if self.progress.step == "sending":
            # The job died after sending; the outcome is unknown.
            self.progress.list_no = reading_back.lists_begun(self.campaign.connection)
            self.progress.step, self.progress.problem = "lost", "The background worker stopped before Voiso answered."
        reads = 0
        while True:
            if self.progress.step == "new":
                ended = self._send(client)
            elif reads == READS_IN_A_JOB or stop_requested():
                return False
            else:
                reads += 1
                ended = self._follow(client) if self.progress.step == "accepted" else self._read_back(client)
            if ended:
                return True
            if self.is_over_time:
                return False

    # Sending

    def _send(self, client: VoisoClient) -> bool:
        if self.progress.tries:
            time.sleep(scaled(2.0**self.progress.tries))
        why_not = self._why_not()
        if why_not:
            return self.give_up(why_not)
        self.progress.step, self.progress.sent, self.progress.reads = "sending", self.progress.sent + 1, 0
        if not self.note():
            return True
        if self.change == Change.START and is_late(self.operation, timezone.now()):
            self.progress.sent -= 1
            return self.give_up(endings.too_late())
        try:
            answer = client.change(self.campaign.voiso_id, self.change)
        except NotSent as problem:
            return self._not_sent(problem)
        except NoReply as problem:
            note_failure(self.campaign.connection, problem, timezone.now(), family=Family.OPERATION)
            self.progress.list_no = reading_back.lists_begun(self.campaign.connection)
            self.progress.step, self.progress.problem = "lost", problem.message
            return not self.note()
        except VoisoError as problem:
            note_failure(self.campaign.connection, problem, timezone.now(), family=Family.OPERATION)
            self.progress.list_no = reading_back.lists_begun(self.campaign.connection)
            return self._refused(client, problem)
        note_answer(self.campaign.connection, timezone.now(), family=Family.OPERATION)
        self.progress.list_no = reading_back.lists_begun(self.campaign.connection)
        self.progress.step, self.progress.words = "accepted", answer.words
        return not self.note(answer=answer.words)

    def _why_not(self) -> str:
        if self.change == Change.START and is_late(self.operation, timezone.now()):
            return endings.too_late()
        connection = self.campaign.connection
        connection.refresh_from_db()
        if connection.removed_at is not None:
            return f"Not sent: the connection {connection.name} was removed."
        why = why_not(connection, Family.OPERATION, timezone.now(), by_person=True)
        return f"Not sent: {why}" if why else ""

    def give_up(self, why: str) -> bool:
        """Stop sending: `refused` if nothing was sent, else `unconfirmed`."""
        if self.progress.sent:
            return self._end(Operation.Status.UNCONFIRMED, problem=f"{self.progress.problem} {why}".strip())
        return self._end(Operation.Status.REFUSED, problem=why)

    def _not_sent(self, problem: NotSent) -> bool:
        note_failure(self.campaign.connection, problem, timezone.now(), family=Family.OPERATION)
        self.progress.sent -= 1
        self.progress.tries += 1
        self.progress.step = "new"
        if self.progress.tries >= MOST_SENDS:
            return self.give_up(f"{with_nothing_sent(problem.message)} Try again when Voiso can be reached.")
        return not self.note()

    def _refused(self, client: VoisoClient, problem: VoisoError) -> bool:
        self.progress.words = problem.words
        status = self._read(client) or ""
        if self.progress.sent > 1 and status in ENDS_IN[self.change]:
            # Sent again after a lost answer, and refused because the first one had worked.
            self.progress.read_back = True
            return self._end(Operation.Status.DONE, status=status)
        if self.progress.sent > 1:
            advice = endings.lost(self.change, self.progress.problem, status, sent=self.progress.sent)
            return self._end(Operation.Status.UNCONFIRMED, status=status, problem=advice)
        advice = endings.refused_advice(self.change, problem.words, status)
        why = "" if problem.words else f"{problem.message} "
        return self._end(Operation.Status.REFUSED, status=status, problem=why + advice)

    # Reading back

    def _follow(self, client: VoisoClient) -> bool:
        """Voiso accepted it: wait until the campaign has settled."""
        status = self._read(client, wait=True)
        if status in ENDS_IN[self.change]:
            return self._end(Operation.Status.DONE, status=status)
        if status == "":
            return self._end(Operation.Status.DONE)
        if self.progress.reads < MOST_READS:
            return not self.note()
        if status is None or status not in AT_REST:
            return self._end(Operation.Status.DONE, status=status or "")
        return self._end(Operation.Status.UNCONFIRMED, status=status, problem=endings.not_settled(status))

    def _read_back(self, client: VoisoClient) -> bool:
        """No answer came: check whether the campaign shows the effect; if not, send a pause or stop again."""
        status = self._read(client, wait=True)
        if status and status in ENDS_IN[self.change] | ON_THE_WAY[self.change]:
            self.progress.step, self.progress.read_back = "accepted", True
            if status in ENDS_IN[self.change]:
                return self._end(Operation.Status.DONE, status=status)
            return not self.note()
        if self.progress.reads < len(READ_AFTER):
            return not self.note()
        overtaken = bool(status) and status != self.progress.before and status not in ENDS_IN[Change.START]
        if self.change != Change.START and not overtaken and self.progress.sent < MOST_SENDS:
            self.progress.step = "new"
            return not self.note()
        advice = endings.lost(self.change, self.progress.problem, status, sent=self.progress.sent)
        return self._end(Operation.Status.UNCONFIRMED, status=status or "", problem=advice)

    def _read(self, client: VoisoClient, *, wait: bool = False) -> str | None:
        """The campaign's current status in Voiso; empty if not reported, None if it couldn't be read."""
        if wait:
            reads = self.progress.reads
            time.sleep(scaled(READ_AFTER[reads] if reads < len(READ_AFTER) else READ_EVERY))
            self.progress.reads += 1
        if why_not(self.campaign.connection, Family.LIST, timezone.now()):
            return None
        # None: the outcome says that it couldn't be read back.
        status, self.progress.list_no = reading_back.status_of(self.campaign, client, after=self.progress.list_no)
        return status

    def as_json(self) -> services.Facts:
        return self.progress.as_json() | ({} if self._status is None else {"status": self._status})

    def _end(self, outcome: Operation.Status, *, status: str = "", problem: str = "") -> bool:
        self._status = status
        return self.end(outcome, problem=problem, answer=self.progress.words)

    def ended(self, outcome: Operation.Status) -> None:
        """Release the campaign, and record what the outcome says about it."""
        leave_lane(self.campaign, self.operation.pk)
        at, status, done = timezone.now(), self._status or "", outcome == Operation.Status.DONE
        ours = done and (not status or status in ENDS_IN[self.change] | ON_THE_WAY[self.change])
        source, cause = Campaign.Source.CONFIRMED if ours else Campaign.Source.POLLED, ""
        if done and not status:
            source = Campaign.Source.INFERRED
            status = ASSUMED_AFTER[self.change]
            cause = Cause.ACCEPTED
        for campaign in Campaign.objects.filter(lane_id=self.campaign.lane_id):
            record_status(campaign, status, source=source, by=self.operation.by_label if ours else "", cause=cause, at=at)


def refuse_late_start(operation: Operation, *, at: datetime) -> None:
    """End a start that wasn't taken up in time; do nothing if a job has just begun it."""
    campaign = Campaign.objects.get(pk=operation.subject_id)
    with transaction.atomic():
        if services.end(operation, Operation.Status.REFUSED, at=at, problem=endings.too_late()):
            leave_lane(campaign, operation.pk)


def is_late(operation: Operation, at: datetime) -> bool:
    """Whether a start could be sent later than 30 s after the click. A clock that was set back counts as late."""
    age = (at - operation.asked_at).total_seconds()
    return abs(age) > deadline(START_WITHIN, at_least=20.0) - CONNECT_WITHIN
