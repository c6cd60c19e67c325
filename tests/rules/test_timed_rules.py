"""Rules that act at a time: a start within its window and hours or not at all, a pause in any case."""

from datetime import UTC, datetime, timedelta

import pytest

from tests.controls.conftest import NUMBERS, set_state
from tests.rules.engine import log, make_rule, sentence, times
from voisoadmin.campaigns.models import Campaign
from voisoadmin.operations.models import Operation

pytestmark = pytest.mark.django_db

WORKING_DAY = sentence(times(("09:00", "start"), ("17:00", "pause"), weekdays=range(5)))
NINE, FIVE = datetime(2026, 3, 2, 8, 0, tzinfo=UTC), datetime(2026, 3, 2, 16, 0, tzinfo=UTC)  # in Berlin


@pytest.fixture
def paused(sandbox, campaign):
    """A campaign with an agent and contacts that was paused when it was first seen."""
    sandbox.add_leads(campaign.voiso_id, NUMBERS)
    return set_state(sandbox, campaign, "paused")


def status_in_voiso(sandbox, campaign):
    return sandbox.campaign(campaign.voiso_id).status


def test_a_working_day_starts_and_pauses_the_campaign_by_the_rule(sandbox, paused, ines, engine):
    rule = make_rule(ines, paused, sentence=WORKING_DAY)

    engine.until(NINE + timedelta(minutes=2))
    assert status_in_voiso(sandbox, paused) == "active"
    engine.until(FIVE + timedelta(minutes=2), step=60)

    assert status_in_voiso(sandbox, paused) == "paused"
    assert log(rule) == [("2026-03-02 09:00 start", "fired"), ("2026-03-02 17:00 pause", "fired")]
    assert [(row.kind, row.by, row.by_label, row.status) for row in Operation.objects.order_by("pk")] == [
        ("start", None, "Rule “Working day”", "done"),
        ("pause", None, "Rule “Working day”", "done"),
    ]
    assert Campaign.objects.get().status_by == "Rule “Working day”"
