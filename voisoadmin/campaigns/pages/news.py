"""Refused clicks on start, pause or stop, as long as nothing has changed since."""

from django.db.models import OuterRef, Subquery
from django.db.models.functions import JSONObject

from voisoadmin.campaigns.models import Campaign, CampaignQuerySet
from voisoadmin.operations.models import Operation

_FACTS = "facts_of_news"


def with_news(campaigns: CampaignQuerySet) -> CampaignQuerySet:
    """Campaigns for `news_of`, without another query."""
    facts = JSONObject(kind="kind", status="status", answer="answer", problem="problem")
    failed = Operation.objects.filter(pk=OuterRef("failed_operation")).order_by()
    return campaigns.annotate(**{_FACTS: Subquery(failed.values(facts=facts))})


def news_of(campaign: Campaign) -> Operation | None:
    """With the fields that `in_words` reads."""
    facts = getattr(campaign, _FACTS)
    return Operation(**facts) if facts else None


def in_words(operation: Operation) -> str:
    """The line under the campaign's state; Activity and the campaign's page have the details."""
    if operation.status == Operation.Status.UNCONFIRMED:
        return f"{operation.get_kind_display()} not confirmed by Voiso"
    if operation.answer:
        return f"Voiso refused to {operation.kind}: “{operation.answer}”"
    return f"{operation.get_kind_display()} refused: {operation.problem}"
