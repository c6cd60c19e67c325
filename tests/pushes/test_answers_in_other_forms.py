"""What a real Voiso may answer to contacts, from the sandbox to the report: each row ends where the answer named it."""

import pytest
from django.utils import timezone

from tests.pushes.support import buckets, numbers, reasons
from voisoadmin.pushes import services
from voisoadmin.pushes.models import Call, Contact
from voisoadmin.sandbox.answer_forms import FORMS, NAMELESS

pytestmark = [
    pytest.mark.slow,
    pytest.mark.once,
]  # how an answer is read doesn't depend on the database that keeps what it says

BAD = "12345"  # Voiso calls it invalid


def resume(push) -> bool:
    return services.resume_push(push, at=timezone.now())


@pytest.mark.parametrize("form", sorted(FORMS.keys() - set(NAMELESS)))
def test_answers_that_name_numbers_in_another_form_cost_nothing(any_cast, form):
    cast = any_cast
    there, new = numbers(3), numbers(35)
    cast.sandbox.add_leads(cast.id, there)
    cast.sandbox.behaviour.answer_form = form

    push = cast.push([*there, *new, BAD])
    cast.drain()

    assert buckets(push) == {"added": 35, "duplicate": 3, "rejected": 1}
    assert push.calls == 1
    assert push.state == "finished"


def test_the_reason_that_voiso_gives_for_a_number_is_shown_with_its_row(any_cast):
    cast = any_cast
    cast.sandbox.behaviour.answer_form = "reasons"
    there = numbers(1)
    cast.sandbox.add_leads(cast.id, there)

    push = cast.push([*there, *numbers(1), BAD])
    cast.drain()

    record = push.rejected_records.get()
    assert (record.reason, record.answer) == ("refused_by_voiso", "not a number in use")
    assert "gives no details" not in record.problems[0]["advice"]
    assert [row.answer for row in services.iter_rows(push)] == ["already in the campaign", "", "not a number in use"]


@pytest.mark.parametrize("form", ["refusal", "unsuccessful"])
def test_a_refusal_that_names_every_row_gives_each_row_its_named_outcome(any_cast, form):
    cast = any_cast
    there = numbers(39)
    cast.sandbox.add_leads(cast.id, there)
    cast.sandbox.behaviour.answer_form = form

    push = cast.push([*there, BAD])
    cast.drain()

    assert buckets(push) == {"duplicate": 39, "rejected": 1}
    assert push.calls == 1
    assert set(Contact.objects.values_list("known_as", flat=True)) == {"duplicate"}


@pytest.mark.parametrize("bare", [False, True])
@pytest.mark.parametrize("status", [400, 403, 404, 409, 413, 422, 424, 429])
def test_a_refusal_that_repeats_our_request_adds_no_row(any_cast, status, bare):
    cast = any_cast
    given = numbers(5)
    cast.sandbox.fault("echo", status=status, bare=bare)

    push = cast.push(given)
    cast.one_call()

    assert Call.objects.get(number=1).outcome == "uncertain"
    assert cast.sandbox.numbers_in(cast.id) in (set(), set(given))
    cast.drain()
    # It did nothing, so what the second answer calls created is ours.
    assert buckets(push) == {"added": 5}
    assert push.calls == 2


def test_a_refusal_that_acted_and_repeats_our_request_calls_no_row_a_duplicate(any_cast):
    cast = any_cast
    cast.sandbox.fault("echo", acted=True)

    push = cast.push(numbers(5))
    cast.drain()

    assert buckets(push) == {"unattributed": 5}


@pytest.mark.parametrize("form", NAMELESS)
def test_two_answers_without_a_number_pause_the_push_and_the_rest_goes_once(any_cast, form):
    cast = any_cast
    cast.sandbox.behaviour.answer_form = form
    given = numbers(3500)

    push = cast.push(given)
    cast.drain()

    assert buckets(push) == {"needs_review": 1000, "pending": 2500}
    assert reasons(push) == {"voiso_named_nothing": 1000, "waiting": 2500}
    assert len(cast.sandbox.requests(cast.id)) == 2
    assert push.state == "paused"
    assert "without naming a number" in push.paused_reason
    assert push.paused_answer == ("Contacts were accepted" if form == "message" else "")
    cast.campaign.lane.refresh_from_db()
    assert cast.campaign.lane.sending_state == "blocked"

    assert resume(push)
    cast.drain()
    assert buckets(push) == {"needs_review": 3500}
    assert reasons(push) == {"voiso_named_nothing": 3500}
    assert len(cast.sandbox.requests(cast.id)) == 5
    # The first batch waited out the quiet time; from then on the lane went at its pace.
    owed = list(Call.objects.order_by("pk").values_list("owed_milliseconds", flat=True))
    assert owed[1] >= 300
    assert max(owed[2:]) < 100
    assert cast.sandbox.numbers_in(cast.id) == set(given)


def test_an_answer_that_names_numbers_after_one_that_does_not_settles_the_batch(cast):
    cast.sandbox.fault("other_form", form="import_id")

    push = cast.push(numbers(1500))
    cast.drain()

    assert buckets(push) == {"added": 500, "unattributed": 1000}


def test_the_rest_of_a_paused_push_can_be_cancelled(cast):
    cast.sandbox.behaviour.answer_form = "message"
    push = cast.push(numbers(2500))
    cast.drain()

    assert services.cancel_push(push, at=timezone.now())

    cast.check()
    assert buckets(push) == {"needs_review": 1000, "not_sent": 1500}
    assert push.ended_at


def test_a_single_batch_that_is_never_named_ends_without_asking_a_person(cast):
    cast.sandbox.behaviour.answer_form = "import_id"

    push = cast.push(numbers(10))
    cast.drain()

    assert buckets(push) == {"needs_review": 10}
    assert (push.state, push.calls) == ("finished", 2)
    assert push.rejected_records.first().reason == "voiso_named_nothing"


def test_other_pushes_of_the_lane_continue_while_one_waits_for_a_decision(cast):
    cast.sandbox.fault("other_form", form="message", times=2)
    waits = cast.push(numbers(1500))
    cast.drain()

    goes = cast.push(numbers(1500))
    cast.drain()

    assert buckets(goes) == {"added": 1500}
    assert buckets(waits) == {"needs_review": 1000, "pending": 500}
    assert resume(waits)
    cast.drain()
    assert buckets(waits) == {"needs_review": 1000, "added": 500}


def test_an_update_that_is_accepted_without_a_number_is_paused_too(any_cast):
    cast = any_cast
    given = numbers(1500)
    cast.sandbox.add_leads(cast.id, given)
    cast.sandbox.behaviour.answer_form = "no_content"

    push = cast.push(given, kind="update")
    cast.drain()

    assert buckets(push) == {"needs_review": 1000, "pending": 500}
    assert len(cast.sandbox.requests(cast.id)) == 2


@pytest.mark.parametrize("acted", [False, True])
def test_a_proxys_error_page_is_not_a_missing_permission(any_cast, acted):
    cast = any_cast
    cast.sandbox.fault("odd_json", body="<html>Access denied</html>", status=403, acted=acted)

    push = cast.push(numbers(2500))
    cast.drain()

    assert buckets(push) == ({"added": 1500, "unattributed": 1000} if acted else {"added": 2500})


@pytest.mark.parametrize(("status", "text"), [(403, "Invalid key"), (200, "Invalid key"), (400, "API key is invalid")])
def test_an_invalid_key_is_the_key_whatever_status_came_with_it(any_cast, status, text):
    cast = any_cast
    cast.sandbox.fault("poison", status=status, text=text)

    push = cast.push(numbers(5))
    cast.drain()

    connection = cast.campaign.connection
    connection.refresh_from_db()
    assert connection.held_kind == "key"
    assert len(cast.sandbox.requests(cast.id)) == 1
    assert buckets(push) == {"pending": 5}
