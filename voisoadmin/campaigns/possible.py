"""Which of start, pause and stop make sense now, and why not.

Unknown facts never disable a button: then Voiso decides.
"""

from datetime import datetime, timedelta

from django.utils import timezone

from voisoadmin.campaigns.models import Campaign
from voisoadmin.connections.health import Contact, last_contact

CHANGES = ("start", "pause", "stop")
AGENTS_KNOWN_FOR = timedelta(minutes=5)  # an open page has them counted every minute
_ASKED = {"start": "the start", "pause": "the pause", "stop": "the stop"}
_REASONS = {
    "active": {"start": "It's already running"},
    "auto_paused": {"start": "It resumes automatically when agents and contacts are there"},
    "auto_pausing": dict.fromkeys(CHANGES, "Wait until it is paused"),
    "pausing": {"start": "Wait until it is paused", "pause": "It's pausing", "stop": "Wait until it is paused"},
    "paused": {"pause": "It's already paused"},
    "stopping": {"start": "Wait until it is stopped", "pause": "Wait until it is stopped", "stop": "It's stopping"},
    "stopped": {"pause": "It's stopped", "stop": "It's already stopped"},
    "completed": {
        "start": "A completed campaign can't be started again",
        "pause": "It has completed",
        "stop": "It has completed",
    },
    "draft": {"pause": "A draft can't be paused", "stop": "A draft can't be stopped"},
    "processing": dict.fromkeys(CHANGES, "Wait until Voiso has imported its contacts"),
    "import_error": dict.fromkeys(CHANGES, "The contact list import failed; fix it in Voiso first"),
}


def possible_changes(campaign: Campaign, *, at: datetime | None = None, contact: Contact | None = None) -> dict[str, str]:
    """For each change an empty text, or why it isn't possible. Reads only `campaign.connection` and its lane."""
    at = at or timezone.now()
    contact = contact or last_contact(campaign.connection, at=at)
    if contact.out:
        return _out(contact)
    if campaign.pending_operation:
        reason = f"Wait until Voiso confirms {_ASKED.get(campaign.pending_operation, 'the change')}"
        return dict.fromkeys(CHANGES, reason)
    if campaign.missing_since is not None:
        return dict.fromkeys(CHANGES, "Voiso no longer lists this campaign")
    reasons = dict.fromkeys(CHANGES, "")
    if campaign.status_source != Campaign.Source.INFERRED:
        # It may have been stopped in Voiso without our knowing, so Start stays available.
        reasons |= _REASONS.get(campaign.status, {})
    # Agents are known if the API lists them. Contacts aren't, because others may have added some; so they never disable
    # Start.
    if campaign.status == "draft" and campaign.agents_count == 0 and _is_fresh(campaign.agents_counted_at, at):
        reasons["start"] = "Add at least one agent to start"
    return reasons


def _is_fresh(counted_at: datetime | None, at: datetime) -> bool:
    """Whether the agent count is recent. No timestamp: it came with the campaign."""
    return counted_at is None or abs(at - counted_at) < AGENTS_KNOWN_FOR


def _out(contact: Contact) -> dict[str, str]:
    if contact.needs_person:
        return dict.fromkeys(CHANGES, contact.problem.rstrip(".") or "The connection doesn't work")
    reasons = dict.fromkeys(CHANGES, "Voiso isn't answering")
    reasons["start"] = "Voiso isn't answering, and a start is never sent late"
    return reasons
