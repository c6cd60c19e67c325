"""Agents and teams, as a part of the campaign's page."""

from collections import Counter
from datetime import datetime

from django.db.models.functions import JSONObject

from voisoadmin.accounts.models import User
from voisoadmin.assignments.agents_on_board import agents_of_campaign
from voisoadmin.assignments.models import PeopleList
from voisoadmin.campaigns.models import AgentPresence, Campaign, Presence
from voisoadmin.campaigns.pages.agents_now import add_agents
from voisoadmin.campaigns.pages.sections import Column, Rows, Section, add_section, add_sentence
from voisoadmin.lib.times import clock_time
from voisoadmin.operations.models import Operation

Group = AgentPresence.Group


def looks(campaign: Campaign, _: User) -> list[Rows]:
    changes = Operation.objects.about_campaign(campaign.pk).filter(kind=Operation.Kind.ASSIGN)
    return [
        PeopleList.objects.filter(campaign=campaign).values(row=JSONObject(at="listed_at", problem="problem")),
        changes.values(row=JSONObject(change="pk", status="status", at="touched_at"))[:1],
    ]


def of_presence(campaign: Campaign) -> object:
    presence = Presence.of(campaign.connection)
    return presence and (presence.read_at, presence.problem)


def sentence(campaign: Campaign, _: User, at: datetime) -> str:
    """`3 of 7 agents are waiting for the Dialer, 2 on a call, as of 13:58.` Empty unless the last read is fresh."""
    connection = campaign.connection
    presence = Presence.of(connection)
    if presence is None or presence.read_at is None or not presence.is_fresh(at):
        return ""
    facts = Campaign.objects.filter(pk=campaign.pk).values_list(agents_of_campaign(), flat=True).first()
    groups = Counter({row["group"]: row["count"] for row in facts["by_group"]} if facts else {})
    total = facts["agents"] if facts and groups else 0
    if not total:
        return ""
    ready = Group.WAITING if connection.capabilities.says_who_waits else Group.AVAILABLE
    verb = "is" if groups[ready] == 1 else "are"
    calls = f", {groups[Group.ON_CALL]:,} on a call" if groups[Group.ON_CALL] else ""
    state = "waiting for the Dialer" if ready == Group.WAITING else "available"
    as_of = clock_time(presence.read_at, at=at)
    return f"{groups[ready]:,} of {total:,} agent{'' if total == 1 else 's'} {verb} {state}{calls}, as of {as_of}."


def register() -> None:
    add_sentence(sentence)
    add_agents(agents_of_campaign)
    add_section(
        Section(
            id="campaign-people",
            title="Agents and teams",
            view="assignments:panel",
            link="See who is assigned",
            column=Column.RAIL,
            place=10,
            rows=looks,
            known=of_presence,
        )
    )
