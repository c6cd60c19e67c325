"""What is kept of the agents' statuses for a replay: changes only, without a gap, and not for ever."""

from datetime import UTC, datetime, timedelta

import pytest

from voisoadmin.campaigns.models import AgentPresence, Presence
from voisoadmin.rules import presence_log
from voisoadmin.rules.models import AgentChange, PresenceSpan

pytestmark = pytest.mark.django_db

BEGIN = datetime(2026, 11, 30, 9, tzinfo=UTC)
EVERY = 15


def read(connection, seconds: int, **groups: str) -> None:
    """As `presence.reading` stores a whole list: an unchanged status keeps its moment."""
    at = BEGIN + timedelta(seconds=seconds)
    known = dict(AgentPresence.objects.filter(connection=connection).values_list("who", "group"))
    for who, group in groups.items():
        if known.get(who) != group:
            values = {"word": group, "group": group, "since": at + timedelta(milliseconds=200)}
            AgentPresence.objects.update_or_create(connection=connection, who=who, defaults=values)
    values = {"read_at": at, "every_seconds": EVERY, "agents": len(groups), "is_whole": True}
    Presence.objects.update_or_create(connection=connection, defaults=values)
    presence_log.note_presence(connection)


def spans() -> list[tuple[int, int]]:
    found = PresenceSpan.objects.order_by("begin").values_list("begin", "end")
    return [tuple(round((moment - BEGIN).total_seconds()) for moment in row) for row in found]


def test_an_unchanged_status_costs_no_row(connection):
    read(connection, 0, ann="waiting", ben="out")
    for second in (15, 30, 45):
        read(connection, second, ann="waiting", ben="out")
    read(connection, 60, ann="on_call", ben="out")
    read(connection, 75, ann="on_call", ben="out")

    assert spans() == [(0, 75)]
    changes = list(AgentChange.objects.order_by("at", "who").values_list("who", "group"))
    assert changes[:2] == [("ann", "waiting"), ("ben", "out")]
    assert changes[-1] == ("ann", "on_call")
    assert changes.count(("ann", "on_call")) == 1


def test_a_gap_or_another_number_of_agents_begins_a_span_with_all_statuses(connection):
    read(connection, 0, ann="waiting", ben="out")
    read(connection, 120, ann="waiting", ben="out")
    read(connection, 135, ann="waiting", ben="out", cem="waiting")

    assert spans() == [(0, 0), (120, 120), (135, 135)]
    assert AgentChange.objects.filter(span__begin=BEGIN + timedelta(seconds=135)).count() == 3


def test_a_list_that_could_not_be_read_whole_is_no_history(connection):
    read(connection, 0, ann="waiting")
    Presence.objects.update(is_whole=False, read_at=BEGIN + timedelta(seconds=15))
    presence_log.note_presence(connection)
    assert spans() == [(0, 0)]


def test_history_is_deleted_after_a_month(connection):
    day = 24 * 60 * 60
    read(connection, 0, ann="waiting")
    read(connection, 29 * day, ann="out")
    assert spans() == [(0, 0), (29 * day, 29 * day)]

    read(connection, 31 * day, ann="waiting")

    assert spans() == [(29 * day, 29 * day), (31 * day, 31 * day)]
    assert AgentChange.objects.count() == 2
