"""Whether a lead that is posted now would reach the campaign, and what stops it."""

from datetime import datetime

from voisoadmin.feeds.models import Feed


def problems_of(feed: Feed, *, at: datetime) -> list[tuple[str, str]]:
    """Code and sentence of each; empty if nothing stops it."""
    found = []
    if feed.campaign.connection.removed_at is not None:
        found.append(("closed", "The contact centre was removed."))
    if feed.is_paused:
        found.append(("paused", "The feed is paused."))
    if not feed.tokens.filter(revoked_at=None).exists():
        found.append(("no_token", "No token is valid."))
    if feed.campaign.missing_since is not None:
        found.append(("campaign_missing", "Voiso no longer lists the campaign."))
    elif feed.campaign.takes_contacts is False:
        found.append(("not_live", "The campaign isn't a Live campaign, so it takes no contacts."))
    lane = feed.campaign.lane
    if lane.is_held(at):
        found.append(("sending_held", lane.held_reason))
    connection = feed.campaign.connection
    if connection.is_held(at):
        found.append(("contact_centre_held", connection.held_reason))
    return found
