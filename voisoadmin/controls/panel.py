"""The buttons of a campaign: which are possible, what is in progress, how the last click ended."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from voisoadmin.accounts.models import User
from voisoadmin.campaigns.buttons import Button, buttons_of
from voisoadmin.campaigns.models import Campaign
from voisoadmin.campaigns.status_writes import FAILED_SHOWN_FOR
from voisoadmin.controls.conflicts import lost_to, sentence
from voisoadmin.controls.ended_change import EndedChange, ended_change
from voisoadmin.operations.models import Operation
from voisoadmin.voiso import Change

LOOK_BACK = 20  # clicks; more people than that don't race
DONE_SHOWN_FOR = timedelta(minutes=1)


@dataclass(frozen=True, kw_only=True, slots=True)
class Panel:
    campaign: Campaign
    buttons: list[Button] = field(default_factory=list)
    pending: bool = False
    ended: EndedChange | None = None  # how the last change ended, a short while ago


def panel_of(campaign: Campaign, *, at: datetime, reader: User, clicked: Operation | None = None) -> Panel:
    """`clicked`: the outcome of the click being answered; its refusal is shown, whatever else happens."""
    last = clicked if clicked is not None and clicked.status == Operation.Status.REFUSED else None
    if last is None and not campaign.pending_operation:
        last = _last(campaign, at, reader)
    return Panel(
        campaign=campaign,
        buttons=buttons_of(campaign, at=at),
        pending=bool(campaign.pending_operation),
        ended=ended_change(last, problem=sentence(last, reader=reader)) if last is not None else None,
    )


def _last(campaign: Campaign, at: datetime, reader: User) -> Operation | None:
    """The latest start, pause or stop, while its outcome is still worth showing; of clicks that were never sent, only the
    reader's."""
    changes = Operation.objects.about_campaign(campaign.pk).filter(kind__in=list(Change))[:LOOK_BACK]
    shown = [change for change in changes if change.by_id == reader.pk or "refused" not in change.result]
    if not shown:
        return None
    # The reader's own click may have come a moment before the one that won.
    lost_to_it = (change for change in shown if change.by_id == reader.pk and lost_to(change, shown[0]))
    latest = next(lost_to_it, shown[0])
    if latest.ended_at is None:
        return None
    news = DONE_SHOWN_FOR if latest.status == Operation.Status.DONE else FAILED_SHOWN_FOR
    return latest if at - latest.ended_at < news else None
