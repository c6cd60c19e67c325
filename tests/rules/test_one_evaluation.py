"""What an evaluation costs, that several at once do everything once, and the command line."""

import json
from datetime import UTC, datetime, timedelta

import pytest
from django.core.management import CommandError, call_command
from django.db import connection as database
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from tests.controls.test_races_and_lost_answers import at_once
from tests.rules.engine import log, make_rule, sentence, times
from tests.rules.many import make_many_rules
from tests.support.queue import run_jobs
from voisoadmin.operations.clicks import Click
from voisoadmin.operations.models import Operation
from voisoadmin.pushes.engine.locks import open_locks
from voisoadmin.rules.evaluating import Evaluator
from voisoadmin.rules.evaluation_loop import LOCK
from voisoadmin.rules.models import Firing, Rule
from voisoadmin.rules.overrides import let_rules_start

NINE = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)  # in Berlin
MORNING = sentence(times(("09:00", "start")))


@pytest.mark.django_db
def test_the_number_of_queries_does_not_grow_with_the_rules(ines, engine, connection):
    make_many_rules(ines, connection, rules=10, campaigns=5)
    counted = []
    for rules in (10, 50):
        make_many_rules(ines, connection, rules=rules - Rule.objects.count(), campaigns=5)
        engine.evaluate()
        engine.pass_time(seconds=15)
        with CaptureQueriesContext(
            database,
        ) as queries:
            engine.evaluate()
        counted.append(len(queries))

    assert counted[0] == counted[1] <= 20, [query["sql"][:120] for query in queries]


@pytest.mark.django_db
def test_many_that_become_true_at_once_are_stored_in_as_many_queries_as_one(ines, engine, connection):
    make_many_rules(ines, connection, rules=60, campaigns=20, mode=Rule.Mode.DRY_RUN)
    engine.evaluate()
    engine.pass_time(seconds=15)
    make_many_rules(ines, connection, rules=60, campaigns=20, mode=Rule.Mode.DRY_RUN, true=True)

    with CaptureQueriesContext(database) as queries:
        report = engine.evaluate()

    assert len(report.firings) >= 30
    assert len(queries) <= 20, [query["sql"][:90] for query in queries]


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_two_evaluations_at_once_start_the_campaign_once(sandbox, paused, ines, engine):
    for number in range(4):
        rule = make_rule(ines, paused, name=f"Rule {number}", sentence=MORNING)
        engine.evaluate()
        engine.skip_to(NINE + timedelta(days=number, seconds=5))

        at_once(*[Evaluator().evaluate for _ in range(3)])
        run_jobs()
        engine.pass_time(seconds=15)

        assert log(rule)[-1][1] == "fired"
        rule.delete()
        sandbox.campaign(paused.voiso_id).become("paused")
        engine.read_lists()
        engine.pass_time(seconds=15)
        let_rules_start(paused, Click(by=ines, at=timezone.now()))
    assert Operation.objects.filter(kind="start", status="done").count() == 4
    assert len(sandbox.requests(paused.voiso_id, "start")) == 4


# The command line


def records(capsys, *arguments):
    call_command("rules", *arguments, "--json")
    return [json.loads(line) for line in capsys.readouterr().out.splitlines()]


@pytest.mark.django_db
def test_rules_are_listed_and_shown_with_their_log(paused, ines, engine, capsys):
    make_rule(ines, paused, sentence=MORNING)
    engine.evaluate()
    engine.around(NINE)

    (listed,) = records(capsys, "list")
    shown, firing = records(capsys, "show", "Working day")

    assert (listed["rule"], listed["mode"], listed["owner"]) == ("Working day", "on", "Ines Sousa")
    assert listed["next"] == "2026-03-03 09:00:00+01:00"
    assert shown["campaigns"] == ["Spring renewals"]
    assert (firing["occurrence"], firing["outcome"]) == ("2026-03-02 09:00 start", "fired")
    with pytest.raises(CommandError, match="There is no rule 'Other'"):
        call_command("rules", "show", "Other")


@pytest.mark.django_db
def test_run_once_at_a_time_only_says_what_it_would_do(sandbox, paused, ines, engine, capsys):
    make_rule(ines, paused, sentence=MORNING)
    engine.read_lists()

    *firings, total = records(capsys, "run-once", "--at", timezone.now().isoformat())
    assert firings == []
    engine.skip_to(NINE - timedelta(minutes=1))
    (firing, total) = records(capsys, "run-once", "--at", "2026-03-02T09:00:10+01:00")

    assert (firing["outcome"], firing["dry"], total["requested"]) == ("would", True, 0)
    assert not Firing.objects.exists()
    assert not Operation.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_run_once_acts_unless_the_worker_evaluates(sandbox, paused, ines, engine, capsys):
    make_rule(ines, paused, sentence=MORNING)
    engine.evaluate()
    engine.skip_to(NINE + timedelta(seconds=1))
    locks = open_locks()
    assert locks.take(LOCK)
    with pytest.raises(CommandError, match="The background worker evaluates"):
        call_command("rules", "run-once")
    locks.close()

    (firing, total) = records(capsys, "run-once")
    run_jobs()

    assert (firing["outcome"], total["requested"]) == ("fired", 1)
    assert len(sandbox.requests(paused.voiso_id, "start")) == 1
