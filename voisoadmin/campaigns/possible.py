"""Which of start, pause and stop make sense now, and why not.

Unknown facts never disable a button: then Voiso decides.
"""

from datetime import datetime, timedelta

from django.utils import timezone

from voisoadmin.campaigns.contact import Contact, last_contact
from voisoadmin.campaigns.models import Campaign

CHANGES = ("start", "pause", "stop")
AGENTS_KNOWN_FOR = timedelta(minutes=5)  # an open page has them counted every minute
_ASKED = {"start": "the start", "pause": "the pause", "stop": "the stop"}
_REASONS = {
    "active": {"start": "It is running"},
    "auto_paused": {"start": "It starts again by itself when agents and contacts are there"},
    "auto_pausing": dict.fromkeys(CHANGES, "Wait until it has paused"),
    "pausing": {"start": "Wait until it has paused", "pause": "It is pausing", "stop": "Wait until it has paused"},
    "paused": {"pause": "It is paused already"},
    "stopping": {"start": "Wait until it has stopped", "pause": "Wait until it has stopped", "stop": "It is stopping"},
    "stopped": {"pause": "It is stopped", "stop": "It is stopped"},
    "completed": {
        "start": "A completed campaign cannot be started again",
        "pause": "It has completed",
        "stop": "It has completed",
    },
    "draft": {"pause": "A draft cannot be paused", "stop": "A draft cannot be stopped"},
    "processing": dict.fromkeys(CHANGES, "Wait until Voiso has taken its contacts in"),
    "import_error": dict.fromkeys(CHANGES, "Voiso could not take its contact list; mend it in Voiso first"),
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
        return dict.fromkeys(CHANGES, contact.problem.rstrip(".") or "The connection is held")
    reasons = dict.fromkeys(CHANGES, "Voiso does not answer")
    reasons["start"] = "Voiso does not answer; a start would not be sent late"
    return reasons
