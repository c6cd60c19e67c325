"""Refused clicks on start, pause or stop, as long as nothing has changed since."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from voisoadmin.campaigns.models import Campaign
from voisoadmin.operations.models import Operation
from voisoadmin.voiso import Change

SHOWN_FOR = timedelta(hours=1)


def news_of(campaigns: Sequence[Campaign], *, at: datetime) -> dict[int, Operation]:
    """By the campaign's key, in one query. Refusals that were shown in answer to the click are left out."""
    latest: dict[int, Operation] = {}
    wanted = {campaign.pk: campaign for campaign in campaigns}
    asked = Operation.objects.filter(campaign_ref__in=wanted, kind__in=list(Change), asked_at__gt=at - SHOWN_FOR)
    for operation in asked.order_by("asked_at", "pk"):
        latest[operation.subject_id] = operation
    return {key: operation for key, operation in latest.items() if _is_news(operation, wanted[key])}


def _is_news(operation: Operation, campaign: Campaign) -> bool:
    failed = operation.status in {Operation.Status.REFUSED, Operation.Status.UNCONFIRMED}
    if not failed or "refused" in operation.result or operation.ended_at is None:
        return False
    return campaign.status_since is None or campaign.status_since <= operation.ended_at


def in_words(operation: Operation) -> str:
    """The line under the campaign's state; Activity and the campaign's page have the details."""
    if operation.status == Operation.Status.UNCONFIRMED:
        return f"{operation.get_kind_display()} not confirmed by Voiso"
    if operation.answer:
        return f"Voiso refused to {operation.kind}: “{operation.answer}”"
    return f"{operation.get_kind_display()} refused: {operation.problem}"
