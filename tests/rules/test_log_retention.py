"""How long the log of rules is kept, and what of it is never removed."""

from datetime import timedelta

import pytest
from django.core.management import call_command
from django.utils import timezone

from tests.rules.engine import make_rule, sentence, times
from voisoadmin.rules.models import Evaluation, Firing
from voisoadmin.rules.saving import save_rule
from voisoadmin.rules.sentence_check import from_json
from voisoadmin.rules.tasks import sweep

pytestmark = pytest.mark.django_db

PAUSE = sentence(times(("17:00", "pause")), {"kind": "accepted", "since": "today", "at_least": 500}, then="pause", hours=None)


@pytest.fixture
def line(ines, campaign):
    rule = make_rule(ines, campaign, sentence=PAUSE)

    def make(occurrence: str, outcome: str, *, days: int, is_open: bool = False) -> Firing:
        """A line of the log of that age."""
        due_at = timezone.now() - timedelta(days=days)
        return Firing.objects.create(
            rule=rule,
            campaign=campaign,
            occurrence=occurrence,
            is_timed=not occurrence.startswith("edge"),
            change="pause",
            due_at=due_at,
            local_date=due_at.date(),
            outcome=outcome,
            is_open=is_open,
            decided_at=due_at,
        )

    return make


def left() -> set[str]:
    return set(Firing.objects.values_list("occurrence", flat=True))


def test_lines_that_say_that_nothing_was_done_are_kept_for_90_days(line):
    for number, outcome in enumerate(("would", "nothing", "not_decided", "fired", "missed", "owed", "held")):
        line(f"{outcome}, long ago", outcome, days=100 - number)
    line("open", "not_decided", days=92, is_open=True)
    line("young", "nothing", days=89)

    sweep()

    assert left() == {"fired, long ago", "missed, long ago", "owed, long ago", "held, long ago", "open", "young"}


def test_what_rules_did_is_removed_with_the_activity_of_that_time(line):
    line("fired", "fired", days=400)
    line("missed", "missed", days=380)
    line("owed", "owed", days=370, is_open=True)
    line("young", "fired", days=300)

    call_command("remove_activity", older_than=365)

    assert left() == {"owed", "young"}


def test_the_last_line_of_each_rule_and_campaign_stays_so_no_number_of_an_edge_is_used_again(line, ines, campaign):
    line("edge 6", "fired", days=401)
    rule = line("edge 7", "fired", days=400).rule
    line("2026-01-01 17:00 pause", "nothing", days=390)

    call_command("remove_activity", older_than=365)
    sweep()
    for campaigns in ([], [campaign]):
        save_rule(rule, name="Again", sentence=from_json(PAUSE), campaigns=campaigns, by=ines, at=timezone.now())

    assert left() == {"edge 7", "2026-01-01 17:00 pause"}
    assert rule.states.get().edge == 7


def test_nothing_is_removed_while_this_machines_clock_is_wrong(line):
    line("a", "would", days=100)
    line("b", "would", days=99)
    Evaluation.objects.create(pk=1, clock_problem="This machine's clock is wrong.")

    sweep()

    assert left() == {"a", "b"}
