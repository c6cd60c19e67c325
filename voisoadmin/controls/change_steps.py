"""The steps of a start, pause or stop, from its request to what Voiso shows afterwards.

They wait for nothing and ask Voiso nothing: a job does, for one campaign or for those of a bulk. The progress is saved
before the bytes are sent and after each step, so that another job can continue after a crash. Pause and stop may be sent
again; a start never is, and never later than 30 s after the click, in a bulk after its campaign's turn has come.
"""

from dataclasses import dataclass
from datetime import datetime

from django.utils import timezone

from voisoadmin.campaigns import reading_back
from voisoadmin.campaigns.models import Campaign, Cause
from voisoadmin.campaigns.status_writes import leave_lane, note_failed, record_status
from voisoadmin.campaigns.statuses import ASSUMED_AFTER, AT_REST, ENDS_IN, ON_THE_WAY
from voisoadmin.connections.families import note_answer, note_failure, why_not
from voisoadmin.connections.models import Family
from voisoadmin.controls import endings
from voisoadmin.lib.clock import deadline
from voisoadmin.lib.text import with_nothing_sent
from voisoadmin.operations import services
from voisoadmin.operations.carrying import OperationProgress
from voisoadmin.operations.models import Operation
from voisoadmin.voiso import Change, ChangeAnswer, NoReply, NotSent, RateLimited, VoisoError

KINDS = {Operation.Kind.START: Change.START, Operation.Kind.PAUSE: Change.PAUSE, Operation.Kind.STOP: Change.STOP}

START_WITHIN = 30.0  # seconds from the click
CONNECT_WITHIN = 5.0  # longest time from our last look at the clock until the bytes are sent
MOST_SENDS = 3
READS_UNTIL_SURE = 3  # that show no effect of a lost request
MOST_READS = 30


@dataclass
class ChangeProgress:
    """Progress of an operation, stored in its `result`.

    new -> sending -> accepted   Voiso said yes
                   -> refused    Voiso said no; its state is read once more
                   -> lost       no usable answer: it may have acted
    """

    step: str = "new"
    sent: int = 0  # requests that may have reached Voiso
    reads: int = 0  # since the last request
    tries: int = 0  # requests that weren't sent
    problem: str = ""  # why the last request has no answer, or was refused
    words: str = ""  # Voiso's, of its last answer
    before: str = ""  # the campaign's status when it was asked
    list_no: int = 0  # the campaign's lists up to this one show a state before the last request, or are known
    read_back: bool = False  # the answer was lost; the state showed the effect

    def as_json(self) -> dict[str, object]:
        return dict(vars(self))


class ChangeSteps(OperationProgress):
    """Each step returns whether the operation has ended (or now belongs to another job)."""

    def __init__(self, operation: Operation, campaign: Campaign | None = None) -> None:
        """`campaign`: if it was read already, with its connection and lane."""
        super().__init__(operation)
        self.campaign = campaign or Campaign.objects.select_related("connection", "lane").get(pk=operation.subject_id)
        self.change = KINDS[Operation.Kind(operation.kind)]
        known = {name: value for name, value in operation.result.items() if name in vars(ChangeProgress())}
        self.progress = ChangeProgress(**known)
        self.refused_as = ""  # as in `request_change`
        self._status: str | None = None  # in Voiso, once the outcome is known; empty: not reported

    def resume(self) -> None:
        """An earlier job may have died after sending: the outcome is unknown."""
        if self.progress.step == "sending":
            self._lose("The background worker stopped before Voiso answered.")

    # Sending

    def begin_sending(self) -> bool:
        """Save the intent to send; not ended: send it now."""
        why_not = self._why_not()
        if why_not:
            return self.give_up(why_not)
        self.progress.step, self.progress.sent, self.progress.reads = "sending", self.progress.sent + 1, 0
        return not self.note()

    @property
    def is_too_late(self) -> bool:
        """Asked just before the bytes are sent, from any thread."""
        return self.change == Change.START and is_late(self.operation, timezone.now())

    def late(self) -> bool:
        """It became too late between `begin_sending` and the first byte."""
        self.progress.sent -= 1
        return self.give_up(endings.too_late(self.operation))

    def answered(self, found: ChangeAnswer | VoisoError) -> bool:
        connection, at = self.campaign.connection, timezone.now()
        if not isinstance(found, VoisoError):
            note_answer(connection, at, family=Family.OPERATION)
            self.progress.list_no = reading_back.lists_begun(connection)
            self.progress.step, self.progress.words = "accepted", found.words
            return not self.note(answer=found.words)
        note_failure(connection, found, at, family=Family.OPERATION)
        if isinstance(found, NotSent) or (isinstance(found, RateLimited) and self.operation.parent_id):
            return self._not_sent(found)
        if isinstance(found, NoReply):
            self._lose(found.message)
            return not self.note()
        self.progress.list_no = reading_back.lists_begun(connection)
        self.progress.step, self.progress.words = "refused", found.words
        if self.progress.sent == 1:
            self.progress.problem = found.message
        return not self.note()

    def give_up(self, why: str) -> bool:
        """Stop sending: `refused` if nothing was sent, else `unconfirmed`."""
        if self.progress.sent:
            return self._end(Operation.Status.UNCONFIRMED, problem=f"{self.progress.problem} {why}".strip())
        return self._end(Operation.Status.REFUSED, problem=why)

    @property
    def reads_first(self) -> bool:
        """Whether the campaign's state is to be read before anything is sent."""
        return bool(self.operation.request.get("reads_first")) and self.progress.sent <= 1

    def is_expected(self, status: str) -> bool:
        """Whether it is in the state that it was requested for; a state that Voiso doesn't report objects to nothing."""
        return status in {self.operation.shown_status, ""}

    def overtaken(self, status: str) -> bool:
        """It was read before anything was sent, and is in another state than it was requested for."""
        self.progress.sent = 0
        self.refused_as = "overtaken"
        return self._end(Operation.Status.REFUSED, status=status, problem=endings.overtaken(status))

    def _why_not(self) -> str:
        if self.is_too_late:
            return endings.too_late(self.operation)
        connection = self.campaign.connection
        connection.refresh_from_db()
        if connection.removed_at is not None:
            return f"Not sent: the connection {connection.name} was removed."
        why = why_not(connection, Family.OPERATION, timezone.now(), by_person=True)
        return f"Not sent: {why}" if why else ""

    def _not_sent(self, problem: VoisoError) -> bool:
        self.progress.sent -= 1
        self.progress.tries += 1
        self.progress.step = "new"
        if self.progress.tries >= MOST_SENDS:
            return self.give_up(f"{with_nothing_sent(problem.message)} Try again when Voiso can be reached.")
        return not self.note()

    def _lose(self, problem: str) -> None:
        self.progress.list_no = reading_back.lists_begun(self.campaign.connection)
        self.progress.step, self.progress.problem = "lost", problem

    # Reading back

    def seen(self, status: str | None) -> bool:
        """The campaign's status in Voiso was read after the last request: empty if not reported, None if it couldn't be."""
        self.progress.reads += 1
        match self.progress.step:
            case "accepted":
                return self._follow(status)
            case "refused":
                return self._refused(status or "")
            case _:
                return self._look_for_the_effect(status)

    def close(self, why: str) -> bool:
        """Wait no longer for what Voiso shows."""
        if self.progress.step == "accepted":
            return self._end(Operation.Status.DONE)
        return self._refused("") if self.progress.step == "refused" else self.give_up(why)

    def _follow(self, status: str | None) -> bool:
        """Voiso accepted it: wait until the campaign has settled."""
        if status in ENDS_IN[self.change]:
            return self._end(Operation.Status.DONE, status=status)
        if status == "":
            return self._end(Operation.Status.DONE)
        if self.progress.reads < MOST_READS:
            return not self.note()
        if status is None or status not in AT_REST:
            return self._end(Operation.Status.DONE, status=status or "")
        return self._end(Operation.Status.UNCONFIRMED, status=status, problem=endings.not_settled(status))

    def _refused(self, status: str) -> bool:
        if self.progress.sent > 1 and status in ENDS_IN[self.change]:
            # Sent again after a lost answer, and refused because the first one had worked.
            self.progress.read_back = True
            return self._end(Operation.Status.DONE, status=status)
        if self.progress.sent > 1:
            advice = endings.lost(self.change, self.progress.problem, status, sent=self.progress.sent)
            return self._end(Operation.Status.UNCONFIRMED, status=status, problem=advice)
        advice = endings.refused_advice(self.change, self.progress.words, status)
        why = "" if self.progress.words else f"{self.progress.problem} "
        return self._end(Operation.Status.REFUSED, status=status, problem=why + advice)

    def _look_for_the_effect(self, status: str | None) -> bool:
        """No answer came: check whether the campaign shows the effect; if not, send a pause or stop again."""
        if status and status in ENDS_IN[self.change] | ON_THE_WAY[self.change]:
            self.progress.step, self.progress.read_back = "accepted", True
            if status in ENDS_IN[self.change]:
                return self._end(Operation.Status.DONE, status=status)
            return not self.note()
        if self.progress.reads < READS_UNTIL_SURE:
            return not self.note()
        overtaken = bool(status) and status != self.progress.before and status not in ENDS_IN[Change.START]
        if self.change != Change.START and not overtaken and self.progress.sent < MOST_SENDS:
            self.progress.step = "new"
            return not self.note()
        advice = endings.lost(self.change, self.progress.problem, status, sent=self.progress.sent)
        return self._end(Operation.Status.UNCONFIRMED, status=status or "", problem=advice)

    # The outcome

    def as_json(self) -> services.Facts:
        refused = {"refused": self.refused_as} if self.refused_as else {}
        return self.progress.as_json() | refused | ({} if self._status is None else {"status": self._status})

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
        if not done:
            note_failed(self.campaign, self.operation.pk, at=at)


def is_late(operation: Operation, at: datetime) -> bool:
    """Whether a start could be sent later than 30 s after the click, in a bulk after its turn has come.

    A clock that was set back counts as late.
    """
    since = operation.started_at if operation.parent_id and operation.started_at else operation.asked_at
    age = (at - since).total_seconds()
    return abs(age) > deadline(START_WITHIN, at_least=20.0) - CONNECT_WITHIN
