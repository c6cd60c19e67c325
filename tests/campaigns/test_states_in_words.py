"""What a supervisor reads about a campaign: the state, why, and what can be done about it."""

from datetime import UTC, datetime, timedelta

import pytest

from voisoadmin.campaigns.describing import chip_of, describe
from voisoadmin.campaigns.models import Campaign, Cause, Lane
from voisoadmin.campaigns.possible import possible_changes
from voisoadmin.connections.health import health_of
from voisoadmin.connections.models import Connection

AT = datetime(2026, 11, 23, 14, 4, 53, tzinfo=UTC)
SINCE = AT - timedelta(minutes=34)


def connection(**fields) -> Connection:
    return Connection(name="Berlin", **({"answered_at": AT - timedelta(seconds=3)} | fields))


def campaign(status: str = "active", *, lane: dict | None = None, of: Connection | None = None, **fields) -> Campaign:
    defaults = {"status_since": SINCE, "status_source": "polled", "agents_count": 12, "name": "Summer Outreach"}
    return Campaign(
        connection=of or connection(), lane=Lane(**({"contacts_known": 5} | (lane or {}))), status=status, **(defaults | fields)
    )


def shown(subject: Campaign) -> tuple[str, str, bool]:
    chip = describe(subject, subject.connection, AT)
    return chip.word, chip.cause, chip.needs_attention


@pytest.mark.parametrize(
    ("subject", "expected"),
    [
        (campaign("active"), ("Active", "12 agents · since 13:30", False)),
        (campaign("active", agents_count=1), ("Active", "1 agent · since 13:30", False)),
        (campaign("active", agents_count=None, cause=Cause.FIRST_SEEN), ("Active", "Agents unknown", False)),
        (campaign("active", status_source="inferred"), ("Active", "since our confirmed start at 13:30", False)),
        (campaign("paused", status_by="Jonas Weber"), ("Paused", "by Jonas Weber, 13:30", False)),
        (campaign("paused"), ("Paused", "in Voiso, 13:30", False)),
        (campaign("paused", cause=Cause.FIRST_SEEN), ("Paused", "unchanged since first seen", False)),
        (campaign("paused", status_source="inferred"), ("Paused", "since our confirmed pause at 13:30", False)),
        (campaign("stopped", status_since=AT - timedelta(days=3)), ("Stopped", "in Voiso, 20 Nov", False)),
        (campaign("stopping", status_by="Marta"), ("Stopping…", "Calls are finishing · by Marta", False)),
        (campaign("completed"), ("Completed", "13:30", False)),
        (campaign("processing"), ("Processing…", "Voiso is importing contacts", False)),
        (campaign("auto_paused"), ("Auto-paused", "since 13:30 · Check agents, contacts and calling hours", True)),
        (campaign("auto_paused", agents_count=0), ("Auto-paused", "since 13:30 · Possible cause: no agent assigned", True)),
        (
            campaign("auto_paused", lane={"contacts_added": 9, "last_push_at": AT - timedelta(minutes=2)}),
            ("Auto-paused", "since 13:30 · Possible causes: no agent logged in, outside calling hours", True),
        ),
        (campaign("draft"), ("Draft", "Never started", False)),
        (campaign("draft", agents_count=0), ("Draft", "Can't start: add at least one agent", True)),
        (
            campaign("draft", agents_count=0, lane={"contacts_known": 0}),
            ("Draft", "Can't start: no agents, and no contacts sent from here", True),
        ),
        (campaign("draft", lane={"contacts_known": 0}), ("Draft", "No contacts sent from here yet", False)),
        (campaign("import_error"), ("Import error", "Contact list import failed. Fix it in Voiso", True)),
        (campaign("throttled_by_carrier"), ("throttled_by_carrier", "Unknown state · since 13:30", False)),
        (campaign(""), ("Unknown", "This API doesn't report the status", False)),
        (
            campaign("active", pending_operation="pause", pending_since=AT - timedelta(seconds=4)),
            ("Pausing…", "Requested 4 s ago, not confirmed yet", False),
        ),
        (campaign("paused", missing_since=SINCE), ("Paused", "No longer listed by Voiso, since 13:30", False)),
    ],
)
def test_every_state_shows_its_cause(subject, expected):
    assert shown(subject) == expected


def test_an_unknown_status_is_shown_unchanged_and_disables_nothing():
    subject = campaign("throttled_by_carrier")

    assert chip_of("throttled_by_carrier").raw
    assert possible_changes(subject, at=AT) == {"start": "", "pause": "", "stop": ""}


def test_a_silent_contact_centre_makes_the_state_outdated():
    silent = connection(answered_at=AT - timedelta(hours=3), silent_since=AT - timedelta(hours=2), failures=4)
    subject = campaign("active", of=silent, pending_operation="pause", pending_since=SINCE)

    chip = describe(subject, silent, AT)

    assert (chip.word, chip.cause, chip.is_stale) == ("Active", "as of 11:04", True)
    assert possible_changes(subject, at=AT)["start"] == "Voiso isn't answering, and a start is never sent late"


@pytest.mark.parametrize(
    ("subject", "possible"),
    [
        (campaign("active"), {"pause", "stop"}),
        (campaign("auto_paused"), {"pause", "stop"}),
        (campaign("paused"), {"start", "stop"}),
        (campaign("stopped"), {"start"}),
        (campaign("draft"), {"start"}),
        (campaign("draft", lane={"contacts_known": 0}), {"start"}),
        (campaign("draft", agents_count=0), set()),
        (campaign("completed"), set()),
        (campaign("pausing"), set()),
        (campaign("stopping"), set()),
        (campaign("processing"), set()),
        (campaign("import_error"), set()),
        (campaign(""), {"start", "pause", "stop"}),
        (campaign("draft", agents_count=0, agents_counted_at=AT - timedelta(minutes=2)), set()),
        (campaign("draft", agents_count=0, agents_counted_at=AT - timedelta(hours=2)), {"start"}),
        (campaign("active", status_source="inferred"), {"start", "pause", "stop"}),
        (campaign("stopped", status_source="inferred"), {"start", "pause", "stop"}),
        (campaign("active", pending_operation="stop"), set()),
        (campaign("active", missing_since=SINCE), set()),
    ],
)
def test_impossible_changes_have_a_reason_and_possible_ones_none(subject, possible):
    reasons = possible_changes(subject, at=AT)

    assert {change for change, reason in reasons.items() if not reason} == possible
    assert not any(reason.endswith(".") for reason in reasons.values())


@pytest.mark.parametrize(
    ("fields", "label", "sentence", "out"),
    [
        ({}, "3 s ago", "Voiso answered 3 s ago", False),
        ({"answered_at": None}, "not yet", "Not connected yet", False),
        ({"answered_at": AT - timedelta(minutes=20)}, "20 min ago", "Last answer 20 min ago", False),
        (
            {"answered_at": AT - timedelta(hours=1), "silent_since": AT - timedelta(minutes=50), "failures": 3},
            "since 13:04",
            "No answer since 13:04",
            True,
        ),
        ({"silent_since": AT - timedelta(seconds=2), "failures": 1}, "3 s ago", "Voiso answered 3 s ago", False),
        (
            {"held_reason": "Voiso refuses the key.", "held_kind": "key"},
            "key refused",
            "Berlin: key refused",
            True,
        ),
        (
            {"held_reason": "x", "held_kind": "rate", "held_until": AT + timedelta(seconds=7)},
            "until 14:05:00",
            "Voiso: wait until 14:05:00",
            False,
        ),
        ({"last_problem": "Forbidden."}, "3 s ago", "Berlin: Forbidden.", False),
    ],
)
def test_the_last_answer_is_described_in_words(fields, label, sentence, out):
    health = health_of(connection(**fields), at=AT)

    assert (health.label, health.sentence, health.out) == (label, sentence, out)


@pytest.mark.parametrize(
    ("fields", "chip", "tone"),
    [
        ({}, "Connected", "good"),
        ({"answered_at": None}, "Not connected yet", "quiet"),
        ({"answered_at": AT - timedelta(minutes=20)}, "No recent answer", "warn"),
        ({"last_problem": "Forbidden."}, "Partly working", "warn"),
        ({"silent_since": AT - timedelta(seconds=2), "failures": 1}, "Connected", "good"),
        ({"silent_since": AT - timedelta(seconds=2), "check_passed": False, "checked_at": AT}, "Not answering", "bad"),
        ({"silent_since": AT - timedelta(minutes=1)}, "Not answering", "bad"),
        ({"held_reason": "x", "held_kind": "address"}, "Address not trusted", "bad"),
        ({"held_reason": "x", "held_kind": "silent", "held_until": AT + timedelta(seconds=7)}, "Waiting", "quiet"),
    ],
)
def test_the_sidebar_and_the_page_of_connections_show_one_condition(fields, chip, tone):
    health = health_of(connection(**fields), at=AT)

    assert (health.chip, health.tone) == (chip, tone)


def test_a_hold_for_silence_is_no_wait_that_voiso_asked_for():
    silent = {"held_reason": "x", "held_kind": "silent", "held_until": AT + timedelta(seconds=7)}

    assert health_of(connection(**silent), at=AT).sentence == "Contacts wait until 14:05:00"
