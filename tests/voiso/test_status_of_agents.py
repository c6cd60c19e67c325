"""The status of agents: `agents_status` of the legacy API, the users of v4, in the forms that the documentation leaves open."""

import httpx
import pytest

from voisoadmin.voiso import Forbidden, KeyRefused, NoReply, Refused

LENA = {"email": "Lena@shop.example", "ext": "102", "status": "dialer waiting"}
TOM = {"email": "tom@shop.example", "ext": 103, "status": "Lunch"}


def read(voiso, data, generation="legacy") -> dict[str, str]:
    listing = voiso(httpx.Response(200, json=data), generation).agent_statuses()
    return {presence.who: presence.word for presence in listing}


@pytest.mark.parametrize(
    "data", [[LENA, TOM], {"agents": [LENA, TOM]}, {"data": [LENA, TOM]}, {"response": {"agents": [LENA, TOM]}}]
)
def test_a_list_is_read_bare_and_wrapped(voiso, data):
    assert read(voiso, data) == {"lena@shop.example": "dialer waiting", "tom@shop.example": "Lunch"}


def test_the_one_agent_of_a_contact_centre_may_come_without_a_list(voiso):
    assert read(voiso, LENA) == {"lena@shop.example": "dialer waiting"}


@pytest.mark.parametrize("data", [{"message": "ok"}, {}, "available", [{"status": "available"}], 3])
def test_an_answer_that_names_no_agent_is_no_list(voiso, data):
    with pytest.raises(NoReply):
        read(voiso, data)


@pytest.mark.parametrize(
    ("fields", "word"),
    [
        ({"status": "Available"}, "Available"),
        ({"status": {"current": "Lunch", "previous": "Available"}}, "Lunch"),
        ({"status": {"id": 4, "name": "On a break"}}, "On a break"),
        ({"presence": "idle"}, "idle"),
        ({"status": None}, ""),
        ({"status": ""}, ""),
        ({"status": True}, ""),
        ({"status": 3}, ""),
        ({"status": ["available"]}, ""),
        ({"status": {}}, ""),
        ({}, ""),
        ({"status": "x" * 500}, "x" * 60),
        ({"status": "a\x00b"}, "ab"),
    ],
)
@pytest.mark.parametrize("generation", ["legacy", "v4"])
def test_a_status_is_kept_as_it_is_and_anything_else_is_not_reported(voiso, generation, fields, word):
    user = {"id": 42, "email": "lena@shop.example"} | fields
    data = [user] if generation == "legacy" else {"users": [user], "metadata": {"total": 1}}

    assert list(read(voiso, data, generation).values()) == [word]


def test_an_agent_without_an_email_is_known_by_the_extension(voiso):
    assert read(voiso, [{"email": None, "ext": 103, "status": "idle"}]) == {"103": "idle"}


def test_an_entry_about_no_one_makes_the_list_incomplete(voiso):
    listing = voiso(httpx.Response(200, json=[LENA, {"status": "available"}, 7]), "legacy").agent_statuses()

    assert [presence.who for presence in listing] == ["lena@shop.example"]
    assert not listing.is_whole


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        (httpx.Response(200, json={"error": "Invalid key"}), KeyRefused),
        (httpx.Response(403, json={"error": "Invalid key"}), KeyRefused),
        (httpx.Response(401, json={"error": "Unauthorized"}), KeyRefused),
        (httpx.Response(403, json={"error": "Forbidden"}), Forbidden),
        (httpx.Response(404, json={"error": "Not found"}), Refused),
        (httpx.Response(200, text="<html>"), NoReply),
    ],
)
@pytest.mark.parametrize("generation", ["legacy", "v4"])
def test_a_refusal_is_told_from_a_list(voiso, generation, answer, error):
    with pytest.raises(error):
        voiso(answer, generation).agent_statuses()


def test_all_pages_of_the_users_are_read(voiso):
    def page(request: httpx.Request) -> httpx.Response:
        begin = int(request.url.params["offset"])
        users = [
            {"id": number, "name": f"User {number}", "status": "available"} for number in range(begin, min(begin + 100, 250))
        ]
        return httpx.Response(200, json={"users": users, "metadata": {"total": 250}})

    assert len(voiso(page, "v4").agent_statuses()) == 250
