"""The buttons of a campaign: which are possible, what is in progress, how the last click ended."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from voisoadmin.campaigns.models import Campaign
from voisoadmin.campaigns.possible import possible_changes
from voisoadmin.campaigns.refusals import SHOWN_FOR as FAILED_SHOWN_FOR
from voisoadmin.operations.models import Operation
from voisoadmin.voiso import Change

DONE_SHOWN_FOR = timedelta(minutes=1)
GOING_ON = {Change.START: "Starting…", Change.PAUSE: "Pausing…", Change.STOP: "Stopping…"}
ICONS = {Change.START: "player-play", Change.PAUSE: "player-pause", Change.STOP: "player-stop"}


@dataclass(frozen=True, kw_only=True, slots=True)
class Button:
    change: str
    label: str
    icon: str
    reason: str  # why it isn't possible; empty: it is
    pending: bool


@dataclass(frozen=True, kw_only=True, slots=True)
class Panel:
    campaign: Campaign
    buttons: list[Button] = field(default_factory=list)
    pending: bool = False
    last: Operation | None = None  # ended a short while ago


def panel_of(campaign: Campaign, *, at: datetime, clicked: Operation | None = None) -> Panel:
    """`clicked`: the outcome of the click being answered; its refusal is shown, whatever else happens."""
    reasons = possible_changes(campaign, at=at)
    buttons = [
        Button(
            change=change.value,
            label=GOING_ON[change] if campaign.pending_operation == change else change.value.capitalize(),
            icon=ICONS[change],
            reason=reasons.get(change, ""),
            pending=campaign.pending_operation == change,
        )
        for change in Change
    ]
    last = clicked if clicked is not None and clicked.status == Operation.Status.REFUSED else None
    if last is None and not campaign.pending_operation:
        last = _last(campaign, at)
    return Panel(campaign=campaign, buttons=buttons, pending=bool(campaign.pending_operation), last=last)


def _last(campaign: Campaign, at: datetime) -> Operation | None:
    """The latest start, pause or stop, while its outcome is still worth showing."""
    latest = Operation.objects.about_campaign(campaign.pk).filter(kind__in=[change.value for change in Change]).first()
    if latest is None or latest.ended_at is None:
        return None
    news = DONE_SHOWN_FOR if latest.status == Operation.Status.DONE else FAILED_SHOWN_FOR
    return latest if at - latest.ended_at < news else None
