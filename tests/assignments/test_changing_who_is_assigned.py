"""Adding and removing people: first a preview, then a true outcome for every name."""

import re
from html import unescape

import pytest

from tests.assignments.conftest import LENA, PRIYA, TOM, on, outcomes, read_roster
from tests.support.sandbox import mirror
from voisoadmin.assignments.models import Assignment
from voisoadmin.campaigns.models import Lane
from voisoadmin.operations.models import Operation


def test_people_are_added_by_email_and_by_name(change_people, sandbox, staffed):
    operation = change_people(staffed, "add", TOM, "priya nair")

    assert operation.status == "done"
    assert outcomes(operation) == {TOM: "added", "priya nair": "added"}
    assert on(sandbox, staffed) == {LENA, TOM, PRIYA}
    assert {row.agent.email for row in Assignment.objects.filter(campaign=staffed)} >= {TOM, PRIYA}
    assert Lane.objects.get().running_operation is None


def test_people_are_removed(change_people, sandbox, staffed):
    operation = change_people(staffed, "remove", LENA, TOM)

    assert operation.status == "done"
    assert outcomes(operation) == {LENA: "removed", TOM: "not_in_campaign"}
    assert on(sandbox, staffed) == set()
    assert not Assignment.objects.filter(campaign=staffed).exists()


def test_what_v4_lists_is_mirrored_and_counted(change_people, sandbox, campaign):
    read_roster(campaign.connection)

    operation = change_people(campaign, "add", LENA, TOM)

    campaign.refresh_from_db()
    assert outcomes(operation) == {LENA: "already_there", TOM: "added"}
    assert campaign.agents_count == 2
    assert {row.source for row in Assignment.objects.filter(campaign=campaign)} == {"listed"}


def test_unknown_names_are_shown_with_the_nearest_match(change_people, staffed):
    operation = change_people(staffed, "add", "Tom Okafer", "zzz")

    assert outcomes(operation) == {"Tom Okafer": "not_found", "zzz": "not_found"}
    notes = {entry["name"]: entry.get("note", "") for entry in operation.result["names"]}
    assert notes["Tom Okafer"] == "Did you mean Tom Okafor?"
    assert notes["zzz"] == ""


def test_voiso_reports_that_a_new_email_is_not_found(change_people, sandbox, legacy_connection):
    campaign = mirror(sandbox, legacy_connection, sandbox.add_campaign("Spring renewals"))
    read_roster(legacy_connection)

    operation = change_people(campaign, "add", "tom.okafer@example.com", TOM)

    assert outcomes(operation) == {"tom.okafer@example.com": "not_found", TOM: "added"}
    assert "Did you mean tom.okafor@example.com?" in str(operation.result)


def test_a_name_shared_by_two_people_is_not_guessed(change_people, sandbox, any_campaign):
    sandbox.add_user("Tom Okafor", "tom.okafor2@example.com")
    read_roster(any_campaign.connection)

    operation = change_people(any_campaign, "add", "Tom Okafor")

    assert outcomes(operation) == {"Tom Okafor": "ambiguous"}
    assert "tom.okafor2@example.com" in str(operation.result)
    assert on(sandbox, any_campaign) == {LENA}


def test_a_preview_is_shown_before_anything_is_sent(change_people, sandbox, staffed):
    page = change_people(staffed, "add", TOM, "Tom Okafor", "Tom Okafer", step="preview")

    assert "1 will be added" in page
    assert "Listed twice" in page
    assert "Did you mean" in page
    assert "Add 1" in page
    assert not Operation.objects.exists()
    assert sandbox.requests(staffed.voiso_id, "people") == []


@pytest.mark.parametrize("ids", [101, 250])
def test_more_than_voiso_takes_is_sent_in_several_requests(change_people, sandbox, any_campaign, ids):
    emails = [f"agent{number}@example.com" for number in range(ids)]
    for number, email in enumerate(emails):
        sandbox.add_user(f"Agent {number}", email)
    read_roster(any_campaign.connection)

    operation = change_people(any_campaign, "add", *emails)

    assert set(outcomes(operation).values()) == {"added"}
    assert on(sandbox, any_campaign) == {LENA, *emails}
    assert operation.status == "done"


def test_without_a_list_a_known_agent_can_be_added_again(change_people, sandbox, legacy_connection):
    campaign = mirror(sandbox, legacy_connection, sandbox.add_campaign("Spring renewals"))
    read_roster(legacy_connection)
    change_people(campaign, "add", TOM)
    sandbox.campaign(campaign.voiso_id).agents.clear()  # removed in Voiso, which this API doesn't report

    page = change_people(campaign, "add", TOM, step="preview")
    change_people(campaign, "add", TOM)

    assert "Already assigned as far as we know; Voiso decides." in page
    assert "Add 1" in page
    assert on(sandbox, campaign) == {TOM}


def test_no_name_is_called_unknown_before_the_list_was_read(change_people, sandbox, connection):
    campaign = mirror(sandbox, connection, sandbox.add_campaign("Spring renewals"))

    page = change_people(campaign, "add", TOM, step="preview")

    assert "The list of agents hasn&#x27;t loaded yet. Try again in a moment." in page
    assert "Not found" not in page
    assert outcomes(change_people(campaign, "add", TOM)) == {TOM: "not_possible"}


def test_a_name_with_a_comma_stays_one_name_from_the_list_to_the_outcome(change_people, staffed):
    page = change_people(staffed, "add", '"Stranger, Ned"', "Okafor, Tom", step="preview")
    names = re.search(r'<textarea[^>]*name="names"[^>]*>(.*?)</textarea>', page, re.DOTALL)[1]

    operation = change_people(staffed, "add", unescape(names))

    assert outcomes(operation) == {"Stranger, Ned": "not_found", "Tom Okafor": "added"}
