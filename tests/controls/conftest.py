import uuid

import pytest
from django.urls import reverse

from voisoadmin.operations.models import Operation


@pytest.fixture
def click(client):
    """Press a button of a campaign, as the page's form does; return the response."""

    def press(campaign, change, *, by=None, htmx=True, token=None, **fields):
        if by is not None:
            client.force_login(by)
        data = {"change": change, "client_token": token or uuid.uuid4(), "shown_status": campaign.status} | fields
        headers = {"HX-Request": "true"} if htmx else {}
        return client.post(reverse("controls:operate", args=[campaign.pk]), data, headers=headers)

    return press


@pytest.fixture
def latest(db):
    """The latest operation."""
    return lambda: Operation.objects.order_by("pk").last()


NUMBERS = ["447415000001", "447415000002"]


@pytest.fixture
def dialled(sandbox, any_campaign):
    """A campaign with an agent and contacts, in each API generation; `set_to` changes its state, here and in Voiso."""
    sandbox.add_leads(any_campaign.voiso_id, NUMBERS)
    set_state(sandbox, any_campaign, "active")
    return any_campaign


def set_state(sandbox, campaign, status):
    sandbox.campaign(campaign.voiso_id).become(status)
    campaign.status = status
    campaign.save(update_fields=["status"])
    return campaign
