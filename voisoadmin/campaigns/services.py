"""Requesting fresh state: which syncs a page may cause, and how fifty pages cause only one."""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from urllib.parse import urlsplit

from django.db import transaction
from django.db.models import Q

from voisoadmin.accounts.models import User
from voisoadmin.campaigns.models import Campaign
from voisoadmin.connections.models import Connection
from voisoadmin.lib.jobs import enqueue

ASK_AFTER = timedelta(seconds=4)  # a page asks for a sync if the last one is older
NOTE_LOOKS_AFTER = timedelta(seconds=30)  # precision of `looked_at`
MOST_LOOKED_AT = 200  # campaigns on one page

_PORTS = {"https": 443, "http": 80}


def address_of(base_url: str) -> str:
    """The address of a lane: scheme, host and port, normalised. `https://CC-ams03.voiso.com/` -> `https://cc-ams03.voiso.com:443`"""
    parts = urlsplit(base_url)
    scheme = parts.scheme.lower()
    return f"{scheme}://{(parts.hostname or '').lower()}:{parts.port or _PORTS[scheme]}"


def somebody_looks(campaign_ids: Sequence[int], *, by: User, at: datetime) -> int:
    """A page shows these campaigns: record it, and queue a sync of their connections; return how many were queued."""
    shown = Campaign.objects.visible_to(by).filter(pk__in=campaign_ids[:MOST_LOOKED_AT])
    stale = Q(looked_at=None) | Q(looked_at__lt=at - NOTE_LOOKS_AFTER) | Q(looked_at__gt=at + NOTE_LOOKS_AFTER)
    due = list(shown.filter(stale).values_list("pk", flat=True))
    if due:
        Campaign.objects.filter(pk__in=due).update(looked_at=at)
    connections = Connection.objects.visible_to(by).listable(at)
    if campaign_ids:
        connections = connections.filter(pk__in=shown.values("connection_id"))
    return ask_for_sync(connections.values_list("pk", flat=True), at=at)


def ask_for_sync(connection_ids: Iterable[int], *, at: datetime, job: str = "sync_connection") -> int:
    """Queue one sync for each connection that wasn't synced, or queued, within the last seconds."""
    asked = 0
    for connection_id in connection_ids:
        recently = (at - ASK_AFTER, at + ASK_AFTER)
        with transaction.atomic():
            # One UPDATE decides: of fifty screens at the same moment, one enqueues.
            won = (
                Connection.objects.filter(pk=connection_id, removed_at=None)
                .exclude(sync_asked_at__range=recently)
                .exclude(synced_at__range=recently)
                .update(sync_asked_at=at)
            )
            if won:
                enqueue(f"voisoadmin.campaigns.tasks.{job}", connection_id)
                asked += 1
    return asked
