"""Rules that act when something becomes true: once for each time, from facts that are young enough."""

from datetime import timedelta

import pytest
from django.core import mail
from django.utils import timezone

from tests.rules.engine import log, make_rule, sentence
from voisoadmin.assignments.models import Agent, Assignment, PeopleList
from voisoadmin.campaigns.counted import count, quarter_of
from voisoadmin.campaigns.models import AgentPresence, Campaign, Presence, PresenceNeed
from voisoadmin.campaigns.status_writes import record_status
from voisoadmin.rules.models import Rule
from voisoadmin.rules.saving import save_rule, set_mode
from voisoadmin.rules.sentence_check import from_json
from voisoadmin.sandbox import Fault

pytestmark = [pytest.mark.django_db, pytest.mark.once]  # decided in memory, whatever the database

QUOTA = {"kind": "accepted", "since": "today", "at_least": 500}
NAMES = ("lena", "tom", "priya")


def accept(campaign, contacts):
    count(campaign.lane_id, quarter_of(timezone.now()), {"added": contacts - 100, "unattributed": 100})


def agents(campaign, **of):
    """Three agents that are assigned to the campaign."""
    for name in NAMES:
        agent = Agent.objects.create(connection=campaign.connection, voiso_id=name, seen_at=timezone.now())
        Assignment.objects.create(campaign=campaign, agent=agent, source="listed", since=timezone.now())


def reports(campaign, *groups):
    """Voiso reports the status of the three, now."""
    now, connection = timezone.now(), campaign.connection
    Presence.objects.update_or_create(
        connection=connection, defaults={"read_at": now, "every_seconds": 30, "is_whole": True, "agents": 3}
    )
    for name, group in zip(NAMES, groups, strict=True):
        AgentPresence.objects.update_or_create(
            connection=connection, who=name, defaults={"group": group, "word": group, "since": now}
        )


def waiting(**more):
    return {"kind": "agents", "which": "available", "of": "assigned", "minutes": 2} | more


# Contacts


def test_a_quota_pauses_the_campaign_once_a_day(sandbox, active, ines, engine, in_voiso):
    rule = make_rule(ines, active, sentence=sentence(QUOTA, then="pause"))
    accept(active, 499)
    engine.pass_time(seconds=30)
    assert log(rule) == []

    count(active.lane_id, quarter_of(timezone.now()), {"added": 1})
    engine.pass_time(seconds=30)
    assert in_voiso(active) == "paused"
    assert rule.firings.get().reason == "500 of 500 contacts accepted today"
    sandbox.campaign(active.voiso_id).become("active")
    engine.pass_time(minutes=2)

    assert [outcome for _, outcome in log(rule)] == ["fired", "nothing"]
    assert in_voiso(active) == "active", "a person started it, and once a day is enough"


def test_a_campaign_that_was_taken_out_and_put_back_is_paused_at_its_quota_again(sandbox, active, ines, engine, in_voiso):
    often = sentence(QUOTA, then="pause", at_most_once="each_time")
    rule = make_rule(ines, active, sentence=often)
    accept(active, 500)
    engine.pass_time(seconds=30)
    assert in_voiso(active) == "paused"
    sandbox.campaign(active.voiso_id).become("active")

    for campaigns in ([], [active]):
        save_rule(rule, name=rule.name, sentence=from_json(often), campaigns=campaigns, by=ines, at=timezone.now())
    set_mode(rule, Rule.Mode.ON, by=ines, at=timezone.now())
    engine.pass_time(minutes=2)

    assert log(rule) == [("edge 1", "fired"), ("edge 2", "fired")]
    assert in_voiso(active) == "paused"


def test_contacts_are_counted_since_the_last_start_that_was_not_automatic(active, ines, engine, in_voiso):
    since_start = {"kind": "accepted", "since": "start", "at_least": 100}
    rule = make_rule(ines, active, sentence=sentence(since_start, then="pause"))
    lane = active.lane
    lane.contacts_accepted = 1000
    lane.save()
    engine.pass_time(seconds=30)
    assert log(rule) == [], "no start of it is known"

    record_status(active, "paused", source="polled", cause="elsewhere", at=timezone.now())
    record_status(active, "active", source="polled", cause="elsewhere", at=timezone.now())
    record_status(active, "auto_paused", source="polled", at=timezone.now())
    lane.contacts_accepted = 1099
    lane.save()
    record_status(active, "active", source="polled", cause="continued", at=timezone.now())
    engine.pass_time(seconds=30)
    assert log(rule) == []
    lane.contacts_accepted = 1100
    lane.save()
    engine.pass_time(seconds=30)

    assert log(rule) == [("edge 1", "fired")]
    assert in_voiso(active) == "paused"


def test_a_pause_by_conditions_that_failed_becomes_due_again(sandbox, active, ines, engine, in_voiso):
    make_rule(ines, active, sentence=sentence(QUOTA, then="pause"))
    accept(active, 500)
    sandbox.fault(Fault.SERVER_ERROR, on="operations", times=1, status=400)

    engine.pass_time(minutes=12, step=60)

    assert in_voiso(active) == "paused"


# Agents


def test_enough_agents_start_the_campaign_after_they_were_there_for_two_minutes(paused, ines, engine, in_voiso):
    agents(paused)
    rule = make_rule(ines, paused, sentence=sentence(waiting(at_least=2)))

    for _ in range(7):
        reports(paused, "available", "available", "out")
        engine.pass_time(seconds=15)
    assert log(rule) == []
    for _ in range(3):
        reports(paused, "available", "available", "out")
        engine.pass_time(seconds=15)

    assert log(rule) == [("edge 1", "fired")]
    assert rule.firings.get().reason == "2 assigned agents available for 2 min"
    assert in_voiso(paused) == "active"
    assert PresenceNeed.objects.get().name == "rules"


def test_two_minutes_begin_again_after_a_restart(paused, ines, engine, in_voiso):
    agents(paused)
    rule = make_rule(ines, paused, sentence=sentence(waiting(at_least=2)))

    for number in range(12):
        reports(paused, "available", "available", "out")
        engine.pass_time(seconds=15)
        if number % 6 == 5:
            engine.restart()

    assert log(rule) == []
    assert in_voiso(paused) == "paused"


def test_agents_of_a_campaign_no_one_looked_at_are_loaded_before_the_rule_counts_them(sandbox, active, ines, engine, in_voiso):
    few = make_rule(ines, active, sentence=sentence(waiting(fewer_than=2, minutes=0), then="pause"))
    engine.works = False
    engine.pass_time(seconds=45)
    reports(active, "available", "available", "out")
    assert not few.firings.exists()  # the first minute of a rule, in which it is read, says nothing

    engine.pass_time(seconds=15)

    assert [(one.outcome, one.reason) for one in few.firings.all()] == [
        ("not_decided", "Who is assigned to it isn't loaded yet.")
    ]
    assert in_voiso(active) == "active"
    engine.works = True
    engine.pass_time(seconds=30)
    assert Assignment.objects.filter(campaign=active).exists()
    assert PeopleList.objects.get(campaign=active).listed_at is not None
    assert few.firings.filter(is_open=True, outcome="not_decided").count() == 0


def test_an_agent_whose_status_is_unknown_decides_nothing(paused, ines, engine):
    agents(paused)
    rule = make_rule(ines, paused, sentence=sentence(waiting(at_least=2, minutes=0)))

    engine.pass_time(seconds=45)
    reports(paused, "available", "", "out")
    engine.pass_time(seconds=15)

    assert [outcome for _, outcome in log(rule)] == ["not_decided"]
    assert "1 more unknown" in rule.firings.get().reason


def test_old_reports_of_agents_start_nothing_and_still_pause(sandbox, paused, ines, engine, in_voiso):
    agents(paused)
    starts = make_rule(ines, paused, name="Starts", sentence=sentence(waiting(at_least=2, minutes=0)))
    reports(paused, "available", "available", "available")
    engine.skip_to(timezone.now() + timedelta(minutes=4))

    engine.pass_time(seconds=15)
    assert [outcome for _, outcome in log(starts)] == ["not_decided"]
    assert starts.firings.get().reason == "Voiso last reported the status of agents 4 min ago."
    starts.delete()
    reports(paused, "out", "out", "out")
    make_rule(ines, paused, name="Pauses", sentence=sentence(waiting(fewer_than=1, minutes=1), then="pause"))
    sandbox.campaign(paused.voiso_id).become("active")
    engine.skip_to(timezone.now() + timedelta(minutes=4))
    engine.pass_time(minutes=2)

    assert in_voiso(paused) == "paused"


def test_the_status_of_agents_is_not_read_outside_the_hours(paused, ines, engine):
    make_rule(ines, paused, sentence=sentence(waiting(at_least=2), hours={"weekdays": [6], "from": "09:00", "to": "18:00"}))

    engine.evaluate()

    assert not PresenceNeed.objects.exists()


# Messages


def test_a_campaign_that_is_auto_paused_for_long_is_reported_by_email(sandbox, active, ines, engine, settings):
    settings.EMAIL_HOST = "mail.example.com"
    ines.email = "ines@example.com"
    ines.save()
    words = sentence({"kind": "auto_pause", "minutes": 3}, then="notify")
    rule = make_rule(ines, active, sentence=words, sends_mail=True)
    sandbox.campaign(active.voiso_id).become("auto_paused")
    engine.read_lists()

    engine.pass_time(minutes=6, step=30)

    assert [outcome for _, outcome in log(rule)] == ["notified"]
    (message,) = mail.outbox
    assert (message.to, message.subject) == (["ines@example.com"], "Working day: notified, Spring renewals")
    assert "Auto-paused for 3 min" in message.body


def test_a_broken_rule_stops_no_other(active, ines, engine, in_voiso):
    broken = make_rule(ines, active, name="Broken", sentence={"any": [{"kind": "no such"}], "then": "start"})
    make_rule(ines, active, name="Quota", sentence=sentence(QUOTA, then="pause"))
    accept(active, 500)

    engine.pass_time(seconds=30)

    assert in_voiso(active) == "paused"
    assert Rule.objects.get(pk=broken.pk).problem
    assert Campaign.objects.get().status_by == "Rule “Quota”"
