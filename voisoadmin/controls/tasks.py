from django.utils import timezone

from voisoadmin.campaigns.models import Campaign
from voisoadmin.campaigns.status_writes import leave_lane
from voisoadmin.controls import change_job
from voisoadmin.controls.bulk.changes_job import ChangesJob
from voisoadmin.controls.change_steps import KINDS, is_late
from voisoadmin.lib.jobs import job
from voisoadmin.operations import services as operations
from voisoadmin.operations.models import Operation


@job
def run_operation(operation_id: int, attempt: int = 0) -> None:
    """Work on a start, pause or stop for as long as one job may; the next job continues."""
    change_job.ChangeJob.continue_in_background(operation_id, attempt)


@job
def run_bulk(operation_id: int, attempt: int = 0) -> None:
    """Work on a bulk of starts, pauses or stops for as long as one job may; the next job continues."""
    ChangesJob.continue_in_background(operation_id, attempt)


@job
def sweep() -> None:
    """Every minute: resume work left by dead workers or lost jobs, and refuse expired starts."""
    at = timezone.now()
    for operation in operations.left_behind(KINDS, at=at):
        never_begun = operation.status == Operation.Status.QUEUED
        if never_begun and operation.kind == Operation.Kind.START and is_late(operation, at):
            change_job.refuse_late_start(operation, at=at)
        else:
            change_job.ChangeJob.queue(operation)
    _free_lanes()


def _free_lanes() -> None:
    """Release lanes of operations that have ended or are gone. There should be none: an outcome releases its lane."""
    held = Campaign.objects.filter(lane__running_operation__isnull=False).select_related("lane")
    for campaign in held:
        under_way = campaign.lane.running_operation
        if under_way is not None and not Operation.objects.open().filter(pk=under_way).exists():
            leave_lane(campaign, under_way)
