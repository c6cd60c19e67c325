import pytest

from voisoadmin.sandbox import Sandbox


@pytest.fixture
def sandbox(sandbox) -> Sandbox:
    """One that only counts requests that come too early: these tests check other things, one request after the other."""
    sandbox.behaviour.enforce_pace = False
    return sandbox
