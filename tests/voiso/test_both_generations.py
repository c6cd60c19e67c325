"""The effect of a client on a contact centre, in each API generation, according to the contact centre's own books."""

import itertools
import time

import pytest

from voisoadmin.connections.opening import client_for
from voisoadmin.sandbox import Fault
from voisoadmin.voiso import (
    Busy,
    CampaignGone,
    Change,
    ContactFields,
    Forbidden,
    KeyRefused,
    MethodNotAllowed,
    NameRequired,
    NoReply,
    NotConnected,
    NotLive,
    RateLimited,
    Refused,
)

pytestmark = pytest.mark.once

ADA = ContactFields(
    number="447415992548",
    values={"name": "Ada Byron", "source": "Webinar", "url": "https://crm.example/l/77", "priority": 0, "active": False},
)
BO = ContactFields(number="353861234567")
NOBODY = ContactFields(number="123")


@pytest.fixture
def client(any_connection):
    with client_for(any_connection) as client:
        yield client


@pytest.fixture
def spring(sandbox) -> str:
    return str(sandbox.add_campaign("Spring renewals"))


def rest() -> None:
    time.sleep(0.021)  # the pace, scaled


def test_contacts_arrive_with_all_their_fields_and_are_listed_by_outcome(client, sandbox, spring):
    sandbox.add_leads(spring, [BO.number])

    answer = client.add_contacts(spring, [ADA, BO, NOBODY])

    assert (answer.created, answer.duplicates, answer.rejected) == ((ADA.number,), (BO.number,), (NOBODY.number,))
    assert answer.method == "POST"
    lead = sandbox.lead(spring, ADA.number)
    assert (lead.name, lead.active) == ("Ada Byron", False)
    assert lead.priority == client.capabilities.priority_min
    assert "Webinar" in str(lead)
    assert "https://crm.example/l/77" in str(lead)


def test_an_update_changes_the_given_fields_and_reports_the_method_that_worked(client, sandbox, spring):
    client.add_contacts(spring, [ADA])
    rest()

    answer = client.update_contacts(spring, [ContactFields(number=ADA.number, values={"name": "Ada King", "active": True}), BO])

    assert (answer.updated, answer.created, answer.rejected) == ((ADA.number,), (), (BO.number,))
    assert answer.method in {"PUT", "PATCH"}
    lead = sandbox.lead(spring, ADA.number)
    assert (lead.name, lead.active) == ("Ada King", True)


@pytest.mark.parametrize("generation", ["v4"])
def test_a_missing_method_is_reported_and_the_other_one_works(client, sandbox, spring):
    sandbox.add_leads(spring, [BO.number])
    sandbox.behaviour.update_method = "PUT"
    change = [ContactFields(number=BO.number, values={"active": False})]

    with pytest.raises(MethodNotAllowed):
        client.update_contacts(spring, change)
    rest()
    answer = client.update_contacts(spring, change, method="PUT")

    assert (answer.updated, answer.method) == ((BO.number,), "PUT")
    assert len(sandbox.requests(spring)) == 2  # one request a call: retries would have to keep the pace


@pytest.mark.parametrize("generation", ["legacy"])
def test_a_cluster_that_requires_names_says_so_once_and_accepts_the_number(client, sandbox, spring):
    sandbox.behaviour.name_required = True

    with pytest.raises(NameRequired):
        client.add_contacts(spring, [BO])
    rest()
    answer = client.add_contacts(spring, [ContactFields(number=BO.number, values={"name": BO.number})])

    assert answer.created == (BO.number,)


def test_a_request_takes_at_most_a_thousand_contacts(client, sandbox, spring):
    numbers = [f"4474159{n:05}" for n in range(1001)]

    answer = client.add_contacts(spring, [ContactFields(number=number) for number in numbers[:1000]])

    assert len(answer.created) + len(answer.rejected) == 1000
    for wrong in (numbers, []):
        with pytest.raises(ValueError, match="1 to 1000"):
            client.add_contacts(spring, [ContactFields(number=number) for number in wrong])
    assert len(sandbox.requests(spring)) == 1


FAULTS = [
    (Fault.ANSWER_LOST, {"how": "timeout"}, NoReply),
    (Fault.ANSWER_LOST, {"how": "reset"}, NoReply),
    (Fault.ANSWER_LOST, {"how": "closed"}, NoReply),
    (Fault.ANSWER_LOST, {"how": "502"}, NoReply),
    (Fault.RESET_BEFORE, {}, NoReply),
    (Fault.UNREACHABLE, {}, NotConnected),
    (Fault.HTML_502, {}, NoReply),
    (Fault.SERVER_ERROR, {"status": 503}, NoReply),
    (Fault.RATE_LIMITED, {}, RateLimited),
    (Fault.BUSY, {"shape": "409"}, Busy),
    (Fault.BUSY, {"shape": "400"}, Busy),
    (Fault.BUSY, {"shape": "422"}, Busy),
    (Fault.BUSY, {"shape": "429"}, (Busy, RateLimited)),
    (Fault.BUSY, {"shape": "unknown"}, (Busy, Refused)),
    (Fault.TRUNCATED_JSON, {}, NoReply),
    (Fault.ODD_JSON, {"body": "[]"}, NoReply),
    (Fault.KEY_REVOKED, {}, KeyRefused),
    (Fault.CAMPAIGN_GONE, {}, CampaignGone),
    (Fault.NOT_LIVE, {}, NotLive),
    (Fault.POISON, {"numbers": [BO.number]}, Refused),
]


@pytest.mark.parametrize(("fault", "options", "error"), FAULTS)
def test_each_fault_raises_the_error_that_says_what_may_be_done_next(client, sandbox, spring, fault, options, error):
    sandbox.fault(fault, **options)

    with pytest.raises(error):
        client.add_contacts(spring, [BO])


def test_an_answer_that_leaves_numbers_out_names_only_the_others(client, sandbox, spring):
    sandbox.fault(Fault.PARTIAL_ANSWER, missing=1, created=True)

    answer = client.add_contacts(spring, [ADA, BO])

    assert len(answer.created) == 1
    assert sandbox.numbers_in(spring) == {ADA.number, BO.number}


def test_a_campaign_is_paused_started_and_stopped_in_voisos_own_words(client, sandbox, spring):
    sandbox.add_leads(spring, [BO.number])

    for change, reached in ((Change.PAUSE, "paused"), (Change.START, "active"), (Change.STOP, "stopped")):
        client.change(spring, change)
        for _ in range(100):
            if client.get_campaign(spring).status == reached:
                break
            time.sleep(0.01)
        assert client.get_campaign(spring).status == reached


@pytest.mark.parametrize("failure_status", [200, 422])
def test_a_change_that_voiso_refuses_is_refused_with_its_words(client, sandbox, failure_status):
    sandbox.behaviour.legacy_failure_status = failure_status
    draft = str(sandbox.add_campaign("Reactivation", status="draft", agents=[]))

    with pytest.raises(Refused) as caught:
        client.change(draft, Change.START)

    assert "agent" in caught.value.words


@pytest.mark.parametrize("change", Change)
def test_a_change_of_a_missing_campaign_is_reported(client, sandbox, change):
    with pytest.raises(CampaignGone):
        client.change("99999", change)


SHAPES = {
    "wrap_campaign": [True, False],
    "wrap_operation": [True, False],
    "tells_live": [True, False],
    "legacy_list": ["bare", "campaigns", "data", "records", "missing"],
    "legacy_status": ["status", "state", "capitalised", "absent"],
    "legacy_text_ids": [True, False],
    "extra_fields": [True, False],
    "nulls": [True, False],
    "uuid_users": [True, False],
    "v4_teams": [True, False],
}


@pytest.mark.parametrize(("name", "value"), [(name, value) for name, values in SHAPES.items() for value in values])
def test_every_shape_of_an_answer_is_read_alike(any_connection, sandbox, spring, name, value):
    setattr(sandbox.behaviour, name, value)

    with client_for(any_connection) as client:
        (campaign,) = client.list_campaigns()
        one = client.get_campaign(spring)
        people, teams = client.users(), client.teams()
        client.change(spring, Change.PAUSE)

    assert (campaign.id, campaign.name, one.id) == (spring, "Spring renewals", spring)
    assert campaign.status in {"active", ""}
    assert {person.email for person in people} == {
        "lena.fischer@example.com",
        "tom.okafor@example.com",
        "priya.nair@example.com",
    }
    assert {team.name for team in teams} == {"Evening", "Morning"}


@pytest.mark.parametrize("uuids", [True, False])
def test_agents_are_assigned_to_a_campaign_and_removed_name_by_name(any_connection, sandbox, spring, uuids):
    sandbox.behaviour.uuid_users = uuids
    with client_for(any_connection) as client:
        by_email = client.capabilities.assigns_by_email
        people = {person.email: (person.email if by_email else person.id) for person in client.users()}
        lena, tom, priya = (people[f"{name}@example.com"] for name in ("lena.fischer", "tom.okafor", "priya.nair"))

        answer = client.change_people(spring, add_agents=[tom, "stranger@example.com" if by_email else "77777"])
        again = client.change_people(spring, remove_agents=[tom, priya])

        assert answer.added_agents == (tom,)
        assert (answer.agent_not_found or answer.left_out) == (("stranger@example.com",) if by_email else ("77777",))
        assert again.removed_agents == (tom,)
        assert again.agent_not_in_campaign == (priya,)
        if client.capabilities.lists_agents:
            assert [person.id for person in client.campaign_agents(spring)] == [lena]


@pytest.mark.parametrize("generation", ["v4"])
def test_agents_missing_from_the_answer_are_reported_as_left_out(client, sandbox, spring):
    people = [person.id for person in client.users()]
    sandbox.behaviour.users_left_out = 1

    answer = client.change_people(spring, add_agents=people)

    assert sorted((*answer.added_agents, *answer.left_out)) == sorted(people)
    assert len(answer.left_out) == 1


@pytest.mark.parametrize("generation", ["v4"])
def test_more_agents_than_voiso_takes_are_sent_in_several_requests(client, sandbox, spring):
    for n in range(230):
        sandbox.add_user(f"Agent {n}", f"agent{n}@example.com")
    people = [person.id for person in client.users()]

    answer = client.change_people(spring, add_agents=people)

    assert answer.added_agents == tuple(people)
    assert len(client.campaign_agents(spring)) == len(people) == 233


@pytest.mark.parametrize("generation", ["legacy"])
def test_teams_are_assigned_to_a_legacy_campaign_by_name(client, spring):
    answer = client.change_people(spring, add_teams=["Evening", "Nights"], remove_teams=["Morning"])

    assert answer.added_teams == ("Evening",)
    assert answer.team_not_found == ("Nights",)
    assert answer.team_not_in_campaign == ("Morning",)


def test_what_a_generation_cannot_do_is_refused_before_anything_is_sent(any_connection, sandbox, spring):
    with client_for(any_connection) as client:
        if client.capabilities.lists_agents:
            with pytest.raises(Refused):
                client.change_people(spring, add_agents=["101"], add_teams=["Evening"])
        else:
            with pytest.raises(Refused):
                client.campaign_agents(spring)

    assert sandbox.requests(spring, "people") == []


@pytest.mark.parametrize("generation", ["v4"])
def test_a_key_without_a_scope_lacks_a_permission_and_is_not_called_wrong(any_connection, sandbox, spring):
    any_connection.key = sandbox.add_key("key-that-only-reads-campaigns", generation="v4", scopes=["campaigns.read"])

    with client_for(any_connection) as client:
        assert client.probe() == 1
        for call in (client.users, client.probe_users, lambda: client.add_contacts(spring, [BO])):
            with pytest.raises(Forbidden) as caught:
                call()
            assert caught.value.words == "Forbidden"


def test_hundreds_of_campaigns_are_each_listed_once(client, sandbox):
    ids = {str(sandbox.add_campaign(f"Campaign {n}", live=n % 2 == 0)) for n in range(205)}

    campaigns = client.list_campaigns()

    assert sorted(campaign.id for campaign in campaigns) == sorted(ids)
    assert client.probe() == 205
    known = [campaign.live for campaign in campaigns if campaign.live is not None]
    assert len(known) in {0, 205}
    assert all(a.id != b.id for a, b in itertools.pairwise(campaigns))
