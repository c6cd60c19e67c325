"""What became of an operation: reads the campaign, or where the API has only the list, shares it with all who wait.

A list counts for an operation by its number, never by a clock: it must have begun after the operation's request ended.
"""

import time

from django.utils import timezone

from voisoadmin.campaigns import polling
from voisoadmin.campaigns.models import Campaign, Polling
from voisoadmin.connections.families import note_failure, note_read
from voisoadmin.connections.models import Connection, Family
from voisoadmin.lib.clock import deadline, monotonic, scaled
from voisoadmin.voiso import CampaignFacts, VoisoClient, VoisoError

WAIT_SECONDS = 20.0  # for the list of another reader, which may take that long


def lists_begun(connection: Connection) -> int:
    """The number of the last list that was requested."""
    return Polling.objects.filter(connection=connection).values_list("list_no", flat=True).first() or 0


def status_of(campaign: Campaign, client: VoisoClient, *, after: int) -> tuple[str | None, int]:
    """The campaign's current status in Voiso, and the number of the list that says so.

    Empty if Voiso doesn't report it, None if it couldn't be read. `after`: lists up to this number are outdated, or known.
    """
    if client.capabilities.reads_one_campaign:
        return _ask(campaign, client), after
    ends_at = monotonic() + deadline(WAIT_SECONDS)
    while monotonic() < ends_at:
        row = Campaign.objects.only("list_no", "list_status").get(pk=campaign.pk)
        if row.list_no > after:
            return row.list_status, row.list_no
        at = timezone.now()
        done = polling.sync(campaign.connection, at=at, ends_wait=False)
        if not done.busy:
            return _in_list(done, campaign), lists_begun(campaign.connection)
        time.sleep(scaled(0.5))
    # A worker died while it read the list: its claim lasts longer than anyone waits here.
    return _ask(campaign, client), after


def _in_list(done: polling.Synced, campaign: Campaign) -> str | None:
    statuses = (facts.status for facts in done.listed if facts.id == campaign.voiso_id)
    return None if done.problem else next(statuses, None)


def _ask(campaign: Campaign, client: VoisoClient) -> str | None:
    try:
        return note_one(campaign.connection, client.get_campaign(campaign.voiso_id))
    except VoisoError as problem:
        return note_one(campaign.connection, problem)


def note_one(connection: Connection, found: CampaignFacts | VoisoError) -> str | None:
    """What a read of one campaign says about its connection; return the status, None if it couldn't be read."""
    if isinstance(found, VoisoError):
        note_failure(connection, found, timezone.now(), family=Family.LIST)
        return None
    note_read(connection, timezone.now())
    return found.status
