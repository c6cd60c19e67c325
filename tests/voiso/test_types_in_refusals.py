"""Which types a refusal of contacts names for priority and active, in every wording; without both it names none."""

import httpx
import pytest

from tests.voiso.conftest import KEY
from voisoadmin.voiso import ContactFields, Field, Form, Refused, WrongType
from voisoadmin.voiso.http.wire import Wire
from voisoadmin.voiso.keys import Key
from voisoadmin.voiso.legacy import LegacyClient
from voisoadmin.voiso.v4 import V4Client

TEXT, INTEGER, BOOLEAN = Form.TEXT, Form.INTEGER, Form.BOOLEAN
TYPED = [
    ({"errors": {"priority": ["must be a string"]}}, Field.PRIORITY, INTEGER, TEXT),
    ({"errors": {"leads.0.priority": ["must be a string"]}}, Field.PRIORITY, INTEGER, TEXT),
    ({"errors": {"leads": {"0": {"priority": ["must be a string"]}}}}, Field.PRIORITY, INTEGER, TEXT),
    ({"errors": {"priority": {"0": ["is not a string"]}}}, Field.PRIORITY, INTEGER, TEXT),
    ({"errors": [{"field": "priority", "message": "must be a string"}]}, Field.PRIORITY, INTEGER, TEXT),
    ({"errors": [{"source": {"pointer": "/data/0/priority"}, "detail": "must be text"}]}, Field.PRIORITY, INTEGER, TEXT),
    ({"detail": [{"loc": ["body", 0, "priority"], "msg": "Input should be a valid string"}]}, Field.PRIORITY, INTEGER, TEXT),
    (
        {"errors": [{"expected": "string", "received": "number", "path": ["contacts", 0, "priority"]}]},
        Field.PRIORITY,
        INTEGER,
        TEXT,
    ),
    ({"priority": ["Not a valid string."]}, Field.PRIORITY, INTEGER, TEXT),
    ({"error": "priority must be a string"}, Field.PRIORITY, INTEGER, TEXT),
    ({"error": "Priority: integer given, string expected"}, Field.PRIORITY, INTEGER, TEXT),
    ({"error": "Expected a string for contacts[0].priority"}, Field.PRIORITY, INTEGER, TEXT),
    ({"success": False, "errors": ["priority can't be an integer"]}, Field.PRIORITY, INTEGER, TEXT),
    ({"error": "priority must be a string, not a number"}, Field.PRIORITY, INTEGER, TEXT),
    ({"error": "no implicit conversion of Integer into String: priority"}, Field.PRIORITY, INTEGER, TEXT),
    (
        {"error": "The property '#/contacts/0/isActive' of type integer did not match the following type: boolean"},
        Field.ACTIVE,
        INTEGER,
        BOOLEAN,
    ),
    ({"error": "priority should be an integer"}, Field.PRIORITY, TEXT, INTEGER),
    ({"error": "contacts[0].isActive must be boolean"}, Field.ACTIVE, INTEGER, BOOLEAN),
    ({"errors": {"contacts[0].isActive": ["must be boolean"]}}, Field.ACTIVE, INTEGER, BOOLEAN),
    ({"message": "isActive must be true or false"}, Field.ACTIVE, INTEGER, BOOLEAN),
    ({"errors": {"leads.0.active": ["must be an integer"]}}, Field.ACTIVE, BOOLEAN, INTEGER),
    ({"errors": {"is_active": ["must be 0 or 1"]}}, Field.ACTIVE, BOOLEAN, INTEGER),
]
UNTYPED = [
    {"error": "priority is invalid"},
    {"errors": {"priority": ["must be between 1 and 1000"]}},
    {"error": "priority number 5 is not allowed"},
    {"errors": {"name": ["must be a string"], "priority": ["is invalid"]}},
    {"error": "priority is invalid, contactName must be a string"},
    {"error": "contactName must be a string; priority is invalid"},
    {"error": "Campaign is not active for this number of contacts"},
    {"errors": {"active_agents_threshold": ["must be an integer"]}},
    {"error": "Bad Request", "note": "priority must be a string"},
]

CONTACT = ContactFields(number="447400123456", values={"priority": 5, "active": True})


def refusal(data: object, status: int, client: type[V4Client] | type[LegacyClient]) -> Refused:
    transport = httpx.MockTransport(lambda _: httpx.Response(status, json=data))
    wire = Wire(transport, "https://cc-test01.voiso.com")
    with pytest.raises(Refused) as raised:
        client(wire, Key(KEY)).add_contacts("4711", [CONTACT])
    return raised.value


@pytest.mark.parametrize("client", [V4Client, LegacyClient])
@pytest.mark.parametrize("status", [400, 422, 424])
@pytest.mark.parametrize(("data", "field", "sent", "other"), TYPED)
def test_a_refusal_that_names_the_field_and_a_type_says_what_to_send_instead(data, field, sent, other, status, client):
    problem = refusal(data, status, client)

    assert isinstance(problem, WrongType)
    assert problem.types.keys() == {field}
    assert problem.types[field].require(other, instead_of=sent)
    assert not problem.types[field].require(sent, instead_of=other)


@pytest.mark.parametrize("status", [400, 422])
@pytest.mark.parametrize("data", UNTYPED)
def test_the_same_words_without_the_field_or_a_type_say_nothing(data, status):
    assert not isinstance(refusal(data, status, V4Client), WrongType)


def test_a_type_that_is_already_sent_requires_no_other():
    problem = refusal({"error": "Priority must be an integer from 0 to 1000"}, 422, LegacyClient)

    assert isinstance(problem, WrongType)
    assert not problem.types[Field.PRIORITY].require(TEXT, instead_of=INTEGER)
