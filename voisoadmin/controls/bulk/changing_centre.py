"""The campaigns of a bulk in one contact centre: whose turn it is, what is sent, what the shared list says of them."""

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from itertools import islice

from django.db import transaction
from django.utils import timezone

from voisoadmin.campaigns import reading_back
from voisoadmin.campaigns.bulk.bulk_job import BulkJob
from voisoadmin.campaigns.bulk.bulk_pace import Pace, take_request
from voisoadmin.campaigns.bulk.bulk_requests import Requests
from voisoadmin.campaigns.bulk.shared_list import SharedList, statuses_listed
from voisoadmin.campaigns.models import Campaign
from voisoadmin.connections.models import Connection
from voisoadmin.connections.opening import client_for
from voisoadmin.controls.change_steps import ChangeSteps
from voisoadmin.controls.services import claim
from voisoadmin.lib.clock import monotonic, scaled
from voisoadmin.operations.models import Operation
from voisoadmin.voiso import CampaignFacts, ChangeAnswer, Listing, NotSent, VoisoClient, VoisoError

OPEN_AT_ONCE = 4  # requests to one contact centre
REFUSALS_AT_ONCE = 20  # campaigns that end without a request, before other work has its turn
HELD_LOOK = 1.0  # seconds until a hold with an end is looked at again
LIST, ONE = "list", "one "
TOO_LATE = object()


@dataclass(frozen=True, slots=True)
class Overtaken:
    """It was read before anything was sent, and is in another state than it was requested for."""

    status: str


class ChangingCentre:
    def __init__(self, connection: Connection, job: BulkJob, requests: Requests) -> None:
        self.connection = connection
        self._job = job
        self._requests = requests
        self._pace = Pace.of(connection)
        self._list = SharedList(connection, self._pace)
        self._waiting: deque[int] = deque()
        self._begun: dict[int, ChangeSteps] = {}
        self._sending: set[int] = set()
        self._to_read: deque[int] = deque()  # children whose campaign is read on its own
        self._reading: dict[int, int] = {}  # such a child, and how often it had been sent when it was asked for
        self._not_before = 0.0  # monotonic; for the next request
        self._again_at: dict[int, float] = {}  # of children whose last request wasn't sent

    @property
    def is_done(self) -> bool:
        return not self._waiting and not self._begun

    def add_waiting(self, child_id: int) -> None:
        self._waiting.append(child_id)

    def add_begun(self, child: Operation) -> None:
        steps = ChangeSteps(child)
        steps.resume()
        self._begun[child.pk] = steps

    def round(self) -> None:
        """Do what is due now; nothing here waits for Voiso."""
        self._read_back()
        if not self._may_send or self._is_held():
            return
        steps = self._next_to_send()
        if steps is not None:
            self._send(steps)

    def answered(self, key: int | str, found: object) -> None:
        if key == LIST:
            assert isinstance(found, Listing | VoisoError)
            list_no = self._list.save(found)
            self._look(lambda steps: isinstance(found, VoisoError) or steps.progress.list_no < list_no)
            return
        if isinstance(key, str):
            self._was_read(int(key.removeprefix(ONE)), found)
            return
        self._sending.discard(key)
        steps = self._begun[key]
        if found is TOO_LATE:
            self._after(steps, ended=steps.late())
            return
        if isinstance(found, Overtaken):
            self._after(steps, ended=steps.overtaken(found.status))
            return
        assert isinstance(found, ChangeAnswer | VoisoError)
        self._after(steps, ended=steps.answered(found))
        if steps.progress.step == "new":
            self._again_at[key] = monotonic() + scaled(2.0**steps.progress.tries)

    # Sending

    @property
    def _may_send(self) -> bool:
        """Whether there is something to send, and its time has come."""
        has_room = len(self._sending) < OPEN_AT_ONCE and self._requests.has_room
        is_time = self._pace.is_ready and monotonic() >= self._not_before
        return has_room and is_time and (bool(self._waiting) or bool(self._unsent()))

    def _unsent(self) -> list[ChangeSteps]:
        """Those whose turn has come, and whose request is to be sent (again)."""
        now = monotonic()
        new = [(pk, steps) for pk, steps in self._begun.items() if steps.progress.step == "new"]
        return [steps for pk, steps in new if pk not in self._sending and self._again_at.get(pk, 0.0) <= now]

    def _is_held(self) -> bool:
        """Whether the connection is held for a while only: nothing is refused for that."""
        self.connection.refresh_from_db()
        held = self.connection.is_held(timezone.now()) and not self.connection.waits_for_person
        if held:
            self._not_before = monotonic() + scaled(HELD_LOOK)
        return held

    def _next_to_send(self) -> ChangeSteps | None:
        if unsent := self._unsent():
            return unsent[0]
        for child_id in islice(list(self._waiting), REFUSALS_AT_ONCE):
            self._waiting.popleft()
            steps = self._begin(child_id, timezone.now())
            if steps is not None:
                self._begun[child_id] = steps
                return steps
        return None

    @transaction.atomic
    def _begin(self, child_id: int, at: datetime) -> ChangeSteps | None:
        """Its turn has come; None if it has ended, or isn't ours."""
        child = self._job.give_turn(child_id, at=at)
        if child is None:
            return None
        campaign = Campaign.objects.select_related("connection", "lane").get(pk=child.subject_id)
        return ChangeSteps(child, campaign) if claim(child, campaign, at=at) else None

    def _send(self, steps: ChangeSteps) -> None:
        with transaction.atomic():
            if not take_request(self.connection, at=timezone.now(), every=self._pace.every):
                return
            ended = steps.begin_sending()
        self._pace.take()
        if ended:
            self._after(steps, ended=True)
            return
        child_id = steps.operation.pk
        self._sending.add(child_id)
        self._requests.send((self.connection.pk, child_id), _request_of(steps))

    def _after(self, steps: ChangeSteps, *, ended: bool) -> None:
        if ended:
            self._begun.pop(steps.operation.pk, None)

    # What became of them

    def _read_back(self) -> None:
        """Read the list of all; or campaign by campaign, where that takes fewer requests than the pages of the list."""
        if self._to_read:
            self._read_one()
            return
        if self._reading or not self._list.is_due or not (unsettled := self._unsettled()):
            return
        if len(unsettled) < self._list.pages:
            if self._list.skip(timezone.now()):
                self._to_read.extend(steps.operation.pk for steps in unsettled)
                return
        elif self._list.begin(timezone.now()):
            self._requests.send((self.connection.pk, LIST), self._list.ask)
            return
        # Another process may have read it meanwhile; a list that may not be read leaves the outcome unknown.
        self._look(lambda steps: not self._list.may_be_read)

    def _read_one(self) -> None:
        if not self._requests.has_room or not self._pace.take():
            return
        child_id = self._to_read.popleft()
        steps = self._begun.get(child_id)
        if steps is not None:
            self._reading[child_id] = steps.progress.sent
            self._requests.send((self.connection.pk, f"{ONE}{child_id}"), _read_of(steps))

    def _was_read(self, child_id: int, found: object) -> None:
        assert isinstance(found, CampaignFacts | VoisoError)
        status = reading_back.note_one(self.connection, found)
        sent, steps = self._reading.pop(child_id), self._begun.get(child_id)
        # Sent again since: it says nothing about that request.
        if steps is not None and steps in self._unsettled() and steps.progress.sent == sent:
            self._after(steps, ended=steps.seen(status))

    def _unsettled(self) -> list[ChangeSteps]:
        return [steps for steps in self._begun.values() if steps.progress.step in {"accepted", "refused", "lost"}]

    def _look(self, is_missed: Callable[[ChangeSteps], bool]) -> None:
        """`is_missed`: whether a campaign that isn't on a new list couldn't be read."""
        unsettled = self._unsettled()
        listed = statuses_listed(steps.campaign.pk for steps in unsettled)
        for steps in unsettled:
            list_no, status = listed[steps.campaign.pk]
            if list_no > steps.progress.list_no:
                steps.progress.list_no = list_no
                self._after(steps, ended=steps.seen(status))
            elif is_missed(steps):
                self._after(steps, ended=steps.seen(None))


def _request_of(steps: ChangeSteps) -> Callable[[], object]:
    def ask() -> object:
        # The very last step before the bytes are sent.
        if steps.is_too_late:
            return TOO_LATE
        with client_for(steps.campaign.connection) as client:
            if steps.reads_first:
                status = _state_of(steps, client)
                if not steps.is_expected(status):
                    return Overtaken(status)
                if steps.is_too_late:
                    return TOO_LATE
            return client.change(steps.campaign.voiso_id, steps.change)

    return ask


def _read_of(steps: ChangeSteps) -> Callable[[], object]:
    def ask() -> object:
        with client_for(steps.campaign.connection) as client:
            return client.get_campaign(steps.campaign.voiso_id)

    return ask


def _state_of(steps: ChangeSteps, client: VoisoClient) -> str:
    try:
        return client.get_campaign(steps.campaign.voiso_id).status
    except VoisoError:
        raise NotSent("The campaign's state couldn't be read. Nothing was sent.") from None
