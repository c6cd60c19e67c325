"""Requesting a change of the agents and teams of one campaign, or of several."""

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction

from voisoadmin.accounts.models import User
from voisoadmin.assignments.claiming import claim
from voisoadmin.assignments.people_job import PeopleJob
from voisoadmin.assignments.preview import NameChange, request_and_result
from voisoadmin.campaigns.bulk.asking import Chosen, ask_bulk
from voisoadmin.campaigns.models import Campaign
from voisoadmin.operations import services as operations
from voisoadmin.operations.clicks import Click
from voisoadmin.operations.models import Operation


@transaction.atomic
def request_people(
    campaign: Campaign,
    entries: Sequence[NameChange],
    *,
    by: User | None,
    by_label: str = "",
    at: datetime,
    in_background: bool = True,
) -> Operation:
    """Request a planned change; return its operation, ended as `refused` if Voiso can't be asked for it now."""
    click = Click(by=by, by_label=by_label, at=at)
    facts = request_and_result(entries, keeps_plan=False)
    operation = operations.ask(Operation.Kind.ASSIGN, campaign.subject, click, **facts)
    if claim(operation, at=at) and in_background:
        PeopleJob.queue(operation)
    return operation


def request_people_on(campaigns: Sequence[Campaign], entries: Sequence[NameChange], click: Click) -> Operation:
    """Request one change of several campaigns: a bulk, or for a single campaign its operation. Raises ActionRefused."""
    if len(campaigns) == 1:
        return request_people(campaigns[0], entries, by=click.by, by_label=click.by_label, at=click.at)
    facts = request_and_result(entries)
    chosen = [Chosen(campaign_id=campaign.pk, **facts) for campaign in campaigns]
    request = request_and_result(entries, keeps_plan=False)["request"]
    return ask_bulk(Operation.Kind.ASSIGN, chosen, click, request=request)
