"""Sandboxes as contact centres that this test process reaches without a socket.

`settings.VOISO_TRANSPORT` names `transport_to_sandbox`; each address leads to the sandbox that the running test put
there.
"""

import itertools
import os
import subprocess
import sys
import time
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, Self

import httpx
import pytest
from django.conf import settings
from django.db import transaction
from django.utils import timezone

from voisoadmin.campaigns.board_places import keep_places
from voisoadmin.campaigns.models import Campaign, Lane
from voisoadmin.connections.models import Connection
from voisoadmin.sandbox import ConnectionCut, Fault, Sandbox, SeenRequest
from voisoadmin.voiso import Generation

ADDRESS = "https://cc-test01.voiso.com"
ROOT = Path(__file__).resolve().parents[2]

_contact_centres: dict[str, Sandbox] = {}


class SandboxTransport(httpx.BaseTransport):
    """A transport to a sandbox in this process. Thread-safe. Without a sandbox at the address no connection can be made."""

    def __init__(self, address: str) -> None:
        self.address = address

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        sandbox = _contact_centres.get(self.address)
        if sandbox is None:
            raise httpx.ConnectError(f"Nothing listens at {self.address}", request=request)
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
    """The value of `settings.VOISO_TRANSPORT` in tests."""
    return SandboxTransport(normal(base_url))


def normal(base_url: str) -> str:
    return base_url.rstrip("/").lower().removesuffix(":443")


def open_contact_centre(address: str, sandbox: Sandbox | None = None) -> Sandbox:
    """Put a sandbox at an address for the duration of the test (the fixture `sandbox` clears all of them)."""
    opened = _contact_centres[normal(address)] = sandbox or Sandbox(time_scale=settings.TIME_SCALE)
    return opened


def connect(sandbox: Sandbox, *, generation: str = "v4", address: str = ADDRESS, name: str = "Test centre") -> Connection:
    """A stored connection to a contact centre, with that generation's key."""
    key = sandbox.V4_KEY if generation == Generation.V4 else sandbox.LEGACY_KEY
    return Connection.objects.create(name=name, generation=generation, base_url=address, key=key, key_last4=key[-4:])


def mirror(sandbox: Sandbox, connection: Connection, campaign_id: int) -> Campaign:
    """The row and the lane that polling would create for a campaign of the sandbox."""
    now = timezone.now()
    seen = sandbox.campaign(campaign_id)
    lane, _ = Lane.objects.get_or_create(address=f"{normal(connection.base_url)}:443", voiso_id=str(campaign_id))
    made = Campaign.objects.create(
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
    with transaction.atomic():
        keep_places(Campaign.objects.filter(pk=made.pk))
    return made


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
    """Each API version in turn."""
    return request.param


@pytest.fixture
def any_connection(db, sandbox, generation) -> Connection:
    """A connection of each API version in turn."""
    return connect(sandbox, generation=generation)


@pytest.fixture
def any_campaign(sandbox, any_connection) -> Campaign:
    """A live, active campaign, seen through each API version in turn."""
    return mirror(sandbox, any_connection, sandbox.add_campaign("Spring renewals"))


class RemoteSandbox:
    """A sandbox in a separate process, on a free loopback port, for tests with real worker processes.

    A context manager. The questions are those of `Sandbox`, asked over its control endpoint.
    """

    V4_KEY, LEGACY_KEY = Sandbox.V4_KEY, Sandbox.LEGACY_KEY

    def __init__(self, *, time_scale: float = 0.05, state: Path | None = None) -> None:
        command = [sys.executable, "-m", "voisoadmin.sandbox", "--time-scale", str(time_scale)]
        command += ["--parent", str(os.getpid())]
        command += ["--state", str(state)] if state else []
        self.process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)
        assert self.process.stdout is not None
        line = self.process.stdout.readline()
        assert line.strip().isdecimal(), line
        self.host = f"127.0.0.1:{line.strip()}"
        self.address = f"http://{self.host}"
        self.http = httpx.Client(base_url=self.address, trust_env=False, timeout=120)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def stop(self) -> None:
        self.http.close()
        self.process.terminate()
        assert self.process.wait(120) == 0
        assert self.process.stdout is not None
        self.process.stdout.close()

    def _post(self, command: str, **given: Any) -> Any:
        answer = self.http.post(f"/_sandbox/{command}", json=given)
        assert answer.status_code < 300, answer.text
        return answer.json()

    def truth(self, campaign_id: int | str) -> dict[str, Any]:
        return self.http.get("/_sandbox/truth", params={"campaign": campaign_id}).json()

    def add_campaign(self, name: str, **given: Any) -> int:
        return self._post("campaigns", name=name, **given)["id"]

    def add_leads(self, campaign_id: int | str, numbers: Iterable[str]) -> None:
        self._post("leads", campaign=campaign_id, numbers=list(numbers))

    def fault(self, fault: Fault, **given: Any) -> None:
        self._post("faults", fault=fault, **given)

    def heal(self, fault: Fault | None = None) -> None:
        self._post("heal", **({"fault": fault} if fault else {}))

    def set_behaviour(self, **behaviour: Any) -> None:
        self._post("behaviour", **behaviour)

    def numbers_in(self, campaign_id: int | str) -> set[str]:
        return set(self.truth(campaign_id)["numbers"])

    def creator_of(self, campaign_id: int | str, number: str) -> int | None:
        return self.truth(campaign_id)["numbers"].get(number)

    def requests(self, campaign_id: int | str, *kinds: str) -> list[SeenRequest]:
        wanted = kinds or ("add", "update")
        return [seen for item in self.truth(campaign_id)["requests"] if (seen := SeenRequest(*item)).kind in wanted]

    def answers(self) -> int:
        """How many requests with contacts have ended; cheap, so that a test may wait for the next one."""
        return self.http.get("/_sandbox/count").json()["calls"]

    def wait_for_answers(self, count: int, *, seconds: float = 60.0) -> None:
        ends = time.monotonic() + seconds
        while self.answers() < count:
            assert time.monotonic() < ends, f"{self.answers()} calls have ended, not {count}."
            time.sleep(0.05)  # each question takes both processes a moment

    def max_in_flight(self, campaign_id: int | str) -> int:
        return self.truth(campaign_id)["max_in_flight"]

    def gaps(self, campaign_id: int | str) -> list[float]:
        calls = sorted(self.requests(campaign_id), key=lambda seen: seen.started)
        return [after.started - before.finished for before, after in itertools.pairwise(calls)]
