"""The people on a campaign's page: who may take the next call is first, and among equals who has waited longest."""

import re
from datetime import datetime, timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from tests.campaigns.support import make_campaign, make_connection
from tests.support.markup import markup
from voisoadmin.assignments.models import Agent, Assignment, Team
from voisoadmin.campaigns.models import AgentPresence, Campaign, Presence

pytestmark = pytest.mark.django_db

STATUSES = {
    "Anna": ("out", 9),
    "Bela": ("on_call", 2),
    "Carla": ("waiting", 1),
    "Dora": ("waiting", 7),
    "Emil": ("other", 3),
    "Fritz": None,
    "Greta": ("available", 4),
}


@pytest.fixture
def now() -> datetime:
    return timezone.now()


@pytest.fixture
def campaign(now) -> Campaign:
    campaign = make_campaign(make_connection(generation="legacy"))
    Presence.objects.create(connection=campaign.connection, read_at=now, every_seconds=15)
    for name, status in STATUSES.items():
        email = f"{name.lower()}@example.com"
        agent = Agent.objects.create(connection=campaign.connection, name=name, email=email, seen_at=now)
        Assignment.objects.create(campaign=campaign, agent=agent, source="confirmed", since=now)
        if status:
            group, minutes = status
            AgentPresence.objects.create(
                connection=campaign.connection, who=email, word=group, group=group, since=now - timedelta(minutes=minutes)
            )
    return campaign


def names_in(client, campaign: Campaign, **headers: str) -> list[str]:
    text = markup(client.get(reverse("assignments:panel", args=[campaign.pk]), headers=headers))
    return re.findall("|".join([*STATUSES, "Night shift"]), " ".join(re.findall("<bdi hx-disable>([^<]*)</bdi>", text)))


def test_on_the_campaigns_page_people_come_by_presence(client, ines, campaign):
    client.force_login(ines)

    assert names_in(client, campaign, **{"HX-Request": "true"}) == ["Dora", "Carla", "Greta", "Bela", "Emil", "Anna", "Fritz"]


def test_teams_have_no_presence_and_come_first(client, ines, campaign, now):
    client.force_login(ines)
    team = Team.objects.create(connection=campaign.connection, name="Night shift", seen_at=now)
    Assignment.objects.create(campaign=campaign, team=team, source="confirmed", since=now)

    assert names_in(client, campaign, **{"HX-Request": "true"})[:2] == ["Night shift", "Dora"]


def test_the_page_of_all_people_is_sorted_by_name(client, ines, campaign):
    client.force_login(ines)

    assert names_in(client, campaign) == sorted(STATUSES)


def test_the_board_says_how_many_of_the_agents_wait_where_the_status_of_all_is_known(client, ines, campaign, now):
    client.force_login(ines)

    def cell() -> str:
        found = markup(client.get("/")).split('data-label="Agents"')[1].split("</td>")[0]
        return " ".join(re.sub("<[^>]*>", " ", found.partition(">")[2]).split())

    Campaign.objects.update(agents_count=None)
    assert cell() == "–"  # Fritz's status isn't known

    AgentPresence.objects.create(connection=campaign.connection, who="fritz@example.com", word="Away", group="other", since=now)
    assert cell() == "2 of 7 waiting 1 on a call"

    Campaign.objects.update(agents_count=9)
    assert cell() == "9"  # two are assigned that we don't know
    Campaign.objects.update(agents_count=None)
    Presence.objects.update(read_at=now - timedelta(minutes=5))
    assert cell() == "–"  # what was read is too old
