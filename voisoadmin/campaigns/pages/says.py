"""A campaign's state as a sentence: what it does, since when and why, who is there for it, what was sent today."""

from datetime import datetime

from voisoadmin.campaigns.counted import Sums
from voisoadmin.campaigns.describing import Chip, cause_of
from voisoadmin.campaigns.models import Campaign, CampaignState, Cause
from voisoadmin.campaigns.statuses import Status
from voisoadmin.lib.times import clock_time, relative


def sentences_of(campaign: Campaign, chip: Chip, sums: Sums, *, at: datetime) -> list[str]:
    """Without the people: assignments add theirs. The word of the state is beside it, as a chip."""
    return [text for text in (_state(campaign, chip, at), _sent(campaign, sums, at)) if text]


def _state(campaign: Campaign, chip: Chip, at: datetime) -> str:
    is_told_by_us = campaign.status_source == Campaign.Source.INFERRED
    if campaign.status != Status.ACTIVE or campaign.pending_operation or chip.is_stale or is_told_by_us:
        return _sentence(chip.cause)
    if campaign.status_since is None or campaign.cause == Cause.FIRST_SEEN:
        return "Already active when it was first seen."
    since = f"Since {clock_time(campaign.status_since, at=at)}"
    if campaign.status_by:
        return f"{since}, started by {campaign.status_by}."
    why = cause_of(CampaignState(status=campaign.status, cause=campaign.cause, since=campaign.status_since))
    return f"{since}. {why}." if why else f"{since}."


def _sent(campaign: Campaign, sums: Sums, at: datetime) -> str:
    last = campaign.lane.last_call_at
    if not sums.answered:
        return "No contacts sent today."
    ago = f", the last {relative(last, at=at)} ago" if last is not None and last <= at else ""
    return f"{sums.accepted:,} contact{'' if sums.accepted == 1 else 's'} added today{ago}."


def _sentence(text: str) -> str:
    if not text:
        return ""
    text = text.replace(" · ", ". ")
    return text[0].upper() + text[1:] + ("" if text[-1] in ".!?…" else ".")
