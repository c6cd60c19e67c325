"""Answers in forms that the documentation leaves open: what they name is read, and a refusal proves only refusals."""

import json

import pytest

from tests.voiso.conftest import KEY
from voisoadmin.sandbox import Sandbox
from voisoadmin.sandbox.answer_forms import FORMS, NAMELESS
from voisoadmin.voiso import ContactFields, ContactsAnswer, NamedNothing, NoReply, Refused, VoisoClient, open_client
from voisoadmin.voiso.contact_answers import judge_contacts
from voisoadmin.voiso.http.wire import Reply
from voisoadmin.voiso.keys import Key

ADA, BO, CY, NOBODY = "447400123456", "447400123457", "447400123458", "12345"


@pytest.fixture
def spring(sandbox) -> str:
    return str(sandbox.add_campaign("Spring", numbers=[BO]))


@pytest.fixture
def client(sandbox, generation):
    sandbox.behaviour.enforce_pace = False
    key = Sandbox.V4_KEY if generation == "v4" else Sandbox.LEGACY_KEY
    with open_client(generation=generation, base_url="https://cc-test01.voiso.com", key=key) as client:
        yield client


def add(client: VoisoClient, campaign: str, *numbers: str) -> ContactsAnswer:
    return client.add_contacts(campaign, [ContactFields(number=number) for number in numbers])


def read(data: object, *sent: str, status: int = 200, update: bool = False) -> ContactsAnswer:
    body = data if isinstance(data, bytes) else json.dumps(data).encode()
    return judge_contacts(Reply(status, body), frozenset(sent), update=update, method="POST", key=Key(KEY))


@pytest.mark.parametrize("form", sorted(FORMS.keys() - set(NAMELESS)))
def test_a_number_is_found_in_whatever_form_it_is_named(sandbox, client, spring, form):
    sandbox.behaviour.answer_form = form

    answer = add(client, spring, ADA, BO, NOBODY)

    assert (answer.created, answer.duplicates, answer.rejected) == ((ADA,), (BO,), (NOBODY,))


@pytest.mark.parametrize("empty", [None, "", [], {}])
def test_a_list_without_numbers_is_empty_in_whatever_form(empty):
    answer = read({"contacts": [ADA], "duplicate_numbers": empty, "invalid_numbers": empty}, ADA)

    assert (answer.created, answer.duplicates, answer.rejected) == ((ADA,), (), ())


@pytest.mark.parametrize("form", ["reasons", "map"])
def test_the_reason_of_a_number_is_kept_beside_it(sandbox, client, spring, form):
    sandbox.behaviour.answer_form = form

    answer = add(client, spring, ADA, BO, NOBODY)

    assert answer.reasons[NOBODY] == "not a number in use"
    assert answer.reasons[BO] == "already in the campaign"


@pytest.mark.parametrize("form", ["refusal", "unsuccessful"])
def test_a_refusal_that_names_every_number_as_refused_is_believed(sandbox, client, spring, form):
    sandbox.behaviour.answer_form = form

    answer = add(client, spring, BO, NOBODY)

    assert (answer.created, answer.duplicates, answer.rejected, answer.refusal) == ((), (BO,), (NOBODY,), True)


@pytest.mark.parametrize("form", NAMELESS)
def test_a_yes_that_names_no_number_proves_nothing(sandbox, client, spring, form):
    sandbox.behaviour.answer_form = form

    try:
        answer = add(client, spring, ADA, BO)
    except NamedNothing:
        return
    assert (answer.created, answer.updated, answer.duplicates, answer.rejected) == ((), (), (), ())


@pytest.mark.parametrize("bare", [False, True])
@pytest.mark.parametrize("status", [400, 403, 404, 409, 413, 422, 424, 429, 500])
@pytest.mark.parametrize("text", ["Bad Request", "Campaign type should be live", "Still being processed"])
def test_a_refusal_that_repeats_our_request_is_never_a_yes(sandbox, client, spring, status, bare, text):
    sandbox.fault("echo", status=status, bare=bare, text=text)

    with pytest.raises(NoReply):
        add(client, spring, ADA, BO)

    assert sandbox.numbers_in(spring) == {BO}


def test_a_position_in_our_request_is_no_number():
    answer = read({"created": [ADA], "rejected": [{"number": 2, "reason": "invalid"}], "duplicates": [3]}, ADA, BO, CY)

    assert (answer.created, answer.rejected, answer.duplicates) == ((ADA,), (), ())


def test_of_several_fields_the_first_that_holds_only_numbers_we_sent_is_the_number():
    rejected = [{"phoneNumber": "+1 212 555 0100", "number": 0, "msisdn": f"+{ADA}"}, {"number": 1, "msisdn": int(BO)}]

    assert read({"rejected": rejected}, ADA, BO).rejected == (ADA, BO)
    assert read({"rejected": [*rejected, {"msisdn": CY}]}, ADA, BO).rejected == ()


def test_a_map_names_numbers_only_where_all_its_names_are_numbers_we_sent():
    assert read({"rejected": {ADA: "too short", f"+{BO}": ["no such", "carrier"]}}, ADA, BO).reasons == {
        ADA: "too short",
        BO: "no such; carrier",
    }
    assert read({"rejected": {ADA: "too short", "count": 2}}, ADA, BO).rejected == ()


def test_errors_of_single_numbers_are_rejections_and_other_errors_make_a_yes_unusable():
    answer = read({"contacts": [ADA], "errors": [{"phone": BO, "message": "no such number"}]}, ADA, BO)

    assert (answer.created, answer.rejected, answer.reasons) == ((ADA,), (BO,), {BO: "no such number"})
    with pytest.raises(NoReply):
        read({"contacts": [ADA], "errors": ["one number is wrong"]}, ADA, BO)


@pytest.mark.parametrize(
    "said",
    [{"success": False}, {"error": "invalid"}, {"status": "duplicate"}, {"status": "not created"}, {"reason": "blocked"}],
)
def test_an_object_that_takes_its_own_number_back_is_not_accepted(said):
    for name in ("contacts", "created"):
        assert read({name: [{"phone": ADA, **said}, {"phone": BO}]}, ADA, BO).created == ()


def test_processed_contacts_are_accepted_only_when_it_is_done():
    assert read({"contacts": [ADA]}, ADA, status=201).created == (ADA,)
    assert read({"contacts": [ADA]}, ADA, status=202).created == ()
    assert read({"created": [ADA]}, ADA, status=202).created == (ADA,)


@pytest.mark.parametrize(
    "lists",
    [
        {"duplicates": [ADA]},
        {"duplicates": [ADA, BO], "rejected": [BO]},
        {"duplicates": [ADA, BO, BO]},
        {"duplicates": [ADA, BO, CY]},
        {"duplicates": [ADA, "no number"]},
    ],
)
def test_a_refusal_that_does_not_name_every_number_once_is_only_a_refusal(lists):
    with pytest.raises(Refused):
        read({"error": "Bad Request", **lists}, ADA, BO, status=400)


def test_a_refusal_of_contacts_that_were_all_imported_before_is_not_taken_for_a_busy_voiso():
    answer = read({"error": "All of it was already processed before", "duplicates": [ADA]}, ADA, status=409)

    assert answer.duplicates == (ADA,)


@pytest.mark.parametrize("size", [20_000])
def test_a_long_answer_is_read_in_time_with_its_length(size):
    numbers = [str(447400000000 + at) for at in range(1000)]
    objects = [{"phone": "447400000000", "name": "x"} for _ in range(size)]
    odd = {"created": objects, "rejected": {str(at): {} for at in range(size)}, "contacts": [[[1]]] * 5}

    for status in (200, 422):
        with pytest.raises(NoReply):
            read(odd, *numbers, status=status)


def test_reasons_hold_no_key_and_no_whole_number_and_are_cut():
    answer = read({"rejected": [{"phone": ADA, "reason": f"{KEY} of +44 7400 123456 " + "x" * 5000}]}, ADA)

    assert answer.reasons[ADA].startswith("[key] of …456 xxx")
    assert len(answer.reasons[ADA]) == 200


@pytest.fixture
def current(sandbox):
    with open_client(generation="v4", base_url="https://cc-test01.voiso.com", key=Sandbox.V4_KEY) as client:
        yield client


@pytest.mark.parametrize("body", ["", '{"success": true}', '{"success": true, "message": "User was removed"}'])
def test_an_agent_is_removed_even_if_the_answer_does_not_name_them(sandbox, current, spring, body):
    user = next(iter(sandbox.centre.users))
    sandbox.fault("odd_json", on="people", body=body)

    answer = current.change_people(spring, remove_agents=[str(user)])

    assert (answer.removed_agents, answer.left_out) == ((str(user),), ())
    assert sandbox.campaign(spring).agents == []


def test_an_agent_is_added_if_the_answer_names_only_ids(sandbox, current, spring):
    first, second, *_ = sandbox.centre.users
    sandbox.fault("odd_json", on="people", body={"user_ids": [second]})

    answer = current.change_people(spring, add_agents=[str(second)])

    assert (answer.added_agents, answer.left_out) == ((str(second),), ())
    assert sandbox.campaign(spring).agents == [first, second]
