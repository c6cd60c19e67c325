"""The history of agents' statuses: only changes, for as long as a replay looks back. Written after each complete reading."""

from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Max

from voisoadmin.campaigns.models import AgentPresence, Presence
from voisoadmin.connections.models import Connection
from voisoadmin.rules.models import AgentChange, PresenceSpan

KEPT_FOR = timedelta(days=30)
SPAN_LASTS = timedelta(days=1)  # so that the changes before a day can be deleted


@transaction.atomic
def note_presence(connection: Connection) -> None:
    """Write what has changed since the last reading."""
    presence = Presence.objects.filter(connection=connection).first()
    if presence is None or presence.read_at is None:
        return
    read_at = presence.read_at
    span = PresenceSpan.objects.select_for_update().filter(connection=connection).order_by("-end", "-pk").first()
    if span is not None and span.end == read_at:
        return
    if span is None or not presence.is_whole or not _continues(span, presence, read_at):
        if presence.is_whole:
            _begin(presence, read_at)
        return
    # A change is seen while its list is read, which is after the reading began.
    last = span.changes.aggregate(last=Max("at"))["last"] or span.begin
    changed = AgentPresence.objects.filter(connection=connection, since__gt=last)
    AgentChange.objects.bulk_create(AgentChange(span=span, who=row.who, group=row.group, at=row.since) for row in changed)
    span.end = read_at
    span.save(update_fields=["end"])


def _continues(span: PresenceSpan, presence: Presence, read_at: datetime) -> bool:
    gap = read_at - span.end
    return (
        timedelta() < gap <= timedelta(seconds=2 * presence.every_seconds)
        and read_at - span.begin < SPAN_LASTS
        and span.agents == presence.agents
    )


def _begin(presence: Presence, read_at: datetime) -> None:
    PresenceSpan.objects.filter(connection=presence.connection, end__lt=read_at - KEPT_FOR).delete()
    span = PresenceSpan.objects.create(connection=presence.connection, begin=read_at, end=read_at, agents=presence.agents or 0)
    rows = AgentPresence.objects.filter(connection=presence.connection)
    AgentChange.objects.bulk_create(AgentChange(span=span, who=row.who, group=row.group, at=read_at) for row in rows)
