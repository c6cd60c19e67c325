"""A change of people takes the lane of its campaign, or ends as refused."""

from datetime import datetime

from voisoadmin.assignments.preview import entries_from
from voisoadmin.campaigns.models import Campaign
from voisoadmin.campaigns.status_writes import take_lane
from voisoadmin.connections.families import why_not
from voisoadmin.connections.models import Family
from voisoadmin.lib.text import with_nothing_sent
from voisoadmin.operations import services as operations
from voisoadmin.operations.models import Operation


def claim(operation: Operation, *, at: datetime) -> bool:
    """Whether the operation may change who is on its campaign now; if not, it has ended as refused. In a transaction."""
    campaign = Campaign.objects.select_related("connection", "lane").get(pk=operation.subject_id)
    connection = campaign.connection
    if why := why_not(connection, Family.PEOPLE, at, by_person=True):
        return _refuse(operation, with_nothing_sent(f"{connection.name} is unavailable: {why}"), at=at)
    if not take_lane(campaign, operation.pk, at=at):
        return _refuse(operation, _under_way(campaign), at=at)
    return True


def _under_way(campaign: Campaign) -> str:
    campaign.lane.refresh_from_db()
    holder = Operation.objects.filter(pk=campaign.lane.running_operation or 0).first()
    if holder is None:
        return "Another change to this campaign is in progress. Wait until it ends, then try again."
    what = holder.get_kind_display().lower()
    return f"{holder.by_label} started another change here ({what}). Wait until it ends."


def _refuse(operation: Operation, problem: str, *, at: datetime) -> bool:
    entries = entries_from(operation.result)
    names = [entry.ended("refused", "Not sent.") if entry.is_open else entry for entry in entries]
    result: operations.Facts = {"names": [entry.as_json() for entry in names]}
    operations.end(operation, Operation.Status.REFUSED, at=at, problem=problem, result=result)
    return False
