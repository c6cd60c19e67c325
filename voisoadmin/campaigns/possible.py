"""Which of start, pause and stop make sense now, and why not.

Unknown facts never disable a button: then Voiso decides.
"""

from datetime import datetime, timedelta

from django.utils import timezone

from voisoadmin.campaigns.models import Campaign
from voisoadmin.campaigns.statuses import Status, impossible_in
from voisoadmin.connections.health import Health, health_of
from voisoadmin.voiso import Change

AGENTS_KNOWN_FOR = timedelta(minutes=5)  # an open page has them counted every minute


def possible_changes(campaign: Campaign, *, at: datetime | None = None, health: Health | None = None) -> dict[Change, str]:
    """For each change an empty text, or why it isn't possible. Reads only `campaign.connection` and its lane."""
    at = at or timezone.now()
    health = health or health_of(campaign.connection, at=at)
    if health.out:
        return _out(health)
    if campaign.pending_operation:
        return dict.fromkeys(Change, f"Wait until Voiso confirms the {campaign.pending_operation}")
    if campaign.missing_since is not None:
        return dict.fromkeys(Change, "Voiso no longer lists this campaign")
    # After an inferred status it may have been stopped in Voiso without our knowing, so Start stays available.
    reasons = impossible_in("" if campaign.status_source == Campaign.Source.INFERRED else campaign.status)
    # Agents are known if the API lists them. Contacts aren't, because others may have added some; so they never disable
    # Start.
    if campaign.status == Status.DRAFT and campaign.agents_count == 0 and _is_fresh(campaign.agents_counted_at, at):
        reasons[Change.START] = "Add at least one agent to start"
    return reasons


def _is_fresh(counted_at: datetime | None, at: datetime) -> bool:
    """Whether the agent count is recent. No timestamp: it came with the campaign."""
    return counted_at is None or abs(at - counted_at) < AGENTS_KNOWN_FOR


def _out(health: Health) -> dict[Change, str]:
    if health.needs_person:
        return dict.fromkeys(Change, health.problem.rstrip(".") or "The connection doesn't work")
    reasons = dict.fromkeys(Change, "Voiso isn't answering")
    reasons[Change.START] = "Voiso isn't answering, and a start is never sent late"
    return reasons
