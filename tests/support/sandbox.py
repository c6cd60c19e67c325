"""Sandboxes as contact centres that this test process reaches without a socket.

`settings.VOISO_TRANSPORT` names `transport_to_sandbox`; each address leads to the sandbox that the running test put there.
"""

from collections.abc import Iterator

import httpx
import pytest
from django.conf import settings
from django.utils import timezone

from voisoadmin.campaigns.models import Campaign, Lane
from voisoadmin.connections.models import Connection
from voisoadmin.sandbox import ConnectionCut, Sandbox

ADDRESS = "https://cc-test01.voiso.com"

_contact_centres: dict[str, Sandbox] = {}


class SandboxTransport(httpx.BaseTransport):
    """Plays a sandbox in this process. Thread-safe. Without one at the address no connection can be made."""

    def __init__(self, address: str) -> None:
        self.address = address

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        sandbox = _contact_centres.get(self.address)
        if sandbox is None:
            raise httpx.ConnectError(f"Nobody listens at {self.address}", request=request)
        try:
            response = httpx.WSGITransport(sandbox).handle_request(request)
            response.read()
            return response
        except ConnectionCut as cut:
            raise _ERRORS[cut.how](f"Sandbox: {cut.how}", request=request) from None


_ERRORS: dict[str, type[httpx.TransportError]] = {
    "reset": httpx.ReadError,
    "timeout": httpx.ReadTimeout,
    "closed": httpx.RemoteProtocolError,
    "unreachable": httpx.ConnectError,
}


def transport_to_sandbox(base_url: str) -> httpx.BaseTransport:
    """What `settings.VOISO_TRANSPORT` names in tests."""
    return SandboxTransport(_normal(base_url))


def _normal(base_url: str) -> str:
    return base_url.rstrip("/").lower().removesuffix(":443")


def open_contact_centre(address: str, sandbox: Sandbox | None = None) -> Sandbox:
    """Put a sandbox at an address, for as long as the test runs (the fixture `sandbox` clears all of them)."""
    opened = _contact_centres[_normal(address)] = sandbox or Sandbox(time_scale=settings.TIME_SCALE)
    return opened


def connect(sandbox: Sandbox, *, generation: str = "v4", address: str = ADDRESS, name: str = "Test centre") -> Connection:
    """A stored connection to a contact centre, with that generation's key."""
    key = sandbox.V4_KEY if generation == Connection.Generation.V4 else sandbox.LEGACY_KEY
    return Connection.objects.create(name=name, generation=generation, base_url=address, key=key, key_last4=key[-4:])


def mirror(sandbox: Sandbox, connection: Connection, campaign_id: int) -> Campaign:
    """The row and the lane that polling would make of a campaign of the sandbox."""
    now = timezone.now()
    seen = sandbox.campaign(campaign_id)
    lane, _ = Lane.objects.get_or_create(address=f"{_normal(connection.base_url)}:443", voiso_id=str(campaign_id))
    return Campaign.objects.create(
        connection=connection,
        lane=lane,
        voiso_id=str(campaign_id),
        name=seen.name,
        status=seen.status,
        status_source=Campaign.Source.POLLED,
        status_since=now,
        live=seen.live,
        seen_at=now,
        changed_at=now,
    )


@pytest.fixture
def sandbox(settings) -> Iterator[Sandbox]:
    """A contact centre at `https://cc-test01.voiso.com`, both generations, with three users in two teams, no campaigns."""
    settings.VOISO_TRANSPORT = "tests.support.sandbox.transport_to_sandbox"
    yield open_contact_centre(ADDRESS)
    _contact_centres.clear()


@pytest.fixture
def connection(db, sandbox) -> Connection:
    """The v4 connection to the sandbox."""
    return connect(sandbox)


@pytest.fixture
def legacy_connection(db, sandbox) -> Connection:
    """The legacy connection to the same contact centre."""
    return connect(sandbox, generation="legacy", name="Test centre, legacy")


@pytest.fixture
def campaign(sandbox, connection) -> Campaign:
    """A live, active campaign without contacts and with one agent, seen through the v4 connection."""
    return mirror(sandbox, connection, sandbox.add_campaign("Spring renewals"))


@pytest.fixture(params=["v4", "legacy"])
def generation(request) -> str:
    """Each API generation in turn."""
    return request.param


@pytest.fixture
def any_connection(db, sandbox, generation) -> Connection:
    """A connection of each API generation in turn."""
    return connect(sandbox, generation=generation)


@pytest.fixture
def any_campaign(sandbox, any_connection) -> Campaign:
    """A live, active campaign, seen through each API generation in turn."""
    return mirror(sandbox, any_connection, sandbox.add_campaign("Spring renewals"))
