"""Two users change one campaign at the same moment: who was first, worded for the reader of the page.

The facts are stored with the refused click. Who "you" is depends on the reader, so it is decided on display.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from voisoadmin.accounts.models import User
from voisoadmin.campaigns.models import Campaign
from voisoadmin.campaigns.statuses import requested_by
from voisoadmin.lib.times import duration
from voisoadmin.operations.models import Operation
from voisoadmin.operations.templatetags.operations import state
from voisoadmin.voiso import Change

DID = {"start": "started this", "pause": "paused this", "stop": "stopped this", "assign": "changed the agents of this"}


@dataclass(frozen=True, kw_only=True, slots=True)
class First:
    """The change that was first."""

    operation: int | None = None
    kind: str = ""  # empty: no user here, as far as we know
    name: str = ""
    status: str = ""  # if the user is unknown: the campaign's current state
    seconds: int = 0  # before the click
    in_between: bool = False  # after the click, and before the campaign's turn in a bulk

    def as_json(self) -> dict[str, object]:
        return {name: value for name, value in asdict(self).items() if value}


def in_progress(holder: Operation | None, click: Operation, *, at: datetime) -> First:
    """Another operation has the lane."""
    if holder is None:
        return First(kind="assign")
    began = (holder.started_at if holder.parent_id else None) or holder.asked_at
    when = _when(began, click, at)
    return First(operation=holder.pk, kind=holder.kind, name=holder.by_label, **when)


def state_changed(campaign: Campaign, click: Operation, *, at: datetime) -> First:
    """The state was changed since the page was shown."""
    when = _when(campaign.status_since, click, at)
    kind = requested_by(campaign.status)
    if not campaign.status_by or kind is None:
        return First(status=campaign.status, **when)
    lane = Campaign.objects.filter(lane_id=campaign.lane_id).values("pk")
    done = Operation.objects.filter(campaign_ref__in=lane, kind__in=list(Change), status=Operation.Status.DONE).first()
    by = done.pk if done is not None and done.by_label == campaign.status_by else None
    return First(operation=by, kind=kind, name=campaign.status_by, **when)


def lost_to(refused: Operation, other: Operation) -> bool:
    """Whether a click was refused because another one was first."""
    facts = refused.result.get("first")
    return isinstance(facts, dict) and facts.get("operation") == other.pk


def sentence(refused: Operation, *, reader: User | None) -> str:
    """Why a click was refused, for a reader; without one, as the activity shows it to everyone."""
    return sentences([refused], reader=reader)[refused.pk]


def sentences(refused: Sequence[Operation], *, reader: User | None) -> dict[int, str]:
    """The same for several, by ID, in one query."""
    known = {one.pk: First(**one.result["first"]) for one in refused if isinstance(one.result.get("first"), dict)}
    others = Operation.objects.in_bulk([first.operation for first in known.values() if first.operation])
    return {one.pk: _sentence(one, known[one.pk], others, reader) if one.pk in known else one.problem for one in refused}


def _sentence(refused: Operation, first: First, others: Mapping[int, Operation], reader: User | None) -> str:
    if not first.kind:
        when = "after this click" if first.in_between else f"{_ago(first)} before this click"
        return f"It changed to {state(first.status)} {when}. Check the state, then decide."
    if not first.name:
        return "Another change is in progress. Wait until it ends, then decide."
    operation = others.get(first.operation or 0)
    is_mine = reader is not None and operation is not None and operation.by_id == reader.pk
    clicked = reader is not None and refused.by_id == reader.pk
    who = "You" if is_mine else first.name
    before = f"{_ago(first)} before{' you' if clicked and not is_mine else ''}"
    if first.in_between:
        before = f"after {'your' if clicked else 'this'} click, before its turn"
    return f"{who} {DID[first.kind]} {before}{_outcome(operation)}"


def _outcome(first: Operation | None) -> str:
    if first is None or first.status == Operation.Status.DONE:
        return ". Check the state, then decide."
    if not first.has_ended:
        return "; Voiso hasn't confirmed it yet. Wait, then decide."
    ended = "was refused" if first.status == Operation.Status.REFUSED else "is not confirmed"
    return f", but that {ended}. Check the state, then decide."


def _ago(first: First) -> str:
    return duration(first.seconds) if first.seconds else "just"


def _when(moment: datetime | None, click: Operation, at: datetime) -> dict[str, Any]:
    """In a bulk, a campaign's turn (`at`) comes some time after the click."""
    if click.parent_id and moment is not None and click.asked_at < moment:
        return {"in_between": True}
    clicked = click.asked_at if click.parent_id else at
    return {"seconds": max(0, int((clicked - moment).total_seconds())) if moment is not None else 0}
