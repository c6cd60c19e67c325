"""Every request as it is sent: method, path, headers and body, as documented in voiso-api.md."""

import json

import httpx
import pytest

from tests.voiso.conftest import KEY
from voisoadmin.voiso import Change, ContactFields, MethodNotAllowed, Redirected, open_client

FULL = ContactFields(
    number="447400123456",
    values={
        "name": "Ada Byron",
        "source": "Webinar",
        "url": "https://crm.example/l/77",
        "priority": 0,
        "active": False,
    },
)
BARE = ContactFields(number="353850123456")
PEOPLE = {"users": [{"id": 42, "name": "Ada", "email": "ada@shop.example"}], "metadata": {"total": 1}}
NAMES_NOBODY = {"leads_import": {"created": [], "duplicates": [], "rejected": []}}
V4_CAMPAIGN = {"id": 4711, "name": "Spring", "status": "paused", "live": True}


class Recorder:
    """Answers each request in turn and keeps the requests."""

    def __init__(self, *answers: httpx.Response) -> None:
        self.answers = list(answers)
        self.requests: list[httpx.Request] = []

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.requests.append(request)
        return self.answers.pop(0)

    @property
    def lines(self) -> list[str]:
        return [f"{request.method} {request.url.raw_path.decode()}" for request in self.requests]


def reply(data: object, status: int = 200) -> httpx.Response:
    return httpx.Response(status, json=data)


def test_v4_leads_are_a_bare_array_with_the_documented_fields(voiso):
    voiso_ = Recorder(reply(NAMES_NOBODY, 201))

    voiso(voiso_).add_contacts("4711", [FULL, BARE])

    assert voiso_.lines == ["POST /api/v4/campaigns/4711/leads"]
    assert json.loads(voiso_.requests[0].content) == [
        {
            "phone_number": "447400123456",
            "name": "Ada Byron",
            "source": {"system": "Webinar", "url": "https://crm.example/l/77"},
            "priority": 1,  # 0 isn't allowed there
            "active": False,
        },
        {"phone_number": "353850123456"},
    ]


@pytest.mark.parametrize("update", [False, True])
def test_legacy_contacts_are_wrapped_with_the_documented_fields(voiso, update):
    voiso_ = Recorder(reply({"contacts": [], "duplicate_numbers": [], "invalid_numbers": []}, 201))
    client = voiso(voiso_, "legacy")

    (client.update_contacts if update else client.add_contacts)("4711", [FULL, BARE])

    assert voiso_.lines == [f"{'PUT' if update else 'POST'} /api/v1/{KEY}/campaigns/4711/contacts"]
    request = voiso_.requests[0]
    assert "authorization" not in request.headers
    assert request.headers["content-type"] == "application/json"
    body = json.loads(request.content)
    assert body == {
        "contacts": [
            {
                "phoneNumber": "447400123456",
                "contactName": "Ada Byron",
                "contactSource": "Webinar",
                "contactURL": "https://crm.example/l/77",
                "priority": 0,
                "isActive": 0,
            },
            {"phoneNumber": "353850123456"},
        ]
    }
    assert type(body["contacts"][0]["isActive"]) is int


@pytest.mark.parametrize("change", Change)
def test_v4_operations_have_a_path_each_and_no_body(voiso, change):
    voiso_ = Recorder(reply(V4_CAMPAIGN))

    voiso(voiso_).change("4711", change)

    assert voiso_.lines == [f"POST /api/v4/campaigns/4711/{change}"]
    assert voiso_.requests[0].content == b""
    assert voiso_.requests[0].headers["content-length"] == "0"


@pytest.mark.parametrize("change", Change)
def test_legacy_operations_name_the_change_in_the_body(voiso, change):
    voiso_ = Recorder(reply({"id": 4711, "operation": change, "success": True, "message": "Campaign done successfully"}))

    voiso(voiso_, "legacy").change("4711", change)

    assert voiso_.lines == ["POST /api/dialer/v1/campaigns/4711/operation"]
    assert json.loads(voiso_.requests[0].content) == {"operation": str(change)}
    assert voiso_.requests[0].headers["authorization"] == f"Bearer {KEY}"


def test_v4_people_are_added_by_number_and_removed_one_by_one(voiso):
    added = {"added_users": PEOPLE["users"]}
    voiso_ = Recorder(reply(added), reply({"user": {"id": 128, "name": "Bo"}}), httpx.Response(204))

    voiso(voiso_).change_people("4711", add_agents=["42"], remove_agents=["128", "c0ffee00-0000-4000-8000-000000000001"])

    assert voiso_.lines == [
        "POST /api/v4/campaigns/4711/users",
        "DELETE /api/v4/campaigns/4711/users/128",
        "DELETE /api/v4/campaigns/4711/users/c0ffee00-0000-4000-8000-000000000001",
    ]
    assert voiso_.requests[0].content == b'{"user_ids":[42]}'


def test_silently_accepted_people_are_checked_on_the_campaign(voiso):
    voiso_ = Recorder(httpx.Response(204), reply(PEOPLE))

    answer = voiso(voiso_).change_people("4711", add_agents=["42", "128"])

    assert voiso_.lines[1:] == ["GET /api/v4/campaigns/4711/users?limit=100&offset=0"]
    assert (answer.added_agents, answer.left_out) == (("42",), ("128",))


def test_legacy_people_are_sent_as_arrays_of_emails_and_team_names(voiso):
    answer = {"id": 4711, "added_agents": ["ada@shop.example"], "removed_teams": ["Evening"]}
    voiso_ = Recorder(reply(answer))

    voiso(voiso_, "legacy").change_people("4711", add_agents=["ada@shop.example"], remove_teams=["Evening"])

    assert voiso_.lines == ["PATCH /api/dialer/v1/campaigns/4711/agents"]
    assert json.loads(voiso_.requests[0].content) == {"add_agents": ["ada@shop.example"], "remove_teams": ["Evening"]}
    assert voiso_.requests[0].headers["authorization"] == f"Bearer {KEY}"


def test_lists_are_read_in_pages_of_a_hundred(voiso):
    page = [V4_CAMPAIGN | {"id": n} for n in range(100)]
    voiso_ = Recorder(
        reply({"campaigns": page, "metadata": {"total": 101}}),
        reply({"campaigns": [V4_CAMPAIGN], "metadata": {"total": 101}}),
        reply(PEOPLE),
    )
    client = voiso(voiso_)

    client.list_campaigns()
    client.campaign_agents("4711")

    assert voiso_.lines == [
        "GET /api/v4/campaigns?limit=100&offset=0",
        "GET /api/v4/campaigns?limit=100&offset=100",
        "GET /api/v4/campaigns/4711/users?limit=100&offset=0",
    ]


def test_every_v4_request_has_the_documented_headers(voiso):
    voiso_ = Recorder(reply({"campaigns": [], "metadata": {"total": 0}}), reply(NAMES_NOBODY), reply(V4_CAMPAIGN))
    client = voiso(voiso_)

    client.probe()
    client.add_contacts("4711", [BARE])
    client.change("4711", Change.PAUSE)

    for request in voiso_.requests:
        assert request.headers["authorization"] == f"Bearer {KEY}"
        assert request.headers["content-type"] == "application/json"
        assert request.headers["accept"] == "application/json"


def test_a_legacy_key_is_quoted_in_the_path_and_in_the_query(settings, voiso):
    voiso_ = Recorder(httpx.Response(301, headers={"Location": "/elsewhere"}), reply([]))
    voiso(voiso_, "legacy").close()
    client = open_client(generation="legacy", base_url="https://cc-test01.voiso.com", key="a/b?c#d+e=f%20&g")

    with pytest.raises(Redirected):
        client.list_campaigns()
    client.teams()

    assert voiso_.lines == [
        "GET /api/v1/a%2Fb%3Fc%23d%2Be%3Df%2520%26g/campaigns",
        "GET /api/v2/cdr/teams?key=a%2Fb%3Fc%23d%2Be%3Df%2520%26g",
    ]


@pytest.mark.parametrize("status", [404, 405])
@pytest.mark.parametrize("method", ["PATCH", "PUT"])
def test_a_v4_update_with_the_wrong_method_is_recognised_however_voiso_reports_it(voiso, status, method):
    def handler(request: httpx.Request) -> httpx.Response:
        return reply({"campaign": V4_CAMPAIGN}) if request.method == "GET" else reply({"error": "Not found"}, status)

    with pytest.raises(MethodNotAllowed):
        voiso(handler).update_contacts("4711", [BARE], method=method)
