"""Campaigns as rows, for tests without a contact centre."""

from datetime import datetime, timedelta

from django.utils import timezone

from voisoadmin.campaigns.board_places import keep_places
from voisoadmin.campaigns.models import Campaign, CampaignState, Lane
from voisoadmin.connections.models import Connection
from voisoadmin.voiso import Generation


def make_connection(name: str = "Berlin", *, answered: timedelta | None = timedelta(seconds=3), **fields) -> Connection:
    now = timezone.now()
    defaults = {
        "generation": Generation.V4,
        "base_url": f"https://cc-{name.lower()}.voiso.com",
        "key": "a key of the tests",
        "key_last4": "ests",
        "answered_at": None if answered is None else now - answered,
        "synced_at": None if answered is None else now - answered,
    }
    return Connection.objects.create(name=name, **(defaults | fields))


def make_campaign(
    connection: Connection, voiso_id: str = "4711", name: str = "Summer Outreach", *, lane: dict | None = None, **fields
) -> Campaign:
    now = timezone.now()
    held = Lane.objects.create(address=f"{connection.base_url}:443", voiso_id=voiso_id, **(lane or {}))
    since: datetime = fields.pop("since", now - timedelta(hours=2))
    defaults = {
        "status": "active",
        "status_source": Campaign.Source.POLLED,
        "status_since": since,
        "live": True,
        "agents_count": 12,
        "changed_at": since,
    }
    campaign = Campaign.objects.create(connection=connection, lane=held, voiso_id=voiso_id, name=name, **(defaults | fields))
    if campaign.status:
        CampaignState.objects.create(
            campaign=campaign, status=campaign.status, source=campaign.status_source, by=campaign.status_by, since=since
        )
    keep_places(Campaign.objects.filter(pk=campaign.pk))
    campaign.refresh_from_db(fields=["place"])
    return campaign
