"""Leads as the door of a feed accepts them."""

from collections.abc import Sequence
from datetime import UTC, datetime

from django.db import transaction
from django.utils import timezone

from voisoadmin.campaigns.models import Campaign
from voisoadmin.connections.models import Connection
from voisoadmin.pushes import inbound
from voisoadmin.pushes.inbound import LeadPlace, NewLead
from voisoadmin.pushes.models import Inbox

NOON = datetime(2026, 11, 30, 12, tzinfo=UTC)


def inbox_of(campaign: Campaign, **options: bool) -> Inbox:
    return Inbox.objects.create(campaign=campaign, lane=campaign.lane, label="Website form", **options)


def post(inbox: Inbox, given: Sequence[str], at: datetime = NOON) -> list[LeadPlace]:
    """What a request with these numbers does; those that are taken aren't accepted."""
    with transaction.atomic():
        day = timezone.localdate(at, Connection.objects.get(campaigns__inboxes=inbox).zone)
        own, _ = inbound.opened_inbox(inbox.pk, day=day)
        taken = inbound.taken(own, given)
        leads = [NewLead(number, {"name": "Ana"}, [f"+{number}", "Ana"]) for number in given if number not in taken]
        return inbound.accept(own, leads, at=at)
