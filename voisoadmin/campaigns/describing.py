"""A campaign's state as a supervisor sees it: glyph, word, cause."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from django.utils import timezone

from voisoadmin.campaigns.buttons import GOING_ON
from voisoadmin.campaigns.models import Campaign, CampaignState, Cause, Presence
from voisoadmin.campaigns.statuses import BY_THE_DIALER, STATUSES, UNKNOWN, Status, requested_by
from voisoadmin.connections.health import Health, health_of
from voisoadmin.connections.models import Connection
from voisoadmin.lib.times import clock_time, relative, short_date
from voisoadmin.voiso import Change

NO_CAUSE = "Voiso doesn't say why"
CAUSE_UNKNOWN = "Check agents, contacts and calling hours"
"""Of an auto-paused campaign: nothing that we know argues for one of the causes."""

FRESH_CONTACTS = timedelta(minutes=10)


@dataclass(frozen=True, kw_only=True, slots=True)
class Chip:
    """A state as a chip: the glyph's shape and the word express it, the colour only repeats it."""

    glyph: str
    css: str  # is-good, is-busy, is-idle, is-draft, is-warn, is-bad
    word: str
    cause: str = ""
    tone: str = ""  # of the cause: warn or bad if a person must act
    needs_attention: bool = False
    raw: bool = False  # Voiso's own word, new to us
    is_stale: bool = False

    @property
    def spins(self) -> bool:
        return self.glyph == "loader-2"

    @property
    def moves(self) -> bool:
        """It is changing to another state, so it is refreshed more often."""
        return self.css == "is-busy"


def chip_of(status: str) -> Chip:
    """The chip of a status only; an unknown word is shown as Voiso sent it."""
    facts = STATUSES.get(status, UNKNOWN)
    is_new = bool(status) and facts is UNKNOWN
    return Chip(glyph=facts.glyph, css=facts.css, word=status if is_new else facts.word, raw=is_new)


def actor_of(state: CampaignState) -> str:
    """Who caused a state: a user here, the dialer, or someone in Voiso."""
    if state.by:
        return state.by
    if state.cause == Cause.FIRST_SEEN:
        return "unknown"
    if state.status in BY_THE_DIALER or state.cause == Cause.CONTINUED:
        return "the dialer"
    return "someone in Voiso"


def cause_of(state: CampaignState) -> str:
    """Why it has this status, in a few words; empty if nothing is known."""
    if state.cause == Cause.ACCEPTED:
        change = requested_by(state.status) or "request"
        return f"Assumed: Voiso accepted our {change} at {timezone.localtime(state.since):%H:%M}"
    if state.cause in Cause.values:
        return str(Cause(state.cause).label)
    return NO_CAUSE if state.status == Status.AUTO_PAUSED else ""


def describe(campaign: Campaign, connection: Connection, at: datetime, health: Health | None = None) -> Chip:
    """The campaign's state with its cause in words. Reads `campaign.lane` and `connection.presence`, where not selected."""
    health = health or health_of(connection, at=at)
    chip = chip_of(campaign.status)
    if campaign.pending_operation and not health.out:
        asked = f"Requested {relative(campaign.pending_since, at=at)} ago, not confirmed yet" if campaign.pending_since else ""
        return Chip(glyph="loader-2", css="is-busy", word=GOING_ON[Change(campaign.pending_operation)], cause=asked)
    if health.out:
        since = f"as of {clock_time(health.since, at=at)}" if health.since else "never confirmed"
        glyph = "help-circle" if chip.spins else chip.glyph  # don't animate a state we can't observe
        return replace(chip, glyph=glyph, cause=since, is_stale=True)
    if campaign.missing_since is not None:
        return replace(
            chip, cause=f"No longer listed by Voiso, since {clock_time(campaign.missing_since, at=at)}", is_stale=True
        )
    cause, urgent = _cause(campaign, at)
    tone = ""
    if urgent and not cause.endswith(CAUSE_UNKNOWN):
        tone = "bad" if chip.css == "is-bad" else "warn"
    return replace(chip, cause=cause, tone=tone, needs_attention=urgent)


def _cause(campaign: Campaign, at: datetime) -> tuple[str, bool]:
    """The line under the chip, and whether a person must act."""
    since = _since(campaign, at)
    match campaign.status:
        case "":
            return "This API doesn't report the status", False
        case Status.DRAFT:
            return _what_a_draft_lacks(campaign)
        case Status.ACTIVE:
            return _since_our_change(campaign, at) or _joined(_agents(campaign), since and f"since {since}"), False
        case Status.AUTO_PAUSED:
            return _joined(since and f"since {since}", probable_cause(campaign, at)), True
        case Status.AUTO_PAUSING:
            return "The dialer is pausing; calls are finishing", False
        case Status.PAUSING | Status.STOPPING:
            return _joined("Calls are finishing", campaign.status_by and f"by {campaign.status_by}"), False
        case Status.PROCESSING:
            return "Voiso is importing contacts", False
        case Status.IMPORT_ERROR:
            return "Contact list import failed. Fix it in Voiso", True
        case Status.PAUSED | Status.STOPPED:
            return _since_our_change(campaign, at) or _who_ended_it(campaign, since), False
        case Status.COMPLETED:
            return since, False
        case _:
            return _joined("Unknown state", since and f"since {since}"), False


def _since_our_change(campaign: Campaign, at: datetime) -> str:
    """Empty unless Voiso confirmed a change that was asked for here, and hasn't reported a status since."""
    if campaign.status_source != Campaign.Source.INFERRED or not campaign.status_since:
        return ""
    return f"since our confirmed {requested_by(campaign.status)} at {clock_time(campaign.status_since, at=at)}"


def _who_ended_it(campaign: Campaign, since: str) -> str:
    if campaign.cause == Cause.FIRST_SEEN and not campaign.status_by:
        return "unchanged since first seen"
    return ", ".join(filter(None, [f"by {campaign.status_by}" if campaign.status_by else "in Voiso", since]))


def _since(campaign: Campaign, at: datetime) -> str:
    """When we first saw the status; empty if it had it at our first look, because then we don't know."""
    if campaign.status_since is None or campaign.cause == Cause.FIRST_SEEN:
        return ""
    return _moment(campaign.status_since, at)


def since_words(campaign: Campaign, at: datetime) -> str:
    """`since 13:30`; empty if it isn't known."""
    since = _since(campaign, at)
    return since and f"since {since}"


def _moment(moment: datetime, at: datetime) -> str:
    """`13:31` of today, else the date: there is little room under a chip."""
    zone = timezone.get_current_timezone()  # looked up once: a board has hundreds of moments
    local, now = moment.astimezone(zone), at.astimezone(zone)
    return f"{local:%H:%M}" if local.date() == now.date() else short_date(moment, at=at)


def _agents(campaign: Campaign) -> str:
    if campaign.agents_count is None:
        return "Agents unknown"
    return "1 agent" if campaign.agents_count == 1 else f"{campaign.agents_count} agents"


def _what_a_draft_lacks(campaign: Campaign) -> tuple[str, bool]:
    nothing_sent = campaign.lane.contacts_known == 0
    if campaign.agents_count == 0:
        return (
            "Can't start: no agents, and no contacts sent from here" if nothing_sent else "Can't start: add at least one agent",
            True,
        )
    return ("No contacts sent from here yet" if nothing_sent else "Never started"), False


def proven_cause(campaign: Campaign, at: datetime) -> str:
    """Why the dialer paused, if it is certain; Voiso doesn't say. Others may be assigned than those we know of, so only
    that all agents of the contact centre are logged out is certain."""
    presence = Presence.of(campaign.connection)
    if presence is None or presence.read_at is None or not presence.is_everyone_out(at):
        return ""
    return f"No agent is logged in, as of {clock_time(presence.read_at, at=at)}"


def probable_cause(campaign: Campaign, at: datetime) -> str:
    """Why the dialer paused, or what may be why."""
    if cause := proven_cause(campaign, at):
        return cause
    if campaign.agents_count == 0:
        return "Possible cause: no agent assigned"
    sent = campaign.lane.last_push_at
    if sent is not None and at - sent < FRESH_CONTACTS and campaign.lane.contacts_added:
        # New contacts make one of the three documented causes less likely.
        return "Possible causes: no agent logged in, outside calling hours"
    return CAUSE_UNKNOWN


def _joined(*parts: str) -> str:
    return " · ".join(part for part in parts if part)
