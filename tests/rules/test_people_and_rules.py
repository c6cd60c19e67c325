"""A person comes first: what a person did holds what starts. Rules that contradict each other leave the campaign paused."""

from datetime import UTC, datetime, timedelta

import pytest
from django.core import mail
from django.utils import timezone

from tests.rules.engine import log, make_rule, sentence, times
from tests.support.queue import run_jobs
from voisoadmin.accounts.models import User
from voisoadmin.campaigns.counted import count, quarter_of
from voisoadmin.campaigns.models import Campaign
from voisoadmin.controls.services import request_change
from voisoadmin.operations.clicks import Click
from voisoadmin.operations.models import Operation
from voisoadmin.rules.models import Firing, StartHold
from voisoadmin.rules.overrides import let_rules_start
from voisoadmin.sandbox import Fault
from voisoadmin.voiso import Change

pytestmark = [pytest.mark.django_db, pytest.mark.once]  # decided in memory, whatever the database

NINE = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)  # in Berlin
DAY = timedelta(days=1)
MORNING = sentence(times(("09:00", "start")))


def clicks(user, campaign, change):
    operation = request_change(Campaign.objects.get(pk=campaign.pk), change, by=user, at=timezone.now())
    run_jobs()
    operation.refresh_from_db()
    assert operation.status == "done", operation.problem


def test_what_a_person_paused_no_rule_starts_also_on_later_days(active, ines, engine, in_voiso):
    rule = make_rule(ines, active, sentence=MORNING)
    engine.evaluate()
    clicks(ines, active, Change.PAUSE)

    engine.around(NINE)
    engine.around(NINE + DAY)

    assert [outcome for _, outcome in log(rule)] == ["held", "held"]
    assert rule.firings.first().hold == "person"
    assert "Ines Sousa paused it" in rule.firings.first().reason
    assert in_voiso(active) == "paused"


def test_a_pause_in_voiso_holds_as_well(sandbox, active, ines, engine):
    rule = make_rule(ines, active, sentence=MORNING)
    engine.evaluate()
    sandbox.campaign(active.voiso_id).become("stopped")

    engine.around(NINE)

    assert log(rule) == [("2026-03-02 09:00 start", "held")]
    assert "Someone in Voiso stopped it" in rule.firings.get().reason


def test_after_a_person_started_it_rules_may_start_it_again(active, ines, engine, in_voiso):
    rule = make_rule(ines, active, sentence=sentence(times(("08:55", "pause"), ("09:00", "start"))))
    engine.evaluate()
    clicks(ines, active, Change.PAUSE)
    clicks(ines, active, Change.START)

    engine.until(NINE + timedelta(minutes=1), step=30)

    assert [outcome for _, outcome in log(rule)] == ["fired", "fired"], "its own pause holds nothing"
    assert in_voiso(active) == "active"


def test_a_person_lets_rules_start_it_again(active, ines, engine, in_voiso):
    rule = make_rule(ines, active, sentence=MORNING)
    engine.evaluate()
    clicks(ines, active, Change.PAUSE)
    engine.around(NINE)

    assert let_rules_start(active, Click(by=ines, at=timezone.now()))
    engine.pass_time(seconds=30)

    assert log(rule) == [("2026-03-02 09:00 start", "fired")]
    assert in_voiso(active) == "active"
    assert Operation.objects.filter(kind="let_rules_start", by=ines).exists()


def test_a_pause_of_a_rule_that_was_never_confirmed_is_not_taken_for_a_persons(sandbox, active, ines, engine):
    """The next list shows the pause, but no one here is known to have caused it."""
    make_rule(ines, active, sentence=sentence(times(("08:55", "pause"))))
    engine.evaluate()
    sandbox.fault(Fault.ANSWER_LOST, on="operations", how="reset", times=9)

    engine.until(NINE, step=60)

    assert Campaign.objects.get().status == "paused"
    assert not StartHold.objects.filter(is_on=True).exists()


def test_a_user_who_is_called_like_a_rule_is_a_person(active, ines, engine):
    ines.first_name = "Rule “Working day”"
    ines.save()
    rule = make_rule(ines, active, sentence=MORNING)
    engine.evaluate()
    clicks(ines, active, Change.PAUSE)

    engine.around(NINE)

    assert log(rule) == [("2026-03-02 09:00 start", "held")]


def test_a_click_between_the_facts_and_the_request_comes_first(sandbox, paused, ines, engine, in_voiso):
    """A person starts it and pauses it again while the rule decides: the state is the same, the wish is not."""
    rule = make_rule(ines, paused, sentence=MORNING)
    engine.evaluate()
    engine.skip_to(NINE)
    engine.works = False
    engine.pass_time(seconds=15)
    assert Operation.objects.get().status == "queued"

    sandbox.campaign(paused.voiso_id).become("active")
    run_jobs()
    engine.pass_time(seconds=15)

    assert log(rule) == [("2026-03-02 09:00 start", "overtaken")]


def test_timed_pauses_happen_whatever_a_person_did(active, ines, engine, in_voiso):
    rule = make_rule(ines, active, sentence=sentence(times(("09:00", "pause"))))
    engine.evaluate()
    clicks(ines, active, Change.PAUSE)
    clicks(ines, active, Change.START)

    engine.around(NINE)

    assert log(rule) == [("2026-03-02 09:00 pause", "fired")]
    assert in_voiso(active) == "paused"


# Rights


def test_an_owner_who_loses_the_right_holds_the_starts_and_administrators_learn_of_it(paused, ines, ada, engine, settings):
    settings.EMAIL_HOST = "mail.example.com"
    ada.email = "ada@example.com"
    ada.save()
    rule = make_rule(ines, paused, sentence=sentence(times(("09:00", "start"), ("09:03", "pause"))))
    engine.evaluate()
    ines.all_centres = False
    ines.save()

    engine.around(NINE, minutes=4)

    start, pause = rule.firings.order_by("due_at")
    assert (start.outcome, start.hold) == ("held", "right")
    assert pause.outcome == "nothing", "it isn't held: there is nothing to pause"
    assert [(message.to, message.subject) for message in mail.outbox] == [(["ada@example.com"], "Working day: starts held")]


@pytest.mark.parametrize("change", [{"is_active": False}, {"role": User.Role.VIEWER}])
def test_starts_of_users_who_may_change_nothing_are_held(paused, ines, engine, change):
    rule = make_rule(ines, paused, sentence=MORNING)
    User.objects.filter(pk=ines.pk).update(**change)
    engine.evaluate()

    engine.around(NINE)

    assert rule.firings.get().hold == "right"


# Contradictions


def accept(campaign, contacts):
    count(campaign.lane_id, quarter_of(timezone.now()), {"added": contacts})


def test_a_start_and_a_pause_by_conditions_that_reverse_each_other_leave_it_paused(paused, ines, engine, in_voiso):
    accept(paused, 500)
    quota = {"kind": "accepted", "since": "today", "at_least": 500}
    empty = {"kind": "waiting_contacts", "fewer_than": 10}
    starts = make_rule(ines, paused, name="Starts", sentence=sentence(empty, at_most_once="each_time"))
    make_rule(ines, paused, name="Quota", sentence=sentence(quota, then="pause", at_most_once="each_time"))

    engine.pass_time(minutes=2)

    assert in_voiso(paused) == "paused"
    assert Firing.objects.filter(change="start", outcome="fired").count() == 1
    assert starts.firings.first().hold == "conflict"
    assert StartHold.objects.get().kind == "conflict"


def test_two_times_never_contradict_each_other(paused, ines, engine, in_voiso):
    lines = [
        (f"09:{minute:02}", then) for minute, then in ((0, "start"), (3, "pause"), (6, "start"), (9, "pause"), (12, "start"))
    ]
    rule = make_rule(ines, paused, sentence=sentence(times(*lines)))
    engine.evaluate()

    for minute in (0, 3, 6, 9, 12):
        engine.around(NINE + timedelta(minutes=minute), minutes=0.5)

    assert [outcome for _, outcome in log(rule)] == ["fired"] * 5
    assert in_voiso(paused) == "active"
