"""An engine is killed while Voiso answers the one request that tries another form: the trial is neither lost nor believed."""

import json
import subprocess

import pytest

from tests.support.installation import Installation
from tests.support.sandbox import RemoteSandbox
from tests.support.uploading import shell
from tests.support.waiting import until
from voisoadmin.sandbox import Fault

pytestmark = pytest.mark.kills

CONNECT = """
from django.utils import timezone
from voisoadmin.campaigns.models import Campaign, Lane
from voisoadmin.connections.models import Connection
key = {key!r}
centre = Connection.objects.create(name="Berlin", generation="v4", base_url={address!r}, key=key, key_last4=key[-4:])
lane = Lane.objects.create(address=centre.base_url, voiso_id={campaign!r})
Campaign.objects.create(connection=centre, lane=lane, voiso_id={campaign!r}, live=True, changed_at=timezone.now())
"""
PUSH = """
from django.utils import timezone
from tests.pushes.support import row
from voisoadmin.campaigns.models import Campaign
from voisoadmin.pushes import services
from voisoadmin.pushes.drafts import DraftWriter
writer = DraftWriter(Campaign.objects.get(), kind="add", by=None, by_label="Ines Sousa")
for place in range(3):
    writer.add_ready(row(str({first} + place), place + 2, priority=7))
assert services.confirm(writer.finish(), by=None, by_label="Ines Sousa", at=timezone.now())
"""
FOUND = """
import json
from voisoadmin.connections.models import Connection
from voisoadmin.pushes.audit import audit
from voisoadmin.pushes.models import Call, Push
buckets = [dict((name, count) for name, count in push.buckets().items() if count) for push in Push.objects.order_by("pk")]
calls = list(Call.objects.order_by("pk").values_list("outcome", flat=True))
print(json.dumps([audit(), Connection.objects.get().priority_form, buckets, calls]))
"""


@pytest.fixture
def sandbox():
    with RemoteSandbox(time_scale=0.02) as sandbox:
        sandbox.set_behaviour(priority_type="text")
        yield sandbox


@pytest.fixture
def here(sandbox, tmp_path) -> Installation:
    made = Installation(tmp_path, time_scale=0.02, extra_hosts=sandbox.host)
    campaign = str(sandbox.add_campaign("Spring"))
    shell(made, CONNECT.format(key=sandbox.V4_KEY, address=sandbox.address, campaign=campaign))
    made.campaign = campaign
    return made


def priorities(sandbox: RemoteSandbox, campaign: str) -> list[object]:
    """Of the first contact of each request."""
    return [request.first["priority"] for request in sandbox.requests(campaign)]


def killed_during_request(here: Installation, sandbox: RemoteSandbox, number: int) -> None:
    """Kill an engine while this request of it is being answered, a byte a second."""
    sandbox.fault(Fault.SLOW_DRIP, after=number - 1, times=1, on="contacts")
    engine = here.start("drain", "--seconds", "3600", stdout=subprocess.DEVNULL)
    try:
        until(lambda: len(sandbox.requests(here.campaign)) == number, seconds=120, what="the request is made")
    finally:
        engine.kill()
        engine.wait()


def test_a_trial_is_made_again_in_the_same_form_and_remembered_once_it_is_accepted(here, sandbox):
    shell(here, PUSH.format(first=447400000001))

    killed_during_request(here, sandbox, 2)
    broken, form, _, calls = json.loads(shell(here, FOUND))
    assert (broken, form) == ([], "")
    assert calls.count("answered") == 0
    here.manage("drain", "--json")

    assert priorities(sandbox, here.campaign) == [7, "7", "7"]
    broken, form, (first,), _ = json.loads(shell(here, FOUND))
    assert (broken, form) == ([], "text")
    assert sum(first.values()) == 3
    assert first.keys() <= {"added", "unattributed"}
    assert len(sandbox.numbers_in(here.campaign)) == 3

    shell(here, PUSH.format(first=447400000011))
    here.manage("drain", "--json")

    assert priorities(sandbox, here.campaign) == [7, "7", "7", "7"]
    *_, (_, second), _ = json.loads(shell(here, FOUND))
    assert second == {"added": 3}


def test_a_refusal_that_nobody_recorded_is_asked_for_again_before_a_trial(here, sandbox):
    shell(here, PUSH.format(first=447400000001))

    killed_during_request(here, sandbox, 1)
    here.manage("drain", "--json")

    assert priorities(sandbox, here.campaign) == [7, 7, "7"]
    broken, form, (first,), _ = json.loads(shell(here, FOUND))
    assert (broken, form, first) == ([], "text", {"added": 3})
