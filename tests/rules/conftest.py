from datetime import UTC, datetime

import pytest
import time_machine

from tests.rules.engine import Engine

MONDAY = datetime(2026, 3, 2, 6, 0, tzinfo=UTC)  # 07:00 in Berlin


@pytest.fixture
def clock():
    with time_machine.travel(MONDAY, tick=False) as travelled:
        yield travelled


@pytest.fixture
def engine(clock, monkeypatch, settings):
    settings.TIME_SCALE = 0.0001  # a job waits for no second
    return Engine(clock, monkeypatch)
