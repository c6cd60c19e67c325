"""Lists in every shape that the documentation leaves open, all pages of them, while others change them."""

import httpx
import pytest

from tests.voiso.conftest import KEY
from voisoadmin.voiso import CampaignGone, Forbidden, KeyRefused, NoReply, Person, Refused

ONE = {"id": 4711, "name": "Spring renewals", "status": "active", "live": True}


def paged(items: list[object], name: str = "campaigns", *, total: bool = True):
    """A v4 list that honours limit, offset and `live`, and remembers its requests."""

    def handler(request: httpx.Request) -> httpx.Response:
        asked.append(dict(request.url.params))
        limit, offset = int(request.url.params["limit"]), int(request.url.params.get("offset", 0))
        body: dict[str, object] = {name: items[offset : offset + limit]}
        if total:
            body["metadata"] = {"total": len(items)}
        return httpx.Response(200, json=body)

    asked: list[dict[str, str]] = []
    handler.asked = asked  # type: ignore[attr-defined]
    return handler


@pytest.mark.parametrize("total", [True, False])
@pytest.mark.parametrize("count", [0, 1, 99, 100, 101, 250])
def test_all_pages_are_read_each_campaign_once(voiso, count, total):
    handler = paged([ONE | {"id": n} for n in range(count)], total=total)

    campaigns = voiso(handler).list_campaigns()

    assert [campaign.id for campaign in campaigns] == [str(n) for n in range(count)]
    assert len(handler.asked) <= count // 100 + 2


def test_a_list_that_has_no_pages_after_all_is_read_once(voiso):
    items = [ONE | {"id": n} for n in range(100)]

    campaigns = voiso(lambda _: httpx.Response(200, json=items)).list_campaigns()

    assert len(campaigns) == 100


def test_a_campaign_that_moved_to_an_earlier_page_is_found_on_the_second_pass(voiso):
    items = [ONE | {"id": n} for n in range(150)]
    pages = 0

    def handler(request: httpx.Request) -> httpx.Response:
        nonlocal pages
        pages += 1
        if pages == 2:
            del items[0]  # the first one is deleted: number 100 moves to the first page
        offset = int(request.url.params["offset"])
        return httpx.Response(200, json={"campaigns": items[offset : offset + 100], "metadata": {"total": len(items)}})

    campaigns = voiso(handler).list_campaigns()

    assert {campaign.id for campaign in campaigns} >= {str(n) for n in range(1, 150)}


def test_a_list_that_never_matches_its_total_is_not_accepted(voiso):
    page = {"campaigns": [ONE], "metadata": {"total": 137}}

    with pytest.raises(NoReply):
        voiso(lambda _: httpx.Response(200, json=page)).list_campaigns()


def test_a_total_that_is_too_high_is_ignored_on_the_second_pass(voiso):
    items = [ONE | {"id": n} for n in range(205)]
    asked = 0

    def handler(request: httpx.Request) -> httpx.Response:
        nonlocal asked
        asked += 1
        offset = int(request.url.params["offset"])
        return httpx.Response(200, json={"campaigns": items[offset : offset + 100], "metadata": {"total": 208}})

    campaigns = voiso(handler).list_campaigns()

    assert [campaign.id for campaign in campaigns] == [str(n) for n in range(205)]
    assert asked == 8


def test_pages_that_overlap_name_each_campaign_once(voiso):
    items = [ONE | {"id": n} for n in range(345)]

    def handler(request: httpx.Request) -> httpx.Response:
        offset = max(0, int(request.url.params["offset"]) - 1)
        return httpx.Response(200, json={"campaigns": items[offset : offset + 100], "metadata": {"total": 345}})

    campaigns = voiso(handler).list_campaigns()

    assert [campaign.id for campaign in campaigns] == [str(n) for n in range(345)]


def test_a_list_that_ignores_the_offset_is_not_taken_as_complete(voiso):
    items = [ONE | {"id": n} for n in range(100)]

    with pytest.raises(NoReply):
        voiso(lambda _: httpx.Response(200, json={"campaigns": items, "metadata": {"total": 150}})).list_campaigns()


LEGACY_LISTS = [
    [{"id": 4711, "name": "Spring", "status": "active"}],
    [{"id": "4711", "title": "Spring", "state": "Active"}],
    [{"campaign_id": 4711, "name": "Spring", "status": "ACTIVE", "owner": None}],
    {"campaigns": [{"id": 4711, "name": "Spring", "status": "active"}]},
    {"data": [{"id": 4711, "name": "Spring", "status": "active"}]},
    {"data": {"campaigns": [{"id": 4711, "name": "Spring", "status": "active"}]}},
    {"success": True, "records": [{"campaign_id": "4711", "title": " Spring ", "status": "active"}]},
]


@pytest.mark.parametrize("body", LEGACY_LISTS)
def test_a_legacy_list_is_read_in_every_likely_shape(voiso, body):
    client = voiso(httpx.Response(200, json=body), "legacy")

    (campaign,) = client.list_campaigns()

    assert (campaign.id, campaign.name, campaign.status) == ("4711", "Spring", "active")
    assert client.probe() == 1
    assert client.get_campaign("4711") == campaign
    with pytest.raises(CampaignGone):
        client.get_campaign("4712")


NO_LISTS = [
    {"campaigns": None},
    {"campaigns": "none"},
    {"campaigns": {"4711": "Spring"}},
    {"other": []},
    [4711],
    [{"name": "Spring"}],
    [{"id": None}],
    [{"id": True}],
    [{"id": 4711.5}],
    [{"id": "x" * 41}],
    "campaigns",
    7,
    None,
]


@pytest.mark.parametrize("generation", ["v4", "legacy"])
@pytest.mark.parametrize("body", NO_LISTS)
def test_an_improper_list_of_campaigns_is_not_accepted(voiso, generation, body):
    with pytest.raises(NoReply):
        voiso(httpx.Response(200, json=body), generation).list_campaigns()


@pytest.mark.parametrize(
    ("fields", "live"),
    [
        ({"live": True}, True),
        ({"live": False}, False),
        ({"is_live": 1}, True),
        ({"is_live": "0"}, False),
        ({"live": "True"}, True),
        ({"type": "live"}, True),
        ({"campaign_type": "Live"}, True),
        ({"type": "list"}, None),
        ({"live": None}, None),
        ({"live": "perhaps"}, None),
        ({}, None),
    ],
)
def test_live_is_read_from_any_field_that_shows_it_and_otherwise_unknown(voiso, fields, live):
    client = voiso(httpx.Response(200, json=[{"id": 1, "name": "A"} | fields]), "legacy")

    assert client.list_campaigns().items[0].live is live


@pytest.mark.parametrize(
    ("given", "status"),
    [
        ("Auto paused", "auto_paused"),
        ("AUTO-PAUSED", "auto_paused"),
        (" Draft ", "draft"),
        ("dialling_backwards", "dialling_backwards"),
        (None, ""),
        (7, ""),
        ("", ""),
    ],
)
def test_a_status_is_spelt_as_in_v4_and_unknown_ones_are_kept(voiso, given, status):
    client = voiso(httpx.Response(200, json=[{"id": 1, "name": "A", "status": given}]), "legacy")

    assert client.list_campaigns().items[0].status == status


def test_characters_that_no_database_can_store_are_removed(voiso):
    body = b'[{"id":1,"name":"A\\u0000\\ud800B","strategy":"x\\u0000","n":123456789012345678901234567890}]'

    (campaign,) = voiso(httpx.Response(200, content=body), "legacy").list_campaigns()

    assert campaign.name == "A?B"
    assert campaign.further == {"strategy": "x", "n": "123456789012345678901234567890"}


class Filtering:
    """A v4 list that doesn't report `live`; `honours` says how it treats the filter."""

    def __init__(self, live: dict[int, bool], honours: str) -> None:
        self.live, self.honours, self.requests = live, honours, 0

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.requests += 1
        wanted = request.url.params.get("live")
        if wanted and self.honours == "refuses":
            return httpx.Response(422, json={"errors": {"live": ["unknown"]}})
        shown = [n for n, live in self.live.items() if not wanted or self.honours == "ignores" or live == (wanted == "true")]
        page = shown[int(request.url.params.get("offset", 0)) :][: int(request.url.params["limit"])]
        items = [{"id": n, "name": f"C{n}", "status": "active"} for n in page]
        return httpx.Response(200, json={"campaigns": items, "metadata": {"total": len(shown)}})


@pytest.mark.parametrize(
    ("live", "honours", "known"),
    [
        ({1: True, 2: False}, "it", {"1": True, "2": False}),
        ({1: True, 2: True}, "it", {"1": True, "2": True}),
        ({1: False}, "it", {"1": False}),
        ({1: True, 2: False}, "ignores", {"1": None, "2": None}),
        ({1: True, 2: False}, "refuses", {"1": None, "2": None}),
        ({}, "it", {}),
    ],
)
def test_live_campaigns_are_requested_separately_if_the_list_does_not_show_them(voiso, live, honours, known):
    handler = Filtering(live, honours)

    campaigns = voiso(handler).list_campaigns()

    assert {campaign.id: campaign.live for campaign in campaigns} == known
    assert handler.requests <= 3


GOOD_CAMPAIGNS = [{"campaign": ONE}, ONE, {"data": {"campaign": ONE}}, {"campaign": ONE | {"id": "4711", "dial_level": None}}]


@pytest.mark.parametrize("body", GOOD_CAMPAIGNS)
def test_one_campaign_is_read_wrapped_or_bare(voiso, body):
    campaign = voiso(httpx.Response(200, json=body)).get_campaign("4711")

    assert (campaign.id, campaign.status, campaign.live) == ("4711", "active", True)


@pytest.mark.parametrize("body", [{}, [], None, {"campaign": None}, {"campaign": ONE | {"id": 4712}}, {"ok": True}, [ONE]])
def test_another_campaign_or_none_is_not_an_answer(voiso, body):
    with pytest.raises(NoReply):
        voiso(httpx.Response(200, json=body)).get_campaign("4711")


USERS = [
    {"id": 42, "name": "Ada", "email": "Ada@Shop.Example", "teams": [{"id": 6045, "name": "Evening"}], "status": None},
    {"id": "5b1e0f7c-0000-4000-8000-000000000001", "first_name": "Bo", "last_name": "Ek", "email": None, "teams": None},
    {"id": "43", "full_name": "Cy", "email": "cy@shop.example", "teams": ["Evening", {"name": "Morning"}, 6045, {"id": 6046}]},
]
PEOPLE = [
    Person(id="42", name="Ada", email="ada@shop.example", teams=("Evening",)),
    Person(id="5b1e0f7c-0000-4000-8000-000000000001", name="Bo Ek"),
    Person(id="43", name="Cy", email="cy@shop.example", teams=("Evening", "Morning")),
]


@pytest.mark.parametrize("generation", ["v4", "legacy"])
@pytest.mark.parametrize("body", [USERS, {"users": USERS}, {"users": USERS, "metadata": {"total": 3}}, {"records": USERS}])
def test_users_are_read_with_numbers_or_uuids_as_ids(voiso, generation, body):
    assert voiso(httpx.Response(200, json=body), generation).users() == PEOPLE


def test_without_a_v4_list_of_teams_they_come_from_its_users(voiso):
    def handler(request: httpx.Request) -> httpx.Response:
        if request.url.path.endswith("/teams"):
            return httpx.Response(404, json={"error": "Not found"})
        return httpx.Response(200, json={"users": USERS, "metadata": {"total": 3}})

    assert [(team.id, team.name) for team in voiso(handler).teams()] == [("6045", "Evening"), ("", "Morning")]


def test_teams_that_may_not_be_read_are_not_guessed(voiso):
    with pytest.raises(Forbidden):
        voiso(httpx.Response(403, json={"error": "Forbidden"})).teams()


class TestWhereTheLegacyListOfCampaignsIsGone:
    @staticmethod
    def handler(lookup: httpx.Response):
        def handle(request: httpx.Request) -> httpx.Response:
            if request.url.path == f"/api/v1/{KEY}/campaigns":
                return httpx.Response(404, text="<h1>Not found</h1>")
            assert request.url.path == "/api/v2/cdr/campaigns"
            assert request.url.params["key"] == KEY
            return lookup

        return handle

    def test_the_lookup_for_call_records_gives_ids_and_names(self, voiso):
        client = voiso(self.handler(httpx.Response(200, json=[{"name": "Spring", "id": 4711}])), "legacy")

        (campaign,) = client.list_campaigns()

        assert (campaign.id, campaign.name, campaign.status, campaign.live) == ("4711", "Spring", "", None)

    def test_a_key_that_is_not_a_user_key_lacks_a_permission_and_is_not_called_wrong(self, voiso):
        client = voiso(self.handler(httpx.Response(403, json={"error": "Invalid User API Key"})), "legacy")

        with pytest.raises(Forbidden) as caught:
            client.list_campaigns()

        assert caught.value.words == "Invalid User API Key"

    def test_a_cluster_with_neither_list_says_so(self, voiso):
        client = voiso(self.handler(httpx.Response(404)), "legacy")

        with pytest.raises(Refused) as caught:
            client.list_campaigns()

        assert type(caught.value) is Refused


def test_a_refused_key_is_reported_by_the_list(voiso):
    with pytest.raises(KeyRefused):
        voiso(httpx.Response(403, json={"error": "Invalid api_key"}), "legacy").list_campaigns()


def test_legacy_pages_are_read_if_the_answer_gives_a_larger_total(voiso):
    def handler(request: httpx.Request) -> httpx.Response:
        page = int(request.url.params.get("page", 1))
        return httpx.Response(200, json={"users": USERS[page - 1 : page], "total": 3, "page": page})

    assert voiso(handler, "legacy").users() == PEOPLE
