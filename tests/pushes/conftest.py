"""Pushes without reading files: drafts of plain numbers, sent by the engine to the sandbox."""

import pytest

from tests.pushes.support import Cast
from voisoadmin.lib import stopping


@pytest.fixture
def cast(transactional_db, sandbox, campaign) -> Cast:
    """A campaign of the sandbox, and how to push into it. The engine's threads need committed rows."""
    stopping.clear()
    return Cast(sandbox, campaign)


@pytest.fixture
def any_cast(transactional_db, sandbox, any_campaign) -> Cast:
    """The same, for each API version in turn."""
    stopping.clear()
    return Cast(sandbox, any_campaign)
