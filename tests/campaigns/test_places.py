"""In which group of the board a campaign is, kept with whatever decides it."""

from datetime import timedelta

import pytest
from django.utils import timezone

from tests.campaigns.support import make_campaign, make_connection
from voisoadmin.campaigns.models import Campaign
from voisoadmin.campaigns.status_writes import forget_failed, note_agents, note_failed, record_status, take_lane

pytestmark = pytest.mark.django_db
Place = Campaign.Place


def place(campaign: Campaign) -> Place:
    return Place(Campaign.objects.get(pk=campaign.pk).place)


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({"status": "active"}, Place.ACTIVE),
        ({"status": "pausing"}, Place.PAUSED),
        ({"status": "auto_pausing"}, Place.PAUSED),
        ({"status": "stopped"}, Place.ENDED),
        ({"status": "draft"}, Place.NOT_STARTED),
        ({"status": ""}, Place.UNKNOWN),
        ({"status": "a new word"}, Place.UNKNOWN),
        ({"status": "auto_paused"}, Place.ATTENTION),
        ({"status": "import_error"}, Place.ATTENTION),
        ({"status": "draft", "agents_count": 0}, Place.ATTENTION),
        ({"status": "active", "agents_count": 0}, Place.ATTENTION),
        ({"status": "active", "agents_count": None}, Place.ACTIVE),
        ({"status": "active", "missing_since": timezone.now()}, Place.GONE),
    ],
)
def test_state_and_agents_decide_the_place(fields, expected):
    assert make_campaign(make_connection(), **fields).place == expected


def test_a_status_and_a_count_of_agents_move_it():
    campaign = make_campaign(make_connection(), status="draft")

    note_agents(campaign, 0, at=timezone.now())
    assert place(campaign) == Place.ATTENTION
    note_agents(campaign, 3, at=timezone.now())
    assert place(campaign) == Place.NOT_STARTED
    record_status(campaign, "active", source="polled", at=timezone.now())
    assert place(campaign) == Place.ACTIVE


def test_a_failed_change_needs_attention_until_the_next_one_or_a_new_status_or_for_an_hour():
    campaign, at = make_campaign(make_connection(), status="paused"), timezone.now()

    note_failed(campaign, 7, at=at)
    assert place(campaign) == Place.ATTENTION
    assert take_lane(campaign, 8, pending="start", at=at)
    assert place(campaign) == Place.PAUSED

    Campaign.objects.update(pending_operation="")
    note_failed(campaign, 8, at=at)
    record_status(campaign, "active", source="polled", at=at)
    assert place(campaign) == Place.ACTIVE

    note_failed(campaign, 9, at=at)
    forget_failed(at=at + timedelta(minutes=59))
    assert place(campaign) == Place.ATTENTION
    forget_failed(at=at + timedelta(minutes=61))
    assert place(campaign) == Place.ACTIVE
