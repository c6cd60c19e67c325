"""Carries out a start, pause or stop of one campaign: sends it once, then reads the campaign back until it has settled."""

import time
from datetime import datetime

from django.db import transaction
from django.utils import timezone

from voisoadmin.campaigns import reading_back
from voisoadmin.campaigns.models import Campaign
from voisoadmin.campaigns.status_writes import leave_lane, note_failed
from voisoadmin.connections.families import why_not
from voisoadmin.connections.models import Family
from voisoadmin.connections.opening import client_for
from voisoadmin.controls import endings
from voisoadmin.controls.change_steps import ChangeSteps
from voisoadmin.lib.clock import scaled
from voisoadmin.lib.stopping import stop_requested
from voisoadmin.operations import services
from voisoadmin.operations.carrying import OperationJob
from voisoadmin.operations.models import Operation
from voisoadmin.voiso import VoisoClient, VoisoError

READS_IN_A_JOB = 3
READ_AFTER = (1.0, 2.0, 4.0)  # seconds; later ones 2 s each, about a minute in all
READ_EVERY = 2.0


class ChangeJob(ChangeSteps, OperationJob):
    job = "voisoadmin.controls.tasks.run_operation"
    most_attempts = 60
    new_requests_until = 80.0

    def run(self) -> bool:
        with client_for(self.campaign.connection) as client:
            return self._go(client)

    def _go(self, client: VoisoClient) -> bool:
        self.resume()
        reads = 0
        while True:
            if self.progress.step == "new":
                ended = self._send(client)
            elif self.progress.step == "refused":
                ended = self.seen(self._read(client))
            elif reads == READS_IN_A_JOB or stop_requested():
                return False
            else:
                reads += 1
                self._wait()
                ended = self.seen(self._read(client))
            if ended:
                return True
            if self.is_over_time:
                return False

    def _send(self, client: VoisoClient) -> bool:
        if self._is_overtaken(client):
            return True
        if self.progress.tries:
            time.sleep(scaled(2.0**self.progress.tries))
        if self.begin_sending():
            return True
        if self.is_too_late:
            return self.late()
        try:
            return self.answered(client.change(self.campaign.voiso_id, self.change))
        except VoisoError as problem:
            return self.answered(problem)

    def _is_overtaken(self, client: VoisoClient) -> bool:
        """Whether it ended, because the campaign isn't in the state that it was requested for, or couldn't be read."""
        if not self.reads_first or self.progress.sent:
            return False
        self.progress.list_no = reading_back.lists_begun(self.campaign.connection)
        status = self._read(client)
        if status is None:
            return self.give_up("Not sent: the campaign's state couldn't be read.")
        return not self.is_expected(status) and self.overtaken(status)

    def _wait(self) -> None:
        reads = self.progress.reads
        time.sleep(scaled(READ_AFTER[reads] if reads < len(READ_AFTER) else READ_EVERY))

    def _read(self, client: VoisoClient) -> str | None:
        """The campaign's current status in Voiso; empty if not reported, None if it couldn't be read."""
        if why_not(self.campaign.connection, Family.LIST, timezone.now()):
            return None
        status, self.progress.list_no = reading_back.status_of(self.campaign, client, after=self.progress.list_no)
        return status


def refuse_late_start(operation: Operation, *, at: datetime) -> None:
    """End a start that wasn't taken up in time; do nothing if a job has just begun it."""
    campaign = Campaign.objects.get(pk=operation.subject_id)
    with transaction.atomic():
        if services.end(operation, Operation.Status.REFUSED, at=at, problem=endings.too_late(operation)):
            leave_lane(campaign, operation.pk)
            note_failed(campaign, operation.pk, at=at)
