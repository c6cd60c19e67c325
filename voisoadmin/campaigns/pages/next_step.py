"""The one next step that a campaign's page shows: of a decision, rows to fix, a draft, missing agents, a first start."""

from datetime import datetime

from django.urls import reverse

from voisoadmin.accounts.models import User
from voisoadmin.campaigns.models import Campaign
from voisoadmin.campaigns.pages.sections import NextStep, Urgency, next_steps_of
from voisoadmin.campaigns.statuses import STATUSES, UNKNOWN, Group, Status
from voisoadmin.connections.health import Health


def next_step(campaign: Campaign, user: User, health: Health, *, at: datetime) -> NextStep | None:
    """None: there is nothing to do, or nothing can be done now."""
    if health.out or campaign.missing_since is not None:
        return None
    steps = [*next_steps_of(campaign, user, at=at), *_own_steps(campaign)]
    return min(steps, key=lambda step: step.urgency, default=None)


def _own_steps(campaign: Campaign) -> list[NextStep]:
    steps = []
    has_ended = STATUSES.get(campaign.status, UNKNOWN).group == Group.ENDED
    if campaign.agents_count == 0 and not has_ended:
        steps.append(
            NextStep(
                urgency=Urgency.ADD_AGENTS,
                what="No agents are assigned.",
                detail="It can't dial without one.",
                label="Add agents",
                url=reverse("assignments:panel", args=[campaign.pk]),
            )
        )
    if campaign.status == Status.DRAFT and not campaign.pending_operation:
        steps.append(NextStep(urgency=Urgency.START, what="Start it.", detail="It was never started."))
    return steps
