"""Causes that an earlier version stored as sentences are codes after the upgrade."""

import pytest
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.utils import timezone

from tests.support.triggers import create_triggers

pytestmark = pytest.mark.slow

BEFORE = [("campaigns", "0002_alter_lane_sending_state"), ("connections", "0002_alter_connection_held_kind")]
AFTER = [("campaigns", "0004_codes_of_causes")]
SENTENCES = {
    "Already so when we first looked": "first_seen",
    "Went on by itself": "continued",
    "Not asked for here": "elsewhere",
    "Inferred: Voiso accepted our start at 10:42": "accepted",
    "Assumed: Voiso accepted our pause at 10:42": "accepted",
    "A sentence of no version": "",
    "": "",
}


@pytest.fixture
def before(transactional_db):
    executor = MigrationExecutor(connection)
    latest = executor.loader.graph.leaf_nodes()
    executor.migrate(BEFORE)
    yield executor.loader.project_state(BEFORE).apps
    executor = MigrationExecutor(connection)
    executor.migrate(latest)
    create_triggers()


def test_stored_sentences_become_codes(before):
    now = timezone.now()
    centre = before.get_model("connections", "Connection").objects.create(name="Berlin", base_url="https://cc-x.voiso.com")
    for number, sentence in enumerate(SENTENCES):
        lane = before.get_model("campaigns", "Lane").objects.create(address="https://cc-x.voiso.com:443", voiso_id=str(number))
        campaign = before.get_model("campaigns", "Campaign").objects.create(
            connection=centre, lane=lane, voiso_id=str(number), name=sentence, status="paused", cause=sentence, changed_at=now
        )
        campaign.states.create(status="paused", source="polled", cause=sentence, since=now)

    executor = MigrationExecutor(connection)
    executor.migrate(AFTER)

    after = executor.loader.project_state(AFTER).apps
    assert dict(after.get_model("campaigns", "Campaign").objects.values_list("name", "cause")) == SENTENCES
    states = after.get_model("campaigns", "CampaignState").objects.values_list("campaign__name", "cause")
    assert dict(states) == SENTENCES
