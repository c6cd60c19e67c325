"""Many rules over many campaigns, in equal shares of each kind of condition."""

from django.utils import timezone

from tests.rules.engine import HOURS, sentence, times
from voisoadmin.assignments.models import Agent, Assignment
from voisoadmin.campaigns.models import AgentPresence, Campaign, Lane, Presence, QuarterHour
from voisoadmin.connections.models import Connection
from voisoadmin.rules.models import Rule, RuleState

AGENTS = 20


def make_campaigns(connection: Connection, count: int) -> list[Campaign]:
    now = timezone.now()
    known = Campaign.objects.filter(connection=connection).count()
    numbers = range(known, count)
    lanes = Lane.objects.bulk_create(Lane(address=connection.base_url, voiso_id=f"1{number:05}") for number in numbers)
    Campaign.objects.bulk_create(
        Campaign(
            connection=connection, lane=lane, voiso_id=lane.voiso_id, name=f"Campaign {number}", status="active", changed_at=now
        )
        for number, lane in zip(numbers, lanes, strict=True)
    )
    Connection.objects.filter(pk=connection.pk).update(synced_at=now, answered_at=now)
    return list(Campaign.objects.filter(connection=connection).order_by("pk"))


def make_agents(connection: Connection, campaigns: list[Campaign]) -> None:
    now = timezone.now()
    if Agent.objects.filter(connection=connection).exists():
        return
    agents = Agent.objects.bulk_create(
        Agent(connection=connection, voiso_id=f"agent{number}", seen_at=now) for number in range(AGENTS)
    )
    AgentPresence.objects.bulk_create(
        AgentPresence(connection=connection, who=agent.voiso_id, group="available", word="available", since=now)
        for agent in agents
    )
    Presence.objects.create(connection=connection, read_at=now, every_seconds=60, is_whole=True, agents=AGENTS)
    Assignment.objects.bulk_create(
        Assignment(campaign=campaign, agent=agents[number % AGENTS], source="listed", since=now)
        for number, campaign in enumerate(campaigns)
    )


def words_of(number: int, *, true: bool) -> dict:
    """Of six kinds in turn: times, and the five conditions. None is met, unless it is to become true."""
    kinds = [
        sentence(times(("09:00", "start"), ("17:00", "pause"))),
        sentence({"kind": "accepted", "since": "today", "at_least": 10 if true else 1_000_000}, then="pause"),
        sentence({"kind": "accepted", "since": "start", "at_least": 1_000_000}, then="pause"),
        sentence({"kind": "waiting_contacts", "fewer_than": 10}, then="pause" if true else "start"),
        sentence(
            {"kind": "agents", "which": "available", "of": "assigned", "at_least": 1 if true else 50, "minutes": 0},
            then="pause",
        ),
        sentence({"kind": "auto_pause", "minutes": 5}, then="notify"),
    ]
    return kinds[number % len(kinds)] | {"hours": HOURS}


def make_many_rules(
    owner, connection: Connection, *, rules: int, campaigns: int, mode=Rule.Mode.ON, true: bool = False
) -> None:
    """More rules, each for one campaign in turn. `true`: half of them have just become true."""
    now, begin = timezone.now(), Rule.objects.count()
    rows = make_campaigns(connection, campaigns)
    make_agents(connection, rows)
    if true:
        QuarterHour.objects.bulk_create(
            [QuarterHour(lane_id=row.lane_id, began_at=now.replace(minute=0, second=0), added=100) for row in rows],
            ignore_conflicts=True,
        )
    made = Rule.objects.bulk_create(
        Rule(
            name=f"Rule {number}",
            sentence=words_of(number, true=true),
            mode=mode,
            owner=owner,
            owner_label=owner.label,
            looked_since=now,
            changed_at=now,
        )
        for number in range(begin, begin + rules)
    )
    RuleState.objects.bulk_create(
        RuleState(rule=rule, campaign=rows[number % len(rows)]) for number, rule in enumerate(made, start=begin)
    )
