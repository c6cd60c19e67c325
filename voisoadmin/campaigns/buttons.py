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
    asks_first: bool = False


def buttons_of(campaign: Campaign, *, at: datetime, health: Health | None = None) -> list[Button]:
    """Reads only `campaign.connection` and its lane."""
    reasons = possible_changes(campaign, at=at, health=health)
    return [_button(change, reasons[change], pending=campaign.pending_operation == change) for change in Change]


def _button(change: Change, reason: str, *, pending: bool) -> Button:
    """`pending`: requested, not confirmed yet."""
    if pending:
        return Button(change=change, label=GOING_ON[change], icon="loader-2", reason="Waiting for Voiso to confirm")
    label, icon = change.capitalize(), ICONS[change]
    if change == Change.STOP and not reason:
        return Button(change=change, label=f"{label}…", icon=icon, reason="", asks_first=True)
    return Button(change=change, label=label, icon=icon, reason=reason)
