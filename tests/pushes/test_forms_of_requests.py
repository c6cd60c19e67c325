"""Priority, active and the method of updates are sent in the other form once Voiso asks for it, and remembered once it
worked."""

import json

import pytest

from tests.pushes.support import Cast, buckets, numbers
from tests.support.sandbox import connect, mirror
from voisoadmin.connections.models import Connection
from voisoadmin.lib import stopping
from voisoadmin.pushes.models import Call
from voisoadmin.sandbox import Fault


@pytest.fixture
def legacy(sandbox, transactional_db) -> Cast:
    return cast_of(sandbox, "legacy")


@pytest.fixture
def current(sandbox, transactional_db) -> Cast:
    return cast_of(sandbox, "v4")


def cast_of(sandbox, generation: str) -> Cast:
    stopping.clear()
    return Cast(sandbox, mirror(sandbox, connect(sandbox, generation=generation), sandbox.add_campaign("Spring")))


def remembered(cast: Cast) -> tuple[str, str, str]:
    found = Connection.objects.get(pk=cast.campaign.connection_id)
    return found.priority_form, found.active_form, found.update_method


def sent(cast: Cast, field: str) -> list[object]:
    """The value of this field in the first contact of each request that carried it."""
    requests = cast.sandbox.requests(cast.id, "add", "update")
    return [request.first[field] for request in requests if field in request.first]


def answer_always(cast: Cast, data: object, status: int = 422, times: int = 1000) -> None:
    cast.sandbox.fault(Fault.ODD_JSON, body=json.dumps(data), status=status, acted=False, times=times, on="contacts")


@pytest.mark.parametrize("generation", ["legacy", "v4"])
@pytest.mark.parametrize("status", [400, 422])
@pytest.mark.parametrize("wording", ["path", "sentence"])
class TestAVoisoThatWantsAnotherType:
    def test_of_priority_gets_text_after_one_refusal(self, sandbox, transactional_db, generation, status, wording):
        cast = cast_of(sandbox, generation)
        sandbox.behaviour.priority_type, sandbox.behaviour.type_status, sandbox.behaviour.type_wording = "text", status, wording

        first = cast.push(numbers(3), priority=7)
        cast.drain()
        second = cast.push(numbers(3), priority=7)
        cast.drain()

        assert (buckets(first), buckets(second)) == ({"added": 3}, {"added": 3})
        assert sent(cast, "priority") == [7, "7", "7"]
        assert remembered(cast) == ("text", "", "")

    def test_of_active_gets_the_other_one_after_one_refusal(self, sandbox, transactional_db, generation, status, wording):
        cast = cast_of(sandbox, generation)
        sandbox.behaviour.type_status, sandbox.behaviour.type_wording = status, wording
        legacy = generation == "legacy"
        field, usual, other = ("isActive", 1, True) if legacy else ("active", True, 1)
        sandbox.behaviour.active_type = "boolean" if legacy else "number"

        push = cast.push(numbers(3), active=True)
        cast.drain()

        assert buckets(push) == {"added": 3}
        assert [(value, type(value)) for value in sent(cast, field)] == [(usual, type(usual)), (other, type(other))]
        assert remembered(cast)[1] == ("boolean" if legacy else "integer")


def test_both_fields_change_in_one_push(legacy):
    legacy.sandbox.behaviour.priority_type, legacy.sandbox.behaviour.active_type = "text", "boolean"

    push = legacy.push(numbers(3), priority=7, active=False)
    legacy.drain()

    assert buckets(push) == {"added": 3}
    assert len(legacy.sandbox.requests(legacy.id, "add")) == 3
    assert remembered(legacy)[:2] == ("text", "boolean")


def test_an_update_changes_its_fields_too(legacy):
    given = numbers(3)
    legacy.push(given)
    legacy.drain()
    legacy.sandbox.behaviour.active_type = "boolean"

    push = legacy.push(given, kind="update", name="New")
    legacy.drain()

    assert buckets(push) == {"updated": 3}
    assert sent(legacy, "isActive") == [1, True]


def test_a_form_that_is_refused_too_is_tried_once_and_not_remembered(legacy):
    answer_always(legacy, {"errors": {"priority": ["must be a string"]}}, times=3)

    push = legacy.push(numbers(3), priority=7)
    legacy.drain()

    assert buckets(push) == {"added": 3}
    assert sent(legacy, "priority") == [7, "7", 7, 7]
    assert remembered(legacy) == ("", "", "")


def test_a_form_whose_outcome_is_unclear_is_not_remembered_until_it_is_accepted(legacy):
    legacy.sandbox.behaviour.priority_type = "text"
    legacy.sandbox.fault(Fault.SERVER_ERROR, after=1, times=1, on="contacts")
    push = legacy.push(numbers(3), priority=7)

    legacy.slice(1.0)
    while Call.objects.filter(outcome="uncertain").count() == 0:
        legacy.slice(0.2)
    if not Call.objects.filter(outcome="answered").exists():
        assert remembered(legacy) == ("", "", "")
    legacy.drain()

    assert buckets(push).keys() <= {"added", "unattributed"}
    assert remembered(legacy) == ("text", "", "")


def test_a_request_without_the_field_proves_nothing_about_its_form(legacy):
    answer_always(legacy, {"errors": {"priority": ["must be a string"]}}, times=1)

    push = legacy.push(numbers(3))
    legacy.drain()

    assert buckets(push) == {"added": 3}
    assert push.forms_tried == {}
    assert remembered(legacy) == ("", "", "")


@pytest.mark.parametrize(
    "refusal",
    [
        {"error": "priority is invalid"},
        {"errors": {"priority": ["must be between 0 and 1000"]}},
        {"error": "contactName must be a string; priority is invalid"},
        {"error": "Priority must be an integer from 0 to 1000"},
    ],
)
def test_a_refusal_without_another_type_changes_nothing(legacy, refusal):
    answer_always(legacy, refusal, times=2)

    push = legacy.push(numbers(3), priority=7, active=True)
    legacy.drain()

    assert buckets(push) == {"added": 3}
    assert sent(legacy, "priority") == [7, 7, 7]
    assert sent(legacy, "isActive") == [1, 1, 1]


def test_a_remembered_form_that_is_refused_goes_back_to_the_documented_one(legacy):
    Connection.objects.update(priority_form="text")
    answer_always(legacy, {"error": "priority should be an integer"}, 400, times=1)

    push = legacy.push(numbers(3), priority=7)
    legacy.drain()

    assert buckets(push) == {"added": 3}
    assert sent(legacy, "priority") == ["7", 7]
    assert remembered(legacy)[0] == "integer"


def test_a_method_that_both_are_refused_is_not_remembered(current):
    given = numbers(3)
    current.push(given)
    current.drain()
    answer_always(current, {"error": "Method not allowed"}, 405)

    push = current.push(given, kind="update", name="New")
    current.slice(1.5)

    push.refresh_from_db()
    assert push.state == "sending"
    assert remembered(current) == ("", "", "")
    assert [request.method for request in current.sandbox.requests(current.id, "update")][:2] == ["PATCH", "PUT"]


def test_a_form_forgotten_during_a_push_is_not_remembered_again_by_it(legacy):
    legacy.sandbox.behaviour.priority_type = "text"
    push = legacy.push(numbers(2500), priority=7)
    while remembered(legacy)[0] == "":
        legacy.slice(0.05)

    Connection.objects.update(priority_form="")
    legacy.drain()

    assert buckets(push) == {"added": 2500}
    assert remembered(legacy)[0] == ""
