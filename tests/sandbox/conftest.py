import pytest

from voisoadmin.sandbox import Sandbox


@pytest.fixture
def sandbox(sandbox) -> Sandbox:
    """One that only counts a call that comes too early: these tests ask about other things, call after call."""
    sandbox.knobs.enforce_pace = False
    return sandbox
