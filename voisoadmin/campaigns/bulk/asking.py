"""Requesting a bulk, queuing it again after its worker died, and cancelling what is left of it."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from django.db import transaction
from django.db.models import Q

from voisoadmin.campaigns.bulk.bulk_job import LEFT_AFTER, refuse_waiting
from voisoadmin.campaigns.bulk.bulk_kinds import bulk_kinds, job_of
from voisoadmin.campaigns.models import Campaign
from voisoadmin.lib.clock import lately
from voisoadmin.operations import services
from voisoadmin.operations.clicks import ActionRefused, Click, Subject
from voisoadmin.operations.models import Operation

MOST_CAMPAIGNS = 5000
ROWS_AT_ONCE = 500


@dataclass(frozen=True, kw_only=True, slots=True)
class Chosen:
    """A campaign of a bulk, as it was chosen."""

    campaign_id: int
    shown_status: str = ""  # on the page that was clicked; empty: there was none
    request: services.Facts = field(default_factory=dict)
    result: services.Facts = field(default_factory=dict)


@transaction.atomic
def ask_bulk(
    kind: Operation.Kind,
    chosen: Sequence[Chosen],
    click: Click,
    *,
    once_key: uuid.UUID | None = None,
    request: services.Facts | None = None,
) -> Operation:
    """Record a bulk and queue its job; with the same `once_key` again, return the bulk of the first time.

    Campaigns that a user may not see are left out. Raises ActionRefused if none is left, or if they are too many.
    """
    if once_key is not None and (earlier := Operation.objects.filter(once_key=once_key).first()):
        return earlier
    campaigns = _campaigns(chosen, click)
    wanted = [one for one in {one.campaign_id: one for one in chosen}.values() if one.campaign_id in campaigns]
    if not wanted:
        raise ActionRefused("None of these campaigns is listed any more. Choose again.")
    if len(wanted) > MOST_CAMPAIGNS:
        raise ActionRefused(f"At most {MOST_CAMPAIGNS:,} campaigns can be changed at once. Choose fewer.")
    bulk, is_new = services.ask_once(
        kind, _subject(campaigns), click, once_key=once_key, request=request, campaigns=len(wanted)
    )
    if not is_new:
        return bulk
    children = [
        services.child_of(bulk, campaigns[one.campaign_id].subject, one.shown_status, one.request, one.result) for one in wanted
    ]
    Operation.objects.bulk_create(children, batch_size=ROWS_AT_ONCE)
    job_of(kind).queue(bulk)
    return bulk


@transaction.atomic
def cancel_waiting(bulk: Operation, click: Click) -> int:
    """Leave out the campaigns whose turn hasn't come; return how many. What was sent can't be taken back."""
    left_out = refuse_waiting(bulk, "cancelled", f"Cancelled by {click.label} before its turn.", at=click.at)
    if left_out:
        subject = Subject(bulk.subject_kind, bulk.subject_id, bulk.subject_label, connection_ref=bulk.connection_ref)
        services.record_done(Operation.Kind.CANCEL_BULK, subject, click, result={"campaigns": left_out, "bulk": bulk.pk})
    return left_out


def _campaigns(chosen: Sequence[Chosen], click: Click) -> dict[int, Campaign]:
    found = Campaign.objects.filter(connection__removed_at=None)
    if click.by is not None:
        found = found.visible_to(click.by)
    wanted = list(dict.fromkeys(one.campaign_id for one in chosen))
    campaigns: dict[int, Campaign] = {}
    for start in range(0, len(wanted), ROWS_AT_ONCE):
        campaigns |= {row.pk: row for row in found.filter(pk__in=wanted[start : start + ROWS_AT_ONCE])}
    return campaigns


def _subject(campaigns: dict[int, Campaign]) -> Subject:
    centres = {campaign.connection_id for campaign in campaigns.values()}
    count = len(campaigns)
    label = "1 campaign" if count == 1 else f"{count:,} campaigns"
    return Subject(Operation.Subject.CAMPAIGNS, 0, label, connection_ref=centres.pop() if len(centres) == 1 else None)


@transaction.atomic
def pick_up(*, at: datetime) -> int:
    """Let a worker continue the bulks that a dead one left, or whose job was lost; return how many."""
    recently = lately(at, LEFT_AFTER)
    alive = Q(touched_at__range=recently) | Q(touched_at=None, asked_at__range=recently)
    left = Operation.objects.open().bulks().filter(~alive, kind__in=bulk_kinds())
    for bulk in left:
        job_of(bulk.kind).queue(bulk)
    return len(left)
