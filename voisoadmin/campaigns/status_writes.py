"""The one place where a campaign's status is written, with its row in the timeline."""

from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import F

from voisoadmin.campaigns.board_places import keep_places
from voisoadmin.campaigns.models import Campaign, CampaignState, Lane
from voisoadmin.campaigns.statuses import settled

FAILED_SHOWN_FOR = timedelta(hours=1)


@transaction.atomic
def record_status(
    campaign: Campaign,
    status: str,
    *,
    source: str,
    by: str = "",
    cause: str = "",
    at: datetime,
    control_no: int | None = None,
) -> bool:
    """Save a status that Voiso reported or that we infer; return False if nothing was written.

    `control_no`: the campaign's number when a poll began. If an operation began or ended since, the poll's data is
    outdated and dropped. An empty status (not reported) never overwrites a known one.
    """
    if not status:
        return False
    # The row is locked first (on SQLite the transaction is the lock): a poll and an operation may end at the same moment.
    now = Campaign.objects.select_for_update().get(pk=campaign.pk)
    if control_no is not None and now.control_no != control_no:
        return False
    if not by and settled(now.status) == status:
        by = now.status_by
    changes: dict[str, object] = {"status_source": source}
    if now.status != status:
        changes |= {"status": status, "status_since": at, "status_by": by, "cause": cause, "changed_at": at}
        changes |= {"failed_operation": None, "failed_at": None}
        CampaignState.objects.filter(campaign=now, until=None).update(until=at)
        accepted = Lane.objects.values_list("contacts_accepted", flat=True).get(pk=now.lane_id)
        CampaignState.objects.create(
            campaign=now, status=status, source=source, by=by, cause=cause, since=at, accepted_before=accepted
        )
    elif cause and cause != now.cause:
        changes["cause"] = cause
        CampaignState.objects.filter(campaign=now, until=None).update(cause=cause)
    Campaign.objects.filter(pk=now.pk).update(**changes)
    if "status" in changes:
        keep_places(Campaign.objects.filter(pk=now.pk))
    for name, value in changes.items():
        setattr(campaign, name, value)
    return True


def take_lane(campaign: Campaign, operation_id: int, *, pending: str = "", at: datetime) -> bool:
    """Make an operation the only one on the campaign's lane; False if there is one already.

    `pending`: start, pause or stop, shown on every campaign of the lane until `leave_lane`.
    """
    lanes = Lane.objects.filter(pk=campaign.lane_id, running_operation=None)
    if lanes.update(running_operation=operation_id) != 1:
        return False
    if pending:
        # A poll that began before this moment may have read the state before the operation.
        Campaign.objects.filter(lane_id=campaign.lane_id).update(
            pending_operation=pending, pending_since=at, control_no=F("control_no") + 1
        )
        with transaction.atomic():
            own = Campaign.objects.filter(lane_id=campaign.lane_id)
            if own.exclude(failed_operation=None).update(failed_operation=None, failed_at=None):
                keep_places(own)
    return True


def leave_lane(campaign: Campaign, operation_id: int) -> bool:
    """Release the campaign for the next operation; False if this one didn't hold it."""
    lanes = Lane.objects.filter(pk=campaign.lane_id, running_operation=operation_id)
    if lanes.update(running_operation=None) != 1:
        return False
    Campaign.objects.filter(lane_id=campaign.lane_id).update(
        pending_operation="", pending_since=None, control_no=F("control_no") + 1
    )
    return True


@transaction.atomic
def note_failed(campaign: Campaign, operation_id: int, *, at: datetime) -> None:
    """A start, pause or stop was refused or not confirmed: the board shows it until something changes, for an hour at most."""
    own = Campaign.objects.filter(pk=campaign.pk, pending_operation="")
    if own.update(failed_operation=operation_id, failed_at=at):
        keep_places(own)


@transaction.atomic
def forget_failed(*, at: datetime) -> None:
    old = Campaign.objects.filter(failed_at__lt=at - FAILED_SHOWN_FOR)
    if keys := list(old.values_list("pk", flat=True)):
        Campaign.objects.filter(pk__in=keys).update(failed_operation=None, failed_at=None)
        keep_places(Campaign.objects.filter(pk__in=keys))


@transaction.atomic
def note_agents(campaign: Campaign, count: int | None, *, at: datetime) -> None:
    """How many agents Voiso lists for the campaign; None if it didn't say."""
    own = Campaign.objects.filter(pk=campaign.pk)
    own.update(agents_counted_at=at)
    if count is not None and own.exclude(agents_count=count).update(agents_count=count):
        keep_places(own)
