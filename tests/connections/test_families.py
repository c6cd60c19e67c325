"""Each family of requests fails separately: contacts, the list, start-pause-stop, agents of a campaign, lookups."""

import itertools
import uuid
from datetime import timedelta

import pytest
from django.db import connection as database
from django.urls import reverse
from django.utils import timezone

from tests.pushes.support import Cast, buckets, numbers
from tests.support.markup import markup
from tests.support.queue import run_jobs
from tests.support.sandbox import connect, mirror
from voisoadmin.assignments import tasks as assignment_tasks
from voisoadmin.campaigns.tasks import sync_all
from voisoadmin.connections.connection_test import check
from voisoadmin.connections.families import note_answer, note_failure, why_not
from voisoadmin.connections.models import Connection, Family, FamilyState
from voisoadmin.connections.services import save_connection
from voisoadmin.controls.services import request_change
from voisoadmin.lib.clock import scaled
from voisoadmin.sandbox import Fault
from voisoadmin.voiso import Change, KeyRefused, NoReply, Redirected, Refused

pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True)]

UNAUTHORIZED = {"body": '{"error": "Unauthorized"}', "status": 401, "acted": False, "times": 1000}
HARMS = {
    "a 401": (Fault.ODD_JSON, UNAUTHORIZED),
    "a 403": (Fault.ODD_JSON, UNAUTHORIZED | {"status": 403, "body": '{"error": "Forbidden"}'}),
    "a redirect": (Fault.REDIRECT, {"location": "https://evil.example/users/sign_in", "times": 1000}),
    "a 404": (Fault.ODD_JSON, UNAUTHORIZED | {"status": 404, "body": '{"error": "Not found"}'}),
    "a 429": (Fault.RATE_LIMITED, {"times": 1000, "retry_after": "600"}),
    "a 500": (Fault.SERVER_ERROR, {"times": 1000}),
    "silence": (Fault.ANSWER_LOST, {"how": "timeout", "times": 1000}),
}
# What touches each family without touching the contacts.
TOUCHES = {
    Family.LIST: ("lists", lambda campaign: sync_all()),
    Family.LOOKUPS: ("lookups", lambda campaign: assignment_tasks.sync_roster(campaign.connection_id)),
    Family.OPERATION: (
        "operations",
        lambda campaign: request_change(campaign, Change.PAUSE, by=None, by_label="Test", at=timezone.now()),
    ),
}
# A key that the list refuses, and a wait that Voiso requires after a command: tested below.
HOLDS_ALL = {(Family.LIST, "a 401"), (Family.OPERATION, "a 429")}


def read(connection: Connection) -> Connection:
    return Connection.objects.get(pk=connection.pk)


@pytest.fixture(params=["v4", "legacy"])
def cast(request, sandbox) -> Cast:
    connection = connect(sandbox, generation=request.param)
    return Cast(sandbox, mirror(sandbox, connection, sandbox.add_campaign("Spring", agents=["lena.fischer@example.com"])))


@pytest.mark.parametrize(("family", "harm"), [pair for pair in itertools.product(TOUCHES, HARMS) if pair not in HOLDS_ALL])
def test_contacts_are_sent_whatever_becomes_of_the_other_requests(cast, family, harm):
    fault, options = HARMS[harm]
    target, touch = TOUCHES[family]
    cast.sandbox.fault(fault, **(options | {"on": target}))

    for _ in range(7):
        touch(cast.campaign)
        run_jobs()
    push = cast.push(numbers(40))
    cast.drain()

    assert read(cast.campaign.connection).held_reason == ""
    assert buckets(push) == {"added": 40}


class TestAKeyThatTheListRefuses:
    def test_holds_the_lanes_until_a_check_passes(self, cast):
        cast.sandbox.fault(Fault.ODD_JSON, **UNAUTHORIZED, on="lists")

        sync_all()
        run_jobs()

        connection = read(cast.campaign.connection)
        assert (connection.held_kind, connection.held_until) == (Connection.HoldKind.KEY, None)
        cast.sandbox.heal()
        assert check(connection, timezone.now()).ok
        assert read(connection).held_reason == ""

    def test_holds_none_where_contacts_were_accepted_after_it(self, connection):
        now = timezone.now()
        note_answer(connection, now)

        note_failure(connection, KeyRefused("."), now, family=Family.LIST, asked_at=now - timedelta(seconds=1))

        assert read(connection).held_reason == ""

    def test_holds_them_no_longer_once_contacts_are_accepted(self, connection):
        now = timezone.now()
        note_failure(connection, KeyRefused("."), now, family=Family.LIST)
        assert read(connection).held_kind == Connection.HoldKind.KEY

        note_answer(connection, now + timedelta(seconds=1))

        assert read(connection).held_reason == ""


def test_a_key_that_the_contacts_refuse_holds_the_lanes_whatever_is_accepted_elsewhere(connection):
    now = timezone.now()
    note_failure(connection, KeyRefused("Voiso doesn't accept the API key."), now)

    for family in (Family.OPERATION, Family.PEOPLE, Family.LOOKUPS):
        note_answer(connection, now, family=family)

    assert read(connection).held_kind == Connection.HoldKind.KEY


@pytest.mark.parametrize("family", [Family.OPERATION, Family.PEOPLE, Family.LOOKUPS])
def test_in_v4_a_401_of_any_family_asks_the_list_once_and_its_answer_decides(sandbox, connection, family):
    for refuses, kind in ((False, ""), (True, Connection.HoldKind.KEY)):
        if refuses:
            sandbox.revoke_key(connection.key)
        before = len([seen for seen in sandbox.seen if seen.kind == "read"])

        note_failure(connection, KeyRefused("."), timezone.now(), family=family)

        assert len([seen for seen in sandbox.seen if seen.kind == "read"]) == before + 1
        assert read(connection).held_kind == kind


def test_in_the_legacy_api_a_401_of_one_family_says_nothing_about_another(sandbox, legacy_connection):
    note_failure(legacy_connection, KeyRefused("."), timezone.now(), family=Family.OPERATION)

    assert sandbox.seen == []
    now = timezone.now()
    assert [family for family in Family if why_not(legacy_connection, family, now)] == [Family.OPERATION]


@pytest.mark.parametrize(
    "problem", [KeyRefused("."), Redirected("."), Refused(".", http_status=404)], ids=["401", "redirect", "404"]
)
def test_a_family_rests_for_a_quarter_of_an_hour_and_then_twice_as_long_up_to_a_day(legacy_connection, problem):
    at, lengths = timezone.now(), []
    for _ in range(9):
        note_failure(legacy_connection, problem, at, family=Family.LOOKUPS)
        state = FamilyState.objects.get(family=Family.LOOKUPS)
        assert why_not(legacy_connection, Family.LOOKUPS, state.rests_until - timedelta(milliseconds=1))
        assert not why_not(legacy_connection, Family.LOOKUPS, state.rests_until)
        lengths.append(round((state.rests_until - at).total_seconds() / scaled(15 * 60)))
        at = state.rests_until

    assert lengths == [1, 2, 4, 8, 16, 32, 64, 96, 96]


def test_a_check_and_a_changed_key_end_every_rest(sandbox, legacy_connection):
    now = timezone.now()
    for end in (
        lambda: check(legacy_connection, now),
        lambda: save_connection(
            name="Test centre, legacy",
            address="cc-test01",
            generation="legacy",
            key=sandbox.LEGACY_KEY,
            connection=read(legacy_connection),
            at=now,
        ),
    ):
        for family in (Family.OPERATION, Family.PEOPLE):
            note_failure(legacy_connection, KeyRefused("."), now, family=family)

        end()

        assert not any(why_not(legacy_connection, family, now) for family in Family)


def test_a_missing_permission_keeps_no_click_on_another_campaign(cast):
    """In the legacy API a user may edit their own campaigns and no others."""
    other = mirror(
        cast.sandbox, cast.campaign.connection, cast.sandbox.add_campaign("Other", agents=["lena.fischer@example.com"])
    )
    fault, options = HARMS["a 403"]
    cast.sandbox.fault(fault, **(options | {"on": "operations", "times": 1}))

    refused = request_change(cast.campaign, Change.PAUSE, by=None, by_label="Test", at=timezone.now())
    run_jobs()
    accepted = request_change(other, Change.PAUSE, by=None, by_label="Test", at=timezone.now())
    run_jobs()

    for operation in (refused, accepted):
        operation.refresh_from_db()
    assert (refused.status, accepted.status) == ("refused", "done")


def test_a_click_with_a_refused_key_is_refused_in_words_and_not_sent(sandbox, legacy_connection):
    campaign = mirror(sandbox, legacy_connection, sandbox.add_campaign("Spring", agents=["lena.fischer@example.com"]))
    note_failure(legacy_connection, KeyRefused("Voiso doesn't accept the API key."), timezone.now(), family=Family.OPERATION)

    operation = request_change(campaign, Change.PAUSE, by=None, by_label="Test", at=timezone.now())

    assert operation.status == "refused"
    assert "Start, pause, stop needs the contact centre's key" in operation.problem
    assert sandbox.seen == []


def test_a_refused_key_is_sent_at_most_six_times_an_hour(client, ines, sandbox, time_machine):
    connection = connect(sandbox, generation="legacy")
    campaign = mirror(sandbox, connection, sandbox.add_campaign("Spring", agents=["lena.fischer@example.com"]))
    sandbox.revoke_key(connection.key)
    client.force_login(ines)
    began = timezone.now()
    # Times of the tests are scaled, so an hour is one as well.
    for minute in range(60):
        time_machine.move_to(began + timedelta(seconds=scaled(60.0 * minute)), tick=False)
        sync_all()
        client.post(reverse("campaigns:looking"), {"campaign": [campaign.pk]})
        client.post(reverse("assignments:look", args=[campaign.pk]))
        assignment_tasks.sweep()
        if minute % 10 == 0:
            request_change(campaign, Change.PAUSE, by=None, by_label="Test", at=timezone.now())
        run_jobs()

    assert 1 <= len(sandbox.seen) <= 6


def test_a_read_too_many_makes_reads_rarer_and_holds_nothing(cast):
    cast.sandbox.fault(Fault.RATE_LIMITED, retry_after="60", on="lists")

    sync_all()
    run_jobs()

    connection, now = read(cast.campaign.connection), timezone.now()
    assert connection.held_reason == ""
    assert why_not(connection, Family.LIST, now) == "Voiso asked us to wait."
    assert not why_not(connection, Family.CONTACTS, now)
    assert not Connection.objects.listable(now).exists()
    assert Connection.objects.listable(now + timedelta(seconds=scaled(61))).exists()


def test_a_silent_list_is_shown_and_holds_no_lane(cast):
    for _ in range(8):
        note_failure(cast.campaign.connection, NoReply("."), timezone.now(), family=Family.LIST)

    connection = read(cast.campaign.connection)
    assert connection.silent_since is not None
    assert connection.held_reason == ""


def test_a_check_sends_nothing_but_documented_reads(cast):
    found = check(cast.campaign.connection, timezone.now())

    assert {seen.kind for seen in cast.sandbox.seen} == {"read", "lookup"}
    assert found.lines == (
        "Users and teams: can be read.",
        "Status of agents: can be read.",
        "Adding contacts: not tried yet with this key.",
        "Start, pause, stop: not tried yet with this key.",
    )


def test_a_check_says_what_earlier_requests_showed(cast):
    cast.push(numbers(3))
    cast.drain()
    now = timezone.now()
    note_failure(cast.campaign.connection, Refused("No.", http_status=404), now, family=Family.OPERATION)

    lines = check(cast.campaign.connection, timezone.now()).lines

    assert lines[2].startswith("Adding contacts: worked today ")
    assert lines[3].startswith("Start, pause, stop: failed today ")


class TestASecondKey:
    @pytest.fixture
    def with_two_keys(self, sandbox) -> Connection:
        """The contact centre's key may not read users; a user's key may."""
        key = sandbox.add_key("contact-centre-key-1", generation="legacy", scopes=["campaigns.read", "campaigns.manage"])
        user_key = sandbox.add_key("user-key-0000002", generation="legacy", scopes=["users.read"])
        return save_connection(
            name="Two keys", address="cc-test01", generation="legacy", key=key, user_key=user_key, at=timezone.now()
        )

    def test_is_used_for_lookups_and_for_nothing_else(self, sandbox, with_two_keys):
        cast = Cast(
            sandbox, mirror(sandbox, with_two_keys, sandbox.add_campaign("Spring", agents=["lena.fischer@example.com"]))
        )

        found = check(with_two_keys, timezone.now())
        push = cast.push(numbers(5))
        cast.drain()

        assert found.ok
        assert found.lines[0] == "Users and teams: can be read."
        assert buckets(push) == {"added": 5}

    def test_is_stored_encrypted_and_never_shown(self, client, ada, with_two_keys):
        with database.cursor() as cursor:
            cursor.execute("SELECT user_key FROM connections_connection")
            (stored,) = cursor.fetchone()
        client.force_login(ada)
        page = markup(client.get(reverse("connections:edit", args=[with_two_keys.pk])))

        assert "user-key-0000002" not in stored + page
        assert "0002" in page

    def test_is_kept_when_left_blank_and_removed_when_ticked(self, client, ada, with_two_keys):
        client.force_login(ada)
        form = {"name": "Two keys", "address": "cc-test01", "generation": "legacy", "key": "", "user_key": ""}
        url = reverse("connections:edit", args=[with_two_keys.pk])

        client.post(url, form | {"client_token": uuid.uuid4()})
        assert read(with_two_keys).user_key == "user-key-0000002"
        client.post(url, form | {"client_token": uuid.uuid4(), "forget_user_key": "on"})
        assert read(with_two_keys).user_key == ""

    def test_with_one_key_it_is_used_everywhere_as_before(self, sandbox, legacy_connection):
        found = check(legacy_connection, timezone.now())

        assert found.ok
        assert legacy_connection.user_key == ""
        assert found.lines[0] == "Users and teams: can be read."
