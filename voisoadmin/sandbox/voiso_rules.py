"""How Voiso processes a request, the same for both generations; each of them words the refusals differently."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from voisoadmin.sandbox.behaviour import Behaviour
from voisoadmin.sandbox.centre import Campaign, Centre, Lead

MAX_CONTACTS = 1000
# docs/voiso-api.md, section 10, note 7: digits only after an optional +, 7 to 15 of them, no leading zero.
NUMBER = re.compile(r"\+?([1-9][0-9]{6,14})")
TRANSITIONAL = frozenset({"processing", "auto_pausing", "pausing", "stopping"})


class Refusal(Exception):
    """Voiso says no. `kind`: not_found, not_live, too_many, missing, invalid, type, busy, conflict, no_agent, no_lead."""

    def __init__(self, kind: str, words: str = "", *, name: str = "base") -> None:
        super().__init__(words)
        self.kind, self.words, self.name = kind, words, name


@dataclass(slots=True)
class Entry:
    """A contact of a request."""

    number: str  # as it was sent
    values: dict[str, Any]  # by the attribute of a lead; None: the field was omitted


@dataclass(slots=True)
class RuleResult:
    """The outcome of each number of a request, as sent."""

    created: list[str] = field(default_factory=list)
    updated: list[str] = field(default_factory=list)
    duplicates: list[str] = field(default_factory=list)
    rejected: list[str] = field(default_factory=list)


def must_have_types(path: str, priority: object, active: tuple[str, object], behaviour: Behaviour) -> None:
    """Refuse the other type of priority or active than is wanted; `active`: its name and value."""
    name, value = active
    if behaviour.priority_type == "text" and priority is not None and not isinstance(priority, str):
        raise Refusal("type", "must be a string", name=f"{path}.priority")
    if behaviour.active_type == "boolean" and value is not None and not isinstance(value, bool):
        raise Refusal("type", "must be boolean", name=f"{path}.{name}")
    if behaviour.active_type == "number" and value is not None and type(value) is not int:
        raise Refusal("type", "must be an integer", name=f"{path}.{name}")


def refused_type(refusal: Refusal, behaviour: Behaviour) -> tuple[int, dict[str, object]]:
    """The status and the answer for a refused type, in either wording."""
    if behaviour.type_wording == "path":
        return behaviour.type_status, {"errors": {refusal.name: [refusal.words]}}
    return behaviour.type_status, {"error": f"{refusal.name} {refusal.words}"}


def find(centre: Centre, campaign_id: int, now: float) -> Campaign:
    campaign = centre.campaigns.get(campaign_id)
    if campaign is None or campaign.gone:
        raise Refusal("not_found", "Campaign not found")
    campaign.settle(now)
    return campaign


def must_take_contacts(campaign: Campaign, count: int, now: float) -> None:
    if not campaign.live:
        raise Refusal("not_live", "Campaign type should be live")
    if count > MAX_CONTACTS:
        raise Refusal("too_many", f"Maximum limit of {MAX_CONTACTS} contacts for each request")
    if campaign.status == "processing" or now < campaign.importing_until:
        raise Refusal("busy")


def add(campaign: Campaign, entries: Iterable[Entry], *, creator: int) -> RuleResult:
    """A set union by number: one that is already there is a duplicate, also when the same request named it before."""
    outcome = RuleResult()
    for entry in entries:
        match = NUMBER.fullmatch(entry.number)
        if match is None:
            outcome.rejected.append(entry.number)
        elif match[1] in campaign.leads:
            outcome.duplicates.append(entry.number)
        else:
            _insert(campaign, match[1], entry, creator)
            outcome.created.append(entry.number)
    return outcome


def update(campaign: Campaign, entries: Iterable[Entry], *, creator: int, behaviour: Behaviour) -> RuleResult:
    """Change the given fields. An omitted `active` re-activates the contact, as the documentation suggests it may."""
    outcome = RuleResult()
    for entry in entries:
        match = NUMBER.fullmatch(entry.number)
        lead = campaign.leads.get(match[1]) if match else None
        if lead is not None and match is not None:
            _change(lead, entry)
            if lead.is_callable():
                campaign.to_dial.append(match[1])
            outcome.updated.append(entry.number)
        elif match is not None and behaviour.update_unknown == "created":
            _insert(campaign, match[1], entry, creator)
            outcome.created.append(entry.number)
        elif match is None or behaviour.update_unknown == "rejected":
            outcome.rejected.append(entry.number)
    return outcome


def _insert(campaign: Campaign, number: str, entry: Entry, creator: int) -> None:
    lead = Lead(creator)
    _change(lead, entry)
    campaign.leads[number] = lead
    campaign.to_dial.append(number)


def _change(lead: Lead, entry: Entry) -> None:
    for name, value in (entry.values | {"active": entry.values["active"] is not False}).items():
        if value is not None:
            setattr(lead, name, value)


def operate(centre: Centre, campaign: Campaign, change: str, *, now: float, drain: float, behaviour: Behaviour) -> None:
    """Start, pause or stop, by the matrix of voiso-api.md 6.3; `drain`: seconds until the calls have ended."""
    status = campaign.status
    if change == "start":
        if status == "auto_paused":
            return
        if status not in {"draft", "paused"} and not (status == "stopped" and behaviour.starts_stopped):
            raise Refusal("conflict", f"Campaign cannot be started while it is {status}", name="status")
        if not centre.staff(campaign):
            raise Refusal("no_agent", "Campaign must have at least one agent to start")
        if not campaign.leads:
            raise Refusal("no_lead", "Campaign must have at least one lead to start")
        campaign.become("active")
    elif change == "pause":
        if status == "active":
            campaign.turn("pausing", "paused", now=now, seconds=drain)
        elif status == "auto_paused":
            campaign.become("paused")
        else:
            raise Refusal("conflict", f"Campaign cannot be paused while it is {status}", name="status")
    else:
        if status in {"active", "auto_paused"}:
            campaign.turn("stopping", "stopped", now=now, seconds=drain)
        elif status == "paused":
            campaign.become("stopped")
        else:
            raise Refusal("conflict", f"Campaign cannot be stopped while it is {status}", name="status")


def must_take_people(campaign: Campaign, *, need_active: bool) -> None:
    if campaign.status == "stopping" or (need_active and campaign.status != "active"):
        raise Refusal("conflict", f"Agents cannot be changed while the campaign is {campaign.status}", name="status")
