"""The status of agents is read while an open page, or anything else, needs it: at most six requests a minute."""

from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from tests.support.queue import run_jobs
from tests.support.sandbox import mirror
from voisoadmin.assignments.models import Roster
from voisoadmin.campaigns import polling, services
from voisoadmin.campaigns.models import AgentPresence, Presence
from voisoadmin.campaigns.presence import needs
from voisoadmin.campaigns.tasks import sync_all
from voisoadmin.connections.connection_test import check
from voisoadmin.connections.families import why_not
from voisoadmin.connections.models import Connection, Family, FamilyState
from voisoadmin.sandbox import Fault

pytestmark = [pytest.mark.slow, pytest.mark.django_db]
BEGIN = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
LENA, TOM, PRIYA = "lena.fischer@example.com", "tom.okafor@example.com", "priya.nair@example.com"
of_times = pytest.mark.once  # when to ask, and again, is a matter of times, not of the database
TURN = 2  # seconds between two looks of the worker
PAGE_EVERY = 20  # seconds between two requests of an open page


@pytest.fixture
def clock():
    with time_machine.travel(BEGIN, tick=False) as travelled:
        yield travelled


@pytest.fixture
def pass_time(sandbox, ines, clock):
    """Let seconds pass with the worker and this many open pages of a campaign; return the presence requests of each second."""
    browsers: list[Client] = []

    def browser(number: int) -> Client:
        while len(browsers) <= number:
            browsers.append(Client())
            browsers[-1].force_login(ines)
        return browsers[number]

    def _pass(seconds: int, *, campaign=None, pages: int = 1) -> list[int]:
        asked = []
        for _ in range(0, seconds, TURN):
            clock.shift(TURN)
            at = timezone.now()
            before = len(sandbox.presence_requests())
            for number in range(pages if campaign else 0):
                if (int(at.timestamp()) + number) % PAGE_EVERY < TURN:
                    browser(number).post(reverse("assignments:look", args=[campaign.pk]))
                    browser(number).post(reverse("campaigns:looking"), {"campaign": [campaign.pk]})
            services.ask_where_due(Connection.objects.listable(at), at=at)
            needs.ask_where_due(at=at)
            if int(at.timestamp()) % 60 == 0:
                sync_all()
            run_jobs()
            asked += [len(sandbox.presence_requests()) - before] + [0] * (TURN - 1)
        return asked

    return _pass


def most_in_a_minute(asked: list[int]) -> int:
    return max(sum(asked[begin : begin + 60]) for begin in range(len(asked)))


def roster_is_read(connection: Connection) -> None:
    """So that no reading of the users is counted as one of their status."""
    Roster.objects.create(connection=connection, synced_at=BEGIN + timedelta(days=1))


@of_times
def test_fifty_open_pages_cause_six_requests_a_minute_at_most(campaign, pass_time):
    roster_is_read(campaign.connection)

    asked = pass_time(70, campaign=campaign, pages=50)

    assert 2 <= most_in_a_minute(asked) <= 6
    presence = Presence.objects.get()
    assert presence.is_fresh(timezone.now())
    assert presence.agents == 3


def test_hundreds_of_users_are_read_page_by_page_within_the_six(sandbox, campaign, pass_time):
    roster_is_read(campaign.connection)
    for number in range(1250):
        sandbox.add_user(f"User {number}", f"user{number}@example.com")

    asked = pass_time(100, campaign=campaign)
    assert most_in_a_minute(asked) <= 6
    assert Presence.objects.get().read_at is None, "not yet read to its end"
    asked += pass_time(60, campaign=campaign)

    presence = Presence.objects.get()
    assert most_in_a_minute(asked) <= 6
    assert presence.agents == 1253
    assert presence.read_at < BEGIN + timedelta(seconds=25), "as old as its first page"
    assert presence.is_fresh(timezone.now())


def test_states_on_open_pages_stay_fresh_beside_it(sandbox, any_connection, pass_time):
    roster_is_read(any_connection)
    ids = [sandbox.add_campaign(f"Campaign {number}") for number in range(230)]
    polling.sync(any_connection, at=timezone.now())
    shown = any_connection.campaigns.get(voiso_id=str(ids[0]))
    sandbox.forget()
    pass_time(60, campaign=shown)
    sandbox.campaign(ids[0]).status = "paused"
    total = len(sandbox.seen)
    asked = pass_time(11, campaign=shown)

    shown.refresh_from_db()
    assert shown.status == "paused"
    assert total <= 20
    assert sum(asked) <= 6


@of_times
def test_nothing_is_asked_when_no_page_shows_it(sandbox, any_campaign, pass_time):
    roster_is_read(any_campaign.connection)
    pass_time(60, campaign=any_campaign)
    pass_time(50)
    sandbox.forget()

    assert sum(pass_time(180)) == 0


def test_a_page_without_script_asks_nothing_by_being_opened(client, ines, sandbox, any_campaign, pass_time):
    client.force_login(ines)
    for view in ("campaigns:detail", "assignments:panel"):
        assert client.get(reverse(view, args=[any_campaign.pk])).status_code == 200

    assert sum(pass_time(30)) == 0


@of_times
def test_what_acts_on_it_has_it_read_without_a_page(sandbox, any_campaign, pass_time):
    connection, asked = any_campaign.connection, []
    for _ in range(4):
        needs.need(connection, at=timezone.now(), name="rule 12", lasts=timedelta(seconds=60))
        asked += pass_time(30)

    before = len(sandbox.seen)
    assert 2 <= most_in_a_minute(asked) <= 6
    assert Presence.objects.get().is_fresh(timezone.now())
    pass_time(70)
    assert len(sandbox.seen) - before <= 2 * 6 + 1, "six a minute, as no one looks"


class TestWhatIsKept:
    @pytest.fixture(autouse=True)
    def shown(self, any_campaign, pass_time):
        roster_is_read(any_campaign.connection)
        self.see = lambda seconds=35: pass_time(seconds, campaign=any_campaign)

    def row(self, sandbox, email: str) -> AgentPresence:
        user = sandbox.centre.user_by_email(email)
        return AgentPresence.objects.get(who__in=[str(user.id), email])

    def test_the_word_its_meaning_and_since_when(self, sandbox, any_connection):
        sandbox.set_status(LENA, "dialer waiting")
        sandbox.set_status(TOM, "logout")
        sandbox.set_status(PRIYA, "Lunch")
        self.see()
        first = self.row(sandbox, PRIYA)

        self.see(120)
        sandbox.set_status(LENA, "outbound")
        changed_at = timezone.now()
        self.see()

        assert (first.word, first.group) == ("Lunch", "other")
        assert self.row(sandbox, PRIYA).since == first.since
        assert self.row(sandbox, TOM).group == "out"
        assert changed_at <= self.row(sandbox, LENA).since <= changed_at + timedelta(seconds=35)
        assert Presence.objects.get().out == 1

    def test_after_a_gap_nothing_is_claimed_about_the_time_between(self, sandbox, clock):
        self.see()
        clock.shift(600)
        again = timezone.now()

        self.see()

        assert all(row.since >= again for row in AgentPresence.objects.all())

    def test_who_is_no_longer_listed_has_no_status(self, sandbox):
        self.see()
        del sandbox.centre.users[sandbox.centre.user_by_email(TOM).id]

        self.see()

        assert AgentPresence.objects.count() == Presence.objects.get().agents == 2

    def test_a_status_that_voiso_leaves_out_is_unknown(self, sandbox):
        sandbox.behaviour.nulls = True

        self.see()

        assert {(row.word, row.group) for row in AgentPresence.objects.all()} == {("", "")}
        assert Presence.objects.get().out == 0

    @pytest.mark.parametrize("form", ["objects", "wrapped"])
    def test_other_forms_are_read(self, sandbox, form):
        sandbox.behaviour.presence_form = form
        sandbox.behaviour.presence_capitalised = True
        sandbox.set_status(TOM, "logout")

        self.see()

        assert self.row(sandbox, LENA).group == "available"
        assert self.row(sandbox, TOM).group == "out"


UNAUTHORIZED = {"body": '{"error": "Invalid key"}', "status": 401, "acted": False}
REFUSALS = {
    "a 401": (Fault.ODD_JSON, UNAUTHORIZED),
    "a 403": (Fault.ODD_JSON, UNAUTHORIZED | {"status": 403, "body": '{"error": "Forbidden"}'}),
    "a redirect": (Fault.REDIRECT, {"location": "https://evil.example/users/sign_in"}),
    "a 404": (Fault.ODD_JSON, UNAUTHORIZED | {"status": 404, "body": '{"error": "Not found"}'}),
}


@of_times
@pytest.mark.parametrize("refusal", REFUSALS)
def test_a_refusal_lets_it_rest_and_nothing_else(sandbox, any_campaign, pass_time, refusal):
    connection = any_campaign.connection
    roster_is_read(connection)
    fault, options = REFUSALS[refusal]
    sandbox.fault(fault, on="presence", times=1000, **options)

    # Times of the tests are scaled, so the quarter of an hour is nine seconds.
    asked = pass_time(8, campaign=any_campaign, pages=PAGE_EVERY)

    assert sum(asked) == 1
    state = FamilyState.objects.get(family=Family.PRESENCE)
    assert state.rests_until > state.failed_at
    assert Presence.objects.get().problem
    connection.refresh_from_db()
    assert connection.held_reason == ""
    assert not any(why_not(connection, family, timezone.now()) for family in Family if family != Family.PRESENCE)


@of_times
@pytest.mark.parametrize(
    ("generation", "fault", "options"),
    [
        ("v4", Fault.SERVER_ERROR, {}),
        ("v4", Fault.HTML_502, {}),
        ("v4", Fault.ANSWER_LOST, {"how": "timeout"}),
        ("v4", Fault.UNREACHABLE, {}),
        ("v4", Fault.TRUNCATED_JSON, {}),
        ("v4", Fault.ODD_JSON, {"body": "[7]"}),
        ("legacy", Fault.SERVER_ERROR, {}),
        ("legacy", Fault.ODD_JSON, {"body": "[7]"}),
    ],
)
def test_a_failure_is_tried_again_at_a_slower_pace_and_holds_nothing(sandbox, any_campaign, pass_time, fault, options):
    roster_is_read(any_campaign.connection)
    pass_time(30, campaign=any_campaign)
    read_at = Presence.objects.get().read_at
    sandbox.fault(fault, on="presence", times=1000, **options)

    asked = pass_time(120, campaign=any_campaign)

    presence, connection = Presence.objects.get(), Connection.objects.get()
    assert most_in_a_minute(asked) <= 2
    assert presence.problem
    assert presence.read_at == read_at or presence.read_at - read_at <= timedelta(seconds=30)
    assert connection.held_reason == ""
    assert connection.silent_since is None
    sandbox.heal()
    pass_time(70, campaign=any_campaign)
    assert Presence.objects.get().problem == ""
    assert Presence.objects.get().is_fresh(timezone.now())


def test_a_check_says_what_it_needs(sandbox, legacy_connection):
    sandbox.fault(Fault.ODD_JSON, on="presence", **(UNAUTHORIZED | {"status": 403, "body": '{"error": "Forbidden"}'}))

    found = check(legacy_connection, timezone.now())

    assert "Status of agents: the key can't read them. That needs the contact centre's key." in found.lines
    assert why_not(legacy_connection, Family.PRESENCE, timezone.now())


def test_a_list_that_repeats_itself_is_asked_for_again(sandbox, campaign, pass_time):
    """What an earlier go has read of it isn't kept."""
    roster_is_read(campaign.connection)
    first_again = {"users": [{"id": 101, "name": "Lena Fischer", "status": "available"}], "metadata": {"total": 9}}
    sandbox.fault(Fault.ODD_JSON, on="presence", times=6, body=first_again)
    pass_time(85, campaign=campaign)
    assert Presence.objects.get().problem == "Voiso's list changed or repeated itself while it was being read."

    pass_time(100, campaign=campaign)

    assert Presence.objects.get().agents == 3


def test_two_workers_read_once(sandbox, any_campaign, clock):
    needs.need(any_campaign.connection, at=timezone.now())

    assert [needs.ask_where_due(at=timezone.now()) for _ in range(3)] == [1, 0, 0]
    mirror(sandbox, any_campaign.connection, sandbox.add_campaign("Other"))
    run_jobs()
    assert len(sandbox.presence_requests()) == 1
