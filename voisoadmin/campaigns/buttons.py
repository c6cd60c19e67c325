"""Start, pause and stop as buttons: the same on the board and on a campaign's page."""

from dataclasses import dataclass
from datetime import datetime

from voisoadmin.campaigns.models import Campaign
from voisoadmin.campaigns.possible import possible_changes
from voisoadmin.connections.health import Health
from voisoadmin.voiso import Change

GOING_ON = {Change.START: "Starting…", Change.PAUSE: "Pausing…", Change.STOP: "Stopping…"}
ICONS = {Change.START: "player-play", Change.PAUSE: "player-pause", Change.STOP: "player-stop"}


@dataclass(frozen=True, kw_only=True, slots=True)
class Button:
    change: Change
    label: str
    icon: str
    reason: str  # why it isn't possible; empty: it is
    pending: bool  # requested, not confirmed yet


def buttons_of(campaign: Campaign, *, at: datetime, health: Health | None = None) -> list[Button]:
    """Reads only `campaign.connection` and its lane."""
    reasons = possible_changes(campaign, at=at, health=health)
    return [
        Button(
            change=change,
            label=GOING_ON[change] if campaign.pending_operation == change else change.capitalize(),
            icon=ICONS[change],
            reason=reasons[change],
            pending=campaign.pending_operation == change,
        )
        for change in Change
    ]
