"""Requesting a change of a campaign's agents and teams."""

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction

from voisoadmin.accounts.models import User
from voisoadmin.assignments.people_job import PeopleJob
from voisoadmin.assignments.preview import Action, NameChange
from voisoadmin.campaigns.models import Campaign
from voisoadmin.campaigns.status_writes import take_lane
from voisoadmin.connections.families import why_not
from voisoadmin.connections.models import Family
from voisoadmin.lib.text import with_nothing_sent
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
    operation = operations.ask(
        Operation.Kind.ASSIGN,
        campaign.subject,
        Click(by=by, by_label=by_label, at=at),
        request={
            f"{action}_{kind}s": [entry.name for entry in entries if (entry.action, entry.kind) == (action, kind)]
            for action in ("add", "remove")
            for kind in ("agent", "team")
        },
        result={"names": [entry.as_json() for entry in entries]},
    )
    connection = campaign.connection
    why = why_not(connection, Family.PEOPLE, at, by_person=True)
    if why:
        return _refuse(operation, entries, with_nothing_sent(f"{connection.name} is unavailable: {why}"), at=at)
    if not take_lane(campaign, operation.pk, at=at):
        return _refuse(operation, entries, _under_way(campaign), at=at)
    if in_background:
        PeopleJob.queue(operation)
    return operation


@transaction.atomic
def request_people_on(
    campaigns: Sequence[Campaign], entries: Sequence[NameChange], *, action: Action, by: User, at: datetime
) -> Operation:
    """Request one change of several campaigns; return its operation, or that of its only campaign."""
    operations_begun = [request_people(campaign, entries, by=by, at=at) for campaign in campaigns]
    return operations_begun[0]


def _under_way(campaign: Campaign) -> str:
    campaign.lane.refresh_from_db()
    holder = Operation.objects.filter(pk=campaign.lane.running_operation or 0).first()
    if holder is None:
        return "Another change to this campaign is in progress. Wait until it ends, then try again."
    what = holder.get_kind_display().lower()
    return f"{holder.by_label} started another change here ({what}). Wait until it ends."


def _refuse(operation: Operation, entries: Sequence[NameChange], problem: str, *, at: datetime) -> Operation:
    names = [entry.ended("refused", "Not sent.") if entry.is_open else entry for entry in entries]
    result: operations.Facts = {"names": [entry.as_json() for entry in names]}
    operations.end(operation, Operation.Status.REFUSED, at=at, problem=problem, result=result)
    return operation
