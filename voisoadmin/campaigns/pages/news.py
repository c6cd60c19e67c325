"""Refused clicks on start, pause or stop, as long as nothing has changed since."""

from collections.abc import Sequence

from voisoadmin.campaigns.models import Campaign
from voisoadmin.operations.models import Operation


def news_of(campaigns: Sequence[Campaign]) -> dict[int, Operation]:
    """By the campaign's key, in at most one query."""
    failed = {campaign.failed_operation: campaign.pk for campaign in campaigns if campaign.failed_operation is not None}
    if not failed:
        return {}
    return {failed[operation.pk]: operation for operation in Operation.objects.filter(pk__in=failed)}


def in_words(operation: Operation) -> str:
    """The line under the campaign's state; Activity and the campaign's page have the details."""
    if operation.status == Operation.Status.UNCONFIRMED:
        return f"{operation.get_kind_display()} not confirmed by Voiso"
    if operation.answer:
        return f"Voiso refused to {operation.kind}: “{operation.answer}”"
    return f"{operation.get_kind_display()} refused: {operation.problem}"
