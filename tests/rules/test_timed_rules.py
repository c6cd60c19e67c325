"""Rules that act at a time: a start within its window and hours or not at all, a pause in any case."""

from collections import Counter
from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection as database
from django.utils import timezone

from tests.controls.conftest import NUMBERS, set_state
from tests.rules.engine import HOURS, log, make_rule, sentence, times
from tests.support.queue import run_jobs
from tests.support.sandbox import mirror
from voisoadmin.campaigns.models import Campaign, CampaignState
from voisoadmin.campaigns.polling import sync
from voisoadmin.connections.models import Connection
from voisoadmin.operations.clicks import Click
from voisoadmin.operations.models import Operation
from voisoadmin.rules.evaluating import Evaluator
from voisoadmin.rules.models import Evaluation, Firing, Rule, StartHold
from voisoadmin.rules.overrides import keep_running
from voisoadmin.sandbox import Fault

pytestmark = [pytest.mark.django_db, pytest.mark.slow]

WORKING_DAY = sentence(times(("09:00", "start"), ("17:00", "pause"), weekdays=range(5)))
EVENING = sentence(times(("17:00", "pause")))
NINE, FIVE = datetime(2026, 3, 2, 8, 0, tzinfo=UTC), datetime(2026, 3, 2, 16, 0, tzinfo=UTC)  # in Berlin
DAY = timedelta(days=1)
START, PAUSE = "2026-03-02 09:00 start", "2026-03-02 17:00 pause"


def asked(sandbox, campaign, change):
    """How many requests for it reached Voiso."""
    return len(sandbox.requests(campaign.voiso_id, change))


def test_a_working_day_starts_and_pauses_the_campaign_by_the_rule(paused, ines, engine, in_voiso):
    rule = make_rule(ines, paused, sentence=WORKING_DAY)

    engine.around(NINE)
    assert in_voiso(paused) == "active"
    engine.around(FIVE)

    assert in_voiso(paused) == "paused"
    assert log(rule) == [(START, "fired"), (PAUSE, "fired")]
    assert [(row.kind, row.by, row.by_label, row.status) for row in Operation.objects.order_by("pk")] == [
        ("start", None, "Rule “Working day”", "done"),
        ("pause", None, "Rule “Working day”", "done"),
    ]
    assert Campaign.objects.get().status_by == "Rule “Working day”"


def test_a_dry_rule_only_says_what_it_would_do(sandbox, paused, ines, engine):
    rule = make_rule(ines, paused, sentence=WORKING_DAY, mode=Rule.Mode.DRY_RUN)

    engine.around(NINE)

    assert log(rule) == [(START, "would")]
    assert asked(sandbox, paused, "start") == 0


# Windows and hours


def test_a_start_is_late_within_its_window_and_missed_after_it(sandbox, paused, ines, engine):
    rule = make_rule(ines, paused, sentence=WORKING_DAY)
    engine.evaluate()

    engine.skip_to(NINE + timedelta(minutes=9))
    engine.pass_time(minutes=1)
    assert log(rule) == [(START, "fired")]
    engine.skip_to(NINE + DAY + timedelta(minutes=11))
    engine.pass_time(minutes=1)

    assert log(rule)[-1] == ("2026-03-03 09:00 start", "missed")
    assert asked(sandbox, paused, "start") == 1


@pytest.mark.parametrize(
    ("hours", "days_off", "why"),
    [
        (HOURS | {"weekdays": [5, 6]}, "", "outside its hours"),
        # The hours end 60 s early: a request that leaves at their last moment is answered after it.
        (HOURS | {"to": "09:01"}, "", "outside its hours"),
        (HOURS, "DE", "day off"),
    ],
)
def test_nothing_starts_outside_the_hours_or_on_a_day_off(sandbox, paused, ines, engine, hours, days_off, why):
    # Monday 6 April is a public holiday in Germany.
    day = datetime(2026, 4, 6, 7, 0, tzinfo=UTC) if days_off else NINE
    words = sentence(times(("09:00", "start"), ("09:05", "pause")), hours=hours, days_off=days_off)
    engine.skip_to(day - timedelta(minutes=5))
    rule = make_rule(ines, paused, sentence=words)
    engine.evaluate()

    engine.skip_to(day + timedelta(seconds=30))
    engine.pass_time(minutes=6, step=60)

    firing = rule.firings.get(change="start")
    assert firing.outcome == "held"
    assert why in firing.reason
    assert asked(sandbox, paused, "start") == 0
    assert rule.firings.get(change="pause").outcome == "nothing", "it is paused already, and no hour holds a pause back"


def test_a_start_that_waits_past_the_end_of_the_hours_is_not_made(sandbox, paused, ines, engine):
    """The hours are looked at again in the transaction of the request, not only when the facts are read."""
    words = sentence(times(("09:00", "start")), hours=HOURS | {"to": "09:05"})
    rule = make_rule(ines, paused, sentence=words)
    engine.evaluate()
    engine.answers = False

    engine.skip_to(NINE + timedelta(minutes=3))
    engine.evaluate()
    assert log(rule) == [(START, "not_decided")]
    engine.answers = True
    engine.skip_to(NINE + timedelta(minutes=4, seconds=15))
    engine.pass_time(minutes=2)

    assert log(rule) == [(START, "held")]
    assert asked(sandbox, paused, "start") == 0


# Facts and the clock


def test_old_facts_decide_no_start_and_every_pause(sandbox, paused, ines, engine):
    rule = make_rule(ines, paused, sentence=sentence(times(("09:00", "start"), ("09:20", "pause"))))
    engine.read_lists()
    engine.answers = False

    for minutes in (3, 11, 20):
        engine.skip_to(NINE + timedelta(minutes=minutes))
        engine.pass_time(seconds=15)

    start, pause = rule.firings.order_by("due_at")
    assert start.outcome == "not_decided"
    assert "Voiso last answered" in start.reason
    assert pause.tries > 0
    assert asked(sandbox, paused, "start") == 0
    assert asked(sandbox, paused, "pause") >= 1


def test_a_clock_that_jumps_starts_nothing_until_it_is_back(sandbox, paused, ines, engine):
    rule = make_rule(ines, paused, sentence=WORKING_DAY)
    engine.evaluate()

    engine.jump(minutes=11)
    engine.read_lists()
    engine.pass_time(minutes=1)
    assert log(rule) == [(START, "not_decided")]
    assert "clock is wrong" in rule.firings.get().reason
    assert "jumped by 11 min" in Evaluation.last().clock_problem
    engine.jump(minutes=-11)
    engine.pass_time(minutes=1)
    assert Evaluation.last().clock_problem == ""

    assert asked(sandbox, paused, "start") == 0, "its time has not come"

    engine.around(NINE)
    assert asked(sandbox, paused, "start") == 1


def test_a_pause_that_a_wrong_clock_brought_too_early_comes_again(sandbox, active, ines, engine, in_voiso):
    make_rule(ines, active, sentence=EVENING)
    engine.evaluate()
    engine.jump(hours=9)
    engine.pass_time(seconds=30)
    engine.jump(hours=-9)
    sandbox.campaign(active.voiso_id).become("active")
    engine.pass_time(seconds=90)

    engine.around(FIVE)

    assert in_voiso(active) == "paused"


def test_an_answer_of_voiso_confirms_a_clock_that_was_set(sandbox, paused, ines, engine, in_voiso):
    make_rule(ines, paused, sentence=WORKING_DAY)
    engine.evaluate()
    engine.jump(minutes=10)
    engine.read_lists()
    engine.pass_time(seconds=30)
    assert in_voiso(paused) == "paused"

    Connection.objects.update(clock_ahead=0.4, clock_read_at=timezone.now())
    engine.pass_time(seconds=30)

    assert in_voiso(paused) == "active"


def test_a_clock_that_differs_from_voisos_starts_nothing_and_pauses(sandbox, paused, ines, engine, in_voiso):
    rule = make_rule(ines, paused, sentence=WORKING_DAY)
    engine.evaluate()
    Connection.objects.update(clock_ahead=-150.0, clock_read_at=timezone.now())

    engine.around(NINE)
    assert log(rule) == [(START, "not_decided")]
    sandbox.campaign(paused.voiso_id).become("active")
    engine.around(FIVE)

    assert in_voiso(paused) == "paused"


# Once


def test_each_evaluation_by_a_new_process_starts_it_once(sandbox, paused, ines, engine):
    rule = make_rule(ines, paused, sentence=WORKING_DAY)
    engine.evaluate()
    engine.skip_to(NINE)

    for _ in range(3):
        engine.restart()
        engine.pass_time(seconds=15)

    assert log(rule) == [(START, "fired")]
    assert asked(sandbox, paused, "start") == 1


class Killed(BaseException):
    """As `kill -9` at a statement: nothing after it is executed, and its transaction is gone."""


def test_killed_at_any_statement_it_starts_the_campaign_once(sandbox, paused, ines, engine):
    rule = make_rule(ines, paused, sentence=WORKING_DAY)
    engine.evaluate()
    engine.skip_to(NINE + timedelta(seconds=5))

    def kill_at(number):
        left = number

        def execute(run, sql, params, many, context):
            nonlocal left
            left -= 1
            if left == 0:
                raise Killed
            return run(sql, params, many, context)

        return execute

    for number in range(1, 200):
        try:
            with database.execute_wrapper(kill_at(number)):
                Evaluator().evaluate()
        except Killed:
            continue
        break
    run_jobs()
    engine.pass_time(seconds=30)

    assert 20 < number < 199, "it was killed at each of them"
    assert log(rule) == [(START, "fired")]
    assert Operation.objects.filter(kind="start").count() == 1
    assert asked(sandbox, paused, "start") == 1


def test_a_try_without_a_byte_is_repeated_within_the_window(sandbox, paused, ines, engine, in_voiso):
    rule = make_rule(ines, paused, sentence=WORKING_DAY)
    engine.evaluate()
    engine.works = False  # no worker takes it within 30 s

    engine.skip_to(NINE)
    engine.pass_time(seconds=15)
    assert Operation.objects.get().status == "queued"
    engine.pass_time(seconds=30)
    engine.works = True
    engine.pass_time(minutes=1)

    assert rule.firings.get().tries == 2
    assert list(Operation.objects.order_by("pk").values_list("status", flat=True)) == ["refused", "done"]
    assert asked(sandbox, paused, "start") == 1
    assert in_voiso(paused) == "active"


def test_a_try_whose_answer_was_lost_is_not_repeated(sandbox, paused, ines, engine):
    rule = make_rule(ines, paused, sentence=WORKING_DAY)
    engine.evaluate()
    sandbox.fault(Fault.ANSWER_LOST, on="operations", how="reset")

    engine.around(NINE, minutes=3)

    assert asked(sandbox, paused, "start") == 1
    assert rule.firings.get().tries == 1


def test_another_state_in_voiso_ends_a_start_as_overtaken(sandbox, paused, ines, engine):
    rule = make_rule(ines, paused, sentence=WORKING_DAY)
    engine.evaluate()
    engine.skip_to(NINE)
    engine.works = False
    engine.pass_time(seconds=15)

    sandbox.campaign(paused.voiso_id).become("stopped")
    run_jobs()
    engine.pass_time(seconds=15)

    assert log(rule) == [(START, "overtaken")]
    assert asked(sandbox, paused, "start") == 0
    assert Operation.objects.get().result["refused"] == "overtaken"


# Owed


def test_a_pause_that_voiso_did_not_answer_is_owed_until_it_rests(sandbox, active, ines, engine, in_voiso):
    rule = make_rule(ines, active, sentence=EVENING)
    engine.evaluate()
    sandbox.fault(Fault.UNREACHABLE, on="operations", times=21)

    engine.around(FIVE)
    assert log(rule) == [(PAUSE, "owed")]
    assert Firing.objects.owed().count() == 1
    engine.pass_time(minutes=2)

    assert in_voiso(active) == "paused"
    assert log(rule) == [(PAUSE, "fired")]


def test_a_pause_that_nothing_evaluated_happens_when_something_does(active, ines, engine, in_voiso):
    rule = make_rule(ines, active, sentence=EVENING)
    engine.evaluate()

    engine.skip_to(FIVE + timedelta(hours=5))
    engine.pass_time(minutes=1)

    assert in_voiso(active) == "paused"
    assert log(rule) == [(PAUSE, "fired")]


def test_a_time_before_the_very_first_evaluation_counts(active, ines, engine, in_voiso):
    rule = make_rule(ines, active, sentence=EVENING)

    engine.skip_to(FIVE + timedelta(minutes=20))
    engine.pass_time(seconds=30)

    assert log(rule) == [(PAUSE, "fired")]
    assert in_voiso(active) == "paused"


def test_what_is_owed_ends_when_a_person_keeps_it_running(sandbox, active, ines, engine, in_voiso):
    rule = make_rule(ines, active, sentence=EVENING)
    engine.evaluate()
    sandbox.fault(Fault.UNREACHABLE, on="operations", times=60)
    engine.around(FIVE)

    assert keep_running(active, FIVE.date(), Click(by=ines, at=timezone.now()))
    engine.pass_time(minutes=1)

    assert log(rule) == [(PAUSE, "waived")]
    assert in_voiso(active) == "active"


def test_keeping_it_running_today_waives_only_the_pauses_of_today(active, ines, engine, in_voiso):
    rule = make_rule(ines, active, sentence=sentence(times(("17:00", "pause"))))
    engine.evaluate()
    keep_running(active, FIVE.date(), Click(by=ines, at=timezone.now()))

    engine.around(FIVE)
    assert in_voiso(active) == "active"
    engine.around(FIVE + DAY)

    assert in_voiso(active) == "paused"
    assert [outcome for _, outcome in log(rule)] == ["waived", "fired"]


def test_what_is_owed_ends_when_voiso_shows_the_campaign_at_rest(sandbox, active, ines, engine):
    rule = make_rule(ines, active, sentence=EVENING)
    engine.evaluate()
    sandbox.fault(Fault.UNREACHABLE, on="operations", times=60)
    engine.around(FIVE)
    sandbox.campaign(active.voiso_id).become("stopped")

    engine.pass_time(minutes=2)

    assert log(rule) == [(PAUSE, "nothing")]
    assert CampaignState.objects.filter(status="stopped").exists()
    assert not Firing.objects.owed().exists()


# Many campaigns


@pytest.fixture
def several(sandbox, connection):
    """Four paused campaigns with agents and contacts."""
    ids = [sandbox.add_campaign(f"Campaign {number}", numbers=NUMBERS) for number in range(4)]
    campaigns = [set_state(sandbox, mirror(sandbox, connection, one), "paused") for one in ids]
    sync(connection, at=timezone.now())
    return campaigns


def test_many_campaigns_are_started_and_paused_as_bulks(sandbox, several, ines, engine, in_voiso):
    rule = make_rule(ines, *several, sentence=WORKING_DAY)
    engine.evaluate()

    engine.around(NINE)
    assert {in_voiso(campaign) for campaign in several} == {"active"}
    engine.around(FIVE)

    assert {in_voiso(campaign) for campaign in several} == {"paused"}
    assert Counter(log(rule)) == {(START, "fired"): 4, (PAUSE, "fired"): 4}
    bulks = Operation.objects.filter(campaigns__gt=0).order_by("pk")
    assert [(bulk.kind, bulk.campaigns, bulk.by_label) for bulk in bulks] == [
        ("start", 4, "Rule “Working day”"),
        ("pause", 4, "Rule “Working day”"),
    ]


def test_each_campaign_of_a_bulk_is_looked_at_again_in_its_turn(sandbox, several, ines, engine, in_voiso):
    words = sentence(times(("09:00", "start")), hours=HOURS | {"to": "09:02"})
    rule = make_rule(ines, *several, sentence=words)
    engine.evaluate()
    engine.skip_to(NINE)
    engine.works = False
    engine.pass_time(seconds=15)
    assert Operation.objects.filter(parent__isnull=False, status="queued").count() == 4

    sandbox.campaign(several[0].voiso_id).become("stopped")
    StartHold.objects.create(campaign=several[1], since=timezone.now(), reason="A person paused it.")
    engine.run_jobs()
    engine.pass_time(seconds=15)

    assert [in_voiso(campaign) for campaign in several] == ["stopped", "paused", "active", "active"]
    outcomes = dict(rule.firings.values_list("campaign", "outcome"))
    assert [outcomes[campaign.pk] for campaign in several] == ["overtaken", "held", "fired", "fired"]


def test_no_campaign_of_a_bulk_starts_after_the_hours(sandbox, several, ines, engine):
    rule = make_rule(ines, *several, sentence=sentence(times(("09:00", "start")), hours=HOURS | {"to": "09:02"}))
    engine.evaluate()
    engine.skip_to(NINE + timedelta(seconds=44.9))
    engine.works = False
    engine.pass_time(seconds=15)

    engine.clock.shift(timedelta(seconds=0.5))
    engine.run_jobs()

    assert {child.problem for child in Operation.objects.filter(parent__isnull=False)} == {
        "Not sent: 09:01 on Mon is outside its hours."
    }
    assert all(asked(sandbox, campaign, "start") == 0 for campaign in several)
    assert rule.firings.count() == 4
