"""Answers around every documented one, bent in every way: nothing but our own exceptions, no number that was not named.

Renamed, nested, typed otherwise, cut, reordered, doubled, and our own request under every status.
"""

import copy
import json
import re
from collections.abc import Callable
from dataclasses import asdict

import httpx
import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from tests.voiso.conftest import KEY
from voisoadmin.voiso import (
    CampaignFacts,
    Change,
    ChangeAnswer,
    ContactFields,
    ContactsAnswer,
    Listing,
    PeopleAnswer,
    Person,
    PresenceFacts,
    TeamFacts,
    VoisoClient,
    VoisoError,
)
from voisoadmin.voiso.http.wire import Wire
from voisoadmin.voiso.keys import Key
from voisoadmin.voiso.legacy import LegacyClient
from voisoadmin.voiso.v4 import V4Client

pytestmark = pytest.mark.slow

SENT = [f"4474001234{n:02}" for n in range(6)]
FIELDS = [ContactFields(number=number, values={"name": "Ada Byron", "active": True}) for number in SENT]
CAMPAIGN = {"id": 4711, "name": "Spring", "status": "paused", "strategy": "simple", "dial_level": 1, "live": True}
TEAMS = [{"id": 1, "name": "Evening"}]
USER = {"id": 42, "name": "Ada", "email": "ada@shop.example", "teams": TEAMS, "status": "available"}
AGENTS = ["42", "ada@shop.example"]
PEOPLE = ("added_agents", "removed_agents", "added_teams", "removed_teams", "agent_not_found", "team_not_found")

DOCUMENTED: list[object] = [
    {"leads_import": {"created": SENT[:3], "duplicates": SENT[3:5], "rejected": SENT[5:]}},
    {"contacts": SENT[:3], "duplicate_numbers": SENT[3:5], "invalid_numbers": SENT[5:]},
    {"leads_import": {"updated": SENT[:5], "rejected": SENT[5:]}},
    {"leads_import": {"created": [], "duplicates": SENT[:5], "rejected": SENT[5:]}},
    {"error": "Bad Request", "contacts": [], "duplicate_numbers": SENT, "invalid_numbers": []},
    {"rejected": [{"phone_number": number, "reason": "invalid"} for number in SENT], "created": []},
    {"created": dict.fromkeys(SENT[:3], "created"), "rejected": dict.fromkeys(SENT[3:], "invalid")},
    {"error": "Campaign not found"},
    {"errors": {"user_ids": ["is missing"]}},
    {"success": False, "errors": ["Campaign must have at least one agent to start"]},
    {"id": 4711, "operation": "pause", "success": True, "message": "Campaign paused successfully"},
    {"campaigns": [CAMPAIGN], "metadata": {"total": 1}},
    {"campaign": CAMPAIGN},
    [CAMPAIGN],
    {"users": [USER], "metadata": {"total": 1}},
    [{"email": "ada@shop.example", "ext": "102", "status": "dialer waiting"}],
    {"added_users": [USER]},
    {"user": USER},
    [{"name": "Evening", "id": 6045}],
    [USER],
    [{"email": "ada@shop.example", "ext": "1042", "status": "available"}],
    {"teams": [{"id": 1, "name": "Evening"}], "metadata": {"total": 1}},
    {"campaigns": [CAMPAIGN, CAMPAIGN | {"id": 4712, "status": "Auto paused"}], "metadata": {"total": 2}},
    CAMPAIGN | {"status": "pausing"},
    {"id": 4711, **{name: [] for name in PEOPLE}, "added_agents": ["ada@shop.example"]},
    {"id": 4711, **{name: [] for name in PEOPLE}, "removed_agents": ["ada@shop.example"], "agent_not_found": ["42"]},
    {"import_id": 7731},
    {"success": True, "message": "Accepted"},
]
ECHOES: list[object] = [
    [{"phone_number": number, "name": "Ada Byron", "active": True} for number in SENT],
    {"contacts": [{"phoneNumber": number, "contactName": "Ada Byron", "isActive": 1} for number in SENT]},
]
STATUSES = [200, 201, 202, 204, 301, 400, 401, 403, 404, 405, 406, 409, 413, 422, 424, 429, 500, 502, 503]
NAMES = ["created", "contacts", "leads", "updated", "duplicates", "rejected", "data", "result", "error", "errors", "success"]
NAMES += ["status", "phone", "number", "reason", "message", "leadsImport", "Created", "campaigns", "users", "id", "x", SENT[0]]
NAMES += ["name", "email", "teams", "state", "live", "metadata", "total", "user", "operation", "added_agents", "removed_agents"]
VALUES: list[object] = [None, True, False, 0, 1, 3, -1, 1.5, "", "x", SENT[0], int(SENT[1]), "447999999999", [], {}, [[]], "no"]


def places(value: object, path: tuple[object, ...] = ()) -> list[tuple[object, ...]]:
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [path, *(found for name, inner in items for found in places(inner, (*path, name)))]


def at(value: object, path: tuple[object, ...]) -> object:
    for name in path:
        value = value[name]  # type: ignore[index]
    return value


def bent(draw: Callable, data: object) -> object:
    """One change, somewhere in it."""
    *inner, name = draw(st.sampled_from(places(data))) or (None,)
    if name is None:
        return draw(st.sampled_from([[data], {"data": data}, {"result": data}, {"leads_import": data}, [data, data], data]))
    parent = at(data, tuple(inner))
    value = parent[name]  # type: ignore[index]
    match draw(st.sampled_from(["rename", "nest", "retype", "drop", "double", "add", "reorder", "object", "text"])):
        case "rename" if isinstance(parent, dict):
            parent[draw(st.sampled_from(NAMES))] = parent.pop(name)
        case "nest":
            parent[name] = draw(st.sampled_from([[value], {"data": value}, {"phone": value}]))  # type: ignore[index]
        case "retype":
            parent[name] = copy.deepcopy(draw(st.sampled_from(VALUES)))  # type: ignore[index]
        case "drop":
            del parent[name]  # type: ignore[attr-defined]
        case "double" if isinstance(parent, list):
            parent.append(value)
        case "add" if isinstance(parent, dict):
            parent[draw(st.sampled_from(NAMES))] = copy.deepcopy(draw(st.sampled_from([*VALUES, SENT[:2]])))
        case "reorder" if isinstance(value, list):
            value.reverse()
        case "object" if isinstance(value, str):
            fields = [{"phone": value}, {"number": 3, "msisdn": value}, {"phoneNumber": value, "error": "no"}, {value: "why"}]
            parent[name] = draw(st.sampled_from(fields))  # type: ignore[index]
        case "text" if isinstance(value, int):
            parent[name] = str(value)  # type: ignore[index]
    return data


@st.composite
def replies(draw) -> tuple[int, bytes]:
    data = copy.deepcopy(draw(st.sampled_from([*DOCUMENTED, *ECHOES])))
    for _ in range(draw(st.integers(0, 4))):
        data = bent(draw, data)
    body = json.dumps(data).encode()
    if draw(st.integers(0, 9)) == 0:
        body = body[: draw(st.integers(0, len(body)))]
    return draw(st.sampled_from(STATUSES)), body


def clients(status: int, body: bytes) -> list[VoisoClient]:
    def wire() -> Wire:
        return Wire(httpx.MockTransport(lambda _: httpx.Response(status, content=body)), "https://cc-test01.voiso.com")

    return [V4Client(wire(), Key(KEY)), LegacyClient(wire(), Key(KEY))]


def contacts_answers(status: int, body: bytes, *, update: bool) -> list[ContactsAnswer]:
    found = []
    for client in clients(status, body):
        try:
            found.append((client.update_contacts if update else client.add_contacts)("4711", FIELDS))
        except VoisoError:
            continue
    return found


def named_in(body: bytes) -> set[str]:
    """Every run of digits in it: the plainest possible reading."""
    return set(re.findall(r"[0-9]+", body.decode()))


CHANCES = settings(max_examples=400, deadline=None, suppress_health_check=list(HealthCheck))


@CHANCES
@given(replies(), st.booleans())
def test_the_client_never_reports_more_than_the_answer_names(reply, update):
    status, body = reply

    for answer in contacts_answers(status, body, update=update):
        lists = [answer.created, answer.updated, answer.duplicates, answer.rejected]
        assert set().union(*lists, answer.reasons) <= named_in(body)
        if status >= 300:
            assert answer.refusal


@CHANCES
@given(replies(), st.booleans())
def test_no_refusal_adds_or_updates_a_row(reply, update):
    status, body = reply
    try:
        says_no = json.loads(body).get("success") in (False, 0, "no")
    except (ValueError, AttributeError):
        says_no = False
    assume(status >= 300 or says_no)

    for answer in contacts_answers(status, body, update=update):
        assert (answer.created, answer.updated) == ((), ())
        refused = [*answer.duplicates, *answer.rejected]
        assert sorted(refused) == sorted(SENT)


@CHANCES
@given(st.sampled_from(ECHOES), st.sampled_from([s for s in STATUSES if s >= 300]), st.data())
def test_our_request_echoed_with_a_refusing_status_proves_nothing(echo, status, data):
    bending = copy.deepcopy(echo)
    for _ in range(data.draw(st.integers(0, 2))):
        bending = bent(data.draw, bending)

    for answer in contacts_answers(status, json.dumps(bending).encode(), update=False):
        assert (answer.created, answer.updated) == ((), ())


def asked_of(client: VoisoClient) -> dict[str, Callable[[], object]]:
    """Every request but those with contacts."""
    return {
        "list_campaigns": client.list_campaigns,
        "get_campaign": lambda: client.get_campaign("4711"),
        "probe": client.probe,
        "probe_users": client.probe_users,
        "probe_presence": client.probe_presence,
        "users": client.users,
        "agent_statuses": client.agent_statuses,
        "teams": client.teams,
        "campaign_agents": lambda: client.campaign_agents("4711"),
        "change": lambda: client.change("4711", Change.PAUSE),
        "add people": lambda: client.change_people("4711", add_agents=AGENTS),
        "remove people": lambda: client.change_people("4711", remove_agents=AGENTS),
    }


def values_in(body: bytes) -> set[str]:
    """Every value in it, spelt as the client does. Empty if it isn't JSON."""
    try:
        data = json.loads(body)
    except ValueError:
        return set()
    found = {at(data, path) for path in places(data) if isinstance(at(data, path), str | int | float)}
    texts = {str(value).strip().lower() for value in found}
    return texts | {re.sub(r"[ -]+", "_", text) for text in texts} | {text[:60] for text in texts}


def claimed_by(answer: object) -> set[str]:
    """Every text that an answer claims to have from Voiso."""
    match answer:
        case CampaignFacts():
            claims = {answer.id, answer.name, answer.status}
        case Person():
            claims = {answer.id, answer.name, answer.email, *answer.teams}
        case PresenceFacts():
            claims = {answer.who, answer.word}
        case TeamFacts():
            claims = {answer.id, answer.name}
        case ChangeAnswer():
            claims = {answer.status}
        case PeopleAnswer():
            lists = [names for name, names in asdict(answer).items() if name not in ("left_out", "words")]
            claims = {text for names in lists for text in names}
        case Listing() | list():
            claims = {claim for item in answer for claim in claimed_by(item)}
        case _:
            claims = set()
    return {claim.lower() for claim in claims} - {""}


@settings(max_examples=300, deadline=None, suppress_health_check=list(HealthCheck))
@given(replies())
def test_every_request_ends_with_one_of_our_exceptions_or_claims_only_what_the_answer_says(reply):
    status, body = reply
    said = values_in(body)
    for client in clients(status, body):
        for name, call in asked_of(client).items():
            try:
                answer = call()
            except VoisoError:
                continue
            assert status < 300, name
            # The campaign that was asked for need not be named again, and a removal only needs a yes.
            known = {"4711"} if name == "get_campaign" else set(AGENTS) if name == "remove people" else set()
            assert claimed_by(answer) <= said | known, name
