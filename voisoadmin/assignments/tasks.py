from datetime import timedelta

from django.utils import timezone

from voisoadmin.assignments import people_bulk, people_job, roster
from voisoadmin.assignments.models import PeopleList, Roster
from voisoadmin.campaigns.budget import Purpose, take, take_lookup
from voisoadmin.campaigns.models import Campaign
from voisoadmin.connections.families import why_not
from voisoadmin.connections.models import Connection, Family
from voisoadmin.connections.opening import client_for
from voisoadmin.lib.jobs import job
from voisoadmin.lib.stopping import stop_requested
from voisoadmin.operations import services as operations
from voisoadmin.operations.models import Operation

ROSTER_EVERY = timedelta(hours=1)
LISTS_IN_A_JOB = 20
LISTS_A_MINUTE = 8


@job
def run_assignment(operation_id: int, attempt: int = 0) -> None:
    """Work on a change of people for as long as one job may; the next job continues."""
    people_job.PeopleJob.continue_in_background(operation_id, attempt)


@job
def run_bulk(operation_id: int, attempt: int = 0) -> None:
    """Work on a change of the people of several campaigns for as long as one job may; the next job continues."""
    people_bulk.PeopleBulkJob.continue_in_background(operation_id, attempt)


@job
def sync_roster(connection_id: int) -> None:
    connection = Connection.objects.filter(pk=connection_id, removed_at=None).first()
    if connection is None or why_not(connection, Family.LOOKUPS, timezone.now()):
        return
    with client_for(connection) as client:
        roster.sync_roster(connection, client, at=timezone.now(), may_ask=lambda: take_lookup(connection, at=timezone.now()))


@job
def sync_people(campaign_id: int) -> None:
    campaign = Campaign.objects.select_related("connection").filter(pk=campaign_id, connection__removed_at=None).first()
    if campaign is None or why_not(campaign.connection, Family.PEOPLE, timezone.now()):
        return
    if take(campaign.connection, Purpose.AGENTS, at=timezone.now()):
        roster.read_people(campaign, at=timezone.now())
    else:
        PeopleList.objects.filter(campaign=campaign).update(began_at=None)  # the open page asks again


@job
def sync_lists(connection_id: int) -> None:
    """Read who is on the campaigns, as many as the requests of a minute allow; the open page asks for the rest."""
    connection = Connection.objects.filter(pk=connection_id, removed_at=None).first()
    at = timezone.now()
    for campaign in roster.stale_lists(connection, at=at)[:LISTS_IN_A_JOB] if connection else ():
        if why_not(campaign.connection, Family.PEOPLE, timezone.now()) or stop_requested():
            break
        if not take(campaign.connection, Purpose.AGENTS, at=timezone.now(), most=LISTS_A_MINUTE):
            break
        PeopleList.objects.get_or_create(campaign=campaign)
        roster.read_people(campaign, at=timezone.now())
    Roster.objects.filter(connection=connection_id).update(lists_began_at=None)


@job
def sweep() -> None:
    """Every minute: resume work left by dead workers or lost jobs; refresh rosters older than an hour."""
    at = timezone.now()
    for operation in operations.left_behind([Operation.Kind.ASSIGN], at=at):
        people_job.PeopleJob.queue(operation)
    for connection in Connection.objects.filter(removed_at=None):
        roster.ask_for_roster(connection, at=at, fresh=ROSTER_EVERY)
