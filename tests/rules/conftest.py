from datetime import UTC, datetime

import pytest
import time_machine

from tests.controls.conftest import NUMBERS, set_state
from tests.rules.engine import Engine

MONDAY = datetime(2026, 3, 2, 7, 50, tzinfo=UTC)  # 08:50 in Berlin


@pytest.fixture
def clock():
    with time_machine.travel(MONDAY, tick=False) as travelled:
        yield travelled


@pytest.fixture
def engine(clock, monkeypatch, settings):
    settings.TIME_SCALE = 0.0001  # a job waits for no second
    return Engine(clock, monkeypatch)


@pytest.fixture
def paused(sandbox, campaign):
    """A campaign with an agent and contacts that was paused when it was first seen."""
    sandbox.add_leads(campaign.voiso_id, NUMBERS)
    return set_state(sandbox, campaign, "paused")


@pytest.fixture
def active(sandbox, campaign):
    """A campaign with an agent and contacts that was active when it was first seen."""
    sandbox.add_leads(campaign.voiso_id, NUMBERS)
    return set_state(sandbox, campaign, "active")


@pytest.fixture
def in_voiso(sandbox):
    """The state of a campaign in Voiso."""
    return lambda campaign: sandbox.campaign(campaign.voiso_id).status
