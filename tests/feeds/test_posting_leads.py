"""A program posts leads: each is accepted or refused with a reason, and the answer comes after the commit."""

import pytest
from django.core.management import call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.feeds.support import Source, a_source, outcomes
from voisoadmin.feeds.models import FeedDay
from voisoadmin.pushes.models import WaitingLead

ANA, BEN = "+447400300018", "+447400300019"


@pytest.fixture
def source(campaign) -> Source:
    return a_source(campaign)


def test_a_lead_with_the_names_of_either_generation_is_accepted(source):
    leads = [
        {
            "phoneNumber": ANA,
            "contactName": "Ana",
            "contactSource": "Fair",
            "contactURL": "https://crm.example/1",
            "isActive": 0,
        },
        {"phone_number": BEN, "name": "Ben", "source": {"system": "Fair", "url": "https://crm.example/2"}, "priority": 3},
    ]

    answer = source.post(leads)

    assert (answer.status_code, answer.json()["accepted"]) == (202, 2)
    waiting = list(WaitingLead.objects.order_by("row_number").values_list("number", "fields"))
    of_ana = {"name": "Ana", "source": "Fair", "url": "https://crm.example/1", "active": False}
    of_ben = {"name": "Ben", "source": "Fair", "url": "https://crm.example/2", "priority": 3, "active": True}
    assert waiting == [(int(ANA), of_ana), (int(BEN), of_ben)]


def test_one_lead_needs_no_array_and_is_active_unless_it_says_otherwise(source):
    assert outcomes(source.post({"phone": ANA})) == [("accepted", "")]
    assert WaitingLead.objects.get().fields == {"active": True}


@pytest.mark.parametrize(
    ("lead", "code"),
    [
        ({}, "phone_missing"),
        ({"phone": "07400 300018"}, "no_country"),
        ({"phone": 447400300018}, "no_country"),
        ({"phone": 1.5}, "wrong_type"),
        ({"phone": "+44 7400"}, "too_short"),
        ({"phone": ANA, "phoneNumber": BEN}, "field_twice"),
        ({"phone": ANA, "active": "perhaps"}, "active_unclear"),
        ({"phone": ANA, "do_not_call": True}, "flagged_in_file"),
        ({"phone": ANA, "consent": False}, "flagged_in_file"),
        ({"phone": ANA, "consent": "ask again"}, "do_not_call_word"),
        ({"phone": ANA, "consent": None}, "do_not_call_word"),
        ({"phone": f"Reception {ANA}"}, "unknown_label"),
    ],
)
def test_what_an_import_would_refuse_or_ask_is_refused_with_its_code(source, lead, code):
    answer = source.post(lead)

    assert (answer.status_code, outcomes(answer)) == (202, [("refused", code)])
    assert not WaitingLead.objects.exists()


def test_a_flag_belongs_to_the_number_so_no_lead_with_it_is_accepted(source):
    found = outcomes(source.post([{"phone": ANA}, {"phone": BEN}, {"phone": ANA, "dnc": "yes"}]))

    assert found == [("refused", "flagged_in_file"), ("accepted", ""), ("refused", "flagged_in_file")]


def test_a_flag_holds_for_what_waits_and_for_later_leads_of_the_day(source):
    waiting = source.post({"phone": ANA}).json()["status"]

    source.post({"phone": ANA, "do_not_call": True})

    assert outcomes(source.post([{"phone": ANA, "consent": True}, {"phone": BEN}])) == [
        ("refused", "flagged_in_file"),
        ("accepted", ""),
    ]
    call_command("drain")
    assert source.status(waiting).json()["leads"][0]["outcome"] == "suppressed"


@pytest.mark.parametrize(
    ("writing", "country", "phone", "found"),
    [
        ("refuse", "", "2035551234", ("refused", "no_country")),
        ("national", "US", "2035551234", ("accepted", "")),
        ("national", "US", "(203) 555-1234", ("accepted", "")),
        ("national", "GB", "020 7946 0958", ("accepted", "")),
        ("national", "GB", "447400300018", ("refused", "other_writing")),
        ("with_code", "", "447400300018", ("accepted", "")),
        ("with_code", "", "07400 300018", ("refused", "other_writing")),
        ("with_code", "", "7400 300018", ("refused", "other_writing")),
        ("national", "US", ANA, ("accepted", "")),
    ],
)
def test_digits_without_a_plus_are_read_as_the_administrator_chose_and_never_guessed(campaign, writing, country, phone, found):
    source = a_source(campaign, writing=writing, country=country)

    assert outcomes(source.post({"phone": phone})) == [found]


def test_a_number_that_waits_or_comes_twice_is_a_duplicate(source):
    source.post({"phone": ANA})

    found = outcomes(source.post([{"phone": ANA}, {"phone": BEN}, {"phone": BEN}]))

    assert found == [("duplicate", "already_waiting"), ("accepted", ""), ("duplicate", "same_number_in_file")]


def test_a_post_of_many_leads_asks_the_database_no_more_often_than_a_post_of_one(source):
    numbers = iter(range(100_000))

    def asked(leads: int) -> int:
        with CaptureQueriesContext(connection) as captured:
            source.post([{"phone": f"+4474003{next(numbers):05}"} for _ in range(leads)])
        return len(captured)

    asked(1)  # begins the day
    assert asked(1) == asked(100) <= 18


def test_unknown_fields_are_left_out_and_named_unless_they_could_be_a_persons(source):
    answer = source.post({"phone": ANA, "shoe_size": 44, "source": {"system": "Fair", "page": 3}, ANA: 1})

    assert answer.json()["ignored_fields"] == ["shoe_size", "source.page", "(another name)"]


def test_no_sentence_repeats_a_number_or_a_name(source):
    answer = source.post([{"phone": "447400300018", "name": "Zoltan"}, {"phone": ANA, "name": "Zoltan", "consent": "Zoltan"}])

    assert "300018" not in answer.content.decode()
    assert "Zoltan" not in answer.content.decode()


def test_an_optional_field_that_cannot_be_used_never_costs_the_lead(source):
    answer = source.post({"phone": ANA, "priority": "soon", "url": {"deep": 1}})

    assert outcomes(answer) == [("accepted", "")]
    assert set(answer.json()["leads"][0]["warnings"]) == {"priority_not_whole", "wrong_type"}


def test_a_day_counts_what_was_answered_by_reason(source):
    source.post([{"phone": ANA}, {"phone": ANA}, {"phone": "0123"}])
    source.post([{"phone": "0124"}, {"phone": BEN}])

    day = FeedDay.objects.get()
    assert (day.requests, day.accepted, day.duplicates, day.refused) == (2, 2, 1, 2)
    assert day.reasons == {"no_country": 2}


def test_the_answer_sets_no_cookie_and_allows_no_other_origin(source):
    answer = source.post({"phone": ANA}, Origin="https://evil.example")

    assert not answer.cookies
    assert not [name for name in answer.headers if name.lower().startswith("access-control")]
    assert source.client.options(source.address, headers={"Origin": "https://evil.example"}).status_code == 405


def test_the_status_has_the_outcome_of_each_lead_and_nothing_of_a_person(source):
    posted = source.post([{"phone": ANA, "name": "Zoltan"}, {"phone": "0123"}, {"phone": ANA}]).json()

    answer = source.status(posted["status"])

    found = [(lead["index"], lead["outcome"], lead["code"]) for lead in answer.json()["leads"]]
    assert found == [(0, "pending", "waiting"), (1, "refused", "no_country"), (2, "duplicate", "same_number_in_file")]
    assert "Zoltan" not in answer.content.decode()
    assert "300018" not in answer.content.decode()


def test_a_status_is_shown_to_its_own_feed_only(source, campaign):
    address = source.post({"phone": ANA}).json()["status"]
    other = a_source(campaign, name="CRM")

    assert source.status(address, token=other.token).status_code == 401
    elsewhere = address.replace(source.feed.public_id, other.feed.public_id)
    assert source.status(elsewhere, token=other.token).status_code == 404
