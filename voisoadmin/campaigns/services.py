"""Requesting fresh state: which syncs a page may cause, and how fifty pages cause only one."""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Q, QuerySet

from voisoadmin.accounts.models import User
from voisoadmin.campaigns.models import Campaign, Polling
from voisoadmin.connections.models import Connection
from voisoadmin.lib.clock import is_due, lately
from voisoadmin.lib.jobs import enqueue

ASK_AFTER = timedelta(seconds=1)  # a page asks for a sync if the last one is older
MISSED_AFTER = timedelta(seconds=20)
FARTHEST = timedelta(minutes=6)  # the next read is planned earlier than that
NOTE_LOOKS_AFTER = timedelta(seconds=30)  # precision of `looked_at`
MOST_LOOKED_AT = 200  # campaigns on one page


def keep_fresh(campaign_ids: Sequence[int], *, by: User, at: datetime) -> int:
    """A page shows these campaigns: record it, and queue what is due of their connections; return how many were queued."""
    shown = Campaign.objects.visible_to(by).filter(pk__in=campaign_ids[:MOST_LOOKED_AT])
    newly = dict(shown.exclude(looked_at__range=lately(at, NOTE_LOOKS_AFTER)).values_list("pk", "connection_id"))
    if newly:
        Campaign.objects.filter(pk__in=newly).update(looked_at=at)
        # If no page was open before, the next read was planned for later.
        Polling.objects.filter(connection__in=set(newly.values()), due_at__gt=at).update(due_at=at)
    connections = Connection.objects.visible_to(by).listable(at)
    if campaign_ids:
        connections = connections.filter(pk__in=shown.values("connection_id"))
    return ask_where_due(connections, at=at)


def ask_where_due(connections: QuerySet[Connection], *, at: datetime) -> int:
    """Queue a read for each of these connections of which something may be due."""
    due = connections.filter(Q(polling=None) | is_due("polling__due_at", at, farthest=FARTHEST))
    return ask_for_sync(due.values_list("pk", flat=True), at=at)


def ask_for_sync(connection_ids: Iterable[int], *, at: datetime, job: str = "sync_connection") -> int:
    """Queue one sync for each connection that wasn't synced, or queued, within the last seconds."""
    asked = 0
    for connection_id in connection_ids:
        recently = lately(at, ASK_AFTER)
        with transaction.atomic():
            # One UPDATE decides: of fifty screens at the same moment, one enqueues.
            won = (
                Connection.objects.filter(pk=connection_id, removed_at=None)
                .exclude(sync_asked_at__range=recently)
                .exclude(synced_at__range=recently)
                .update(sync_asked_at=at)
            )
            if won:
                # The job plans the next read; if it is lost, this is when it is missed.
                Polling.objects.filter(connection_id=connection_id).update(due_at=at + MISSED_AFTER)
                enqueue(f"voisoadmin.campaigns.tasks.{job}", connection_id)
                asked += 1
    return asked
