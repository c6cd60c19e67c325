import uuid

import pytest
from django.urls import reverse
from django.utils import timezone

from tests.support.markup import markup
from tests.support.queue import run_jobs
from voisoadmin.assignments.roster import sync_roster
from voisoadmin.connections.opening import client_for
from voisoadmin.operations.models import Operation

LENA, TOM, PRIYA = "lena.fischer@example.com", "tom.okafor@example.com", "priya.nair@example.com"


def read_roster(connection):
    with client_for(connection) as client:
        return sync_roster(connection, client, at=timezone.now())


@pytest.fixture
def staffed(any_campaign):
    """A campaign with Lena on it, in each API generation, and the roster already read: Lena, Tom, Priya; Evening and
    Morning."""
    read_roster(any_campaign.connection)
    return any_campaign


@pytest.fixture
def change_people(client, ines):
    """Paste names, preview the change and apply it, as the page's forms do; return the operation."""

    def change(campaign, do, *names, token=None, step="apply", run=True):
        client.force_login(ines)
        data = {"do": do, "names": "\n".join(names), "step": step, "client_token": token or uuid.uuid4()}
        answer = client.post(reverse("assignments:change", args=[campaign.pk]), data)
        if step == "preview":
            return markup(answer)
        if run:
            run_jobs()
        return Operation.objects.filter(kind="assign").order_by("pk").last()

    return change


def outcomes(operation):
    """The outcome of each name."""
    return {entry["name"]: entry["outcome"] for entry in operation.result["names"]}


def on(sandbox, campaign):
    """Emails of the people who are on the campaign in Voiso."""
    centre = sandbox.centre
    return {centre.users[number].email for number in sandbox.campaign(campaign.voiso_id).agents}
