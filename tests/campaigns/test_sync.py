import itertools
import json
import random
from datetime import timedelta
from io import StringIO

import pytest
import time_machine
from django.core.management import CommandError, call_command
from django.db import connection as database
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from tests.campaigns.support import make_campaign, make_connection
from tests.support.queue import run_jobs, take_jobs
from tests.support.sandbox import connect, open_contact_centre
from tests.support.transactions import MOST_WRITES, writes_by_transaction
from voisoadmin.campaigns import polling
from voisoadmin.campaigns.lookup import find_campaign
from voisoadmin.campaigns.mirroring import PolledBefore, known_campaigns, mirror
from voisoadmin.campaigns.models import Campaign, CampaignState, Lane
from voisoadmin.campaigns.status_writes import leave_lane, record_status, take_lane
from voisoadmin.campaigns.tasks import sync_all
from voisoadmin.connections.models import Connection
from voisoadmin.sandbox import Fault
from voisoadmin.voiso import address_of, normalise_base_url
from voisoadmin.voiso.payloads import CampaignFacts, Listing

pytestmark = [pytest.mark.django_db, pytest.mark.slow]


def sync_now(connection: Connection) -> polling.Synced:
    return polling.sync(connection, at=timezone.now())


def poll(connection: Connection, *facts: CampaignFacts, known=None) -> None:
    """A poll whose list the test chooses, for lists that the sandbox never returns."""
    mirror(
        connection,
        known_campaigns(connection) if known is None else known,
        Listing(items=list(facts)),
        at=timezone.now(),
    )


# Mirroring


def test_every_campaign_of_every_page_is_mirrored(sandbox, any_connection):
    ids = [sandbox.add_campaign(f"Campaign {number}", status="paused") for number in range(230)]

    done = sync_now(any_connection)

    assert done.problem == ""
    mirrored = {c.voiso_id: c for c in Campaign.objects.all()}
    assert mirrored.keys() == {str(i) for i in ids}
    assert mirrored[str(ids[229])].name == "Campaign 229"
    assert {c.status for c in mirrored.values()} == {"paused"}
    any_connection.refresh_from_db()
    assert any_connection.synced_at is not None
    assert any_connection.answered_at is not None
    assert any_connection.sync_began_at is None


def test_two_connections_that_list_the_same_campaign_share_its_lane(sandbox, connection, legacy_connection):
    sandbox.add_campaign("Spring")

    sync_now(connection)
    sync_now(legacy_connection)

    assert Campaign.objects.count() == 2
    assert Lane.objects.count() == 1
    assert Lane.objects.get().address == "https://cc-test01.voiso.com:443"


@pytest.mark.parametrize(
    ("base_url", "address"),
    [
        ("https://CC-ams03.voiso.com/", "https://cc-ams03.voiso.com:443"),
        ("https://cc-ams03.voiso.com:443", "https://cc-ams03.voiso.com:443"),
        ("http://127.0.0.1:8123", "http://127.0.0.1:8123"),
    ],
)
def test_an_address_has_one_spelling(base_url, address, settings):
    settings.EXTRA_HOSTS = ["127.0.0.1:8123"]

    assert address_of(normalise_base_url(base_url)) == address


def test_missing_fields_never_overwrite_known_values(connection):
    poll(connection, CampaignFacts(id="7", name="Spring", status="active", live=True, further={"strategy": "simple"}))

    poll(connection, CampaignFacts(id="7", name="", status="", live=None, further={"strategy": None}))

    campaign = Campaign.objects.get()
    assert (campaign.name, campaign.status, campaign.live) == ("Spring", "active", True)
    assert campaign.facts == {"strategy": "simple"}


def test_a_poll_that_finds_nothing_new_writes_no_campaign(sandbox, connection):
    for number in range(50):
        sandbox.add_campaign(f"Campaign {number}")
    sync_now(connection)

    with CaptureQueriesContext(database) as queries:
        sync_now(connection)

    writes = [q["sql"] for q in queries if q["sql"].startswith(("UPDATE", "INSERT", "DELETE"))]
    assert not [sql for sql in writes if '"campaigns_campaign' in sql]
    assert len(queries) < 20


def test_a_list_with_many_changes_is_written_in_many_short_transactions(connection):
    """Others have to wait for each of them, on SQLite."""
    poll(connection, *(CampaignFacts(id=str(number), status="active") for number in range(80)))

    with CaptureQueriesContext(database) as queries:
        poll(connection, *(CampaignFacts(id=str(number), status="paused") for number in range(80)))

    assert Campaign.objects.filter(status="paused").count() == 80
    assert max(writes_by_transaction(queries)) <= MOST_WRITES


def test_a_campaign_that_voiso_no_longer_lists_is_marked_and_comes_back(sandbox, connection):
    campaign_id = sandbox.add_campaign("Spring")
    sync_now(connection)
    sandbox.fault(Fault.CAMPAIGN_GONE, campaign=campaign_id)
    sandbox.add_campaign("Other")

    poll(connection, CampaignFacts(id="999999", name="Other", status="draft"))
    gone = Campaign.objects.get(voiso_id=str(campaign_id))
    assert gone.missing_since is None, "one list may leave it out by mistake"

    poll(connection, CampaignFacts(id="999999", name="Other", status="draft"))

    gone.refresh_from_db()
    assert gone.missing_since is not None
    poll(connection, CampaignFacts(id=str(campaign_id), name="Spring", status="active"))
    gone.refresh_from_db()
    assert gone.missing_since is None


def test_a_campaign_absent_from_only_one_list_is_not_missing(sandbox, connection):
    spring, other = (
        CampaignFacts(id=voiso_id, name=name, status="active") for voiso_id, name in (("1", "Spring"), ("2", "Other"))
    )
    poll(connection, spring, other)

    for facts in ([other], [spring, other], [other]):
        poll(connection, *facts)

    assert not Campaign.objects.exclude(missing_since=None).exists()


def test_a_list_with_an_entry_that_cannot_be_read_marks_nothing_missing(sandbox, connection):
    spring, other = (
        CampaignFacts(id=voiso_id, name=name, status="active") for voiso_id, name in (("1", "Spring"), ("2", "Other"))
    )
    poll(connection, spring, other)

    for _ in range(3):
        mirror(connection, known_campaigns(connection), Listing(items=[other], skipped=1), at=timezone.now())

    assert not Campaign.objects.exclude(missing_since=None).exists()


# The timeline


def test_a_change_that_no_user_here_made_is_attributed_to_voiso(connection):
    poll(connection, CampaignFacts(id="7", name="Spring", status="active"))

    poll(connection, CampaignFacts(id="7", name="Spring", status="paused"))

    latest, first = CampaignState.objects.all()
    assert (latest.status, latest.by, latest.cause, latest.until) == ("paused", "", "elsewhere", None)
    assert (first.status, first.until) == ("active", latest.since)


def test_a_change_we_started_stays_ours_when_it_settles(connection):
    poll(connection, CampaignFacts(id="7", name="Spring", status="active"))
    campaign = Campaign.objects.get()
    record_status(campaign, "pausing", source=Campaign.Source.CONFIRMED, by="Ines Sousa", at=timezone.now())

    poll(connection, CampaignFacts(id="7", name="Spring", status="paused"))

    campaign.refresh_from_db()
    assert (campaign.status, campaign.status_by) == ("paused", "Ines Sousa")


def test_a_confirmed_inferred_state_adds_no_entry(connection):
    poll(connection, CampaignFacts(id="7", name="Spring", status="paused"))
    campaign = Campaign.objects.get()
    record_status(campaign, "active", source=Campaign.Source.INFERRED, by="Ines Sousa", at=timezone.now())

    poll(connection, CampaignFacts(id="7", name="Spring", status="active"))

    campaign.refresh_from_db()
    assert (campaign.status_source, campaign.status_by) == (Campaign.Source.POLLED, "Ines Sousa")
    assert CampaignState.objects.count() == 2


def test_a_poll_does_not_decide_a_running_operation(connection):
    poll(connection, CampaignFacts(id="7", name="Spring", status="active"))
    campaign = Campaign.objects.get()
    take_lane(campaign, 1, pending="pause", at=timezone.now())

    poll(connection, CampaignFacts(id="7", name="Spring", status="paused"))

    campaign.refresh_from_db()
    assert (campaign.status, campaign.pending_operation) == ("active", "pause")


def test_a_late_poll_never_brings_an_older_state_back(connection):
    """1,000 random interleavings of one poll with one operation; the list is read at any moment and written last."""
    chance = random.Random(7)
    poll(connection, *(CampaignFacts(id=str(n), name="Spring", status="active") for n in range(1000)))
    campaigns = {c.voiso_id: c for c in Campaign.objects.all()}
    truth = dict.fromkeys(campaigns, "active")
    began, read = {}, {}
    steps = ["poll begins", "poll reads", "operation begins", "voiso acts", "operation ends"]
    orders = [
        order
        for order in itertools.permutations(steps)
        if order.index("poll begins") < order.index("poll reads")
        and order.index("operation begins") < order.index("voiso acts") < order.index("operation ends")
    ]

    overlapping = {}
    for voiso_id, campaign in campaigns.items():
        order = chance.choice(orders)
        for step in order:
            if step == "poll begins":
                began[voiso_id] = Campaign.objects.get(pk=campaign.pk)
            elif step == "poll reads":
                read[voiso_id] = truth[voiso_id]
            elif step == "operation begins":
                take_lane(campaign, 1, pending="pause", at=timezone.now())
            elif step == "voiso acts":
                truth[voiso_id] = "paused"
            else:
                record_status(campaign, "paused", source="confirmed", by="Ines Sousa", at=timezone.now())
                leave_lane(campaign, 1)
        overlapping[voiso_id] = order.index("poll begins") < order.index("operation ends")
    known = {
        voiso_id: PolledBefore(
            of.pk, of.name, of.status, of.status_source, of.live, of.facts, of.control_no, of.pending_operation, False
        )
        for voiso_id, of in began.items()
    }
    poll(connection, *(CampaignFacts(id=v, name="Spring", status=read[v]) for v in campaigns), known=known)

    assert set(overlapping.values()) == {True, False}
    assert set(read.values()) == {"active", "paused"}
    shown = set(Campaign.objects.values_list("status", "status_by", "pending_operation"))
    assert shown == {("paused", "Ines Sousa", "")}


# One at a time


def test_one_sync_runs_at_a_time_and_the_claim_of_a_dead_one_expires(sandbox, connection):
    sandbox.add_campaign("Spring")
    now = timezone.now()
    Connection.objects.update(sync_began_at=now - timedelta(seconds=30))

    assert polling.sync(connection, at=now).busy
    assert not Campaign.objects.exists()

    Connection.objects.update(sync_began_at=now - timedelta(minutes=4))
    assert not polling.sync(connection, at=now).busy
    assert Campaign.objects.count() == 1


def test_fifty_screens_cause_one_sync(client, ines, sandbox, connection):
    sandbox.add_campaign("Spring")
    sync_now(connection)
    Connection.objects.update(synced_at=timezone.now() - timedelta(minutes=1))
    campaign = Campaign.objects.get()
    client.force_login(ines)

    with time_machine.travel(timezone.now(), tick=False):
        for _ in range(50):
            assert client.post(reverse("campaigns:looking"), {"campaign": campaign.pk}).status_code == 204

    assert take_jobs() == [("voisoadmin.campaigns.tasks.sync_connection", (connection.pk,))]


def test_a_page_opened_right_after_a_sync_causes_none(client, ines, sandbox, connection):
    sync_now(connection)
    client.force_login(ines)

    client.post(reverse("campaigns:looking"))

    assert take_jobs() == []


def test_a_held_connection_is_not_used_until_its_hold_ends(client, ines, sandbox, connection, settings):
    settings.TIME_SCALE = 1  # no hold is longer than 15 minutes
    Connection.objects.update(
        held_reason="Voiso asked us to wait.", held_until=timezone.now() + timedelta(minutes=1), held_kind="rate"
    )
    client.force_login(ines)

    client.post(reverse("campaigns:looking"))

    assert take_jobs() == []


def test_the_schedule_syncs_every_connection(sandbox, connection, legacy_connection):
    sandbox.add_campaign("Spring")

    sync_all()
    run_jobs()

    assert Campaign.objects.count() == 2


def test_trying_now_asks_a_silent_contact_centre_before_its_time(client, ines, sandbox, connection, settings):
    settings.TIME_SCALE = 1  # no hold is longer than 15 minutes
    sandbox.add_campaign("Spring")
    Connection.objects.update(held_kind="silent", held_reason="x", held_until=timezone.now() + timedelta(minutes=10))
    client.force_login(ines)

    response = client.post(reverse("campaigns:try_now", args=[connection.pk]))
    run_jobs()

    assert response.status_code == 302
    assert Campaign.objects.count() == 1
    connection.refresh_from_db()
    assert not connection.is_held(timezone.now())


def test_only_posts_ask_for_a_sync(client, ines, connection):
    client.force_login(ines)

    assert client.get(reverse("campaigns:looking")).status_code == 405
    assert client.get(reverse("campaigns:try_now", args=[connection.pk])).status_code == 405


def test_agents_are_counted_for_campaigns_that_are_open_on_a_page(client, ines, sandbox, connection):
    looked_at = sandbox.add_campaign("Spring")
    sandbox.add_campaign("Summer")
    sync_now(connection)
    campaign = Campaign.objects.get(voiso_id=str(looked_at))
    Connection.objects.update(synced_at=None)
    client.force_login(ines)

    client.post(reverse("campaigns:looking"), {"campaign": campaign.pk})
    run_jobs()

    assert dict(Campaign.objects.values_list("name", "agents_count")) == {"Spring": 1, "Summer": None}


# Problems


def test_a_contact_centre_that_does_not_answer_is_noted_and_its_campaigns_stay(sandbox, connection):
    sandbox.add_campaign("Spring")
    sync_now(connection)
    sandbox.fault(Fault.HTML_502, times=2, on="reads")

    done = sync_now(connection)

    assert done.problem
    connection.refresh_from_db()
    assert (connection.failures, connection.silent_since is None) == (0, False)
    assert connection.last_problem == done.problem
    assert connection.sync_began_at is None
    assert Campaign.objects.get().missing_since is None


def test_a_refused_key_holds_the_connection(sandbox, connection):
    sandbox.fault(Fault.KEY_REVOKED)

    sync_now(connection)

    connection.refresh_from_db()
    assert connection.held_kind == Connection.HoldKind.KEY
    assert connection.held_until is None


# The command


def run_sync(*arguments: str) -> list[dict]:
    out = StringIO()
    call_command("sync", "--json", *arguments, stdout=out)
    return [json.loads(line) for line in out.getvalue().splitlines()]


@pytest.mark.parametrize(("voiso_id", "shown"), [("4711", 4711), ("0", 0), ("0042", "0042"), ("c-7", "c-7"), ("٤٢", "٤٢")])
def test_an_id_that_is_not_a_plain_number_is_shown_unchanged(voiso_id, shown):
    assert Campaign(voiso_id=voiso_id).id_as_told == shown


def test_the_command_prints_what_voiso_reported(sandbox, any_connection):
    first = sandbox.add_campaign("Spring", status="paused")

    records = run_sync()

    assert len(records) == 1
    (campaign,) = records[0]["campaigns"]
    assert campaign["id"] == first
    assert (campaign["name"], campaign["status"], campaign["connection"]) == ("Spring", "paused", any_connection.name)
    assert campaign["live"] in (True, None)


def test_the_command_syncs_only_the_named_connection(sandbox, connection, legacy_connection):
    sandbox.add_campaign("Spring")

    records = run_sync("--connection", legacy_connection.name)

    assert [c["connection"] for c in records[0]["campaigns"]] == [legacy_connection.name]
    assert Campaign.objects.count() == 1


def test_the_command_fails_with_a_sentence_when_voiso_refuses(sandbox, connection):
    sandbox.fault(Fault.KEY_REVOKED)

    with pytest.raises(CommandError) as failed:
        run_sync()

    assert failed.value.returncode == 1
    assert str(failed.value).startswith("Test centre: ")
    assert str(failed.value).endswith(".")


def test_the_command_keeps_one_contact_centres_data_when_another_does_not_answer(sandbox, connection):
    sandbox.add_campaign("Spring")
    connect(sandbox, address="https://cc-absent.voiso.com", name="Absent")
    out = StringIO()

    with pytest.raises(CommandError) as failed:
        call_command("sync", "--json", stdout=out)

    assert failed.value.returncode == 1
    assert str(failed.value).startswith("Absent: ")
    assert [c["name"] for c in json.loads(out.getvalue())["campaigns"]] == ["Spring"]


@pytest.mark.parametrize("arguments", [[], ["--connection", "Nowhere"]])
def test_the_command_says_that_there_is_no_such_connection(arguments):
    if arguments:
        make_connection()

    with pytest.raises(CommandError) as failed:
        run_sync(*arguments)

    assert failed.value.returncode == 2


# Which campaign is meant


def test_a_campaign_listed_by_two_connections_needs_a_connection():
    for name in ("Berlin", "Lisbon"):
        make_campaign(make_connection(name), "4711")

    with pytest.raises(CommandError) as failed:
        find_campaign("4711")

    assert failed.value.returncode == 2
    assert "Berlin and Lisbon" in str(failed.value)
    assert find_campaign("4711", "Lisbon").connection.name == "Lisbon"


def test_an_unknown_campaign_is_searched_and_then_bad_usage(sandbox, connection):
    new = sandbox.add_campaign("Just made in Voiso")
    assert find_campaign(str(new)).name == "Just made in Voiso"

    with pytest.raises(CommandError) as failed:
        find_campaign("4711")

    assert failed.value.returncode == 2
    assert str(failed.value) == "No campaign 4711. Voiso doesn't list it; we just checked."


def test_an_unknown_campaign_of_a_silent_contact_centre_is_reported_with_the_reason(sandbox, connection):
    sandbox.fault(Fault.KEY_REVOKED, on="any")

    for _ in range(2):  # the second time Voiso isn't asked, because the connection is held
        with pytest.raises(CommandError) as failed:
            find_campaign("4711")
        assert str(failed.value) == "No campaign 4711. Test centre: Voiso doesn't accept the API key."


def test_a_contact_centre_that_was_never_read_may_list_the_campaign_too(sandbox, connection):
    voiso_id = str(sandbox.add_campaign("Spring renewals"))
    sync_now(connection)
    connect(sandbox, generation="legacy", name="Older key")

    with pytest.raises(CommandError) as failed:
        find_campaign(voiso_id)

    assert failed.value.returncode == 2
    assert "Older key and Test centre" in str(failed.value)
    Campaign.objects.filter(connection__name="Older key").update(missing_since=timezone.now())
    assert find_campaign(voiso_id).connection == connection


def test_a_second_contact_centre_has_separate_campaigns(sandbox, connection):
    other = open_contact_centre("https://cc-other.voiso.com")
    sandbox.add_campaign("Here", id=1)
    other.add_campaign("There", id=1)

    sync_now(connection)
    sync_now(connect(other, address="https://cc-other.voiso.com", name="Other"))

    assert Lane.objects.count() == 2
