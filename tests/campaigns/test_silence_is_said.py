"""A contact centre that falls silent is reported on open pages within half a minute."""

from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest
import time_machine
from django.urls import reverse
from django.utils import timezone

from tests.support.markup import markup
from tests.support.queue import run_jobs
from tests.support.sandbox import transport_to_sandbox
from voisoadmin.campaigns import services
from voisoadmin.campaigns.models import Campaign
from voisoadmin.connections.models import Connection
from voisoadmin.sandbox import Fault
from voisoadmin.voiso.base_client import READ_SECONDS

pytestmark = [pytest.mark.slow, pytest.mark.django_db]
BEGIN = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
SILENCES: dict[str, dict[str, Any]] = {
    "hangs": {"fault": Fault.ANSWER_LOST, "how": "timeout"},
    "refuses the connection": {"fault": Fault.UNREACHABLE},
    "answers 502": {"fault": Fault.HTML_502},
    "answers 500": {"fault": Fault.SERVER_ERROR},
}
# How Voiso falls silent doesn't depend on the database.
CASES = [(3, "hangs"), *(pytest.param(3, silence, marks=pytest.mark.once) for silence in SILENCES if silence != "hangs")]
CASES += [pytest.param(130, "hangs", marks=pytest.mark.once)]
_clock: list[Any] = []


def transport(base_url: str) -> httpx.BaseTransport:
    """To the sandbox; a request without an answer takes as long as a read is waited for."""
    inner = transport_to_sandbox(base_url)

    def answer(request: httpx.Request) -> httpx.Response:
        try:
            return inner.handle_request(request)
        except httpx.TimeoutException:
            _clock[-1].shift(READ_SECONDS)
            raise

    return httpx.MockTransport(answer)


@pytest.fixture
def clock(settings):
    settings.VOISO_TRANSPORT = f"{__name__}.transport"
    with time_machine.travel(BEGIN, tick=False) as travelled:
        _clock.append(travelled)
        yield travelled
        _clock.clear()


@pytest.mark.parametrize(("campaigns", "silence"), CASES)
def test_a_silent_contact_centre_is_reported_on_an_open_board_within_half_a_minute(
    client, ines, sandbox, any_connection, clock, silence, campaigns
):
    for number in range(campaigns):
        sandbox.add_campaign(f"Campaign {number}")
    client.force_login(ines)

    def pass_seconds(seconds: int) -> str:
        """What the board shows, which an open page requests every eight seconds, with the worker beside it."""
        began, text = timezone.now(), ""
        while timezone.now() - began < timedelta(seconds=seconds):
            at = timezone.now()
            if not text or at.timestamp() // 8 != (at - timedelta(seconds=1)).timestamp() // 8:
                text = markup(client.get(reverse("campaigns:board")))
                shown = Campaign.objects.values_list("pk", flat=True)[:50]
                client.post(reverse("campaigns:looking"), {"campaign": list(shown)})
            services.ask_where_due(Connection.objects.listable(at), at=at)
            run_jobs()
            clock.shift(1)
        return text

    shown_before = pass_seconds(60)
    assert "hasn't answered" not in shown_before
    fault = dict(SILENCES[silence])
    sandbox.fault(fault.pop("fault"), times=1000, on="reads", **fault)
    failed_from = timezone.now()

    while any_connection.silent_since is None:
        pass_seconds(1)
        any_connection.refresh_from_db()
        assert timezone.now() - failed_from < timedelta(seconds=30)
    # The page that an open board shows at that moment was requested at most eight seconds before.
    clock.move_to(max(timezone.now(), any_connection.silent_since + timedelta(seconds=30 - 8)), tick=False)
    text = markup(client.get(reverse("campaigns:board")))

    assert any_connection.silent_since - failed_from <= timedelta(seconds=10), "read every ten seconds while watched"
    assert timezone.now() - any_connection.silent_since <= timedelta(seconds=30 - 8)
    assert f"<b hx-disable>{any_connection.name} hasn't answered" in text.replace("&#x27;", "'")
