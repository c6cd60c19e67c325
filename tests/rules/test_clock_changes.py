"""Three days around each change of the clocks: every time comes once, whatever the night leaves out or repeats."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.utils import timezone

from tests.rules.engine import make_rule, sentence, times
from voisoadmin.rules.models import Firing
from voisoadmin.rules.occurrences import occurrences
from voisoadmin.rules.sentence_check import from_json

pytestmark = pytest.mark.slow

ALL_DAY = {"weekdays": [0, 1, 2, 3, 4, 5, 6], "from": "00:00", "to": "23:59"}
CHANGES = [
    ("Europe/Berlin", date(2026, 3, 29)),
    ("Europe/Berlin", date(2026, 10, 25)),
    ("America/New_York", date(2026, 3, 8)),
    ("America/New_York", date(2026, 11, 1)),
    ("Australia/Lord_Howe", date(2026, 4, 5)),  # by half an hour
    ("Australia/Lord_Howe", date(2026, 10, 4)),
]


@pytest.mark.django_db
@pytest.mark.parametrize(("zone", "day"), CHANGES, ids=str)
def test_each_time_starts_and_pauses_once_around_a_change_of_the_clocks(
    sandbox, paused, ines, engine, clock, in_voiso, zone, day
):
    """In between the process is replaced, and the evaluation is away for hours."""
    lines = times(("01:45", "start"), ("02:15", "pause"), ("02:45", "start"), ("04:00", "pause"))
    words = sentence(lines, zone=zone, hours=ALL_DAY)
    begin = datetime.combine(day - timedelta(days=1), time(), ZoneInfo(zone)).astimezone(UTC)
    clock.move_to(begin)
    rule = make_rule(ines, paused, sentence=words)
    engine.read_lists()
    engine.evaluate()

    for number, due in enumerate(occurrences(from_json(words), after=begin, until=begin + timedelta(days=3))):
        at = max(due.moment + timedelta(seconds=5), timezone.now())
        engine.skip_to(at)
        if number % 3 == 0:
            engine.restart()
        engine.pass_time(seconds=15)

    firings = list(rule.firings.order_by("due_at", "pk"))
    days = [day + timedelta(days=number) for number in (-1, 0, 1)]
    assert {(firing.local_date, firing.occurrence[11:]) for firing in firings} == {
        (one, what) for one in days for what in ("01:45 start", "02:15 pause", "02:45 start", "04:00 pause")
    }
    assert {firing.outcome for firing in firings} <= {"fired", "nothing"}
    starts = [firing for firing in firings if firing.change == "start" and firing.outcome == "fired"]
    assert len(sandbox.requests(paused.voiso_id, "start")) == len(starts) == sum(firing.tries for firing in starts)
    assert in_voiso(paused) == "paused", "every day ends at rest"
    assert not Firing.objects.owed().exists()
