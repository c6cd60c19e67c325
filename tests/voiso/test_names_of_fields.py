"""A name that may be a value, in a campaign as Voiso describes it, is not kept under its own name."""

import json

import httpx
import pytest

from tests.support.queue import run_jobs
from tests.support.sandbox import connect
from tests.voiso import conftest as scripted
from tests.voiso.conftest import KEY
from voisoadmin.campaigns.models import Campaign
from voisoadmin.campaigns.tasks import sync_all
from voisoadmin.voiso.http.wire import Wire
from voisoadmin.voiso.keys import Key
from voisoadmin.voiso.legacy import LegacyClient
from voisoadmin.voiso.v4 import V4Client

CANARIES = {
    "a number": "447400123456",
    "a number with words": "contact_447400123456",
    "an email": "ada.byron@shop.example",
    "the key": KEY,
    "a name in words": "Ada Byron",
    "a very long name": "n" * 41,
}


def campaigns_of(client: type[V4Client] | type[LegacyClient], campaign: object) -> list[dict[str, object]]:
    def answer(request: httpx.Request) -> httpx.Response:
        if request.url.path.endswith("/4711"):
            return httpx.Response(200, json={"campaign": campaign})
        return httpx.Response(200, json={"campaigns": [campaign], "metadata": {"total": 1}})

    opened = client(Wire(httpx.MockTransport(answer), "https://cc-test01.voiso.com"), Key(KEY))
    return [opened.list_campaigns().items[0].further, opened.get_campaign("4711").further]


@pytest.mark.parametrize("client", [V4Client, LegacyClient])
@pytest.mark.parametrize("canary", CANARIES)
@pytest.mark.parametrize("where", ["at the top", "in a list", "deep"])
def test_a_name_that_may_be_a_value_is_only_counted(client, canary, where):
    entry = {CANARIES[canary]: {"status": "available"}, "strategy": "simple"}
    further = {"at the top": entry, "in a list": {"agents": [entry]}, "deep": {"data_of": {"by_name": entry}}}[where]

    for kept in campaigns_of(client, {"id": 4711, "name": "Spring", "status": "paused", "live": True} | further):
        text = json.dumps(kept)
        assert CANARIES[canary] not in text
        assert '"<key>": 1' in text
        assert '"strategy": "simple"' in text


def test_an_object_with_very_many_names_is_only_counted():
    names = {f"name_{letter}": 1 for letter in "abcdefghijklmnopqrstuvwxyzABCDE"}

    for kept in campaigns_of(V4Client, {"id": 4711, "name": "Spring", "live": True, "calls": names}):
        assert kept == {"calls": {"<key>": 31}}


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("generation", ["v4", "legacy"])
def test_no_name_that_may_be_a_value_is_stored(settings, sandbox, generation):
    connection = connect(sandbox, generation=generation)
    settings.VOISO_TRANSPORT = "tests.voiso.conftest.scripted_transport"
    names = ["447400123456", "ada.byron@shop.example", connection.key]
    campaign = {"id": 4711, "name": "Spring", "status": "paused", "live": True, "strategy": "simple", **dict.fromkeys(names, 1)}
    scripted._handler.append(lambda request: httpx.Response(200, json=[campaign]))

    sync_all()
    run_jobs()

    assert Campaign.objects.get().facts == {"strategy": "simple", "<key>": 3}
