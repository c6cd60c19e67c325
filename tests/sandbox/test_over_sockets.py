"""The sandbox in a separate process: what only happens to real connections, and what it keeps in its file."""

import time
from collections.abc import Iterator

import httpx
import pytest

from tests.support.sandbox import RemoteSandbox
from voisoadmin.sandbox import Fault


@pytest.fixture
def remote(tmp_path) -> Iterator[RemoteSandbox]:
    with RemoteSandbox(time_scale=0.01, state=tmp_path / "sandbox.json") as remote:
        yield remote


def add(remote: RemoteSandbox, campaign: int, *numbers: str, timeout: float = 30) -> httpx.Response:
    headers = {"Authorization": f"Bearer {remote.V4_KEY}"}
    with httpx.Client(base_url=remote.address, trust_env=False, timeout=timeout) as client:
        body = [{"phone_number": number} for number in numbers]
        return client.post(f"/api/v4/campaigns/{campaign}/leads", json=body, headers=headers)


def add_once_it_is_free(remote: RemoteSandbox, campaign: int, *numbers: str) -> httpx.Response:
    """Voiso refuses a request while it still processes the one before, whose answer was cut off early."""
    answer = add(remote, campaign, *numbers)
    until = time.monotonic() + 30
    while answer.status_code == 409 and time.monotonic() < until:
        answer = add(remote, campaign, *numbers)
    return answer


@pytest.mark.parametrize(
    ("how", "error"), [("reset", httpx.ReadError), ("closed", httpx.RemoteProtocolError), ("timeout", httpx.ReadTimeout)]
)
def test_an_answer_is_lost_on_the_wire_after_the_contacts_were_taken(remote, how, error):
    spring = remote.add_campaign("Spring")
    remote.fault(Fault.ANSWER_LOST, how=how)

    with pytest.raises(error):
        add(remote, spring, "447400000001", timeout=4)

    assert remote.numbers_in(spring) == {"447400000001"}
    assert [seen.status for seen in remote.requests(spring)] == [0]
    again = add_once_it_is_free(remote, spring, "447400000001")
    assert again.json()["leads_import"]["duplicates"] == ["447400000001"]


def test_a_connection_reset_before_processing_leaves_nothing(remote):
    spring = remote.add_campaign("Spring")
    remote.fault(Fault.RESET_BEFORE)

    with pytest.raises(httpx.ReadError):
        add(remote, spring, "447400000001")

    assert remote.numbers_in(spring) == set()


@pytest.mark.parametrize("where", ["headers", "body"])
def test_a_dripping_answer_outlives_a_timeout_per_read(remote, where):
    spring = remote.add_campaign("Spring")
    remote.fault(Fault.SLOW_DRIP, pause=0.02, where=where)
    began = time.monotonic()

    answer = add(remote, spring, "447400000001", timeout=1.0)

    assert answer.json()["leads_import"]["created"] == ["447400000001"]
    assert time.monotonic() - began > 1.0


def test_a_second_start_continues_with_the_leads_of_the_first(tmp_path):
    state = tmp_path / "sandbox.json"
    with RemoteSandbox(state=state) as first:
        spring = first.add_campaign("Spring", numbers=["447400000009"])
        add(first, spring, "447400000001")
        creator = first.creator_of(spring, "447400000001")

    with RemoteSandbox(state=state) as second:
        answer = add(second, spring, "447400000001", "447400000002")

        assert answer.json()["leads_import"]["duplicates"] == ["447400000001"]
        assert second.numbers_in(spring) == {"447400000009", "447400000001", "447400000002"}
        assert second.creator_of(spring, "447400000001") == creator
        assert second.creator_of(spring, "447400000002") > creator


def test_the_control_endpoint_says_what_it_does_not_understand(remote):
    answers = [
        remote.http.post("/_sandbox/faults", json={"fault": "earthquake"}),
        remote.http.post("/_sandbox/behaviour", json={"colour": "teal"}),
        remote.http.get("/_sandbox/truth", params={"campaign": "1"}),
        remote.http.get("/_sandbox/secrets"),
    ]

    assert [answer.status_code for answer in answers] == [400, 400, 400, 404]
