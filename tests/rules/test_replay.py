"""What a rule would have done: the same as a rule in dry run did while it happened, from what was stored meanwhile."""

import time
from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest
from django.db.models import F
from django.urls import reverse
from django.utils import timezone
from hypothesis import HealthCheck, Phase, example, given, settings
from hypothesis import strategies as st

from tests.rules.engine import make_rule, sentence, times
from tests.rules.many import make_campaigns
from tests.support.markup import markup
from voisoadmin.assignments.models import Agent, Assignment
from voisoadmin.campaigns.counted import count, quarter_of
from voisoadmin.campaigns.models import AgentPresence, Campaign, CampaignState, Lane, Presence
from voisoadmin.connections.models import Connection
from voisoadmin.rules import presence_log
from voisoadmin.rules.models import Evaluation, Firing, Rule, RuleState, StartHold
from voisoadmin.rules.replay import Span, replay
from voisoadmin.rules.sentence_check import from_json

pytestmark = pytest.mark.django_db

STEP = timedelta(minutes=1)
QUOTA = {"kind": "accepted", "since": "today", "at_least": 500}
SINCE_START = {"kind": "accepted", "since": "start", "at_least": 300}
FEW_AGENTS = {"kind": "agents", "which": "available", "of": "assigned", "fewer_than": 2, "minutes": 3}
ENOUGH = {"kind": "agents", "which": "available", "of": "assigned", "at_least": 2, "minutes": 3}
AUTO = {"kind": "auto_pause", "minutes": 5}
LONG = {"weekdays": list(range(7)), "from": "07:00", "to": "22:00"}
SENTENCES = [
    sentence(times(("07:20", "start"), ("07:50", "pause")), hours=LONG),
    sentence(QUOTA, then="pause"),
    sentence(SINCE_START, FEW_AGENTS, then="pause", at_most_once="each_time"),
    sentence(ENOUGH, then="start", join="all", at_most_once="hour", hours=LONG),
    sentence(times(("07:40", "start")), ENOUGH, join="all", then="start", hours=LONG),
    sentence(AUTO, then="notify", at_most_once="each_time"),
]


class Story:
    """A morning of one campaign with two agents, minute by minute."""

    def __init__(self, clock, campaign) -> None:
        self.clock, self.campaign = clock, campaign
        self.becomes("active", "Ines Sousa")
        for name in ("ann", "ben"):
            agent = Agent.objects.create(connection=campaign.connection, voiso_id=name, email=name, seen_at=timezone.now())
            Assignment.objects.create(campaign=campaign, agent=agent, source="listed", since=timezone.now())
        self.groups = {"ann": "available", "ben": "available"}
        self.is_read = True

    def becomes(self, status: str, by: str = "", cause: str = "") -> None:
        now = timezone.now()
        CampaignState.objects.filter(campaign=self.campaign, until=None).update(until=now)
        before = Lane.objects.get(pk=self.campaign.lane_id).contacts_accepted
        CampaignState.objects.create(
            campaign=self.campaign, status=status, by=by, cause=cause, since=now, source="polled", accepted_before=before
        )
        Campaign.objects.filter(pk=self.campaign.pk).update(status=status, status_by=by, status_since=now)

    def minute(self, event: tuple[str, object] | None) -> None:
        self.clock.shift(STEP)
        kind, value = event or ("", None)
        if kind == "accepted":
            count(self.campaign.lane_id, quarter_of(timezone.now()), {"added": value})
            Lane.objects.filter(pk=self.campaign.lane_id).update(contacts_accepted=F("contacts_accepted") + value)
        elif kind == "state":
            self.becomes(*value)
        elif kind == "agents":
            self.groups = dict(zip(("ann", "ben"), value, strict=True))
        elif kind == "silence":
            self.is_read = not self.is_read
        now = timezone.now()
        Connection.objects.update(synced_at=now, answered_at=now)
        if self.is_read:
            self._read_agents(now)

    def _read_agents(self, now) -> None:
        for who, group in self.groups.items():
            row = AgentPresence.objects.filter(connection=self.campaign.connection, who=who).first()
            if row is None or row.group != group:
                values = {"word": group, "group": group, "since": now}
                AgentPresence.objects.update_or_create(connection=self.campaign.connection, who=who, defaults=values)
        values = {"read_at": now, "every_seconds": 60, "agents": 2, "is_whole": True}
        Presence.objects.update_or_create(connection=self.campaign.connection, defaults=values)
        presence_log.note_presence(self.campaign.connection)


events = st.one_of(
    st.none(),
    st.tuples(st.just("accepted"), st.integers(100, 400)),
    st.tuples(
        st.just("state"), st.sampled_from([("paused", "Omar"), ("active", "Omar"), ("auto_paused", ""), ("stopped", "Omar")])
    ),
    st.tuples(st.just("agents"), st.tuples(*[st.sampled_from(["available", "out"])] * 2)),
    st.tuples(st.just("silence"), st.none()),
)


def acts(firings) -> list[tuple]:
    """What would have been done, to the minute; a spell in which nothing was decided is no act."""
    done = [one for one in firings if one.outcome in ("would", "notified", "held", "missed")]
    return sorted((one.change, one.outcome, one.is_timed, one.due_at.replace(second=0, microsecond=0)) for one in done)


def near(live: list[tuple], replayed: list[tuple]) -> bool:
    return len(live) == len(replayed) and all(
        one[:3] == other[:3] and abs(one[3] - other[3]) <= 2 * STEP for one, other in zip(live, replayed, strict=True)
    )


@pytest.mark.slow
@settings(
    max_examples=4,
    derandomize=True,
    deadline=None,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@example([(("state", ("paused", "")), 1), (("silence", None), 2), (None, 5), (("silence", None), 3), (("silence", None), 6)])
@given(st.lists(st.tuples(events, st.integers(1, 9)), min_size=4, max_size=8))
def test_the_replay_says_what_a_dry_run_said_while_it_happened(engine, clock, ines, campaign, told):
    for model in (Firing, RuleState, Rule, StartHold, Evaluation, CampaignState, Assignment, Agent, AgentPresence, Presence):
        model.objects.all().delete()
    begin = timezone.now()
    engine.restart()
    rules = [
        make_rule(ines, campaign, mode=Rule.Mode.DRY_RUN, name=f"Rule {place}", sentence=words)
        for place, words in enumerate(SENTENCES)
    ]
    story = Story(clock, campaign)
    for _ in range(2):
        story.minute(None)
        engine.seconds += 60
        engine.evaluate()

    for event, quiet_minutes in told:
        # Contacts come in the last minute of a quarter, which is as exact as is known without requests.
        while event and event[0] == "accepted" and timezone.now().minute % 15 != 13:
            story.minute(None)
            engine.seconds += 60
            engine.evaluate()
        story.minute(event)
        engine.seconds += 60
        engine.evaluate()
        for _ in range(quiet_minutes):
            story.minute(None)
            engine.seconds += 60
            engine.evaluate()

    for rule in rules:
        found = replay(from_json(rule.sentence), [campaign], begin=begin, at=timezone.now())
        assert near(acts(rule.firings.all()), acts(found.firings)), (rule.sentence, told)


def auto_paused_each(campaign, every: timedelta, *, times: int) -> None:
    """The dialer paused it and continued, over and over up to now."""
    now = timezone.now()
    CampaignState.objects.bulk_create(
        CampaignState(
            campaign=campaign,
            status=("active", "auto_paused")[number % 2],
            since=now - every * (times - number),
            source="polled",
        )
        for number in range(times)
    )


@pytest.mark.once
def test_a_week_in_which_too_much_happened_is_replayed_from_its_end_and_the_page_says_so(client, ines, campaign):
    auto_paused_each(campaign, timedelta(minutes=2), times=4_500)
    rule = make_rule(ines, campaign, mode=Rule.Mode.DRY_RUN, sentence=sentence(AUTO, then="notify"))
    client.force_login(ines)

    began = time.process_time()
    found = replay(from_json(rule.sentence), [campaign], at=timezone.now())
    spent = time.process_time() - began
    page = markup(client.get(reverse("rules:detail", args=[rule.pk])))

    (since,) = found.shortened
    assert found.begin < since < found.end - timedelta(days=2)
    assert Span(found.begin, since) in found.unknown
    assert f"only what came after {since.astimezone(ZoneInfo('Europe/Berlin')):%a %H:%M} is counted" in page
    assert "Would have acted at least 0 times in 7 days" in page
    assert spent < 10  # a hundredth of what looking through all states at each moment took


@pytest.mark.once
def test_a_week_of_which_nothing_is_known_is_not_said_to_have_been_without_action(clock, client, ines, campaign):
    """At noon: before the hours of the rule began, its day is known to be without action."""
    clock.shift(timedelta(hours=5))
    rule = make_rule(ines, campaign, mode=Rule.Mode.DRY_RUN, sentence=sentence(ENOUGH, then="start", hours=LONG))
    client.force_login(ines)

    page = markup(client.get(reverse("rules:detail", args=[rule.pk])))

    assert "Would have acted at least 0 times in 7 days" in page
    assert "not known</span>" in page
    assert "never</span>" not in page


@pytest.mark.once
def test_a_rule_of_many_campaigns_is_replayed_for_the_first_fifty_and_the_page_says_so(client, ines, connection):
    campaigns = make_campaigns(connection, 52)
    rule = make_rule(ines, *campaigns, mode=Rule.Mode.DRY_RUN, sentence=sentence(QUOTA, then="pause"))
    client.force_login(ines)

    page = markup(client.get(reverse("rules:detail", args=[rule.pk])))

    assert "Replayed for the first 50 campaigns; 2 campaigns left out." in page
    assert "Would have acted at least 0 times in 7 days" in page
